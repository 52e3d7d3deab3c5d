"""What a form, list, workflow or message does with health data, as findings: the shared half of the leak rules.

How many members a list has stands in the sentence of a finding and in what raises it, never in its facts: a list
that grows by one overnight is no other state, and would end every waiver.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.findings import FoundBy, Observation, Severity, State
from auditor.leaks import ASSET_WORDS, END_OF, SINK_WORDS, End, Hop, LeakGraph, Surfaced
from auditor.phi import Coarse, Tag
from auditor.policy import Level
from auditor.rule import Looked, View
from auditor.scope import cells, health
from auditor.snapshot import Capability
from auditor.surfaces import Asset, AssetKind, Consent, Mention, Sink, SinkKind, Told
from auditor.weight import found_by, weigh
from auditor.wording import several

_MANY = 500
_FEW = 3
_NOT_READ = "What forms, lists, workflows and e-mails of this CRM do is not looked at yet."
_ANSWERS = frozenset({Coarse.CLINICAL, Coarse.PAYMENT})


def answers(tag: Tag) -> bool:
    """Whether that somebody answered says something about their health; a box for free text alone does not."""
    return tag.coarse in _ANSWERS


def looked_at(view: View, what: str, kinds: Collection[AssetKind], *, fields: bool = True) -> Looked:
    """Count the assets of these kinds, and among them those that were not shown or not understood.

    Without a field with health data nothing could be found, unless the rule does not ask about `fields`.
    """
    leaks = view.leaks
    if leaks is None:
        return Looked(0, what, left_out=_NOT_READ)
    if fields and not any(health(view.tags[name]) for name in leaks.fields):
        return Looked(0, "fields with health data")
    there = {key for key, asset in leaks.surfaces.assets.items() if asset.kind in kinds}
    lost = {key for key in leaks.surfaces.unparsed if key.partition(":")[0] in kinds}
    absent = f"There are no {what.replace(' and ', ' or ')}." if _listed(view) else ""
    return Looked(len(there | lost), what, absent, len(lost))


def _listed(view: View) -> bool:
    """Whether every listing of assets was read, so that an empty one says that there are none."""
    asked = [r for r in view.snapshot.readings.values() if r.capability is Capability.ASSETS]
    return bool(asked) and all(reading.complete for reading in asked)


def beyond_policy(view: View) -> Callable[[Tag], bool]:
    """Tells the fields that the policy does not let every marketing audience read: what people inside may not see."""
    names = [audience.name for audience in view.audiences.configured if audience.marketing]

    def wanted(tag: Tag) -> bool:
        return not names or not all(view.policy.allows(name, tag, Level.READ) for name in names)

    return wanted


def marketing(view: View) -> str:
    """The audience of what marketing works with: the first that the configuration marks as marketing."""
    return next((one.name for one in view.audiences.configured if one.marketing), "marketing")


# -- who names a field


@dataclass(frozen=True, slots=True)
class Named:
    """One asset with the places where it names wanted fields itself."""

    leaks: LeakGraph
    asset: Asset
    mentions: tuple[Mention, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields, each once, by name."""
        return fields_of(self.mentions)


def fields_of(mentions: Iterable[Mention]) -> tuple[str, ...]:
    """The fields named, each once, by name."""
    return tuple(sorted({mention.field for mention in mentions}))


def named_by(view: View, kind: AssetKind, wanted: Callable[[Tag], bool]) -> Iterator[Named]:
    """The assets of a kind that name wanted fields themselves, in order."""
    leaks = view.leaks
    if leaks is None:
        return
    for key, about in leaks.about.items():
        names = [one.field for one in about if not one.hops and wanted(view.tags[one.field])]
        if names and leaks.surfaces.assets[key].kind is kind:
            mentions = tuple(mention for name in names for mention in leaks.mentions(key, name))
            yield Named(leaks, leaks.surfaces.assets[key], mentions)


# -- where it goes on to


@dataclass(frozen=True, slots=True)
class Way:
    """From an asset to the gravest end it leads to: the assets, itself first, and the step by which the last sends.

    `idle` tells that only what is paused, switched off or drafted leads there.
    """

    end: End | None = None
    assets: tuple[str, ...] = ()
    sink: Sink | None = None
    idle: bool = False


def way(leaks: LeakGraph, asset: str, fields: Collection[str], ends: Collection[End]) -> Way:
    """The way on from an asset to the gravest of these ends; what works today goes before what does not.

    Nothing goes on from a workflow that only sends these fields, and chooses nobody by them.
    """
    about = [one for one in leaks.about[asset] if one.field in fields]
    chosen = any(_chooses(leaks, one) for one in about)
    for graph, idle in ((leaks.at_work, False), (leaks, True)):
        for end in (one for one in End if one in ends):
            assets = graph.onward(asset, end)
            if not assets or (len(assets) > 1 and not chosen):
                continue
            last = assets[-1]
            sink = gravest(passed(leaks, about) if last == asset else _by_step(leaks.sinks(last)), end)
            if sink is not None or leaks.surfaces.assets[last].kind is AssetKind.EMAIL:
                return Way(end, assets, sink, idle)
    return Way()


def _chooses(leaks: LeakGraph, one: Surfaced) -> bool:
    """Whether an asset has its people by a field: from another asset, or by what it names outside of sending steps."""
    steps = {sink.step for sink in leaks.sinks(one.asset)}
    return bool(one.hops) or any(m.step not in steps for m in leaks.mentions(one.asset, one.field))


def passed(leaks: LeakGraph, about: Iterable[Surfaced]) -> tuple[Sink, ...]:
    """The steps of a workflow that get any of these fields, those that send one before those that get its people."""
    sending: set[Sink] = set()
    others: set[Sink] = set()
    for one in about:
        steps = {mention.step for mention in leaks.mentions(one.asset, one.field)}
        for sink in leaks.sinks(one.asset):
            if sink.step in steps:
                sending.add(sink)
            elif _chooses(leaks, one):
                others.add(sink)
    return (*_by_step(sending), *_by_step(others - sending))


def _by_step(sinks: Iterable[Sink]) -> list[Sink]:
    return sorted(sinks, key=lambda sink: (sink.step, sink.kind, sink.where))


def gravest(sinks: Iterable[Sink], end: End | None = None) -> Sink | None:
    """The first of the gravest steps; only of those that are this end, if one is given."""
    order = list(End)
    kept = (sink for sink in sinks if end in {None, END_OF[sink.kind]})
    return min(kept, key=lambda sink: order.index(END_OF[sink.kind]), default=None)


@dataclass(frozen=True, slots=True)
class Sent:
    """A step of a workflow that sends something: the fields it sends, and those by which its people are chosen."""

    leaks: LeakGraph
    asset: Asset
    sink: Sink
    direct: tuple[str, ...]
    chosen: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """All of them, each once, by name."""
        return tuple(sorted({*self.direct, *self.chosen}))


def sent(view: View, kinds: Collection[SinkKind]) -> Iterator[Sent]:
    """The steps of these kinds that send health data, or people whom health data chose, in order.

    A field that only another sending step of the workflow uses does not choose the people of this one.
    """
    leaks = view.leaks
    if leaks is None:
        return
    for key, about in leaks.about.items():
        chosen = tuple(one.field for one in about if answers(view.tags[one.field]) and _chooses(leaks, one))
        for sink in leaks.sinks(key):
            direct = tuple(
                one.field
                for one in about
                if health(view.tags[one.field])
                and any(mention.step == sink.step for mention in leaks.mentions(key, one.field))
            )
            if sink.kind in kinds and (direct or chosen):
                yield Sent(leaks, leaks.surfaces.assets[key], sink, direct, chosen)


# -- the finding


@dataclass(frozen=True, slots=True)
class Leak:
    """One chain with what it weighs: the start of every finding about one.

    `through` are the assets it goes through, in order.
    """

    chain: tuple[Hop, ...]
    through: tuple[Asset, ...]
    severity: Severity
    modifiers: tuple[str, ...]
    found_by: FoundBy


def told(
    view: View,
    leaks: LeakGraph,
    base: Severity,
    asset: Asset,
    fields: Sequence[str],
    *,
    ahead: Way | None = None,
    sink: Sink | None = None,
    raises: Sequence[str] = (),
) -> Leak:
    """The chain by which an asset is about one of these fields, and on to where it leads, with its weight.

    A chain that works today is told before a shorter one that does not. One level more where it goes on to a message or
    outside, or through a list of many people; one less where it does not work today.
    """
    ahead = ahead or Way()
    graph = leaks if ahead.idle or not _is_about(leaks.at_work, asset.key, fields) else leaks.at_work
    first = _first(view, graph, asset.key, fields)
    chain = graph.chain(first, ahead.assets, sink or ahead.sink)
    through = tuple(leaks.surfaces.assets[hop.node] for hop in chain if hop.node in leaks.surfaces.assets)
    reasons = [*raises]
    if ahead.end in {End.OUTSIDE, End.MESSAGE}:
        reasons.append(f"it goes on to {chain[-1].label}")
    if any((one.size or 0) >= _MANY for one in through):
        reasons.append(f"{_MANY} or more people are in a list on the way")
    weight = weigh(view, base, fields, (), raises=reasons)
    severity, modifiers = weight.severity, weight.modifiers
    idle = [f"{called(one)} ({one.state})" for one in through if one.idle]
    if idle:
        severity, modifiers = (
            severity.raised(-1),
            (*modifiers, f"lowered: not at work today: {', '.join(idle)}"),
        )
    guessed = first.further or all(m.generic for m in leaks.mentions(first.origin, first.field))
    return Leak(
        chain,
        through,
        severity,
        modifiers,
        FoundBy.INFERENCE if guessed else found_by(view, fields),
    )


def _is_about(leaks: LeakGraph, asset: str, fields: Collection[str]) -> bool:
    return any(one.field in fields for one in leaks.about.get(asset, ()))


def _first(view: View, leaks: LeakGraph, asset: str, fields: Collection[str]) -> Surfaced:
    """By which field a chain is told: the nearest, then one that a form asks for, then the gravest, then by name."""
    return min(
        (one for one in leaks.about[asset] if one.field in fields),
        key=lambda one: (
            one.further,
            one.hops,
            not leaks.asking(one),
            -_tier(view, one.field),
            one.field,
        ),
    )


def observation(
    view: View,
    leak: Leak,
    asset: Asset,
    fields: Iterable[str],
    *,
    message: str,
    remedy: str,
    facts: Iterable[tuple[str, str]] = (),
    object_: str = "",
    root: str = "",
    state: State = State.GAP_OBSERVED,
) -> Observation:
    """The finding about an asset; `object_` is where it starts and `root` what has to be changed, if not the asset."""
    return Observation(
        audience=marketing(view),
        object=object_ or asset.object or asset.kind.value,
        root=root or asset.key,
        root_label=asset.label,
        message=message,
        state=state,
        severity=leak.severity,
        modifiers=leak.modifiers,
        found_by=leak.found_by,
        cells=cells(view.tags[name] for name in fields),
        facts=tuple(facts),
        told=told_of(leak.through),
        remedy=remedy,
        chain=leak.chain,
    )


# -- in words


def called(asset: Asset) -> str:
    """An asset as a sentence names it."""
    return f"{ASSET_WORDS[asset.kind]} “{asset.label}”"


def counted(asset: Asset) -> str:
    """A list as a sentence names it, with how many are in it; anything else as it is."""
    return called(asset) if asset.size is None else f"{called(asset)} ({several(asset.size, 'member')})"


def sent_to(sink: Sink) -> str:
    """Where a step sends, with the host or program if one is known."""
    return f"{SINK_WORDS[sink.kind]} ({sink.where})" if sink.where else SINK_WORDS[sink.kind]


def listed(view: View, fields: Sequence[str]) -> str:
    """A few fields by their labels, the gravest first, with what sort of health data each is, and how many more."""
    ordered = sorted(fields, key=lambda name: (-_tier(view, name), name))
    return joined(
        [
            *(
                f"“{_label(view, name)}” ({view.tags[name].phi_class.replace('_', ' ')})"
                for name in ordered[:_FEW]
            ),
            *([f"{len(fields) - _FEW:,} more"] if len(fields) > _FEW else []),
        ]
    )


def _tier(view: View, name: str) -> int:
    """The tier as a number: the higher, the more it says about somebody."""
    return int(view.tags[name].tier[1:] or 0)


def _label(view: View, name: str) -> str:
    return (view.facts[name].label if name in view.facts else "") or name.partition(".")[2]


def joined(words: Sequence[str]) -> str:
    """Words as a sentence lists them."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def facts_of(assets: Iterable[Asset]) -> tuple[tuple[str, str], ...]:
    """What is known of assets: the state of one not at work, and what a form asks to agree to."""
    found: list[tuple[str, str]] = []
    for asset in assets:
        words = ASSET_WORDS[asset.kind]
        if asset.kind is AssetKind.FORM:
            found.append((f"{words}: consent", CONSENT[asset.consent]))
        if asset.state:
            found.append((f"{words}: state", asset.state))
    return tuple(found)


def told_of(assets: Iterable[Asset]) -> tuple[Told, ...]:
    """Whom assets tell and what one subscribes to: a new name of theirs is no other state, a further one is."""
    return tuple(
        replace(one, name=f"{ASSET_WORDS[asset.kind]}: {one.name}") for asset in assets for one in asset.told
    )


CONSENT = {
    Consent.NONE: "none",
    Consent.LEGITIMATE_INTEREST: "none; a legitimate interest is claimed",
    Consent.IMPLICIT: "taken as given by sending the form",
    Consent.EXPLICIT: "asked for",
    Consent.UNKNOWN: "not known",
}
"""What a form asks its sender to agree to, for a reader."""
