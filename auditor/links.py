"""Which objects' records are linked with which, and through which lookup."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from auditor.rule import View


@dataclass(frozen=True, slots=True)
class Link:
    """A way from the records of one object to those of another: a lookup of either, by `Object.Field`.

    `up` is whether the lookup is on the first object, so that each of its records leads to one of the other's.
    `lookup` is empty for an association that the vendor offers between any two records.
    """

    other: str
    lookup: str = ""
    up: bool = True

    @property
    def words(self) -> str:
        """The lookup as sentences name it."""
        return self.lookup or f"an association with {self.other}"


def links(view: View) -> dict[str, tuple[Link, ...]]:
    """For each object with tags, its links to other objects; a lookup that a person cleared leads to nobody."""
    objects = {tag.object for tag in view.tags.values()}
    found: dict[str, set[Link]] = defaultdict(set)
    for name, fact in view.facts.items():
        if name in view.cleared:
            continue
        for target in fact.targets:
            if target != fact.object:
                found[fact.object].add(Link(target, name))
                found[target].add(Link(fact.object, name, up=False))
    for name in objects:
        found[name] |= {Link(other) for other in view.associates if other != name}
    return {
        name: tuple(sorted(found[name], key=lambda link: (not link.up, link.other, link.lookup)))
        for name in objects
    }
