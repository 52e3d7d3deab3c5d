"""The ledger: what people decided about single fields, each with who, when, why and the evidence they looked at.

    version: 1
    decisions:
      - target: "clinic"
        field: "Contact.Treatment_Group__c"
        id: "Contact.00N5g00000AbCdE"
        decision: none
        by: "Ana Ruiz"
        on: 2026-11-24
        why: "The arm of an A/B test of landing pages."
        evidence: label 1f0c9b0a77d2e415, type …, description …, help …, picklist …, object …

A decision follows its field by the CRM's own id. When the evidence changes or the last day is over, it is believed on
the careful side only: it still says PHI where nothing else does, and never clears.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from auditor.phi import Basis, Confidence, FieldFacts, Tag
from auditor.rulings import Ruling, Standing
from mappings.fingerprints import changed_parts, digest_of, evidence_of, from_line, hashed, in_one_line
from mappings.located import Located, compose, text_of
from mappings.taxonomy import PhiClass, Taxonomy, load_taxonomy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Set
    from pathlib import Path

LARGEST_FILE = 64 * 1024 * 1024
_HEADER = """\
# What people decided about single fields. `crm-audit tags review` writes this file as a whole: comments are not kept.
version: 1
decisions:"""
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry of the ledger: what a person said of one field, and the digests of what they looked at.

    `target` names the CRM it is of, and `id` is the CRM's own of the field. `expires` is the last day.
    """

    target: str
    field: str
    phi_class: PhiClass
    by: str
    on: dt.date
    why: str
    evidence: Mapping[str, str]
    id: str = ""
    expires: dt.date | None = None
    file: str = ""
    line: int = 0

    @property
    def digest(self) -> str:
        """Identify all that the entry says."""
        return hashed(list(_lines(self)))

    def standing(self, facts: FieldFacts, today: dt.date) -> Ruling:
        """Hold the decision against its field as it is now."""
        now = evidence_of(facts)
        made_again = ("field id",) if self.id and facts.id not in {"", facts.key, self.id} else ()
        changed = (*made_again, *changed_parts(self.evidence, now))
        over = self.expires is not None and self.expires < today
        standing = Standing.EXPIRED if over else Standing.REOPENED if changed else Standing.IN_FORCE
        return replace(
            self._ruling(standing),
            field=facts.key,
            id=facts.id or self.id,
            now=digest_of(now),
            changed=changed,
        )

    def unseen(self) -> Ruling:
        """The decision where its field is not there."""
        return self._ruling(Standing.UNSEEN)

    def _ruling(self, standing: Standing) -> Ruling:
        return Ruling(
            field=self.field,
            phi_class=self.phi_class.name,
            by=self.by,
            on=self.on.isoformat(),
            why=self.why,
            standing=standing,
            id=self.id,
            expires=self.expires.isoformat() if self.expires else "",
            then=digest_of(self.evidence),
            file=self.file,
            line=self.line,
        )


@dataclass(frozen=True, slots=True)
class Ledger:
    """All decisions, as they stand on one day; `origin` identifies the text they were read from, if there is one."""

    decisions: tuple[Decision, ...] = ()
    today: dt.date = dt.date.min
    origin: str = field(default="", compare=False)

    def of(self, target: str) -> Ledger:
        """The decisions that are about one target."""
        return replace(self, decisions=tuple(d for d in self.decisions if d.target == target))

    def with_all(self, decisions: Iterable[Decision]) -> Ledger:
        """The ledger in which decisions take the place of earlier ones about the same fields."""
        added = tuple(decisions)
        ids = {(one.target, one.id) for one in added}
        names = {(one.target, one.field.casefold()): one.id for one in added}
        kept = [one for one in self.decisions if not _replaced(one, ids, names)]
        return replace(self, decisions=(*kept, *added))

    def placed(self, facts: Iterable[FieldFacts]) -> dict[str, Decision]:
        """Find the decision about each field that has one: by its id wherever it is, else by its name."""
        fields = list(facts)
        used = Counter(one.id for one in fields)
        ids = {one.id: one.key for one in fields if one.id and used[one.id] == 1}
        names = {one.key.casefold(): one.key for one in fields}
        found = {ids[d.id]: d for d in self.decisions if d.id in ids}
        for decision in self.decisions:
            key = names.get(decision.field.casefold())
            if key is not None and decision.id not in ids:
                found.setdefault(key, decision)
        return found

    def rulings(self, facts: Iterable[FieldFacts]) -> tuple[Ruling, ...]:
        """Hold every decision against the fields there are, in the order of their names."""
        fields = {one.key: one for one in facts}
        placed = self.placed(fields.values())
        used = {id(decision) for decision in placed.values()}
        found = [decision.standing(fields[key], self.today) for key, decision in placed.items()]
        found += [decision.unseen() for decision in self.decisions if id(decision) not in used]
        return tuple(sorted(found, key=lambda one: (one.field, one.id)))


def _replaced(old: Decision, ids: Set[tuple[str, str]], names: Mapping[tuple[str, str], str]) -> bool:
    """Whether something new is about the same field: of the same id, or of the same name where one has no id."""
    if old.id and (old.target, old.id) in ids:
        return True
    new_id = names.get((old.target, old.field.casefold()))
    return new_id is not None and not (old.id and new_id)


def believed(ruling: Ruling | None, taxonomy: Taxonomy) -> Tag | None:
    """Make a tag of a decision as far as it decides by itself: in force, or re-opened and on the careful side."""
    if ruling is None:
        return None
    if ruling.standing is Standing.IN_FORCE:
        return _tag(ruling, taxonomy, Confidence.HIGH)
    if ruling.standing is Standing.REOPENED and ruling.phi_class != "none":
        note = f"It changed since ({', '.join(ruling.changed)}), so this holds until somebody decides again."
        return _tag(ruling, taxonomy, Confidence.MEDIUM, note)
    return None


def last_word(ruling: Ruling | None, taxonomy: Taxonomy) -> Tag | None:
    """Make a tag of an expired decision for a field of which nothing else says what it is; only PHI is kept."""
    if ruling is None or ruling.standing is not Standing.EXPIRED or ruling.phi_class == "none":
        return None
    note = f"The decision expired on {ruling.expires}, and nothing else says what the field is."
    return _tag(ruling, taxonomy, Confidence.LOW, note)


def _tag(ruling: Ruling, taxonomy: Taxonomy, confidence: Confidence, *notes: str) -> Tag:
    phi_class = taxonomy.exact(ruling.phi_class)
    assert phi_class is not None  # noqa: S101 - the ledger was read with this taxonomy
    return Tag(
        field=ruling.field,
        phi_class=phi_class.name,
        coarse=phi_class.coarse,
        tier=phi_class.tier,
        confidence=confidence,
        basis=Basis.DECISION,
        reasons=(f"{ruling.by} decided so on {ruling.on}: {ruling.why}", *notes),
        file=ruling.file,
        line=ruling.line,
        by=ruling.by,
        on=ruling.on,
    )


# ── The file ──────────────────────────────────────────────────────────────────────────────────────


def load_ledger(path: Path, today: dt.date, taxonomy: Taxonomy | None = None) -> Ledger:
    """Read a ledger; anything it does not understand is a ConfigError with file, line and column."""
    return parse_ledger(text_of(path, largest=LARGEST_FILE), str(path), today, taxonomy)


def parse_ledger(text: str, file: str, today: dt.date, taxonomy: Taxonomy | None = None) -> Ledger:
    """Read a ledger from text, as `load_ledger` does from a file."""
    known = taxonomy or load_taxonomy()
    top = compose(text, file).mapping(required=("version", "decisions"))
    if top["version"].integer() != 1:
        raise top["version"].error("Only version 1 of a ledger can be read.", hint="Write `version: 1`.")
    items = top["decisions"].items()
    decisions = tuple(_decision(item, known) for item in items)
    _refuse_twins(items, decisions)
    return Ledger(decisions, today, hashed(text))


def written(ledger: Ledger) -> str:
    """Write a ledger as the file it is read from, in the order of the fields."""
    if not ledger.decisions:
        return f"{_HEADER} []\n"
    entries = sorted(ledger.decisions, key=lambda one: (one.target, one.field, one.id))
    return "\n".join((_HEADER, *(line for one in entries for line in _lines(one)), ""))


def _lines(one: Decision) -> Iterator[str]:
    yield f"  - target: {_quoted(one.target)}"
    yield f"    field: {_quoted(one.field)}"
    if one.id:
        yield f"    id: {_quoted(one.id)}"
    yield f"    decision: {one.phi_class.name}"
    yield f"    by: {_quoted(one.by)}"
    yield f"    on: {one.on}"
    yield f"    why: {_quoted(one.why)}"
    if one.expires:
        yield f"    expires: {one.expires}"
    yield f"    evidence: {in_one_line(one.evidence)}"


def _quoted(text: str) -> str:
    """Text as a YAML scalar, whatever is in it."""
    return '"' + "".join(_ESCAPES.get(sign) or _plain(sign) for sign in text) + '"'


def _plain(sign: str) -> str:
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"


def _decision(item: Located, taxonomy: Taxonomy) -> Decision:
    got = item.mapping(
        required=("target", "field", "decision", "by", "on", "why", "evidence"), optional=("id", "expires")
    )
    object_name, _, name = got["field"].text().rpartition(".")
    if not (object_name.strip() and name.strip()):
        raise got["field"].error("This is not the name of a field.", hint="Write it as Object.Field.")
    return Decision(
        target=got["target"].text(),
        field=got["field"].text(),
        phi_class=_phi_class(got["decision"], taxonomy),
        by=got["by"].text(),
        on=_day(got["on"]),
        why=got["why"].text(),
        evidence=_evidence(got["evidence"]),
        id=got["id"].text() if "id" in got else "",
        expires=_day(got["expires"]) if "expires" in got else None,
        file=item.file,
        line=item.line,
    )


def _phi_class(here: Located, taxonomy: Taxonomy) -> PhiClass:
    word = here.text()
    found = taxonomy.exact(word)
    if found is None:
        hint = taxonomy.suggest(word) or "The classes are listed in the taxonomy; `none` means not PHI."
        raise here.error(f'"{word}" is not a class of the taxonomy.', hint=hint)
    return found


def _day(here: Located) -> dt.date:
    found = day_of(str(here.scalar()))
    if found is None:
        raise here.error(
            "This is not a day of the calendar.", hint="Write year, month and day, as in 2027-03-31."
        )
    return found


def day_of(text: str) -> dt.date | None:
    """Read a day as in 2027-03-31; None for anything else."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _evidence(here: Located) -> dict[str, str]:
    found = from_line(here.text())
    if found is None:
        hint = "Only `crm-audit tags review` can write it. To decide without it, use a mapping."
        raise here.error("This is not the evidence of a decision.", hint=hint)
    return found


def _refuse_twins(items: Iterable[Located], decisions: Iterable[Decision]) -> None:
    """Refuse a second decision about one field: nobody could say which of them holds."""
    ids: dict[tuple[str, str], Decision] = {}
    names: dict[tuple[str, str], Decision] = {}
    for item, one in zip(items, decisions, strict=True):
        same_id = ids.setdefault((one.target, one.id), one) if one.id else one
        same_name = names.setdefault((one.target, one.field.casefold()), one)
        other = same_id if same_id is not one else same_name
        if same_id is not one or (other is not one and not (one.id and other.id)):
            sentence = f'There are two decisions about "{one.field}".'
            raise item.error(sentence, hint=f"The first is on line {other.line}; take one of them out.")
