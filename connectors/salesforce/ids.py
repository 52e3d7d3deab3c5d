"""Salesforce record ids."""

from __future__ import annotations

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def to18(record_id: str) -> str:
    """An id in its 18-character form; 15-character ids are case-sensitive and never compared (salesforce trap 33)."""
    if len(record_id) != 15:
        return record_id
    chunks = (record_id[at : at + 5] for at in range(0, 15, 5))
    return record_id + "".join(
        _SUFFIX[sum(1 << i for i, c in enumerate(chunk) if "A" <= c <= "Z")] for chunk in chunks
    )
