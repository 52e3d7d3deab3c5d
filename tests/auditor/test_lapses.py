"""What is lost when assignments end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.access import Word, effective_access
from auditor.lapses import Change, Held, Shown, lapses
from auditor.planes import FieldColumn, Gate, Strength, Verb
from auditor.rights import Right, Use
from tests.auditor.test_access_laws import GRANTORS, PEOPLE, Sketch, obvious, sketches

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LIVE = Strength.LIVE
BOTH = frozenset((gate, Verb.READ, LIVE, grantor, 0) for gate in Gate for grantor in (0, 1))


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


def asked(org: Sketch, ends: dict[tuple[int, str], int], **more):
    grants = replace(org.grants(), expiring={key: day(n) for key, n in ends.items()})
    return lapses(effective_access(grants), **more)


def test_of_two_ways_only_the_last_to_end_loses_the_field():
    org = Sketch(links=BOTH, held=((0, 0, LIVE), (0, 1, LIVE)))
    first, last = asked(org, {(0, "g1"): 2, (0, "g0"): 9})
    assert (first.at, first.containers, first.changes) == (day(2), ("g1",), ())
    assert (last.at, last.containers, last.gone) == (day(9), ("g0",), {"g0", "g1"})
    assert last.changes == (Change(0, Verb.READ, Word.YES, Word.NO),)


def test_what_ends_together_is_lost_together():
    org = Sketch(links=BOTH, held=((0, 0, LIVE), (0, 1, LIVE)))
    (both,) = asked(org, {(0, "g1"): 2, (0, "g0"): 2})
    assert both.containers == ("g0", "g1")
    assert both.changes


def test_only_the_people_and_days_asked_about():
    org = Sketch(links=BOTH, held=((1, 0, LIVE), (0, 0, LIVE)))
    ends = {(1, "g0"): 3, (0, "g0"): 3, (0, "g1"): 30}
    assert [(x.person, x.at) for x in asked(org, ends)] == [(0, day(3)), (1, day(3)), (0, day(30))]
    assert [x.person for x in asked(org, ends, until=day(3))] == [0, 1]
    assert [x.person for x in asked(org, ends, until=day(3), people=(1,))] == [1]
    assert asked(org, {}) == []


@settings(max_examples=60, deadline=None)
@given(
    sketches(),
    st.dictionaries(
        st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, GRANTORS - 1)), st.integers(1, 4), max_size=6
    ),
)
def test_changes_are_what_the_engine_says_before_and_after(org, ends):
    found = asked(org, {(person, f"g{g}"): n for (person, g), n in ends.items()})
    assert [x.at for x in found] == sorted(x.at for x in found)
    assert sum(len(x.containers) for x in found) == len(ends)
    for lapse in found:

        def words(gone, person=lapse.person):
            left = replace(org, held=tuple(h for h in org.held if h[0] != person or f"g{h[1]}" not in gone))
            return {
                (i, verb): obvious(left, person, i)[verb is Verb.EDIT]
                for i in range(len(org.fields))
                for verb in Verb
            }

        before, after = words(lapse.gone - set(lapse.containers)), words(lapse.gone)
        expected = {(i, v, before[i, v], after[i, v]) for i, v in before if before[i, v] is not after[i, v]}
        assert {(c.field, c.verb, c.before, c.after) for c in lapse.changes} == expected


CLEAR = Right("Decrypt", "Decrypt", frozenset({Use.DECRYPT}))
EXPORT = Right("Export", "Export", frozenset({Use.EXTRACTION}))
RIGHTS = {right.key: right for right in (CLEAR, EXPORT)}


def lost(org: Sketch, ends: dict[str, int], **more):
    """All that one person loses, an end after the other."""
    expiring = {(0, container): day(n) for container, n in ends.items()}
    return lapses(effective_access(replace(org.grants(), expiring=expiring, rights=RIGHTS, **more)))


def test_a_right_to_decrypt_is_lost_with_what_gives_it():
    masked = (
        FieldColumn("O.f", (0,), masked=True),
        FieldColumn("O.g", (0,)),
        FieldColumn("O.h", (0,), masked=True),
    )
    org = Sketch(fields=masked, links=BOTH, held=((0, 0, LIVE), (0, 2, LIVE), (0, 3, LIVE)))
    carried = {"g2": {"Decrypt": LIVE}, "g3": {"Decrypt": Strength.POSSIBLE, "Export": LIVE}}
    first, second = lost(org, {"g2": 1, "g3": 2}, carried=carried)
    assert (first.changes, second.changes) == ((), ())
    assert first.shown == (Shown(0, "clear", "masked"),)  # nobody reads O.h
    assert first.rights == (Held("Decrypt", LIVE, Strength.POSSIBLE),)
    assert second.shown == ()
    assert second.rights == (
        Held("Decrypt", Strength.POSSIBLE, Strength.NONE),
        Held("Export", LIVE, Strength.NONE),
    )


def test_what_another_container_gives_as_firmly_is_not_lost():
    org = Sketch(links=BOTH, held=((0, 2, LIVE), (0, 3, LIVE)))
    (lapse,) = lost(org, {"g2": 1}, carried={"g2": {"Export": LIVE}, "g3": {"Export": LIVE}})
    assert lapse.rights == ()


def test_once_its_licence_has_run_out_an_assignment_is_only_possible():
    org = Sketch(links=BOTH, held=((0, 0, LIVE),))
    fading = {(0, "g0"): day(3), (1, "g0"): day(4)}
    first, second = lapses(effective_access(replace(org.grants(), fading=fading)))
    assert (first.person, first.at, first.containers, first.fading) == (0, day(3), (), ("g0",))
    assert first.changes == (Change(0, Verb.READ, Word.YES, Word.POSSIBLE),)
    assert (second.person, second.changes) == (1, ())
    both = lost(org, {"g0": 5}, fading=fading)
    assert [(x.person, x.at, x.gone) for x in both] == [
        (0, day(3), set()),
        (1, day(4), set()),
        (0, day(5), {"g0"}),
    ]
    assert both[2].changes == (Change(0, Verb.READ, Word.POSSIBLE, Word.NO),)
    assert [x.fading for x in lost(org, {"g0": 2}, fading=fading)] == [(), ("g0",)]  # the other person's
    assert lapses(effective_access(replace(org.grants(), fading=fading)), until=day(2)) == []


def test_what_nobody_can_say_is_said():
    fields = FieldColumn("O.f", (0,)), FieldColumn("O.g", (0,), unknown="not shown")
    org = Sketch(fields=fields, links=BOTH, held=((0, 1, LIVE),))
    (lapse,) = lost(org, {"g1": 1})
    assert (lapse.changes, lapse.unsettled, lapse.doubt) == (
        (Change(0, Verb.READ, Word.YES, Word.NO),),
        (1,),
        "",
    )
    for doubt, more in (("a table", {"unread": "a table"}), ("a set", {"blind": {0: "a set"}})):
        (lapse,) = lost(org, {"g4": 1}, **more)
        assert (lapse.changes, lapse.doubt) == ((), doubt)
