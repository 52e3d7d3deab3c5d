"""The leak graph: how a field gets from a question to a list, a message or another company, hop by hop.

Nodes are forms, fields, lists, workflows, e-mails and what lies outside; edges say by which means and how much passes.
Chains are shortest and stable: of equally long ones the first by name (portal-fixture 5.10).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

import networkx as nx

from auditor.lineage import Derived, Step, chain
from auditor.surfaces import (
    ANY_FORM,
    Asked,
    Asset,
    AssetKind,
    Leaks,
    Link,
    Mention,
    Place,
    Sink,
    SinkKind,
    Surfaces,
)

_HALF = 1
_HOP = 2 * _HALF
_FURTHER = _HOP * 1_000_000
"""Longer than any chain of other hops, so that what is concluded further never stands in for what is documented."""


class NodeKind(StrEnum):
    """What stands in a chain; an app acts for the portal, what is outside is another company's."""

    SOURCE = "source"
    FIELD = "field"
    DERIVED = "derived"
    ASSET = "asset"
    AUDIENCE = "audience"
    APP = "app"
    OUTSIDE = "outside"


class End(StrEnum):
    """Where a chain may end, most grave first."""

    OUTSIDE = "outside"
    MESSAGE = "message"
    STAFF = "staff"


END_OF: Mapping[SinkKind, End] = {
    SinkKind.WEBHOOK: End.OUTSIDE,
    SinkKind.CODE: End.OUTSIDE,
    SinkKind.ADS: End.OUTSIDE,
    SinkKind.SMS: End.MESSAGE,
    SinkKind.SEQUENCE: End.MESSAGE,
    SinkKind.STAFF_EMAIL: End.STAFF,
    SinkKind.NOTIFICATION: End.STAFF,
    SinkKind.TASK: End.STAFF,
    SinkKind.NOTE: End.STAFF,
    SinkKind.RECORD: End.STAFF,
}
"""What each step of a workflow that sends something is an end of."""

_NODE_OF = {End.OUTSIDE: NodeKind.OUTSIDE, End.MESSAGE: NodeKind.AUDIENCE, End.STAFF: NodeKind.AUDIENCE}

SINK_WORDS: Mapping[SinkKind, str] = {
    SinkKind.WEBHOOK: "an address outside the CRM",
    SinkKind.CODE: "a program run by the workflow",
    SinkKind.ADS: "an advertising audience",
    SinkKind.SMS: "text messages to the people enrolled",
    SinkKind.SEQUENCE: "a series of sales e-mails",
    SinkKind.STAFF_EMAIL: "an e-mail to colleagues",
    SinkKind.NOTIFICATION: "a notification to colleagues",
    SinkKind.TASK: "a task for colleagues",
    SinkKind.NOTE: "a note on the record",
    SinkKind.RECORD: "another record",
}
"""How a reader is told where a step leads."""


@dataclass(frozen=True, slots=True)
class Surfaced:
    """A field that an asset is about: because it names it, or through `previous`, one hop nearer to an asset that does.

    `origin` names the field itself, `hops` away (0: it is the asset). `further` tells that some hop is only concluded.
    """

    asset: str
    field: str
    origin: str
    previous: str = ""
    hops: int = 0
    further: bool = False


@dataclass(frozen=True, slots=True)
class Hop:
    """One node of a chain in words, how it was reached from the one before, and how much passed (none of the first)."""

    node: str
    kind: NodeKind
    label: str
    how: str = ""
    leaks: Leaks | None = None


class LeakGraph:
    """The leak graph of one CRM for the fields given, and the shortest chains in it.

    `derived` has the steps by which tags were carried from one field to another; `named` gives a field's label.
    """

    def __init__(
        self,
        surfaces: Surfaces,
        fields: Collection[str],
        derived: Mapping[str, Derived] | None = None,
        named: Callable[[str], str] = str,
    ) -> None:
        self.surfaces = surfaces
        self.fields = fields
        self._derived = derived or {}
        self._named = named
        self._mentions: dict[tuple[str, str], list[Mention]] = defaultdict(list)
        for mention in surfaces.mentions:
            if mention.field in fields and mention.asset in surfaces.assets:
                self._mentions[mention.asset, mention.field].append(mention)
        self._links: dict[tuple[str, str], Link] = {}
        self._graph = self._joined()

    def _joined(self) -> nx.DiGraph[str]:
        graph: nx.DiGraph[str] = nx.DiGraph()
        assets = self.surfaces.assets
        graph.add_nodes_from(sorted(assets))
        for link in sorted(
            self.surfaces.links, key=lambda one: (one.further, one.source, one.target, one.how)
        ):
            known = link.source == ANY_FORM or link.source in assets
            if not known or link.target not in assets or (link.source, link.target) in self._links:
                continue
            self._links[link.source, link.target] = link
            any_form = link.source == ANY_FORM
            length = _FURTHER if link.further else _HALF if any_form else _HOP
            graph.add_edge(link.source, link.target, length=length)
        if ANY_FORM in graph:
            for key, asset in assets.items():
                if asset.kind is AssetKind.FORM:
                    graph.add_edge(key, ANY_FORM, length=_HALF)
        return graph

    @cached_property
    def surfaced(self) -> Mapping[tuple[str, str], Surfaced]:
        """Every asset that is about a field, by asset and field, in order."""
        sources: dict[str, set[str]] = defaultdict(set)
        for asset, name in self._mentions:
            sources[name].add(asset)
        found = {(s.asset, s.field): s for name in sorted(sources) for s in self._spread(name, sources[name])}
        return dict(sorted(found.items()))

    @cached_property
    def about(self) -> Mapping[str, tuple[Surfaced, ...]]:
        """For each asset the fields that it is about, in order."""
        found: dict[str, list[Surfaced]] = defaultdict(list)
        for one in self.surfaced.values():
            found[one.asset].append(one)
        return {asset: tuple(ones) for asset, ones in found.items()}

    @cached_property
    def at_work(self) -> LeakGraph:
        """The same graph without what is paused, switched off or only drafted: what happens today."""
        assets = {key: asset for key, asset in self.surfaces.assets.items() if not asset.idle}
        if len(assets) == len(self.surfaces.assets):
            return self
        return LeakGraph(replace(self.surfaces, assets=assets), self.fields, self._derived, self._named)

    def _spread(self, name: str, sources: set[str]) -> Iterator[Surfaced]:
        """The assets that a field gets to from those that name it, nearest first, so that each knows the one before."""
        far = nx.multi_source_dijkstra_path_length(self._graph, sources, weight="length")
        stands_for: dict[str, str] = {}
        done: dict[str, Surfaced] = {}
        for key in sorted(far, key=lambda one: (far[one], one)):
            if key in sources:
                stands_for[key] = key
                done[key] = Surfaced(key, name, key)
                yield done[key]
                continue
            before = [
                stands_for[one]
                for one in self._graph.predecessors(key)
                if one in far and far[one] + self._graph[one][key]["length"] == far[key]
            ]
            nearest = min(before)
            if key == ANY_FORM:
                stands_for[key] = nearest
                continue
            stands_for[key] = key
            last = done[nearest]
            done[key] = Surfaced(
                key, name, last.origin, nearest, last.hops + 1, last.further or far[key] >= _FURTHER
            )
            yield done[key]

    def via(self, found: Surfaced) -> Iterator[Surfaced]:
        """The assets between this one and the one that names the field, nearest first."""
        while found.previous:
            found = self.surfaced[found.previous, found.field]
            yield found

    def mentions(self, asset: str, field: str = "") -> tuple[Mention, ...]:
        """The places where an asset itself names the fields asked about, or one of them."""
        if field:
            return tuple(self._mentions.get((asset, field), ()))
        return tuple(m for (one, _), found in self._mentions.items() if one == asset for m in found)

    def sinks(self, asset: str) -> tuple[Sink, ...]:
        """The steps by which a workflow sends something."""
        return self._sinks.get(asset, ())

    @cached_property
    def _sinks(self) -> dict[str, tuple[Sink, ...]]:
        found: dict[str, list[Sink]] = defaultdict(list)
        for sink in self.surfaces.sinks:
            found[sink.asset].append(sink)
        return {asset: tuple(sinks) for asset, sinks in found.items()}

    def before(self, asset: str) -> tuple[Asset, ...]:
        """The assets that one is fed by directly, in order."""
        return tuple(
            self.surfaces.assets[one] for one in sorted(self._graph.predecessors(asset)) if one != ANY_FORM
        )

    @cached_property
    def forms_of(self) -> Mapping[str, tuple[str, ...]]:
        """For each field the forms that ask for it."""
        found: dict[str, set[str]] = defaultdict(set)
        for asset, name in self._mentions:
            if self.surfaces.assets[asset].kind is AssetKind.FORM:
                found[name].add(asset)
        return {name: tuple(sorted(forms)) for name, forms in found.items()}

    def asking(self, found: Surfaced) -> tuple[str, ...]:
        """The forms in which a chain begins: the one that it comes from, or all that ask for the field.

        For a field that is computed and that no form asks for, those that ask for what it is computed from.
        """
        return self._start(found.field, found.origin)[0]

    def _start(self, name: str, first: str) -> tuple[tuple[str, ...], str, tuple[Step, ...]]:
        """The forms in which a chain begins, the field that they ask for, and the steps from it to the field named.

        Without a form it begins at the field where the computing starts.
        """
        if self.surfaces.assets[first].kind is AssetKind.FORM:
            return (first,), name, ()
        steps = chain(self._derived, name)
        names = [*(step.source for step in steps), name]
        for place in reversed(range(len(names))):
            if names[place] in self.forms_of:
                return self.forms_of[names[place]], names[place], steps[place:]
        return (), names[0], steps

    # -- where it goes on to

    def onward(self, asset: str, end: End) -> tuple[str, ...]:
        """The assets from this one to the nearest that is an end of this sort or sends to one; empty if none is."""
        nearer = self._nearer[end]
        if asset not in nearer:
            return ()
        path = [asset]
        while nearer[path[-1]] != path[-1]:
            path.append(nearer[path[-1]])
        return tuple(path)

    def worst(self, asset: str) -> End | None:
        """The gravest end that an asset leads to."""
        return next((end for end in End if asset in self._nearer[end]), None)

    def goes_on(self, asset: str) -> bool:
        """Whether anything follows on an asset."""
        return bool(self._graph.out_degree(asset)) or bool(self.sinks(asset))

    @cached_property
    def last(self) -> frozenset[str]:
        """The assets from which nothing goes on; of lists that only feed each other in a circle, the first by name."""
        return frozenset(min(ring) for ring in nx.attracting_components(self._graph))

    @cached_property
    def _nearer(self) -> Mapping[End, Mapping[str, str]]:
        """For each sort of end, the next asset on the way from each that leads to one; an end is next to itself."""
        backward = self._graph.reverse(copy=False)
        return {end: self._towards(backward, end) for end in End}

    def _towards(self, backward: nx.DiGraph[str], end: End) -> dict[str, str]:
        ends = {key for key in self.surfaces.assets if self._is_end(key, end)}
        if not ends:
            return {}
        far = nx.multi_source_dijkstra_path_length(backward, ends, weight="length")
        found: dict[str, str] = {}
        for key in sorted(far, key=lambda one: (far[one], one)):
            if key in ends:
                found[key] = key
                continue
            after = (
                found[one] if one == ANY_FORM else one
                for one in self._graph.successors(key)
                if one in far and far[one] + self._graph[key][one]["length"] == far[key]
            )
            found[key] = min(after)
        found.pop(ANY_FORM, None)
        return found

    def _is_end(self, key: str, end: End) -> bool:
        if end is End.MESSAGE and self.surfaces.assets[key].kind is AssetKind.EMAIL:
            return True
        return any(END_OF[sink.kind] is end for sink in self.sinks(key))

    # -- in words

    def chain(
        self, found: Surfaced, onward: tuple[str, ...] = (), sink: Sink | None = None
    ) -> tuple[Hop, ...]:
        """The whole way in words: the form that asks, the field, every asset, and where it ends.

        `onward` begins with the asset itself (as `onward` gives it); `sink` is the step by which the last asset sends.
        """
        assets = [one.asset for one in (*reversed(tuple(self.via(found))), found)]
        hops = list(self._beginning(found.field, assets[0]))
        if self.surfaces.assets[assets[0]].kind is not AssetKind.FORM:
            hops.append(self._named_hop(assets[0], found.field))
        hops += [self._linked(one, other) for one, other in pairwise([*assets, *onward[1:]])]
        if sink is not None:
            hops.append(self._sent(sink, found.field))
        return tuple(hops)

    def _beginning(self, name: str, first: str) -> Iterator[Hop]:
        """The question, the field it is stored in, and what is computed from it up to this field."""
        forms, source, steps = self._start(name, first)
        how = ""
        leaks: Leaks | None = None
        if forms:
            others = f" (and {len(forms) - 1} more)" if len(forms) > 1 else ""
            yield Hop(forms[0], NodeKind.SOURCE, f"{self._label(forms[0])}{others}")
            how, leaks = self._asks(forms[0], source), Leaks.VALUE
        yield Hop(f"field:{source}", NodeKind.FIELD, self._named(source), how, leaks)
        for step in steps:
            how = "is the same data as" if step.same else f"is shown by {step.how} in"
            label = self._named(step.carrier)
            yield Hop(f"field:{step.carrier}", NodeKind.DERIVED, label, how, Leaks.VALUE)

    def _asks(self, form: str, name: str) -> str:
        asking = self.mentions(form, name)
        question = f" “{asking[0].question}”" if asking[0].question else ""
        if asking[0].asked is Asked.HIDDEN:
            return f"fills in{question} without showing it, and stores that in"
        when = {
            Asked.DEPENDENT: ", after a certain answer to another question",
            Asked.RETURNING: ", of returning visitors",
        }.get(asking[0].asked, "")
        return f"asks{question}{when}, and stores the answer in"

    def _named_hop(self, key: str, name: str) -> Hop:
        """The first asset, which names the field itself."""
        mention = self.mentions(key, name)[0]
        return Hop(key, NodeKind.ASSET, self._label(key), _NAMED[mention.place], mention.leaks)

    def _linked(self, before: str, key: str) -> Hop:
        link = self._links.get((before, key)) or self._links[ANY_FORM, key]
        of_form = self.surfaces.assets[before].kind is AssetKind.FORM
        how = f"stands on the form, which {link.how}" if of_form else link.how
        return Hop(key, NodeKind.ASSET, self._label(key), how, Leaks.MEMBERSHIP)

    def _sent(self, sink: Sink, name: str) -> Hop:
        sends = any(m.step == sink.step for m in self.mentions(sink.asset, name))
        label = f"{SINK_WORDS[sink.kind]} ({sink.where})" if sink.where else SINK_WORDS[sink.kind]
        kind = NodeKind.APP if sink.kind is SinkKind.CODE else _NODE_OF[END_OF[sink.kind]]
        how = "sends the field itself to" if sends else "passes the people on to"
        return Hop(
            f"sink:{sink.asset}#{sink.step}", kind, label, how, Leaks.VALUE if sends else Leaks.MEMBERSHIP
        )

    def _label(self, key: str) -> str:
        asset = self.surfaces.assets[key]
        words = ASSET_WORDS[asset.kind]
        state = f", {asset.state}" if asset.state else ""
        return f"{words} “{asset.label or asset.id}”{state}"


ASSET_WORDS: Mapping[AssetKind, str] = {
    AssetKind.FORM: "form",
    AssetKind.LIST: "list",
    AssetKind.FLOW: "workflow",
    AssetKind.EMAIL: "e-mail",
}
"""What a reader calls an asset."""

_NAMED: Mapping[Place, str] = {
    Place.QUESTION: "is asked by",
    Place.FILTER: "decides who belongs to",
    Place.COMPARISON: "is compared with in",
    Place.TOKEN: "is printed in",
    Place.VALUE: "is used by a step of",
    Place.CODE: "is read by code in",
    Place.EVENT: "is named by an event in",
    Place.STRING: "is named in",
}
