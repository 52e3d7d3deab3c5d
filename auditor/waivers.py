"""What an organisation accepted for a while: a waiver lowers a finding, says so, and hides nothing.

It holds for one state of a finding. Another state, or the end of its last day, brings the finding back
(reference: hipaa 5.5, peers 2.8).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from auditor.findings import Finding, State

ANY = "*"
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry of the register, complete: whoever reads it refuses one without owner, approver or end.

    It names its subject by the finding's id, or by audience, object and root, of which the last two may be `*`.
    It holds from `start` until before `until`, both in UTC; `expires` is the last day as it was written.
    """

    id: str
    rule: str
    digests: tuple[str, ...]
    reason: str
    control: str
    owner: str
    approver: str
    ticket: str
    until: datetime
    expires: str
    start: datetime | None = None
    finding: str = ""
    audience: str = ""
    object: str = ""
    root: str = ""
    target: str = ""
    place: str = ""

    @property
    def wide(self) -> bool:
        """Whether its subject is more than one thing that one person can fix."""
        return not self.finding and ANY in {self.object, self.root}

    @property
    def subject(self) -> str:
        """What it is about, as it was written."""
        return self.finding or " / ".join((self.audience or "everybody", self.object, self.root))

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is what this is about, in whatever state."""
        if finding.rule != self.rule:
            return False
        if self.finding:
            return finding.id == self.finding
        seen = finding.seen
        return (
            seen.audience == self.audience
            and self.object in {ANY, seen.object}
            and self.root in {ANY, seen.root}
        )

    def ended(self, as_of: datetime) -> bool:
        """Whether its last day is over."""
        return as_of >= self.until

    def begun(self, as_of: datetime) -> bool:
        """Whether its first day has come; without one it always has."""
        return self.start is None or as_of >= self.start


class Status(StrEnum):
    """How a waiver stands at the moment of an audit; what needs somebody comes first."""

    EXPIRED = "expired"
    REOPENED = "re-opened"
    DEAD = "dead"
    CANNOT_TELL = "cannot tell"
    SOON = "expires soon"
    NOT_BEGUN = "not begun"
    IN_FORCE = "in force"


@dataclass(frozen=True, slots=True)
class Standing:
    """A waiver with its status, and the ids of the findings it lowers and of those it no longer fits."""

    waiver: Waiver
    status: Status
    waived: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()


def waived(finding: Finding, waivers: Iterable[Waiver], as_of: datetime) -> Finding:
    """Lower a finding by the first waiver that fits its state; say which others were meant for it and do not.

    What could not be read is never waived: nobody knows what it would be.
    """
    said: list[str] = []
    for waiver in waivers:
        if not waiver.covers(finding) or not waiver.begun(as_of):
            continue
        if waiver.ended(as_of):
            said.append(f"waiver {waiver.id} lapsed: its last day was {waiver.expires}")
        elif finding.seen.state is State.UNKNOWN:
            said.append(f"waiver {waiver.id} does not apply: what could not be read cannot be waived")
        elif finding.digest not in waiver.digests:
            said.append(f"waiver {waiver.id} no longer applies: its state changed")
        else:
            said.append(f"one level lower by waiver {waiver.id}, until the end of {waiver.expires}")
            seen = replace(finding.seen, state=State.GAP_WAIVED, modifiers=(*finding.seen.modifiers, *said))
            return replace(finding, severity=finding.severity.raised(-1), waiver=waiver.id, seen=seen)
    if not said:
        return finding
    return replace(finding, seen=replace(finding.seen, modifiers=(*finding.seen.modifiers, *said)))


def register(
    waivers: Iterable[Waiver], findings: Sequence[Finding], blind: Collection[str], as_of: datetime
) -> tuple[Standing, ...]:
    """How every waiver stands, what needs somebody first; `blind` are rules whose answer is not whole."""
    order = list(Status)
    found = [_standing(waiver, findings, blind, as_of) for waiver in waivers]
    return tuple(sorted(found, key=lambda s: (order.index(s.status), s.waiver.until, s.waiver.id)))


def _standing(
    waiver: Waiver, findings: Sequence[Finding], blind: Collection[str], as_of: datetime
) -> Standing:
    meant = [f for f in findings if waiver.covers(f)]
    known = [f for f in meant if f.seen.state is not State.UNKNOWN]
    changed = tuple(f.id for f in known if f.digest not in waiver.digests)
    fitting = tuple(f.id for f in known if f.digest in waiver.digests)
    if waiver.ended(as_of):
        return Standing(waiver, Status.EXPIRED)
    if not waiver.begun(as_of):
        return Standing(waiver, Status.NOT_BEGUN)
    if changed:
        return Standing(waiver, Status.REOPENED, fitting, changed)
    if fitting:
        soon = waiver.until - as_of <= SOON
        return Standing(waiver, Status.SOON if soon else Status.IN_FORCE, fitting)
    return Standing(waiver, Status.CANNOT_TELL if meant or waiver.rule in blind else Status.DEAD)
