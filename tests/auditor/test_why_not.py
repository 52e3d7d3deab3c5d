"""Why not: every listed source opens its gate, whatever is not listed opens nothing, and the answer names the rest.

These are laws of orgs where nothing is open by default; elsewhere holding more can close a gate.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.access import Word, effective_access
from auditor.closed import after, why_not
from auditor.people import Kind
from auditor.planes import Editing, FieldColumn, Gate, Muting, Strength, Verb
from auditor.suppose import Supposed, suppose
from tests.auditor.test_access_laws import AT, CHAINS, GRANTORS, Sketch, firmest, obvious, sketches

LIVE = Strength.LIVE


def chain(org: Sketch, person: int, index: int, verb: Verb) -> Strength:
    """How firm the whole chain is: the weakest of its gates."""
    gates = [firmest(org, person, Gate.OBJECT, verb, gate) for gate in org.fields[index].gates]
    return max(*gates, firmest(org, person, Gate.FIELD, verb, index))


def word(org: Sketch, person: int, index: int, verb: Verb) -> Word:
    return obvious(org, person, index)[verb is Verb.EDIT]


def narrow(org: Sketch) -> range:
    """The columns that are looked at: of a wide org only the first ones."""
    return range(min(3, len(org.fields)))


@settings(max_examples=80, deadline=None)
@given(sketches(), st.data())
def test_one_source_for_each_closed_gate_opens_the_field(org, data):
    access = effective_access(org.grants())
    for person in range(len(org.names)):
        for index in narrow(org):
            for verb in Verb:
                found = why_not(access, person, index, verb)
                assert found.word is word(org, person, index, verb)
                if not found.closed:
                    assert chain(org, person, index, verb) is LIVE
                    continue
                assert chain(org, person, index, verb) is max(gate.opened for gate in found.closed)
                if not all(gate.sources for gate in found.closed):
                    continue
                chosen = [data.draw(st.sampled_from(gate.sources)) for gate in found.closed]
                more = tuple((person, s.index, s.gain) for s in chosen)
                then = replace(org, held=(*org.held, *more))
                assert chain(then, person, index, verb) is not Strength.NONE
                expected = word(then, person, index, verb)
                assert after(access, found, chosen) is expected
                settled = not found.doubt and person not in org.dormant and verb is Verb.READ
                if settled and expected is not Word.UNKNOWN:
                    assert expected in CHAINS
                    assert expected is AT[chain(then, person, index, verb)]


@settings(max_examples=80, deadline=None)
@given(sketches())
def test_what_is_not_listed_opens_nothing(org):
    access = effective_access(org.grants())
    for person in range(len(org.names)):
        for index in narrow(org):
            for verb in Verb:
                found = why_not(access, person, index, verb)
                for gate in found.closed:
                    listed = {source.index for source in gate.sources}
                    others = tuple((person, g, LIVE) for g in range(GRANTORS) if g not in listed)
                    then = replace(org, held=(*org.held, *others))
                    assert chain(then, person, index, verb) >= gate.opened
                    if not listed:
                        assert gate.opened is Strength.NONE
                        assert word(then, person, index, verb) not in CHAINS


@settings(max_examples=80, deadline=None)
@given(sketches())
def test_remedies_come_true(org):
    access = effective_access(org.grants())
    for person in range(len(org.names)):
        for index in narrow(org):
            for verb in Verb:
                found = why_not(access, person, index, verb)
                remedied = set()
                for remedy in found.remedies:
                    more = (person, remedy.source.index, remedy.source.gain)
                    then = replace(org, held=(*org.held, more))
                    assert remedy.word is word(then, person, index, verb)
                    remedied.add(remedy.source.grantor.container)
                    for position, firm in remedy.opens:
                        assert firm < found.closed[position].opened
                if found.never:
                    assert not found.remedies
                    continue
                useful = {
                    s.grantor.container
                    for gate in found.closed
                    for s in gate.sources
                    if max(s.gain, s.right) < gate.opened
                }
                assert remedied == useful


@settings(max_examples=40, deadline=None)
@given(sketches())
def test_supposing_nothing_changes_nothing(org):
    access = effective_access(org.grants())
    everybody = range(len(org.names))
    then = suppose(access, [Supposed(person) for person in everybody])
    for person in everybody:
        was, now = (a.words(int(a.signatures.of[person])) for a in (access, then))
        assert all((one == other).all() for one, other in zip(was, now, strict=True))


OPENS = frozenset(
    {
        (Gate.OBJECT, Verb.READ, LIVE, 0, 0),
        (Gate.FIELD, Verb.READ, LIVE, 1, 0),
        (Gate.OBJECT, Verb.READ, LIVE, 2, 0),
        (Gate.FIELD, Verb.READ, LIVE, 2, 0),
    }
)


def asked(org: Sketch, verb: Verb = Verb.READ, **more):
    grants = replace(org.grants(), **more.pop("grants", {}))
    return why_not(effective_access(grants), 0, 0, verb, **more)


def test_sources_say_how_they_are_held_and_by_how_many():
    org = Sketch(links=OPENS, held=((1, 1, LIVE), (2, 1, LIVE), (2, 2, Strength.ACTIVATABLE)))
    more = {"ended": {(0, "g1"): "expired 2026-11-22"}, "firmness": {"g2": Strength.ACTIVATABLE}}
    found = asked(org, grants=more)
    assert (found.word, [c.gate for c in found.closed]) == (Word.NO, [Gate.OBJECT, Gate.FIELD])
    by_id = {s.grantor.id: s for s in found.closed[1].sources}
    assert list(by_id) == ["g1", "g2"]
    assert (by_id["g1"].holders, by_id["g1"].ended, by_id["g1"].gain) == (2, "expired 2026-11-22", LIVE)
    assert (by_id["g2"].holders, by_id["g2"].ended) == (1, "")
    assert by_id["g2"].gain is Strength.ACTIVATABLE
    assert found.closed[0].sources[1].holders == 0
    assert [(r.source.grantor.id, r.word) for r in found.remedies] == [
        ("g2", Word.ACTIVATABLE),
        ("g1", Word.LATENT),
        ("g0", Word.NO),
    ]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({}, Word.YES),
        ({"firmness": {"g2": Strength.POSSIBLE}}, Word.POSSIBLE),
        ({"firmness": {"g2": Strength.ACTIVATABLE}}, Word.ACTIVATABLE),
        ({"firmness": {"g2": Strength.ACTIVATABLE}, "activated": frozenset({(0, "g2")})}, Word.YES),
        ({"firmness": {"g2": Strength.ACTIVATABLE}, "activated": frozenset({(1, "g2")})}, Word.ACTIVATABLE),
        ({"firmness": {"g2": Strength.POSSIBLE}, "activated": frozenset({(0, "g2")})}, Word.POSSIBLE),
        ({"unsettled": {2: frozenset({Kind.INTERNAL})}}, Word.POSSIBLE),
        ({"unsettled": {2: frozenset({Kind.GUEST})}}, Word.YES),
    ],
)
def test_how_firmly_it_would_be_held_is_not_what_others_hold(more, word):
    org = Sketch(links=OPENS, held=((1, 2, LIVE),))
    found = asked(org, grants=more)
    assert {r.source.grantor.id: r.word for r in found.remedies}["g2"] is word


def test_people_who_cannot_log_in_are_not_counted():
    org = Sketch(links=OPENS, held=((1, 1, LIVE), (2, 1, LIVE)), dormant=frozenset({2}))
    assert asked(org).closed[1].sources[0].holders == 1


def test_a_latent_grant_lacks_the_object_alone():
    org = Sketch(links=OPENS, held=((0, 1, LIVE),))
    found = asked(org)
    assert (found.word, [c.name for c in found.closed]) == (Word.LATENT, ["O0"])
    assert all(r.word is Word.YES for r in found.remedies)


def test_what_is_held_less_firmly_is_a_source_too():
    org = Sketch(links=OPENS, held=((0, 2, Strength.ACTIVATABLE),))
    found = asked(org, grants={"held_by": {(0, "g2"): "session-based, not activated"}})
    (source,) = [s for s in found.closed[1].sources if s.held is not Strength.NONE]
    assert (source.grantor.id, source.held, source.limits) == (
        "g2",
        Strength.ACTIVATABLE,
        "session-based, not activated",
    )
    assert source.gain is LIVE
    assert found.remedies[0].word is Word.YES


def muted(*rows: tuple[Gate, Verb, int, str], right: Strength = LIVE):
    """Rows of one column that a group, by index, mutes."""
    return {
        "muted": {
            (gate, verb, g, 0): (Muting(row, ("quiet",), ("care",), right),) for gate, verb, g, row in rows
        }
    }


def unmuted(org: Sketch, verb: Verb = Verb.READ, **more):
    return [
        (u.muted.grantor.id, u.muted.muting.row, u.opens, u.word) for u in asked(org, verb, **more).unmutings
    ]


def test_a_muted_grant_has_no_bit_and_is_still_told():
    org = Sketch(links=OPENS, held=((0, 0, LIVE), (0, 3, LIVE), (0, 4, LIVE)))
    quiet = muted((Gate.FIELD, Verb.READ, 3, "O.whole"), (Gate.OBJECT, Verb.READ, 0, "O"))
    (closed,) = asked(org, grants=quiet).closed
    assert [(m.grantor.id, m.muting.via, m.muting.by) for m in closed.muted] == [
        ("g3", ("care",), ("quiet",))
    ]
    assert unmuted(org, grants=quiet) == [("g3", "O.whole", ((0, LIVE),), Word.YES)]
    assert unmuted(org, Verb.EDIT, grants=quiet) == []


def test_a_mute_of_one_gate_does_not_open_the_other():
    org = Sketch(held=((0, 3, LIVE),))
    quiet = muted((Gate.OBJECT, Verb.READ, 3, "O"), (Gate.FIELD, Verb.READ, 3, "O.f"))
    assert unmuted(org, grants=quiet) == [
        ("g3", "O.f", ((1, LIVE),), Word.LATENT),
        ("g3", "O", ((0, LIVE),), Word.NO),
    ]
    both = muted((Gate.OBJECT, Verb.READ, 3, "O"), (Gate.FIELD, Verb.READ, 3, "O"))
    assert unmuted(org, grants=both) == [("g3", "O", ((0, LIVE), (1, LIVE)), Word.YES)]


def test_what_is_no_longer_muted_for_reading_is_not_for_editing():
    links = OPENS | {(Gate.OBJECT, Verb.EDIT, LIVE, 0, 0)}
    org = Sketch(links=links, held=((0, 0, LIVE), (0, 3, LIVE)))
    quiet = muted((Gate.FIELD, Verb.READ, 3, "O.f"), (Gate.FIELD, Verb.EDIT, 3, "O.f"))
    assert unmuted(org, Verb.EDIT, grants=quiet) == [("g3", "O.f", ((0, LIVE),), Word.YES)]


@pytest.mark.parametrize(
    ("held", "right", "firm"),
    [
        (LIVE, LIVE, LIVE),
        (Strength.ACTIVATABLE, LIVE, Strength.ACTIVATABLE),
        (Strength.ACTIVATABLE, Strength.POSSIBLE, Strength.POSSIBLE),
    ],
)
def test_a_row_that_is_not_muted_counts_as_firmly_as_its_group(held, right, firm):
    org = Sketch(links=OPENS, held=((0, 0, LIVE), (0, 3, held)))
    quiet = muted((Gate.FIELD, Verb.READ, 3, "O.f"), right=right)
    assert unmuted(org, grants=quiet) == [("g3", "O.f", ((0, firm),), AT[firm])]


def test_a_mute_that_changes_nothing_is_told_and_not_recommended():
    links = OPENS | {(Gate.FIELD, Verb.READ, Strength.POSSIBLE, 4, 0)}
    org = Sketch(links=links, held=((0, 0, LIVE), (0, 4, LIVE), (0, 3, Strength.POSSIBLE)))
    quiet = muted((Gate.FIELD, Verb.READ, 3, "O.f"))
    found = asked(org, grants=quiet)
    assert ([len(gate.muted) for gate in found.closed], found.unmutings) == ([1], ())


def test_a_right_of_a_muted_group_knows_of_the_mute():
    links = OPENS | {(Gate.FIELD, Verb.READ, Strength.POSSIBLE, 3, 0)}
    org = Sketch(links=links, held=((0, 0, LIVE), (0, 3, LIVE)))
    found = asked(org, grants={"mutes": {(3, 0): ("quiet",)}})
    assert found.word is Word.POSSIBLE
    assert [s.mutes for s in found.closed[0].sources if s.held is LIVE] == [("quiet",)]
    assert found.closed[0].opened is Strength.POSSIBLE


def test_a_grantor_without_a_container_is_a_source_but_no_remedy():
    org = Sketch(links=OPENS)
    grants = org.grants()
    bare = replace(grants.grantors[1], container="")
    found = asked(org, grants={"grantors": (grants.grantors[0], bare, *grants.grantors[2:])})
    assert "g1" in {s.grantor.id for s in found.closed[1].sources}
    assert "g1" not in {r.source.grantor.id for r in found.remedies}


@pytest.mark.parametrize(("weak", "firm"), [(3, 4), (4, 3)])
def test_of_two_rights_of_one_container_the_firmer_counts(weak, firm):
    links = OPENS | {
        (Gate.FIELD, Verb.READ, Strength.POSSIBLE, weak, 0),
        (Gate.FIELD, Verb.READ, LIVE, firm, 0),
    }
    org = Sketch(links=links, held=((0, 0, LIVE),))
    grants = org.grants()
    moved = tuple(replace(g, container="g3") if i in {3, 4} else g for i, g in enumerate(grants.grantors))
    found = asked(org, grants={"grantors": moved})
    (remedy,) = [r for r in found.remedies if r.source.grantor.container == "g3"]
    assert remedy.opens == ((0, LIVE),)
    assert remedy.word is Word.YES


def test_of_a_kind_that_nobody_has_two_of_the_new_one_replaces_the_old():
    org = Sketch(links=OPENS, held=((0, 0, LIVE),))
    grants = org.grants()
    kinds = {0: "profile", 1: "profile", 2: "profile"}
    moved = tuple(replace(g, kind=kinds.get(i, "")) for i, g in enumerate(grants.grantors))
    plain = {r.source.grantor.id: (r.word, r.replaces) for r in asked(org).remedies}
    assert plain == {"g1": (Word.YES, ""), "g2": (Word.YES, "")}
    found = asked(org, only_one="profile", grants={"grantors": moved})
    swapped = {r.source.grantor.id: (r.word, r.replaces) for r in found.remedies}
    assert swapped == {"g1": (Word.LATENT, "g0"), "g2": (Word.YES, "g0")}


@pytest.mark.parametrize("editing", [Editing.NEVER, Editing.NOT_JUDGED])
def test_what_can_never_be_edited_has_no_remedy(editing):
    links = OPENS | {(gate, Verb.EDIT, LIVE, 2, 0) for gate in Gate}
    org = Sketch(links=links, fields=(FieldColumn("O.f", (0,), editing),))
    found = asked(org, Verb.EDIT)
    assert found.never
    assert not found.remedies
    assert found.closed


def test_what_could_not_be_looked_at_is_said():
    org = Sketch(links=OPENS, fields=(FieldColumn("O.f", (0,), unknown="nobody knows"),), unread="a table")
    found = asked(org)
    assert (found.word, found.doubt, found.closed[1].unknown) == (Word.UNKNOWN, "a table", "nobody knows")


def test_nobody_can_where_nothing_opens_the_gate():
    found = asked(Sketch())
    assert [c.sources for c in found.closed] == [(), ()]
    assert found.remedies == ()
