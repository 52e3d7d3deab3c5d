"""Laws of effective access, and agreement with an obvious per-person evaluation."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.access import Word, effective_access
from auditor.people import Person
from auditor.planes import Bits, FieldColumn, Gate, Grantor, Grants, Holdings, ObjectGate, Strength, Verb

FIELDS, GATES, GRANTORS, PEOPLE = 70, 3, 4, 4
firm = st.sampled_from([Strength.LIVE, Strength.POSSIBLE])
bits = st.lists(st.tuples(st.integers(0, GRANTORS - 1), st.integers(0, 200), firm), max_size=20)
holdings = st.lists(
    st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, GRANTORS - 1), st.sampled_from(list(Strength)[:3])),
    max_size=12,
)


def build(objects, fields, held, dormant=(), blind=()):
    planes = {}
    for gate, pairs, width in ((Gate.OBJECT, objects, GATES), (Gate.FIELD, fields, FIELDS)):
        for strength in (Strength.LIVE, Strength.POSSIBLE):
            chosen = np.array([(g, c % width) for g, c, s in pairs if s is strength], dtype=np.int64).reshape(
                -1, 2
            )
            planes[gate, Verb.READ, strength] = Bits.build(GRANTORS, width, chosen[:, 0], chosen[:, 1])
    rows = np.array(held, dtype=np.int64).reshape(-1, 3)
    return Grants(
        people=tuple(Person(f"p{i}", f"p{i}", active=i not in dormant) for i in range(PEOPLE)),
        grantors=tuple(Grantor(f"g{i}", f"g{i}") for i in range(GRANTORS)),
        gates=tuple(ObjectGate(f"O{i}") for i in range(GATES)),
        fields=tuple(FieldColumn(f"O.f{i}", (i % GATES,) if i % 5 else (0, 1)) for i in range(FIELDS)),
        planes=planes,
        holdings=Holdings(rows[:, 0], rows[:, 1], rows[:, 2].astype(np.uint8)),
        blind=dict.fromkeys(blind, "not looked at"),
    )


def obvious(objects, fields, held, person, field, dormant=(), blind=()):
    """org-fixture 2.1, said plainly."""

    def firmest(pairs, width, column):
        links = [
            max(h, s)
            for p, g, h in held
            if p == person
            for g2, c, s in pairs
            if g2 == g and c % width == column
        ]
        return min(links, default=Strength.NONE)

    gates = (field % GATES,) if field % 5 else (0, 1)
    opened = max(firmest(objects, GATES, g) for g in gates)
    row = firmest(fields, FIELDS, field)
    chain = max(opened, row)
    word = [Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.NO][chain]
    if word is Word.NO and opened is Strength.NONE and row is not Strength.NONE:
        word = Word.LATENT
    if person in blind and word is not Word.YES:
        word = Word.UNKNOWN
    if person in dormant and word in {Word.YES, Word.ACTIVATABLE, Word.POSSIBLE}:
        word = Word.DORMANT
    return word


@settings(max_examples=60, deadline=None)
@given(bits, bits, holdings, st.sets(st.integers(0, 3)), st.sets(st.integers(0, 3)))
def test_the_engine_equals_the_obvious(objects, fields, held, dormant, blind):
    access = effective_access(build(objects, fields, held, dormant, blind))
    for person in range(PEOPLE):
        for field in {c % FIELDS for _, c, _ in fields} | {0, 64, 69}:
            expected = obvious(objects, fields, held, person, field, dormant, blind)
            assert access.word(f"p{person}", f"O.f{field}") is expected


@settings(max_examples=40, deadline=None)
@given(bits, bits, holdings, st.randoms())
def test_order_and_duplicates_do_not_matter(objects, fields, held, random):
    shuffled = held * 2
    random.shuffle(shuffled)
    one, two = (effective_access(build(objects, fields, h)) for h in (held, shuffled))
    for person in range(PEOPLE):
        signatures = one.signature_of(f"p{person}"), two.signature_of(f"p{person}")
        for a, b in zip(one.words(signatures[0]), two.words(signatures[1]), strict=True):
            assert (a == b).all()


@settings(max_examples=40, deadline=None)
@given(bits, bits, holdings)
def test_every_access_has_a_path(objects, fields, held):
    access = effective_access(build(objects, fields, held))
    for signature in range(len(access.signatures)):
        read, _ = access.words(signature)
        for field in range(FIELDS):
            path = access.path(signature, field)
            reached = read[field] <= 2
            assert reached == (path is not None and path.strength is not Strength.NONE)
            if reached:
                assert all(path.objects)
                assert path.fields


def test_an_empty_org_has_no_verdicts():
    nothing = Bits.empty(0, 0)
    grants = Grants(
        (),
        (),
        (),
        (),
        {(Gate.OBJECT, Verb.READ, Strength.LIVE): nothing},
        Holdings(*(np.zeros(0, dtype=np.int64),) * 2, np.zeros(0, dtype=np.uint8)),
    )
    access = effective_access(grants)
    assert len(access.signatures) == 0
    assert sum(access.read_counts.values()) == 0
