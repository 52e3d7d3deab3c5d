"""Ids of the demo clinic: a key prefix, a running number and Salesforce's checksum."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from itertools import count

from sandbox.salesforce.ids import to_18


def record_id(prefix: str, number: int) -> str:
    """Return the 18-character id of the ``number``-th row of the object with this key prefix."""
    return f"{prefix}x{number:011d}{_suffix(prefix)}"


def id_counter() -> Callable[[str], str]:
    """Return a function that hands out the next id of a key prefix."""
    counters = defaultdict[str, "count[int]"](lambda: count(1))
    return lambda prefix: record_id(prefix, next(counters[prefix]))


@cache
def _suffix(prefix: str) -> str:
    # Only capitals count for the checksum, and after the prefix there are none.
    return to_18(f"{prefix}x00000000000")[15:]
