"""Small leak graphs in one line, for tests of the rules about forms, lists, workflows and e-mails.

`graph(form("1", asks(DIAGNOSIS)), listing("2"), link("form:1", "list:2"), fields=[DIAGNOSIS])` is a form whose senders
are on a list. Each asset comes with what it names and by which steps it sends; labels are `Form 1`, `List 2`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from auditor.leaks import LeakGraph
from auditor.surfaces import (
    Asked,
    Asset,
    AssetKind,
    Consent,
    Leaks,
    Link,
    Mention,
    Place,
    Sign,
    Sink,
    SinkKind,
    Surfaces,
)

Part = Asset | Mention | Link | Sink | Sign


def form(id_: str, *asks: Mention, consent: Consent = Consent.EXPLICIT, **more) -> list[Part]:
    """A form with its questions."""
    return _with(Asset(AssetKind.FORM, id_, f"Form {id_}", consent=consent, **more), asks)


def listing(id_: str, *names: Mention, **more) -> list[Part]:
    """A list with what its filter names."""
    return _with(Asset(AssetKind.LIST, id_, f"List {id_}", "contacts", **more), names)


def flow(id_: str, *parts: Mention | Sink, **more) -> list[Part]:
    """A workflow with what it names and its steps that send."""
    return _with(Asset(AssetKind.FLOW, id_, f"Flow {id_}", "contacts", **more), parts)


def email(id_: str, *names: Mention, **more) -> list[Part]:
    """An e-mail with what it prints."""
    return _with(Asset(AssetKind.EMAIL, id_, f"Mail {id_}", **more), names)


def asks(field: str, asked: Asked = Asked.ALWAYS, question: str = "What is it?") -> Mention:
    """A question of a form."""
    return Mention("", field, Place.QUESTION, Leaks.VALUE, asked=asked, question=question)


def filters(field: str, **more) -> Mention:
    """A filter of a list or workflow."""
    return Mention("", field, Place.FILTER, Leaks.MEMBERSHIP, **more)


def prints(field: str, step: str = "", **more) -> Mention:
    """A token of an e-mail, or of a step."""
    return Mention("", field, Place.TOKEN, Leaks.VALUE, step, **more)


def sends(kind: SinkKind, step: str = "1", where: str = "") -> Sink:
    """A step that sends."""
    return Sink("", step, kind, where)


def link(source: str, target: str, *, further: bool = False) -> Link:
    """What gets into one gets into the other."""
    return Link(source, target, "feeds", further)


def sign(asset: str, term: str = "Diabetes", place: str = "name") -> Sign:
    """A health word."""
    return Sign(asset, place, "diagnosis", term)


def _with(asset: Asset, parts: Iterable[Mention | Sink]) -> list[Part]:
    return [asset, *(replace(part, asset=asset.key) for part in parts)]


def graph(
    *parts: list[Part] | Part, fields: Iterable[str], unparsed: Mapping[str, str] | None = None, **more
):
    """The leak graph of these parts."""
    flat = [one for part in parts for one in (part if isinstance(part, list) else [part])]

    def of(kind: type) -> tuple:
        return tuple(one for one in flat if isinstance(one, kind))

    surfaces = Surfaces(
        {asset.key: asset for asset in of(Asset)},
        of(Mention),
        of(Link),
        of(Sink),
        of(Sign),
        unparsed or {},
    )
    return LeakGraph(surfaces, tuple(fields), **more)
