"""Every rule, in the order reports print them. A test compares this list with the folder."""

from __future__ import annotations

from auditor.rule import Rule
from auditor.rules.credential_exceeds_need import credential_exceeds_need
from auditor.rules.dormant_holder import dormant_holder
from auditor.rules.evidence_gap import evidence_gap
from auditor.rules.guest_reads_phi import guest_reads_phi
from auditor.rules.marketing_reads_clinical import marketing_reads_clinical
from auditor.rules.record_past_retention import record_past_retention

RULES: tuple[Rule, ...] = (
    guest_reads_phi,
    marketing_reads_clinical,
    dormant_holder,
    record_past_retention,
    evidence_gap,
    credential_exceeds_need,
)
