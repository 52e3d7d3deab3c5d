"""Record ids: 15 characters that mind their case, or 18 that also work where case is lost."""

from __future__ import annotations

_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def to_18(short: str) -> str:
    """The 18-character form of a 15-character id: three more characters say which letters are capitals."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, letter in enumerate(short[start : start + 5]) if letter.isupper())
        suffix += _CHECKSUM[bits]
    return short + suffix


def short_id(value: str) -> str:
    """What two forms of one id have in common, so that 15 and 18 characters compare equal."""
    return value[:15] if len(value) == 18 else value


def numbered_id(prefix: str, number: int) -> str:
    """A 15-character id out of a key prefix and a running number in base 36."""
    digits = ""
    while number:
        number, place = divmod(number, 36)
        digits = _BASE36[place] + digits
    return prefix + digits.rjust(15 - len(prefix), "0")
