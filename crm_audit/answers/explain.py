"""What a field is, by whose word, and which entry of a mapping file would settle it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import mappings
from auditor.errors import ConfigError
from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from auditor.snapshot import Capability, Snapshot
from crm_audit import compose
from crm_audit.answers.naming import FEW, printed, reasons_of
from mappings.classify import SILENT
from mappings.native import with_twin_labels
from mappings.words import split_name
from reports.inert import for_terminal

REVIEW = "needs review"

_TIERS = {one: one.value for one in Coarse} | {Coarse.FREETEXT_RISK: "free-text risk"}
_SURE = {
    Confidence.HIGH: "a person or the CRM decided, or several plain signs agree",
    Confidence.MEDIUM: "one plain sign, or several weak ones",
    Confidence.LOW: "a weak sign; somebody should look",
}
_UNDECIDED = "nobody decided, and nothing speaks for a class; that is not the same as not PHI"
_BY_PROGRAM = {
    Basis.NATIVE: "the CRM's own label",
    Basis.TAGGER: "the words of the field and around it",
    Basis.VALUES: "the form of its values in a sample",
    Basis.LINEAGE: "the field whose content it shows",
}
_BY_PERSON = {Basis.GIVEN: "the list of decided fields", Basis.MAPPING: "the mapping"}
_CARE = frozenset({Coarse.CLINICAL, Coarse.PAYMENT})


@dataclass(frozen=True, slots=True)
class Explained:
    """All that is known of what one field holds.

    `tag` is what an audit goes by, None where nobody decided; `words` what the tagger says of it among the other fields
    and `alone` by itself; `neighbours` are the fields of its object that are about care.
    """

    facts: FieldFacts
    tag: Tag | None
    words: mappings.Verdict
    alone: mappings.Verdict
    neighbours: tuple[str, ...]
    means: str
    unread: tuple[str, ...] = ()

    @property
    def tier(self) -> str:
        """What the field says about a person, in one word."""
        return _TIERS[self.tag.coarse] if self.tag else REVIEW

    @property
    def review(self) -> bool:
        """Whether nothing but weak signs, or nothing at all, speaks for this."""
        return self.tag is None or self.tag.confidence is Confidence.LOW

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is what it is, or why it was left alone."""
        return self.tag.reasons if self.tag else self.words.silenced or (SILENT,)

    @property
    def words_why(self) -> tuple[str, ...]:
        """Why the words say what they say."""
        return self.words.tag.reasons if self.words.tag else self.words.silenced

    @property
    def entries(self) -> tuple[str, str]:
        """The narrowest entries of a mapping file that would settle it: as PHI, and as not PHI."""
        likely = next((tag for tag in (self.tag, self.words.tag) if tag and tag.is_phi), None)
        word = likely.phi_class if likely else Coarse.CLINICAL.value
        return _entry(self.facts.key, word), _entry(self.facts.key, "none")


def explain(snapshot: Snapshot, settings: compose.Settings, name: str) -> Explained:
    """Explain one field by `Object.Field` or label, case ignored; ConfigError with near matches if there is none."""
    facts = with_twin_labels(compose.semantics(snapshot.manifest.platform).facts(snapshot))
    one = field_called(facts, name)
    tagged = compose.tag(snapshot, settings)
    taxonomy = mappings.load_taxonomy()
    tagger = mappings.Tagger(taxonomy, compose.vocabulary(settings))
    tag = tagged.tags.get(one.key) or tagged.cleared.get(one.key)
    found = taxonomy.exact(tag.phi_class) if tag else None
    return Explained(
        facts=one,
        tag=tag,
        words=tagger.explain(one, facts),
        alone=tagger.explain(one),
        neighbours=_neighbours(one, facts, tagged.tags),
        means=found.means if found else "",
        unread=unread(snapshot),
    )


def unread(snapshot: Snapshot) -> tuple[str, ...]:
    """What of the org's fields could not be read, in sentences: a field may have signs and labels that nobody saw."""
    gaps = snapshot.gaps({Capability.SCHEMA, Capability.LINEAGE})
    return tuple(sorted({reading.unread.detail for reading in gaps if reading.unread}))


def _neighbours(one: FieldFacts, facts: Sequence[FieldFacts], tags: Mapping[str, Tag]) -> tuple[str, ...]:
    return tuple(
        sorted(
            other.name
            for other in facts
            if other.object == one.object
            and other.key != one.key
            and (tag := tags.get(other.key))
            and tag.coarse in _CARE
        )
    )


def field_called(facts: Sequence[FieldFacts], name: str) -> FieldFacts:
    """The field that a name means: `Object.Field`, or its label, case ignored.

    Raises ConfigError with near matches, or with all of them if several fields have the label.
    """
    wanted = name.strip().casefold()
    for called in _spellings:
        found = [one for one in facts if wanted in called(one)]
        if len(found) == 1:
            return found[0]
        if found:
            keys = ", ".join(sorted(one.key for one in found)[:5])
            raise ConfigError(
                for_terminal(f"{len(found)} fields are called “{name}”."),
                hint=for_terminal(f"Use one of: {keys}."),
            )
    raise ConfigError(
        for_terminal(f"There is no field “{name}” in what was read."), hint=_near(facts, wanted)
    )


def _near(facts: Sequence[FieldFacts], wanted: str) -> str:
    known = {spelling: one.key for one in facts for called in _spellings for spelling in called(one)}
    near = dict.fromkeys(known[spelling] for spelling in get_close_matches(wanted, sorted(known), n=3))
    return (
        for_terminal(f"Did you mean {' or '.join(near)}?")
        if near
        else "Write it as Object.Field, or by its label."
    )


_spellings = (
    lambda one: (one.key.casefold(),),
    lambda one: (f"{one.object}.{split_name(one.name)[1]}".casefold(),),
    lambda one: (f"{one.object}.{one.label}".casefold(), f"{one.object_label}.{one.label}".casefold()),
    lambda one: (one.label.casefold(), one.name.casefold()),
)
"""What a field may be called, the most exact first."""


def _entry(key: str, word: str) -> str:
    tag = Tag(key, word, Coarse.CLINICAL, "", Confidence.LOW, Basis.TAGGER, ())
    return mappings.narrowest_entry(tag)


# ---------------------------------------------------------------- told


def told(one: Explained) -> str:
    """The explanation as text."""
    facts, tag = one.facts, one.tag
    lines = [
        " ".join(
            part for part in (facts.key, f"“{facts.label}”" if facts.label else "", _typed(facts)) if part
        ),
        f"  class: {tag.phi_class}. {one.means}" if tag else "  class: none yet",
        f"  tier: {one.tier}{f' ({tag.tier})' if tag else ''}{f', {REVIEW}' if tag and one.review else ''}",
        f"  confidence: {tag.confidence.value}: {_SURE[tag.confidence]}"
        if tag
        else f"  confidence: {_UNDECIDED}",
        f"  decided by: {decided_by(tag) if tag else 'nobody'}",
        "  why:",
        *(f"    {reason}" for reason in one.reasons),
        "  what each source says:",
        *(f"    {source}: {says}" for source, says in _sources(one).items()),
        *(
            f"    seen, and not counted: {sign}"
            for sign in one.words.silenced
            if one.tag and sign not in one.reasons
        ),
        *_around(one),
        *(f"  not everything was read: {gap}" for gap in one.unread),
        "  to settle it, write one of these into a mapping file, with the reason:",
        *(f"    {line}".rstrip() for entry in one.entries for line in entry.splitlines()),
    ]
    return printed(lines)


def _typed(facts: FieldFacts) -> str:
    return f"({facts.type})" if facts.type else ""


def decided_by(tag: Tag) -> str:
    """By whose word a field has its class."""
    if tag.basis in _BY_PROGRAM:
        return _BY_PROGRAM[tag.basis]
    place = f" ({tag.file}:{tag.line})" if tag.file else ""
    return f"{_BY_PERSON.get(tag.basis, 'a decision')}{place}"


def _sources(one: Explained) -> dict[str, str]:
    """What a person, the CRM's label and the words say, each for itself."""
    tag, guess = one.tag, one.words.tag
    person = tag if tag and tag.basis not in _BY_PROGRAM else None
    rest = [why for why in one.words_why if why not in one.reasons]
    return {
        "a person": f"{person.phi_class}. {reasons_of(person)}" if person else "nothing",
        "the CRM's label": _labels(one.facts),
        "the words": f"{_short(guess)}: {' '.join(rest)}" if rest else _short(guess),
    }


def _labels(facts: FieldFacts) -> str:
    labels = [*facts.compliance, facts.sensitivity] if facts.sensitivity else facts.compliance
    return ", ".join(labels) or ("nothing" if facts.defined else "not read")


def _around(one: Explained) -> Iterator[str]:
    shown = ", ".join(one.neighbours[:FEW])
    more = f" and {len(one.neighbours) - FEW} more" if len(one.neighbours) > FEW else ""
    yield f"  other fields of {one.facts.object} about care: {shown or 'none'}{more}"
    if _short(one.alone.tag) != _short(one.words.tag):
        yield f"  without the other fields, the words say: {_short(one.alone.tag)}"


def _short(tag: Tag | None) -> str:
    return f"{tag.phi_class} ({tag.confidence.value})" if tag else "nothing"


def document(one: Explained) -> dict[str, Any]:
    """The same as plain data."""
    tag = one.tag
    as_phi, as_none = one.entries
    return {
        "field": one.facts.key,
        "id": one.facts.id,
        "label": one.facts.label,
        "type": one.facts.type,
        "class": tag.phi_class if tag else None,
        "means": one.means,
        "tier": one.tier,
        "tier_code": tag.tier if tag else None,
        "needs_review": one.review,
        "confidence": tag.confidence.value if tag else None,
        "decided_by": decided_by(tag) if tag else None,
        "reasons": list(one.reasons),
        "sources": _sources(one),
        "silenced": list(one.words.silenced),
        "neighbours": list(one.neighbours),
        "without_neighbours": _short(one.alone.tag),
        "unread": list(one.unread),
        "entries": {"phi": as_phi, "none": as_none},
    }
