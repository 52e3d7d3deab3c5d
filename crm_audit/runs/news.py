"""What a run brings that the one before had not, said without a person, a field or a label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from auditor.findings import Severity
from auditor.wording import several
from crm_audit.runs.chain import Event, Kind, Told
from crm_audit.runs.record import Read, Record, Seen


@dataclass(frozen=True, slots=True)
class News:
    """What is new about one target. `first` is a target's first run, where everything is new."""

    target: Read
    new: tuple[Seen, ...] = ()
    wider: tuple[Seen, ...] = ()
    seen_before: int = 0
    became_incomplete: bool = False
    first: bool = False

    @property
    def any(self) -> bool:
        """Whether there is something to tell."""
        return self.exposed or self.became_incomplete

    @property
    def exposed(self) -> bool:
        """Whether more is exposed than before."""
        return bool(self.new or self.wider)

    def lines(self) -> list[str]:
        """Say it: counts by severity, then by rule."""
        said = []
        if self.new:
            before = f", {self.seen_before} of them seen before" if self.seen_before else ""
            first = " This is its first run." if self.first else ""
            said.append(
                f"{self.target.name}: {several(len(self.new), 'finding')} not in the run before{before}.{first}"
            )
            said += _counted(self.new)
        if self.wider:
            said.append(
                f"{self.target.name}: {several(len(self.wider), 'finding')} wider than in the run before: more people, "
                "more fields, firmer access or a higher level."
            )
            said += _counted(self.wider)
        if self.became_incomplete:
            said.append(
                f"{self.target.name}: something needed could not be read any more "
                f"({several(self.target.unread, 'reading')}). What is missing is no pass."
            )
        return said


def _counted(found: Sequence[Seen]) -> list[str]:
    rules = Counter((seen.severity, seen.rule) for seen in found)
    return [
        f"  {Severity(severity).label}: {rule}, {count}"
        for (severity, rule), count in sorted(rules.items(), key=lambda item: (-item[0][0], item[0][1]))
    ]


def news(
    made: Record,
    earlier: Sequence[Record],
    told: Mapping[str, Told],
    wider: Collection[tuple[str, str]] = (),
) -> list[News]:
    """Compare each target of a run with its last run that was told; `earlier` is oldest first.

    `wider` are target and id of the findings that are wider than in that run, which ids alone do not show.
    """
    found = []
    for target in made.targets:
        own = [record for record in earlier if record.target(target.name)]
        found.append(_compared(made, target, heard(target.name, earlier, told), own, wider))
    return [item for item in found if item.any]


def heard(target: str, earlier: Sequence[Record], told: Mapping[str, Told]) -> Record | None:
    """The last run of a target that was told; one whose alert failed, or that was stopped before it, was not."""
    found = (
        record
        for record in reversed(earlier)
        if record.target(target) and told.get(record.run, Told.FAILED) is not Told.FAILED
    )
    return next(found, None)


def altered(made: Record, before: Record, target: str) -> frozenset[str]:
    """Ids of the findings that both runs have of a target, in another state."""
    was = {seen.id: (seen.digest, seen.severity) for seen in before.findings if seen.target == target}
    return frozenset(
        seen.id
        for seen in made.findings
        if seen.target == target
        and was.get(seen.id, (seen.digest, seen.severity)) != (seen.digest, seen.severity)
    )


def told_of(events: Sequence[Event]) -> dict[str, Told]:
    """What became of each run's alert."""
    return {event.run: event.told for event in events if event.kind is Kind.TOLD and event.told}


def _compared(
    made: Record,
    target: Read,
    before: Record | None,
    own: Sequence[Record],
    wider: Collection[tuple[str, str]],
) -> News:
    known = _ids(before, target.name) if before else set()
    new = tuple(seen for seen in made.findings if seen.target == target.name and seen.id not in known)
    ever = set().union(*(_ids(record, target.name) for record in own)) if new else set()
    was = before.target(target.name) if before else None
    return News(
        target,
        new,
        tuple(
            s
            for s in made.findings
            if s.target == target.name and s.id in known and (s.target, s.id) in wider
        ),
        sum(seen.id in ever for seen in new),
        not target.complete and (was is None or was.complete),
        not own,
    )


def _ids(record: Record, target: str) -> set[str]:
    return {seen.id for seen in record.findings if seen.target == target}
