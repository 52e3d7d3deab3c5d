"""Which records somebody reaches (salesforce R1 to R9; org-fixture 3.16, 3.17)."""

from __future__ import annotations

from auditor.planes import Grants
from auditor.reach import Reach
from auditor.snapshot import Snapshot


def reach(snapshot: Snapshot, grants: Grants) -> Reach:
    """Everybody's reach of the objects whose records were listed."""
    del snapshot, grants
    return Reach()
