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
class Subject:
    """What a waiver is held against: the ids of one finding and its state, just found or read back from a report."""

    rule: str
    id: str
    digest: str
    audience: str
    object: str
    root: str
    state: State

    @classmethod
    def of(cls, finding: Finding) -> Subject:
        """Take from a finding what a waiver asks about."""
        seen = finding.seen
        return cls(
            finding.rule, finding.id, finding.digest, seen.audience, seen.object, seen.root, seen.state
        )


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

    def covers(self, one: Subject) -> bool:
        """Whether a finding is what this is about, in whatever state."""
        if one.rule != self.rule:
            return False
        if self.finding:
            return one.id == self.finding
        return (
            one.audience == self.audience
            and self.object in {ANY, one.object}
            and self.root in {ANY, one.root}
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
    """A waiver with its status, the findings it lowers, those it no longer fits, and those that nobody could read."""

    waiver: Waiver
    status: Status
    waived: tuple[Subject, ...] = ()
    reopened: tuple[Subject, ...] = ()
    unread: tuple[Subject, ...] = ()


def waived(finding: Finding, waivers: Iterable[Waiver], as_of: datetime) -> Finding:
    """Lower a finding by the first waiver that fits its state; say which others were meant for it and do not.

    What could not be read is never waived: nobody knows what it would be.
    """
    said: list[str] = []
    subject = Subject.of(finding)
    for waiver in waivers:
        if not waiver.covers(subject) or not waiver.begun(as_of):
            continue
        if waiver.ended(as_of):
            said.append(f"waiver {waiver.id} lapsed: its last day was {waiver.expires}")
        elif finding.seen.state is State.UNKNOWN:
            said.append(f"waiver {waiver.id} does not apply: what could not be read cannot be waived")
        elif finding.digest not in waiver.digests:
            why = "no longer applies: its state changed"
            said.append(f"waiver {waiver.id} {'is wide, and accepts another state' if waiver.wide else why}")
        else:
            said.append(f"one level lower by waiver {waiver.id}, until the end of {waiver.expires}")
            seen = replace(finding.seen, state=State.GAP_WAIVED, modifiers=(*finding.seen.modifiers, *said))
            return replace(finding, severity=finding.severity.raised(-1), waiver=waiver.id, seen=seen)
    if not said:
        return finding
    return replace(finding, seen=replace(finding.seen, modifiers=(*finding.seen.modifiers, *said)))


def register(
    waivers: Iterable[Waiver], found: Sequence[Subject], whole: Collection[str], as_of: datetime
) -> tuple[Standing, ...]:
    """How every waiver stands, what needs somebody first; `whole` are rules that looked at all they had to."""
    return ordered(standing(waiver, found, whole, as_of) for waiver in waivers)


def ordered(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """Put what needs somebody first."""
    order = list(Status)
    return tuple(sorted(standings, key=lambda s: (order.index(s.status), s.waiver.until, s.waiver.id)))


def standing(waiver: Waiver, found: Sequence[Subject], whole: Collection[str], as_of: datetime) -> Standing:
    """How one waiver stands. Only a rule that looked at everything shows that there is nothing to waive."""
    meant = [one for one in found if waiver.covers(one)]
    unread = tuple(one for one in meant if one.state is State.UNKNOWN)
    changed = tuple(one for one in meant if one not in unread and one.digest not in waiver.digests)
    fitting = tuple(one for one in meant if one not in unread and one.digest in waiver.digests)
    if waiver.ended(as_of):
        return Standing(waiver, Status.EXPIRED)
    if not waiver.begun(as_of):
        return Standing(waiver, Status.NOT_BEGUN)
    if changed:
        return Standing(waiver, Status.REOPENED, fitting, changed, unread)
    if fitting:
        soon = waiver.until - as_of <= SOON
        return Standing(waiver, Status.SOON if soon else Status.IN_FORCE, fitting, unread=unread)
    dead = not unread and waiver.rule in whole
    return Standing(waiver, Status.DEAD if dead else Status.CANNOT_TELL, unread=unread)
