"""Rights of people as a whole: what the super-admin flag gives, and what nobody shows of permission sets (4.1, 3.4)."""

from __future__ import annotations

from auditor.planes import Strength
from auditor.rights import Right, Use

SUPER_ADMIN = Right(
    "superAdmin", "Super admin", frozenset({Use.OVERRIDE, Use.ESCALATION, Use.EXPORT, Use.EXTRACTION})
)
"""Everything, export without approval included (hubspot 4.1)."""

EXPORT = Right("export", "Export", frozenset({Use.EXPORT, Use.EXTRACTION}))
ADD_USERS = Right("addUsers", "Add and edit users", frozenset({Use.ESCALATION}))
CALL_API = Right("api", "Reading by program", frozenset({Use.API, Use.EXTRACTION}))

ALL = (SUPER_ADMIN, EXPORT, ADD_USERS, CALL_API)

_SAID = {
    **dict.fromkeys(("yes", "true", "1", "all"), Strength.LIVE),
    **dict.fromkeys(("no", "false", "0", "none"), Strength.NONE),
}


def attested(cell: str) -> Strength:
    """What a yes-or-no cell of the evidence says; blank or anything else is not known."""
    return _SAID.get(cell.strip().lower(), Strength.UNSURE)
