"""Effective access on synthetic orgs, through the function that `run` calls, beside one plain bitwise union."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from auditor.access import effective_access
from auditor.people import Person
from auditor.planes import Bits, FieldColumn, Gate, Grantor, Grants, Holdings, ObjectGate, Strength, Verb


@dataclass(frozen=True)
class Size:
    """How large an org is; people of one template hold the same."""

    people: int
    containers: int
    fields: int
    templates: int


SIZES = (Size(500, 80, 2_000, 40), Size(10_000, 1_000, 20_000, 400))


def synthetic(size: Size, seed: int = 11) -> Grants:
    """An org in which each container opens a few objects and most of their fields."""
    rng = np.random.default_rng(seed)
    objects = max(4, size.fields // 50)
    owner = np.sort(rng.integers(0, objects, size.fields))
    opens = (
        rng.random((size.containers, objects))
        < np.where(np.arange(size.containers) < size.containers // 10, 0.35, 0.02)[:, None]
    )
    grants = opens[:, owner] & (rng.random((size.containers, size.fields)) < 0.7)
    template = rng.integers(0, size.templates, size.people)
    held = [np.unique(rng.integers(0, size.containers, 6)) for _ in range(size.templates)]
    person = np.repeat(np.arange(size.people), [len(held[t]) for t in template])
    grantor = np.concatenate([held[t] for t in template])
    planes = {}
    for verb in Verb:
        row, column = np.nonzero(opens)
        planes[Gate.OBJECT, verb, Strength.LIVE] = Bits.build(size.containers, objects, row, column)
        row, column = np.nonzero(grants)
        planes[Gate.FIELD, verb, Strength.LIVE] = Bits.build(size.containers, size.fields, row, column)
    return Grants(
        people=tuple(Person(f"p{i}", f"p{i}") for i in range(size.people)),
        grantors=tuple(Grantor(f"c{i}", f"c{i}") for i in range(size.containers)),
        gates=tuple(ObjectGate(f"O{i}") for i in range(objects)),
        fields=tuple(FieldColumn(f"O{o}.f{i}", (int(o),)) for i, o in enumerate(owner)),
        planes=planes,
        holdings=Holdings(person, grantor, np.zeros(len(person), dtype=np.uint8)),
    )


def union(grants: Grants) -> int:
    """One plane, one union a signature, and nothing else: the least anybody must do."""
    plane = grants.planes[Gate.FIELD, Verb.READ, Strength.LIVE].words
    seen: dict[bytes, None] = {}
    bounds = np.searchsorted(grants.holdings.person, np.arange(len(grants.people) + 1))
    for i in range(len(grants.people)):
        held = grants.holdings.grantor[bounds[i] : bounds[i + 1]]
        if seen.setdefault(held.tobytes()) is None:
            np.bitwise_or.reduce(plane[held], axis=0)
    return len(seen)


def main() -> None:
    """Print the table."""
    print(
        "\n| people × containers × fields | one union, CPU s | effective access, CPU s | signatures | readable pairs |"
    )
    print("| --- | ---: | ---: | ---: | ---: |")
    for size in SIZES:
        grants = synthetic(size)
        start = time.process_time()
        union(grants)
        bare = time.process_time() - start
        start = time.process_time()
        access = effective_access(grants)
        ours = time.process_time() - start
        reach = access.reach[Verb.READ, Strength.LIVE].words
        weights = np.array([len(m) for m in access.signatures.members])
        pairs = int((np.bitwise_count(reach).sum(axis=1) * weights).sum())
        name = f"{size.people:,} × {size.containers:,} × {size.fields:,}"
        print(f"| {name} | {bare:.3f} | {ours:.3f} | {len(access.signatures):,} | {pairs:,} |")
