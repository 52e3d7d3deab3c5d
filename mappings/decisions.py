"""What people have decided about fields: mapping files, and lists of fields handed over with their class.

    version: 1
    tags:
      - match: {object: Contact, field: Diagnosis__c}
        tag: diagnosis_condition
        why: Collected on the intake form.

The first entry that matches a field wins, and the tag remembers its line. Patterns may hold `*` and `?`, and
ignore case.
"""

from __future__ import annotations

import re
from collections import abc, defaultdict
from dataclasses import dataclass, field
from fnmatch import translate
from typing import TYPE_CHECKING

from auditor.errors import ConfigError
from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from mappings.located import Located, compose, read
from mappings.taxonomy import PhiClass, Taxonomy, load_taxonomy
from mappings.words import split_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_MATCHES = ("object", "field", "label", "namespace")
_YAML_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision of a mapping file: what it matches, the class it gives, and why.

    An empty pattern matches anything.
    """

    phi_class: PhiClass
    why: str
    object: str = ""
    field: str = ""
    label: str = ""
    namespace: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def matches(self, facts: FieldFacts) -> bool:
        """Whether the entry speaks of this field."""
        return self.matches_object(facts.object) and self.matches_within(facts)

    def matches_object(self, name: str) -> bool:
        """Whether the entry may speak of fields of this object."""
        return not self.object or _fits(self.object, name)

    def matches_within(self, facts: FieldFacts) -> bool:
        """Whether the entry speaks of this field, given that the object fits."""
        return (
            (not self.field or _fits(self.field, facts.name))
            and (not self.label or _fits(self.label, facts.label))
            and (not self.namespace or any(_fits(self.namespace, one) for one in _namespaces(facts)))
        )

    @property
    def place(self) -> str:
        """`file:line`, where the entry is written."""
        return f"{self.file}:{self.line}"

    def tag(self, key: str) -> Tag:
        """Decide a field by this entry."""
        return Tag(
            field=key,
            phi_class=self.phi_class.name,
            coarse=self.phi_class.coarse,
            tier=self.phi_class.tier,
            confidence=Confidence.HIGH,
            basis=Basis.MAPPING,
            reasons=(self.why,),
            file=self.file,
            line=self.line,
        )


@dataclass(frozen=True, slots=True)
class Mapping:
    """The entries of one mapping file, in the order in which they are tried."""

    entries: tuple[Entry, ...]
    file: str = ""
    _by_object: dict[str, tuple[Entry, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def entry_for(self, facts: FieldFacts) -> Entry | None:
        """Find the first entry that matches a field."""
        name = facts.object.casefold()
        if name not in self._by_object:
            self._by_object[name] = tuple(
                entry for entry in self.entries if entry.matches_object(facts.object)
            )
        return next((entry for entry in self._by_object[name] if entry.matches_within(facts)), None)

    def decide(self, facts: FieldFacts) -> Tag | None:
        """Decide a field, `none` included; None if no entry matches."""
        entry = self.entry_for(facts)
        return entry.tag(facts.key) if entry else None


def _fits(pattern: str, text: str) -> bool:
    if not _GLOB.search(pattern):
        return pattern.casefold() == text.strip().casefold()
    return bool(re.fullmatch(translate(pattern.casefold()), text.strip().casefold()))


def _namespaces(facts: FieldFacts) -> list[str]:
    found = (split_name(facts.object)[0], split_name(facts.name)[0])
    return [namespace for namespace in found if namespace]


def load_mapping(path: Path, taxonomy: Taxonomy | None = None) -> Mapping:
    """Read a mapping file; anything it does not understand is a ConfigError with file, line and column."""
    return _mapping(read(path), taxonomy or load_taxonomy())


def parse_mapping(text: str, file: str, taxonomy: Taxonomy | None = None) -> Mapping:
    """Read a mapping from text, as `load_mapping` does from a file."""
    return _mapping(compose(text, file), taxonomy or load_taxonomy())


def _mapping(root: Located, taxonomy: Taxonomy) -> Mapping:
    top = root.mapping(required=("version", "tags"))
    if top["version"].integer() != 1:
        raise top["version"].error("Only version 1 of a mapping can be read.", hint="Write `version: 1`.")
    return Mapping(tuple(_entry(item, taxonomy) for item in top["tags"].items()), root.file)


def _entry(item: Located, taxonomy: Taxonomy) -> Entry:
    got = item.mapping(required=("match", "tag", "why"))
    match = got["match"].mapping(optional=_MATCHES)
    if not match:
        raise got["match"].error(
            "This matches nothing in particular.", hint=f"Give one of: {', '.join(_MATCHES)}."
        )
    word = got["tag"].text()
    phi_class = taxonomy.exact(word)
    if phi_class is None:
        hint = taxonomy.suggest(word) or "The classes are listed in the taxonomy; `none` means not PHI."
        raise got["tag"].error(f'"{word}" is not a class of the taxonomy.', hint=hint)
    patterns = {key: value.text() for key, value in match.items()}
    return Entry(phi_class, got["why"].text(), file=item.file, line=item.line, column=item.column, **patterns)


def dead(entries: Sequence[Entry], facts: Iterable[FieldFacts]) -> tuple[Entry, ...]:
    """Report the entries that match no field at all, as a misspelt or outdated one does."""
    by_object: dict[str, list[FieldFacts]] = defaultdict(list)
    for one in facts:
        by_object[one.object].append(one)
    return tuple(
        entry
        for entry in entries
        if not any(
            entry.matches_object(name) and any(entry.matches_within(one) for one in fields)
            for name, fields in by_object.items()
        )
    )


def shadowed(mapping: Mapping, facts: Iterable[FieldFacts]) -> tuple[Entry, ...]:
    """Report the entries that match fields but decide none, since earlier entries take them all."""
    fields = list(facts)
    deciding = {id(entry) for one in fields if (entry := mapping.entry_for(one))}
    lost = {id(entry) for entry in dead(mapping.entries, fields)}
    return tuple(entry for entry in mapping.entries if id(entry) not in deciding and id(entry) not in lost)


def narrowest_entry(tag: Tag, phi_class: str = "") -> str:
    """Write the mapping entry that would settle this one field and no other; the reader fills in why."""
    object_name, _, name = tag.field.rpartition(".")
    match = f"{{object: {_literal(object_name)}, field: {_literal(name)}}}"
    return f"- match: {match}\n  tag: {phi_class or tag.phi_class}\n  why: \n"


def _literal(name: str) -> str:
    """Quote a name unless it is plain, and take pattern signs by their word."""
    escaped = _GLOB.sub(lambda sign: f"[{sign[0]}]", name)
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", escaped) and escaped.lower() not in _YAML_WORDS:
        return escaped
    return '"' + "".join(_escaped(sign) for sign in escaped) + '"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"


def given_tags(doc: abc.Mapping[str, str], taxonomy: Taxonomy) -> list[Tag]:
    """Read a list of decided fields, such as `{"Contact.Diagnosis__c": "diagnosis"}`.

    Everyday words are understood; a word nobody knows counts as clinical, the careful side.
    """
    tags = []
    for key, word in doc.items():
        object_name, _, name = key.rpartition(".")
        if not (object_name.strip() and name.strip()):
            raise ConfigError(f'"{key}" is not the name of a field.', hint="Write it as Object.Field.")
        if not isinstance(word, str) or not word.strip():
            raise ConfigError(f'"{key}" has no class.', hint="Give a class of the taxonomy, or none.")
        found = taxonomy.get(word)
        phi_class = found or taxonomy.generic[Coarse.CLINICAL.value]
        reason = f'Given as "{word}".' if found else f'Given as "{word}", which the taxonomy does not know.'
        tags.append(
            Tag(
                field=key,
                phi_class=phi_class.name,
                coarse=phi_class.coarse,
                tier=phi_class.tier,
                confidence=Confidence.HIGH,
                basis=Basis.GIVEN,
                reasons=(reason,),
            )
        )
    return tags
