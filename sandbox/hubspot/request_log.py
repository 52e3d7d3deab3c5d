"""What the server was asked, so that a test can prove nothing was written and no value read (portal-fixture 7)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Recorded:
    """One request and its answer.

    A status of 0 means that the connection was reset before an answer. `body` is that of a read and never holds
    a token; `values` names the properties whose values were served, as `contacts.email`; `violation` marks an
    attempt to write.
    """

    n: int
    method: str
    path: str
    query: str
    route: str | None
    status: int
    fault: str | None = None
    body: Any = None
    values: tuple[str, ...] = ()
    violation: bool = False

    def line(self) -> str:
        """The request as a line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


class RequestLog(list[Recorded]):
    """All requests in the order of their answers; with a file they are written there too, line by line."""

    def __init__(self, file: Path | None = None) -> None:
        super().__init__()
        self.file = file

    def add(self, recorded: Recorded) -> None:
        """Add one request."""
        self.append(recorded)
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as lines:
                lines.write(f"{recorded.line()}\n")

    def writes(self) -> list[Recorded]:
        """The attempts to change something; every one was refused."""
        return [each for each in self if each.violation]

    def values(self) -> set[str]:
        """The properties of which at least one value was served."""
        return {name for each in self for name in each.values}
