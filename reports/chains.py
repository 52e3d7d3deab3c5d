"""Tell a chain of the leak graph to people who have never seen a CRM: step by step, in a row, and in one sentence.

The words of a hop are the core's. What a list counts and what a form asks its sender to agree to come from its graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from auditor.audit import Audit
from auditor.findings import Finding
from auditor.leaks import ASSET_WORDS, Hop, NodeKind
from auditor.surfaces import Asset, AssetKind, Leaks
from reports import words
from reports.grid import Steps

LONGEST = 300
"""Characters of one hop's words; names are shorter, but a question may be a page. audit.json has all of it."""
MOST = 14
"""Hops that are told of a chain: lists may feed each other over any number of steps. audit.json has all of them."""
_LAST = 6
_IN_SENTENCE = 100
"""Characters of a name within a sentence."""

_VALUE_TO = {
    NodeKind.ASSET: "is used in",
    NodeKind.AUDIENCE: "is put into",
    NodeKind.APP: "is handed to",
    NodeKind.OUTSIDE: "is sent to",
}
_GRAVEST_FIRST = (
    NodeKind.OUTSIDE,
    NodeKind.APP,
    NodeKind.AUDIENCE,
    NodeKind.ASSET,
    NodeKind.DERIVED,
    NodeKind.FIELD,
    NodeKind.SOURCE,
)


def shown(chain: Sequence[Hop]) -> tuple[Hop, ...]:
    """Give the hops that are told: all, or the first and the last with a word about those between."""
    if len(chain) <= MOST:
        return tuple(chain)
    first = MOST - 1 - _LAST
    label = f"{len(chain) - first - _LAST:,} further steps, which audit.json has"
    between = Hop("", chain[first].kind, label, "leads on over", chain[first].leaks)
    return (*chain[:first], between, *chain[-_LAST:])


def steps(audit: Audit, chain: Sequence[Hop]) -> Steps:
    """Tell each hop on a line of its own: by which means it follows, and what it is."""
    return Steps(tuple(f"{cut(hop.how)} {_named(audit, hop)}".strip() for hop in shown(chain)))


def in_a_row(audit: Audit, chain: Sequence[Hop]) -> str:
    """Tell all hops on one line, with an arrow before each but the first."""
    hops = shown(chain)
    return " → ".join(
        f"{_named(audit, hop)} {cut(after.how) if after is not None else ''}".rstrip()
        for hop, after in zip_longest(hops, hops[1:])
    )


def sentence(chain: Sequence[Hop]) -> str:
    """Say what is told to whom, leaving out every step between."""
    form = cut(chain[0].label, _IN_SENTENCE) if chain[0].kind is NodeKind.SOURCE else ""
    field = next((hop for hop in chain if hop.kind is NodeKind.FIELD), chain[0])
    what, last = f"“{cut(field.label, _IN_SENTENCE)}”", chain[-1]
    end, collected = cut(last.label, _IN_SENTENCE), f", which {form} collects" if form else ""
    comma = "," if collected else ""
    if last is field:
        told = f"{form} collects {what}" if form else f"{what} may hold health data"
    elif last.kind is NodeKind.DERIVED:
        told = f"“{end}” shows {what}{collected}"
    elif last.leaks is Leaks.VALUE:
        told = f"what {what} holds{collected}{comma} {_VALUE_TO.get(last.kind, 'gets to')} {end}"
    elif last.leaks is Leaks.PRESENCE:
        told = f"from {_people(last)} {end}, it can be told whether {what}{collected}{comma} is filled in"
    else:
        told = f"from {_people(last)} {end}, something can be told about {what}{collected}"
    return f"{told[:1].upper()}{told[1:]}."


def passes(chain: Sequence[Hop]) -> str:
    """Say how much arrives at the last hop."""
    leaks = chain[-1].leaks
    return words.leaks(leaks) if leaks is not None else ""


def consent(audit: Audit, chain: Sequence[Hop]) -> str:
    """Say what the form at the beginning asks its sender to agree to."""
    if chain[0].kind is not NodeKind.SOURCE:
        return "no form asks for this"
    form = _asset(audit, chain[0])
    return words.consent(form.consent) if form is not None else words.UNTOLD


def members(audit: Audit, chain: Sequence[Hop]) -> int | None:
    """Give the size of the last list on the way, None if there is none or nobody said."""
    sizes = (size for hop in reversed(chain) if (size := _size(audit, hop)) is not None)
    return next(sizes, None)


def order(finding: Finding) -> tuple[bool, int, int]:
    """Sort chains: observed ones by severity, of a level those first that lead out of the CRM, then to people."""
    last = finding.seen.chain[-1]
    reached = NodeKind.AUDIENCE if _kind(last) is AssetKind.EMAIL else last.kind
    return not finding.counts, -finding.severity, _GRAVEST_FIRST.index(reached)


def leads_on(chain: Sequence[Hop]) -> bool:
    """Whether anything sees or tells what is asked, beyond the fields that keep it."""
    return bool(chain) and chain[-1].kind not in {NodeKind.SOURCE, NodeKind.FIELD, NodeKind.DERIVED}


def called(audit: Audit, key: str) -> str:
    """Call an asset what people call it; whatever is none keeps its name."""
    kind, _, name = key.partition(":")
    if kind not in list(AssetKind) or not name:
        return key
    leaks = audit.view.leaks
    asset = leaks.surfaces.assets.get(key) if leaks is not None else None
    return (
        f"{ASSET_WORDS[AssetKind(kind)]} {f'“{asset.label}”' if asset is not None and asset.label else name}"
    )


def cut(text: str, most: int = LONGEST) -> str:
    """Leave out what nobody would read on paper."""
    return text if len(text) <= most else f"{text[: most - 2]} …"


def size_in_words(audit: Audit, hop: Hop) -> str:
    """Say how many members a list has; empty for anything else."""
    size = _size(audit, hop)
    return "" if size is None else words.counted(size, "member")


def _named(audit: Audit, hop: Hop) -> str:
    size = size_in_words(audit, hop)
    # “with” keeps a number apart from a name that is read from right to left.
    return f"{cut(hop.label)}, with {size}" if size else cut(hop.label)


def _people(last: Hop) -> str:
    if last.kind is not NodeKind.ASSET:
        return f"the people {'who get as far as' if last.kind is NodeKind.AUDIENCE else 'passed on to'}"
    return f"the people who {'get' if _kind(last) is AssetKind.EMAIL else 'are in'}"


def _kind(hop: Hop) -> AssetKind | None:
    name = hop.node.partition(":")[0]
    return AssetKind(name) if hop.kind is NodeKind.ASSET and name in list(AssetKind) else None


def _size(audit: Audit, hop: Hop) -> int | None:
    asset = _asset(audit, hop)
    return asset.size if asset is not None and asset.kind is AssetKind.LIST else None


def _asset(audit: Audit, hop: Hop) -> Asset | None:
    leaks = audit.view.leaks
    return leaks.surfaces.assets.get(hop.node) if leaks is not None else None
