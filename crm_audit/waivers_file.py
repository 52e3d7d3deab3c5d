"""The register of waivers: a YAML file of its own, every entry complete, whatever is wrong told by line."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from auditor.errors import ConfigError
from auditor.findings import State
from auditor.retention import subtract
from auditor.rules import RULES
from auditor.waivers import Waiver
from auditor.wording import several
from crm_audit.config_entries import Entry, FirstVersion
from crm_audit.config_problems import did_you_mean, refused, shown
from crm_audit.config_source import Source
from crm_audit.config_validation import validated
from crm_audit.config_values import Digest, Name, Text, ZonedDay, day_begins
from mappings.located import read
from reports.inert import for_terminal, one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from crm_audit.config import Config

LONGEST = "P12M"
USUAL_DAYS = 90
LARGEST_FILE = 4 * 1024 * 1024
NEVER = frozenset({"evidence-gap", "waiver-lapsed"})
"""Rules about what is not known, and about waivers themselves."""

_GROUPS = r"\b(team|group|department|committee|board|office|everybody|everyone|nobody|staff|tbd|todo|n/a)\b"


@dataclass(frozen=True, slots=True)
class _Around:
    """What entries are checked against: the targets there are, and the moment of judging."""

    targets: Collection[str]
    as_of: dt.datetime


def _rule(value: str) -> str:
    known = {rule.id for rule in RULES}
    if value not in known:
        raise refused(f"There is no rule {shown(value)}.", did_you_mean(value, known))
    if value in NEVER:
        raise refused(
            f"Findings of {value} cannot be waived.", "Close the cause; an unknown is nobody's to accept."
        )
    return value


def _person(value: str) -> str:
    if re.search(_GROUPS, value, re.IGNORECASE):
        raise refused(
            "This is not a person.", "A waiver has one person's name as owner, and another's as approver."
        )
    return value


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise refused("A waiver holds for a state.", "Copy the state digest of the finding from the report.")
    return value


Person = Annotated[Text, AfterValidator(_person)]


class WaiverEntry(Entry):
    """One thing that is accepted, by whom, why, and until when."""

    id: Name = Field(description="What reports call this waiver; keep it stable.")
    rule: Annotated[str, AfterValidator(_rule)] = Field(description="Id of the rule.")
    finding: Digest | None = Field(default=None, description="Id of the finding; the narrowest subject.")
    audience: str | None = Field(default=None, description="Audience, where no finding is named.")
    object: Text | None = Field(default=None, description="Object, or * for any.")
    root: Text | None = Field(default=None, description="Id of the root grant, or * for any.")
    target: Name | None = Field(
        default=None, description="Name of the target; needed when there are several."
    )
    digests: Annotated[tuple[Digest, ...], AfterValidator(_some)] = Field(
        description="State digests that are accepted; another state brings the finding back."
    )
    reason: Text = Field(description="The need or technical limit behind it.")
    compensating_control: Text = Field(description="What is done instead, and tested.")
    owner: Person = Field(description="The person who answers for it.")
    approver: Person = Field(description="The person who approved it, not the owner.")
    ticket: Text = Field(description="Where the decision is recorded.")
    start: ZonedDay | None = Field(default=None, description="First day and its zone.")
    expires: ZonedDay = Field(description="Last day and its zone, as in 2027-02-22 Europe/Madrid.")

    @model_validator(mode="after")
    def _one_subject(self) -> WaiverEntry:
        parts = (self.object, self.root)
        if self.finding is not None and any(p is not None for p in (*parts, self.audience)):
            raise refused("A finding's id says it all.", "Remove audience, object and root, or the finding.")
        if self.finding is None and None in parts:
            raise refused("“finding” is missing.", "Name the finding, or audience, object and root.")
        return self

    @model_validator(mode="after")
    def _two_people(self) -> WaiverEntry:
        if " ".join(self.owner.split()).casefold() == " ".join(self.approver.split()).casefold():
            raise refused("Owner and approver are the same person.", "Somebody else has to approve it.")
        return self

    @model_validator(mode="after")
    def _within_a_year(self, info: ValidationInfo[_Around]) -> WaiverEntry:
        """Measure from the first day or, without one, from the moment of judging."""
        end = day_begins(self.expires)
        start = day_begins(self.start) if self.start else info.context.as_of
        if self.start and end < start:
            raise refused("It expires before it starts.", "The last day cannot come before the first.")
        if subtract(end, LONGEST) > start:
            raise refused(
                "A waiver holds for twelve months at most.",
                f"{USUAL_DAYS} days are usual. Without a “start”, the months are counted from today.",
            )
        return self

    @model_validator(mode="after")
    def _of_a_target(self, info: ValidationInfo[_Around]) -> WaiverEntry:
        known = info.context.targets
        if self.target is None and len(known) > 1:
            raise refused("“target” is missing.", "With several targets, a waiver says which it is for.")
        if self.target is not None and known and self.target not in known:
            raise refused(f"There is no target {shown(self.target)}.", did_you_mean(self.target, known))
        return self

    def waiver(self, place: str) -> Waiver:
        """Say the same as the core does; the last day ends where the next one begins in its zone."""
        return Waiver(
            id=self.id,
            rule=self.rule,
            digests=self.digests,
            reason=self.reason,
            control=self.compensating_control,
            owner=self.owner,
            approver=self.approver,
            ticket=self.ticket,
            until=day_begins(self.expires, later=1),
            expires=self.expires,
            start=day_begins(self.start) if self.start else None,
            finding=self.finding or "",
            audience=self.audience or "",
            object=self.object or "",
            root=self.root or "",
            target=self.target or "",
            place=place,
        )


class WaiversFile(Entry):
    """A register of waivers, version 1."""

    version: FirstVersion
    waivers: tuple[WaiverEntry, ...] = Field(description="What is accepted.")


def load_waivers(path: Path, targets: Collection[str], as_of: dt.datetime) -> tuple[Waiver, ...]:
    """Read a register, or raise one ConfigError that lists everything wrong with it."""
    source = Source.of(read(path, largest=LARGEST_FILE))
    file = validated(source, WaiversFile, _Around(targets, as_of))
    places = (source.where(("waivers", index)) for index in range(len(file.waivers)))
    return tuple(
        entry.waiver(f"{path.name}:{place.line}" if place else path.name)
        for entry, place in zip(file.waivers, places, strict=True)
    )


def of_config(config: Config, as_of: dt.datetime) -> tuple[Waiver, ...]:
    """Read the register that a configuration names; none where it names none."""
    if config.waivers is None:
        return ()
    return load_waivers(config.waivers, [target.name for target in config.targets], as_of)


def listed(waivers: Sequence[Waiver], as_of: dt.datetime) -> str:
    """List a register in words, a line for each entry; what it lowers only a report can say."""
    if not waivers:
        return "No waiver is in the register."
    return "\n".join(for_terminal(f"{w.id}: {about(w)}, {until(w, as_of)}. {w.place}") for w in waivers)


def until(waiver: Waiver, as_of: dt.datetime) -> str:
    """Say until when a waiver holds, and how long that is."""
    if waiver.ended(as_of):
        return f"lapsed, last day {waiver.expires}"
    days = (waiver.until - as_of).days
    begun = "" if waiver.begun(as_of) else "not begun, "
    return f"{begun}last day {waiver.expires}, {several(days, 'day')} left"


def about(waiver: Waiver) -> str:
    """Say what a waiver is for."""
    return f"{waiver.rule} {waiver.subject}{' (wide)' if waiver.wide else ''}"


def draft(document: Mapping[str, Any], wanted: str) -> str:
    """Write the narrowest entry for a finding of a saved report; who, why and what instead stays blank.

    Raises ConfigError for a finding that is not there, or that cannot be waived.
    """
    found = [(s, f) for s in document["systems"] for f in s["findings"] if f["id"] == wanted]
    if not found:
        known = [f["id"] for s in document["systems"] for f in s["findings"]]
        raise ConfigError(f"The report has no finding {shown(wanted)}.", hint=_nearest(wanted, known))
    system, finding = found[0]
    if finding["rule"] in NEVER or finding["state"] == State.UNKNOWN.value:
        raise ConfigError(
            f"A finding of {finding['rule']} in state {finding['state']} cannot be waived.",
            hint="Close the cause; an unknown is nobody's to accept.",
        )
    day = dt.datetime.fromisoformat(system["judged_as_of"]).date() + dt.timedelta(days=USUAL_DAYS)
    lines = (
        f"  # {one_line(finding['message'])}",
        f"  - id: W-{finding['id'][:8]}",
        f"    rule: {finding['rule']}",
        f'    finding: "{finding["id"]}"',
        f'    digests: ["{finding["digest"]}"]',
        f"    target: {system['target']}",
        '    reason: ""  # the need or technical limit behind it',
        '    compensating_control: ""  # what is done instead, and tested',
        '    owner: ""  # the person who answers for it',
        '    approver: ""  # the person who approved it, not the owner',
        '    ticket: ""',
        f"    expires: {day} UTC  # last day; at most twelve months",
    )
    return "\n".join(lines) + "\n"


def _nearest(wanted: str, known: Sequence[str]) -> str:
    begins = [one for one in known if one.startswith(wanted)]
    if len(begins) == 1:
        return f"Did you mean “{begins[0]}”?"
    return f"It has {len(known):,} findings; ids are in its findings.csv, column finding_id."
