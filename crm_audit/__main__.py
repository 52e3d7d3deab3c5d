"""`python -m crm_audit` is `crm-audit`."""

from crm_audit.main import main

main()
