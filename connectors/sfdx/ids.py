"""Ids for what has none in source: made of kind and API name, so that findings keep their identity."""

from __future__ import annotations

import hashlib

from connectors.salesforce.ids import to18

PROFILE, SET, GROUP, MUTING, USER, SETTING = "00e", "0PS", "0PG", "0QM", "005", "01I"
LICENCE, ROLE, COMPONENT, ASSIGNMENT, OBJECT_ROW, FIELD_ROW, ACCESS = (
    "100",
    "00E",
    "0PC",
    "0Pa",
    "110",
    "01k",
    "0J0",
)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def made_up(prefix: str, *names: str) -> str:
    """An 18-character id with this key prefix; the same names always give the same one."""
    number = int.from_bytes(hashlib.sha256("\0".join((prefix, *names)).encode()).digest()[:12])
    digits = []
    for _ in range(12):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return to18(prefix + "".join(digits))
