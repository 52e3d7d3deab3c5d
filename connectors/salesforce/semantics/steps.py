"""Where in Salesforce's Setup what a finding asks for is done, in the words an administrator sees there."""

from __future__ import annotations

_CONTAINER = (
    "In Salesforce, open Setup > Users > Profiles, Permission Sets or Permission Set Groups > the one named"
)
_FIELD = "In Salesforce, open Setup > Object Manager > the object > Fields & Relationships"
_OBJECT = f"{_CONTAINER} > Object Settings > the object."
_SYSTEM = f"{_CONTAINER} > System Permissions."

STEPS = {
    **dict.fromkeys(
        (
            "guest-reads-phi",
            "external-reads-phi",
            "marketing-reads-clinical",
            "marketing-edits-clinical",
            "dormant-holder",
            "free-text-open-to-marketing",
            "quasi-identifier-set",
        ),
        _OBJECT,
    ),
    **dict.fromkeys(("exports-phi", "api-reads-phi", "can-grant-itself"), _SYSTEM),
    "override-right": f"{_CONTAINER} > System Permissions, or Object Settings for a right over one object.",
    "derived-copy-wider": f"{_FIELD} > the field > Set Field-Level Security.",
    "labelled-field-open": f"{_FIELD} > the field > Set Field-Level Security.",
    "unclassified-phi-field": f"{_FIELD} > the field > Edit, under Data Sensitivity.",
    "tag-sources-disagree": f"{_FIELD} > the field > Edit: a wrong label is corrected under Data Sensitivity.",
    "phi-field-without-history": f"{_FIELD} > Set History Tracking.",
    "credential-exceeds-need": (
        "In Salesforce, open Setup > Permission Sets > the auditor’s set > System Permissions, and clear these rights."
    ),
    "unclassified-role": "In Salesforce, Setup > Users > Profiles shows what each profile is for and who has it.",
}
"""Where a finding of a rule is mended, as one sentence."""
