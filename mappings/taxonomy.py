"""The classes of health and personal information, read from `taxonomy.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from auditor.phi import Coarse
from mappings.located import Located, compose, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

TIERS = ("T0", "T1", "T2", "T3", "T4")


@dataclass(frozen=True, slots=True)
class PhiClass:
    """One class: its coarse label, its tier, the rule it rests on and one plain sentence.

    `citation` is set for the eighteen identifiers; `fideslang` is the nearest key of that public taxonomy, if
    there is one.
    """

    name: str
    coarse: Coarse
    tier: str
    means: str
    citation: str = ""
    fideslang: str = ""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All classes, the five coarse ones for a tag that says no more, and everyday words for them."""

    classes: Mapping[str, PhiClass]
    generic: Mapping[str, PhiClass]
    aliases: Mapping[str, str]

    def get(self, name: str) -> PhiClass | None:
        """Find a class by its name, a coarse name or an everyday word; None if there is no such class."""
        word = _plain(name)
        word = self.aliases.get(word, word)
        return self.classes.get(word) or self.generic.get(word)

    def exact(self, name: str) -> PhiClass | None:
        """Find a class by its name or a coarse name only, as mapping files must write it."""
        return self.classes.get(name) or self.generic.get(name)

    def coarse_of(self, name: str) -> Coarse:
        """Give the coarse label of a class; a word nobody knows counts as clinical, the careful side."""
        found = self.get(name)
        return found.coarse if found else Coarse.CLINICAL

    def suggest(self, name: str) -> str:
        """Suggest the class a misspelt or everyday word was meant for, or say nothing."""
        found = self.get(name)
        if found:
            return f'Did you mean "{found.name}"?'
        return did_you_mean(name, {*self.classes, *self.generic})


def _plain(name: str) -> str:
    """`Free Text` and `free-text` are the same word as `free_text`."""
    return re.sub(r"[\s\-_]+", "_", name.strip().casefold())


def _class(name: str, entry: Located) -> PhiClass:
    got = entry.mapping(required=("coarse", "tier", "means"), optional=("citation", "fideslang"))
    return PhiClass(
        name=name,
        coarse=Coarse(got["coarse"].one_of([coarse.value for coarse in Coarse], "a coarse label")),
        tier=got["tier"].one_of(TIERS, "a tier"),
        means=got["means"].text(),
        citation=got["citation"].text() if "citation" in got else "",
        fideslang=got["fideslang"].text() if "fideslang" in got else "",
    )


def parse_taxonomy(text: str, file: str) -> Taxonomy:
    """Read a taxonomy from text; every alias must lead to a class that exists."""
    top = compose(text, file).mapping(required=("version", "generic", "classes", "aliases"))
    if top["version"].integer() != 1:
        raise top["version"].error("Only version 1 of a taxonomy can be read.")
    generic = {name: _class(name, entry) for name, entry in top["generic"].mapping(optional=None).items()}
    classes = {name: _class(name, entry) for name, entry in top["classes"].mapping(optional=None).items()}
    known = {**generic, **classes}
    aliases = {
        _plain(word): target.one_of(known, "a class")
        for word, target in top["aliases"].mapping(optional=None).items()
    }
    return Taxonomy(MappingProxyType(classes), MappingProxyType(generic), MappingProxyType(aliases))


@cache
def load_taxonomy() -> Taxonomy:
    """Read the taxonomy that comes with the product."""
    return parse_taxonomy(files("mappings").joinpath("taxonomy.yaml").read_text("utf-8"), "taxonomy.yaml")
