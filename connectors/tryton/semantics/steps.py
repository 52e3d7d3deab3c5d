"""Where in Tryton's client what a finding asks for is done, in the words an administrator sees there."""

from __future__ import annotations

_ROWS = (
    "In Tryton, open Administration › Models › Models Access for rows about a model, and Fields Access below it for "
    "rows about a field."
)

STEPS = {
    **dict.fromkeys(
        (
            "guest-reads-phi",
            "external-reads-phi",
            "marketing-reads-clinical",
            "marketing-edits-clinical",
            "free-text-open-to-marketing",
            "quasi-identifier-set",
            "exports-phi",
            "api-reads-phi",
        ),
        _ROWS,
    ),
    "dormant-holder": "In Tryton, first close what is open to every account, under Administration › Models › Models "
    "Access: taking a group away can open what its rows close. An account’s groups are under Administration › Users › "
    "Users.",
    "can-grant-itself": "In Tryton, open Administration › Users › Groups › the one named: its users, its access rows.",
    "credential-exceeds-need": "In Tryton, open Administration › Users › Users, and take the auditor’s groups away.",
}
"""Where a finding of a rule is mended, as one sentence."""
