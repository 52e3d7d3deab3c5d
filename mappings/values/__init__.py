"""What sampled values say about a field: counts of those that have the form of a known code, never a value.

forms        the forms there are, and the class each speaks of
recognisers  which values have which form; needs the extra `values`
evidence     from counts to a tag
"""

from __future__ import annotations

from mappings.values.evidence import Observed, with_observed
from mappings.values.forms import EXTRA, FORMS, Form, absent_libraries

__all__ = ["EXTRA", "FORMS", "Form", "Observed", "absent_libraries", "with_observed"]
