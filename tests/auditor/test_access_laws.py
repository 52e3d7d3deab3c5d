"""Laws of effective access, and agreement with an obvious evaluation kept in this file."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor import access as engine
from auditor.access import WORDS, Path, Word, code, effective_access, signatures
from auditor.people import Person
from auditor.planes import (
    STRENGTHS,
    Bits,
    Editing,
    FieldColumn,
    Gate,
    Grantor,
    Grants,
    Holdings,
    ObjectGate,
    Strength,
    Unmentioned,
    Verb,
)

PEOPLE, GATES, GRANTORS = 4, 3, 5
AT = {
    Strength.LIVE: Word.YES,
    Strength.ACTIVATABLE: Word.ACTIVATABLE,
    Strength.POSSIBLE: Word.POSSIBLE,
    Strength.UNSURE: Word.UNKNOWN,
    Strength.NONE: Word.NO,
}
CHAINS = (Word.YES, Word.ACTIVATABLE, Word.POSSIBLE)
RANK = {word: rank for rank, word in enumerate([Word.NO, Word.LATENT, Word.UNKNOWN, Word.POSSIBLE])}
RANK |= {Word.DORMANT: 3, Word.ACTIVATABLE: 4, Word.YES: 5, Word.NOT_JUDGED: 0}


@dataclass(frozen=True)
class Sketch:
    """An org as sets: who holds what, and which grantor opens which gate or field, for which verb, how firmly.

    With `mentions`, whatever nothing held mentions is open; a grantor of its own stands for that at each gate.
    """

    fields: tuple[FieldColumn, ...] = (FieldColumn("O.f", (0,)),)
    gates: tuple[ObjectGate, ...] = tuple(ObjectGate(f"O{i}") for i in range(GATES))
    keeps: tuple[bool, ...] = (True,) * GRANTORS
    links: frozenset[tuple[Gate, Verb, Strength, int, int]] = frozenset()
    held: tuple[tuple[int, int, Strength], ...] = ()
    dormant: frozenset[int] = frozenset()
    blind: frozenset[int] = frozenset()
    unread: str = ""
    mentions: frozenset[tuple[Gate, int, int]] | None = None
    names: tuple[str, ...] = field(default_factory=lambda: tuple(f"p{i}" for i in range(PEOPLE)))

    def grants(self) -> Grants:
        widths = {Gate.OBJECT: len(self.gates), Gate.FIELD: len(self.fields)}
        flags = {}
        for gate, verb, strength, grantor, column in self.links:
            key = gate, verb, strength
            flags.setdefault(key, np.zeros((self.rows, widths[gate]), dtype=bool))[grantor, column] = True
        rows = np.array(self.held, dtype=np.int64).reshape(-1, 3)
        return Grants(
            people=tuple(Person(n, n, active=i not in self.dormant) for i, n in enumerate(self.names)),
            grantors=(
                *(Grantor(f"g{i}", f"g{i}", keeps=keeps) for i, keeps in enumerate(self.keeps)),
                *self.free.values(),
            ),
            gates=self.gates,
            fields=self.fields,
            planes={key: Bits.pack(found) for key, found in flags.items()},
            holdings=Holdings(rows[:, 0], rows[:, 1], rows[:, 2].astype(np.uint8)),
            blind=dict.fromkeys(self.blind, "something held was not returned"),
            unread=self.unread,
            unmentioned={gate: self._unmentioned(gate, widths[gate]) for gate in self.free},
        )

    @property
    def free(self) -> dict[Gate, Grantor]:
        if self.mentions is None:
            return {}
        return {gate: Grantor(f"free {gate}", keeps=False) for gate in Gate}

    @property
    def rows(self) -> int:
        return len(self.keeps) + len(self.free)

    def _unmentioned(self, gate: Gate, width: int) -> Unmentioned:
        said = np.zeros((self.rows, width), dtype=bool)
        for where, grantor, column in self.mentions or ():
            if where is gate:
                said[grantor, column] = True
        place = len(self.keeps) + list(Gate).index(gate)
        return Unmentioned(Bits.pack(said), (place,) * width)


# -- the obvious evaluation: org-fixture 2.1, one person and one field at a time


def firmest(org: Sketch, person: int, gate: Gate, verb: Verb, column: int) -> Strength:
    """A link is as weak as the holding and the right; of several the firmest counts, and nothing said is yes."""
    found = [
        max(held, strength)
        for who, holds, held in org.held
        for where, what, strength, grantor, opened in org.links
        if who == person and holds == grantor and (where, what, opened) == (gate, verb, column)
    ]
    return min([*found, by_default(org, person, gate, column)])


def by_default(org: Sketch, person: int, gate: Gate, column: int) -> Strength:
    if org.mentions is None:
        return Strength.NONE
    told = [firm for who, holds, firm in org.held if who == person and (gate, holds, column) in org.mentions]
    if Strength.LIVE in told:
        return Strength.NONE
    return Strength.UNSURE if told or org.unread or person in org.blind else Strength.LIVE


def obvious(org: Sketch, person: int, index: int) -> tuple[Word, Word]:
    """Both words of one person and one field."""
    column = org.fields[index]
    words = {}
    for verb in Verb:
        objects = max(firmest(org, person, Gate.OBJECT, verb, gate) for gate in column.gates)
        fields = firmest(org, person, Gate.FIELD, verb, index)
        words[verb] = AT[max(objects, fields)]
        if verb is Verb.READ and words[verb] is Word.NO and objects is Strength.NONE:
            for who, holds, firm in org.held:
                for where, what, right, grantor, opened in org.links:
                    if (who, holds, where, what, opened) != (person, grantor, Gate.FIELD, Verb.READ, index):
                        continue
                    if max(firm, right) is not Strength.UNSURE:
                        words[verb] = Word.LATENT if org.keeps[grantor] else words[verb]
    read, edit = words[Verb.READ], words[Verb.EDIT]
    if read in {Word.NO, Word.LATENT} or column.editing is Editing.NEVER:
        edit = Word.NO
    elif read is Word.UNKNOWN and edit is not Word.NO:
        edit = Word.UNKNOWN
    doubt = (
        person in org.blind or org.unread or column.unknown or any(org.gates[g].unknown for g in column.gates)
    )
    if doubt:
        read = read if read is Word.YES else Word.UNKNOWN
        edit = edit if edit is Word.YES else Word.UNKNOWN
    if person in org.dormant:
        read = Word.DORMANT if read in CHAINS else read
        edit = Word.DORMANT if edit in CHAINS else edit
    return read, Word.NOT_JUDGED if column.editing is Editing.NOT_JUDGED else edit


# -- random sketches

strength = st.sampled_from(STRENGTHS)
people_set = st.frozensets(st.integers(0, PEOPLE - 1), max_size=2)
holding = st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, GRANTORS - 1), strength)
some_field = st.builds(
    FieldColumn,
    name=st.just(""),
    gates=st.one_of(
        st.tuples(st.integers(0, GATES - 1)), st.tuples(st.integers(0, GATES - 1), st.integers(0, GATES - 1))
    ),
    editing=st.sampled_from([Editing.JUDGED, Editing.JUDGED, Editing.NEVER, Editing.NOT_JUDGED]),
    unknown=st.sampled_from(["", "", "", "nobody knows how it is guarded"]),
)


@st.composite
def sketches(draw, *, doubts: bool = True, open_by_default: bool = False) -> Sketch:
    """A small org; the number of columns crosses the 64 bits of a word once and twice.

    Only one that is closed by default is monotone: elsewhere whoever holds more may see less.
    """
    pattern = draw(st.lists(some_field, min_size=1, max_size=4))
    width = draw(st.sampled_from([1, 2, 3, 5, 64, 65, 130]))
    fields = [replace(pattern[i % len(pattern)], name=f"O.f{i}") for i in range(width)]
    dice = random.Random(draw(st.integers(0, 1 << 32)))
    density = {gate: draw(st.sampled_from([0.05, 0.15, 0.3])) for gate in Gate}
    columns = {Gate.OBJECT: range(GATES), Gate.FIELD: sorted({0, width - 1, min(64, width - 1)})}
    org = Sketch(
        fields=tuple(fields),
        keeps=tuple(dice.random() < 0.6 for _ in range(GRANTORS)),
        links=frozenset(
            (gate, verb, firm, grantor, column)
            for gate in Gate
            for verb in Verb
            for firm in STRENGTHS
            for grantor in range(GRANTORS)
            for column in columns[gate]
            if dice.random() < density[gate]
        ),
        held=tuple(
            (person, grantor, firm)
            for person in range(PEOPLE)
            for grantor in range(GRANTORS)
            for firm in STRENGTHS
            if dice.random() < 0.3
        ),
    )
    if open_by_default:
        said = {
            (gate, grantor, column)
            for gate in Gate
            for grantor in range(GRANTORS)
            for column in columns[gate]
            if dice.random() < 0.4
        }
        org = replace(org, mentions=frozenset(said))
    if not doubts:
        return replace(org, fields=tuple(replace(f, unknown="") for f in fields))
    unknown = draw(st.sampled_from(["", "", "nothing says what opens it"]))
    return replace(
        org,
        gates=(*org.gates[:-1], ObjectGate("odd", unknown)),
        dormant=draw(people_set),
        blind=draw(people_set),
        unread=draw(st.sampled_from(["", "", "", "a table is not whole"])),
    )


def said(org: Sketch) -> dict[tuple[str, str], tuple[Word, Word]]:
    """What the engine says about every pair."""
    access = effective_access(org.grants())
    found = {}
    for name in org.names:
        read, edit = access.words(access.signature_of(name))
        for index, column in enumerate(org.fields):
            found[name, column.name] = WORDS[read[index]], WORDS[edit[index]]
    return found


either = st.booleans().flatmap(lambda free: sketches(open_by_default=free))
either_without_doubts = st.booleans().flatmap(lambda free: sketches(doubts=False, open_by_default=free))


@settings(max_examples=300, deadline=None)
@given(either)
def test_the_engine_equals_the_obvious(org):
    found = said(org)
    for person, name in enumerate(org.names):
        for index, column in enumerate(org.fields):
            assert found[name, column.name] == obvious(org, person, index)


@settings(max_examples=60, deadline=None)
@given(either, st.randoms())
def test_order_and_duplicates_of_holdings_make_no_difference(org, dice):
    shuffled = list(org.held * 2)
    dice.shuffle(shuffled)
    assert said(replace(org, held=tuple(shuffled))) == said(org)


@settings(max_examples=80, deadline=None)
@given(sketches(), holding)
def test_one_more_holding_never_removes_access_where_nothing_is_open_by_default(org, more):
    before, after = said(org), said(replace(org, held=(*org.held, more)))
    for pair, words in before.items():
        for old, new in zip(words, after[pair], strict=True):
            assert RANK[new] >= RANK[old]


def firmly(org: Sketch, person: int, sides, gate: Gate, columns) -> Strength:
    """How firm the weakest grantor on these sides is by itself."""
    alone = [
        by_default(org, person, gate, c)
        if g.id.startswith("free")
        else firmest(
            replace(org, mentions=None, held=tuple(h for h in org.held if h[1] == int(g.id[1:]))),
            person,
            gate,
            Verb.READ,
            c,
        )
        for side, c in zip(sides, columns, strict=True)
        for g in side
    ]
    return max(alone)


@settings(max_examples=80, deadline=None)
@given(either_without_doubts)
def test_every_access_has_a_path_and_falls_with_it(org):
    access = effective_access(org.grants())
    for person, name in enumerate(org.names):
        signature = access.signature_of(name)
        for index, column in enumerate(org.fields):
            word, path = access.word(name, column.name), access.path(signature, index)
            if word not in CHAINS:
                assert path is None or path.strength >= Strength.UNSURE
                continue
            assert path is not None
            assert AT[path.strength] is word
            assert len(path.objects) == len(column.gates)
            assert firmly(org, person, path.objects, Gate.OBJECT, column.gates) <= path.strength
            assert firmly(org, person, (path.fields,), Gate.FIELD, (index,)) <= path.strength
            for side in (*path.objects, path.fields):
                assert side
                if org.mentions is not None:
                    continue  # without what gave it, nothing may mention it either, and it is open again
                gone = {int(g.id[1:]) for g in side}
                less = tuple(h for h in org.held if h[0] != person or h[1] not in gone)
                assert RANK[obvious(replace(org, held=less), person, index)[0]] < RANK[word]
                assert RANK[said(replace(org, held=less))[name, column.name][0]] < RANK[word]
            if len(org.fields) > 5:
                break  # one path of a wide org is enough; narrow ones check them all


@settings(max_examples=60, deadline=None)
@given(either_without_doubts)
def test_edit_paths_carry_the_edit_word(org):
    access = effective_access(org.grants())
    for name in org.names:
        signature = access.signature_of(name)
        for index, column in enumerate(org.fields):
            if access.word(name, column.name, Verb.EDIT) in CHAINS:
                path = access.path(signature, index, Verb.EDIT)
                assert path is not None
                assert AT[path.strength] is access.word(name, column.name, Verb.EDIT)


@settings(max_examples=80, deadline=None)
@given(either_without_doubts)
def test_a_latent_grant_has_an_empty_object_side(org):
    access = effective_access(org.grants())
    for name in org.names:
        for index, column in enumerate(org.fields):
            path = access.path(access.signature_of(name), index)
            latent = access.word(name, column.name) is Word.LATENT
            assert latent == (path is not None and path.objects == ())
            if latent:
                assert path.fields
                assert all(g.keeps for g in path.fields)
                assert str(path).startswith(">g")


@settings(max_examples=60, deadline=None)
@given(sketches())
def test_people_share_a_signature_exactly_when_they_hold_the_same(org):
    found = signatures(org.grants())

    def holds(person):
        firm = {}
        for who, grantor, strength in org.held:
            if who == person:
                firm[grantor] = min(strength, firm.get(grantor, strength))
        return firm, person in org.dormant, person in org.blind

    for one in range(PEOPLE):
        assert one in found.members[found.of[one]]
        assert dict(found.held(int(found.of[one]))) == holds(one)[0]
        for other in range(PEOPLE):
            assert (found.of[one] == found.of[other]) == (holds(one) == holds(other))


@settings(max_examples=40, deadline=None)
@given(either, st.permutations(range(PEOPLE)))
def test_words_depend_on_nothing_but_holdings(org, order):
    """Other names in another order: the same words for the same holdings."""
    names = tuple(f"someone else {i}" for i in range(PEOPLE))
    moved = replace(
        org,
        names=names,
        held=tuple((order[p], g, s) for p, g, s in org.held),
        dormant=frozenset(order[p] for p in org.dormant),
        blind=frozenset(order[p] for p in org.blind),
    )
    before, after = said(org), said(moved)
    for (name, column), words in before.items():
        assert after[names[order[int(name[1:])]], column] == words


@settings(max_examples=40, deadline=None)
@given(sketches())
def test_pairs_are_counted_as_they_are_said(org):
    counted = Counter(read for read, _ in said(org).values())
    assert effective_access(org.grants()).read_counts == {word: counted.get(word, 0) for word in WORDS}


@settings(max_examples=25, deadline=None)
@given(either)
def test_the_size_of_a_block_changes_nothing(org):
    whole, before = said(org), engine.BLOCK_BYTES
    engine.BLOCK_BYTES = 8  # a block for every signature
    try:
        assert said(org) == whole
    finally:
        engine.BLOCK_BYTES = before


@pytest.mark.parametrize(
    ("org", "pairs"),
    [
        (Sketch(names=()), 0),
        (Sketch(fields=()), 0),
        (Sketch(fields=(), gates=()), 0),
        (Sketch(names=(), fields=(), gates=(), keeps=()), 0),
        (Sketch(keeps=()), 4),
        (Sketch(), 4),
    ],
    ids=["nobody", "no fields", "no gates", "nothing at all", "no grantors", "no grants"],
)
def test_emptiness_is_no_special_case(org, pairs):
    counts = effective_access(org.grants()).read_counts
    assert counts.pop(Word.NO) == pairs
    assert set(counts.values()) == {0}


LIVE_READ = {
    (Gate.OBJECT, Verb.READ, Strength.LIVE, 0, 0),
    (Gate.FIELD, Verb.READ, Strength.LIVE, 1, 0),
}
BOTH = ((0, 0, Strength.LIVE), (0, 1, Strength.LIVE))


@pytest.mark.parametrize(
    ("change", "word", "doubt"),
    [
        ({}, Word.YES, ""),
        ({"held": BOTH[:1]}, Word.NO, ""),
        ({"held": BOTH[1:]}, Word.LATENT, ""),
        ({"held": BOTH[1:], "keeps": (False,) * GRANTORS}, Word.NO, ""),
        ({"held": (BOTH[0], (0, 1, Strength.ACTIVATABLE))}, Word.ACTIVATABLE, ""),
        ({"held": ((0, 0, Strength.POSSIBLE), (0, 1, Strength.ACTIVATABLE))}, Word.POSSIBLE, ""),
        ({"dormant": frozenset({0})}, Word.DORMANT, ""),
        ({"dormant": frozenset({0}), "held": BOTH[1:]}, Word.LATENT, ""),
        ({"unread": "a table"}, Word.YES, "a table"),
        ({"unread": "a table", "held": BOTH[1:]}, Word.UNKNOWN, "a table"),
        ({"blind": frozenset({0}), "held": ()}, Word.UNKNOWN, "something held was not returned"),
        ({"gates": (ObjectGate("O", "no gate"),), "held": ()}, Word.UNKNOWN, "no gate"),
        ({"fields": (FieldColumn("O.f", (0,), unknown="no field"),), "held": ()}, Word.UNKNOWN, "no field"),
        ({"fields": (FieldColumn("O.f", (0, 1)),)}, Word.LATENT, ""),
    ],
)
def test_words(change, word, doubt):
    org = replace(Sketch(links=frozenset(LIVE_READ), held=BOTH), **change)
    access = effective_access(org.grants())
    assert access.word("p0", "O.f") is word
    assert access.doubt(0, 0) == doubt


def test_the_path_names_both_sides_and_weaker_grantors_apart():
    links = frozenset(LIVE_READ | {(Gate.FIELD, Verb.READ, Strength.POSSIBLE, 2, 0)})
    org = Sketch(links=links, held=(*BOTH, (0, 2, Strength.LIVE), (0, 3, Strength.LIVE)))
    access = effective_access(org.grants())
    path = access.path(access.signature_of("p0"), 0)
    assert str(path) == "g0>g1"
    assert [g.id for g in path.weaker_fields] == ["g2"]
    assert access.path(access.signature_of("p1"), 0) is None
    assert access.grantor_index(Grantor("g3")) == 3


def test_alternatives_are_joined():
    a, b, c = (Grantor(i) for i in "abc")
    assert str(Path(Strength.LIVE, ((b, a), (c,)), (c, a))) == "a+b+c>a+c"


def test_whoever_is_not_there_is_a_key_error():
    access = effective_access(Sketch().grants())
    with pytest.raises(KeyError):
        access.signature_of("nobody")
    with pytest.raises(KeyError):
        access.field_index("O.g")


@pytest.mark.parametrize("columns", [0, 1, 63, 64, 65, 128, 129, 200])
def test_bits_keep_every_column(columns):
    flags = np.random.default_rng(columns).random((7, columns)) < 0.4
    packed = Bits.pack(flags)
    assert packed.words.shape == (7, max(1, -(-columns // 64)))
    assert (packed.unpack() == flags).all()
    assert (packed.unpack(2, 5) == flags[2:5]).all()
    rows, found = flags.nonzero()
    built = Bits.build(7, columns, np.concatenate([rows, rows]), np.concatenate([found, found]))
    assert (built.words == packed.words).all()
    for column in range(columns):
        assert (packed.column(column) == flags[:, column]).all()
    other = np.random.default_rng(columns + 1).random((7, columns)) < 0.4
    assert ((packed | Bits.pack(other)).unpack() == flags | other).all()
    assert ((packed & Bits.pack(other)).unpack() == flags & other).all()
    assert packed.any() == flags.any()
    assert not Bits.empty(7, columns).any()


def test_codes_are_positions():
    assert [code(word) for word in WORDS] == list(range(8))


def test_holding_more_may_mean_seeing_less_where_the_rest_is_open():
    org = Sketch(mentions=frozenset({(Gate.FIELD, 0, 0)}))
    access = effective_access(org.grants())
    assert access.word("p0", "O.f") is Word.YES
    assert str(access.path(access.signature_of("p0"), 0)) == "free object>free field"
    more = replace(org, held=((0, 0, Strength.LIVE),))
    assert said(more)["p0", "O.f"] == (Word.NO, Word.NO)
    assert said(replace(more, held=((0, 0, Strength.POSSIBLE),)))["p0", "O.f"][0] is Word.UNKNOWN


@pytest.mark.parametrize("lost", [{"unread": "a table"}, {"blind": frozenset({0})}])
def test_what_was_not_read_may_mention_anything(lost):
    org = Sketch(mentions=frozenset(), **lost)
    access = effective_access(org.grants())
    assert access.word("p0", "O.f") is Word.UNKNOWN
    proven = replace(org, links=frozenset(LIVE_READ), held=BOTH)
    assert said(proven)["p0", "O.f"][0] is Word.YES
