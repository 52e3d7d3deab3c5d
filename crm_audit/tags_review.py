"""Reviewing the fields of one target: what there is to decide, asking a person at a terminal, and recording it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.rulings import Standing
from auditor.snapshot import Capability
from crm_audit import tag_ledger
from mappings import Decision, load_taxonomy
from mappings.ledger import day_of
from mappings.review import items
from reports import words
from reports.inert import for_terminal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from crm_audit.config import Config
    from mappings import Ledger, PhiClass
    from mappings.review import Item

_MOST_VALUES, _MOST_SIGNS = 12, 300


@dataclass(frozen=True, slots=True)
class Review:
    """One target under review at one moment: its fields, the whole ledger, and what could not be read.

    `unread` are readings of the schema that are incomplete, `unseen` fields with a decision that are not there.
    """

    config: Config
    target: str
    moment: dt.datetime
    ledger: Ledger
    items: tuple[Item, ...]
    unread: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def today(self) -> dt.date:
        """The day of a decision (UTC)."""
        return self.moment.date()

    def decision(
        self, item: Item, phi_class: PhiClass, by: str, why: str, expires: dt.date | None
    ) -> Decision:
        """What somebody decides today about a field; where the CRM has no id but the name, none is kept."""
        facts = item.facts
        return Decision(
            target=self.target,
            field=facts.key,
            phi_class=phi_class,
            by=by,
            on=self.today,
            why=why,
            evidence=item.evidence,
            id=facts.id if facts.id != facts.key else "",
            expires=expires,
        )

    def recorded(self, decisions: Sequence[Decision]) -> Review:
        """Write decisions to the ledger. Raises ConfigError if it changed meanwhile."""
        return replace(self, ledger=tag_ledger.record(self.config, self.ledger, decisions))


def opened(config: Path, platform: str, snapshot: Path | None, as_of: str) -> Review:
    """Read the fields of one target, from a saved snapshot or the CRM's schema, and the ledger of the configuration.

    Raises ConfigError if the configuration leaves several targets to choose from, and CollectionError if the CRM
    cannot be reached.
    """
    from connectors.protocol import Scope
    from connectors.saved import Saved
    from crm_audit import compose, session
    from crm_audit.answers.opened import only

    settings = session.open_session(session.Given(config, as_of=as_of, quiet=True))
    taken = (
        Saved(snapshot).schema(Scope()) if snapshot else session.schema(settings, only(settings, platform))
    )
    target, ledger = taken.manifest.target, settings.settings.ledger
    facts = compose.semantics(taken.manifest.platform).facts(taken)
    decided = compose.decide(taken, settings.settings)
    return Review(
        config=settings.config,
        target=target,
        moment=settings.as_of,
        ledger=ledger,
        items=items(facts, decided, ledger.of(target)),
        unread=tuple(reading.name for reading in taken.gaps((Capability.SCHEMA,))),
        unseen=tuple(one.field for one in decided.rulings if one.standing is Standing.UNSEEN),
    )


class Stopped(Exception):
    """Nobody answers any more."""


def converse(
    review: Review, asked: Sequence[Item], by: str, ask: Callable[[str], str], say: Callable[[str], None]
) -> int:
    """Ask about one field after the other and record every answer at once; return how many there were.

    `ask` turns a question into an answer, and raises Stopped when nobody answers any more.
    """
    recorded = 0
    with suppress(Stopped):
        for number, item in enumerate(asked, 1):
            say(f"\n{number:,} of {len(asked):,}. {told(item)}")
            if phi_class := _class_of(item, ask, say):
                why = _reason(ask)
                expires = _last_day(review.today, ask, say)
                review = review.recorded([review.decision(item, phi_class, by, why, expires)])
                recorded += 1
    return recorded


def _class_of(item: Item, ask: Callable[[str], str], say: Callable[[str], None]) -> PhiClass | None:
    """The class that somebody names; None to go on."""
    taxonomy = load_taxonomy()
    proposal = "yes, " if item.proposed else ""
    while word := ask(f"A class, none, {proposal}stop, or nothing to go on: "):
        if found := taxonomy.exact(item.proposed if word == "yes" else word):
            return found
        say(for_terminal(f"“{word}” is no class. {taxonomy.suggest(word)}".rstrip()))
    return None


def _reason(ask: Callable[[str], str]) -> str:
    while not (answer := ask("Why: ")):
        pass
    return answer


def _last_day(today: dt.date, ask: Callable[[str], str], say: Callable[[str], None]) -> dt.date | None:
    while word := ask("Last day, as in 2027-03-31, or nothing: "):
        if (found := day_of(word)) and found >= today:
            return found
        say("This is not a day that is still to come.")
    return None


def told(item: Item) -> str:
    """Say in lines what is known of a field."""
    return "\n".join(for_terminal(line) for line in _lines(item))


def _lines(item: Item) -> Iterator[str]:
    facts, tag = item.facts, item.tag
    yield f"{facts.key} ({facts.label or 'no label'}; {facts.type or 'type unknown'}): {item.wants.value}"
    if tag:
        yield f"  Counts as {tag.phi_class}: {words.phi_class(tag.phi_class)}, {tag.confidence.value} confidence."
    else:
        yield "  Nobody decided, and nothing recognises it."
    yield from (f"  - {reason}" for reason in item.reasons)
    for name, text in (
        ("Values", values(facts.picklist)),
        ("Help", facts.help_text),
        ("About", facts.description),
    ):
        if text:
            yield f"  {name}: {text[:_MOST_SIGNS]}{'…' if len(text) > _MOST_SIGNS else ''}"
    if labelled := label(item):
        yield f"  Label in the system: {labelled}"
    if decided := before(item):
        yield f"  {decided}"


def values(picklist: Sequence[str]) -> str:
    """The first values of a picklist in a line."""
    more = f" and {len(picklist) - _MOST_VALUES:,} more" if len(picklist) > _MOST_VALUES else ""
    return "; ".join(picklist[:_MOST_VALUES]) + more


def label(item: Item) -> str:
    """The vendor's own labels of a field."""
    return ", ".join(filter(None, (*item.facts.compliance, item.facts.sensitivity)))


def before(item: Item) -> str:
    """What was decided before, and what became of it."""
    one = item.ruling
    if one is None:
        return ""
    last = f" Last day: {one.expires}." if one.expires else ""
    changed = (
        f" Changed since: {', '.join(one.changed)} (evidence {one.then} then, {one.now} now)."
        if one.changed
        else ""
    )
    return f"{one.by} decided {one.phi_class} on {one.on}: {one.why}{last}{changed}"
