"""What raises and lowers a finding, and how many records stand behind it: the shared half of severities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auditor.findings import FoundBy, Severity
from auditor.phi import Basis
from auditor.reach import Extent, Span
from auditor.rule import View
from auditor.special import TIER, named
from auditor.wording import several

_INFERRED = frozenset({Basis.TAGGER, Basis.VALUES, Basis.LINEAGE})
_FEW = 3
_MANY = 500
_UNKNOWN = "record reach not evaluated"
_SPECIAL = "a special category of health data is among the fields"
"""Said even where no level is left to raise, since other law may apply."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A severity with its modifiers in words, and the records that the people listed reach."""

    severity: Severity
    modifiers: tuple[str, ...]
    records: str

    @property
    def fact(self) -> tuple[str, str]:
        """The records as a fact of a finding."""
        return "records reachable", self.records


def weigh(
    view: View,
    base: Severity,
    fields: Iterable[str],
    people: Iterable[str],
    *,
    raises: Sequence[str] = (),
    special: bool = True,
    latent: bool = False,
    masked: bool = False,
    unnamed: bool = False,
) -> Weight:
    """Raise and lower by the rubric (hipaa 1.2): one level each for `raises`, special categories and 500 records.

    One level less where the access is latent, and where it is `unnamed`: nothing they read tells who it is about. Low
    where everybody sees masked text.
    """
    tags = [view.tags[name] for name in fields]
    severity, modifiers = base, []
    reasons = list(raises)
    if special and any(tag.tier == TIER for tag in tags):
        which = named(tags, view.facts, part2=view.part2)
        reasons.append(f"{_SPECIAL}: {which}" if which else _SPECIAL)
    who, objects = sorted(people), {tag.object for tag in tags}
    if any(_many(view.reach.of(person, name)) for name in objects for person in who):
        reasons.append(f"{_MANY} or more records are within reach of one person")
    for reason in reasons:
        if severity < Severity.CRITICAL:
            severity = severity.raised()
            modifiers.append(f"raised: {reason}")
        elif reason.startswith(_SPECIAL):
            modifiers.append(f"at the highest level already: {reason}")
    if latent:
        severity = severity.raised(-1)
        modifiers.append("lowered: latent, nothing opens the object today")
    if unnamed:
        severity = severity.raised(-1)
        modifiers.append("lowered: nothing they read on these or on linked records tells who it is about")
    if masked:
        severity = Severity.LOW
        modifiers.append("lowered to Low: everybody listed is shown masked text only")
    return Weight(severity, tuple(modifiers), reached(view, who, objects))


def _many(extent: Extent) -> bool:
    """Whether that many records are certain; what a restriction rule may take away is not."""
    return extent.at_least >= _MANY and not extent.restricted


def reached(view: View, people: Sequence[str], objects: Iterable[str]) -> str:
    """How many records these people reach, in words. It weighs nothing: that nobody reaches any is never proven."""
    extents = {name: [view.reach.of(person, name) for person in people] for name in sorted(objects)}
    said: dict[str, list[str]] = {}
    for name, found in extents.items():
        short = len(extents) > _FEW and all(extent.span is Span.ALL for extent in found)
        said.setdefault("every record" if short else _in_words(found), []).append(name)
    if len(said) == 1:
        return next(iter(said))
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in said.items())


def _in_words(extents: Sequence[Extent]) -> str:
    known = [_bound(extent) for extent in extents if extent.span is not Span.UNKNOWN or extent.at_least]
    if not known:
        return _UNKNOWN
    texts = {str(extent) for extent in known}
    text = texts.pop() if len(texts) == 1 else _between(known)
    unknown = len(extents) - len(known)
    return f"{text}; not evaluated for {several(unknown, 'person', 'people')}" if unknown else text


def _bound(extent: Extent) -> Extent:
    """An unknown reach of which a part is known is a lower bound, no more."""
    return Extent(Span.SOME, extent.at_least) if extent.span is Span.UNKNOWN else extent


def _between(extents: Sequence[Extent]) -> str:
    least = min(extent.at_least for extent in extents)
    most = [extent.at_most for extent in extents if extent.at_most is not None]
    open_ended = len(most) < len(extents)
    text = f"at least {least:,} records" if open_ended else f"{least:,} to {max(most):,} records"
    text += ", depending on the person"
    if open_ended and any(extent.span is Span.ALL for extent in extents):
        text += "; every record for some"
    if any(extent.restricted for extent in extents):
        text += ", less what a restriction rule takes away"
    return text


def in_doubt(view: View, field: str) -> tuple[Severity | None, tuple[str, ...]]:
    """How grave it is that a class is in doubt: Low where the field counts as PHI meanwhile, else as the rule says."""
    if field not in view.tags:
        return None, ()
    return Severity.LOW, ("lowered to Low: the field is treated as health or personal data meanwhile",)


def found_by(view: View, fields: Iterable[str]) -> FoundBy:
    """How firmly these fields are known to be PHI: inferred where all were recognised by name or by lineage."""
    inferred = all(view.tags[name].basis in _INFERRED for name in fields)
    return FoundBy.INFERENCE if inferred else FoundBy.CONFIGURATION
