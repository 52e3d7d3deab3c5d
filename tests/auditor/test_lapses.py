"""What is lost when assignments end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.access import Word, effective_access
from auditor.lapses import Change, lapses
from auditor.planes import Gate, Strength, Verb
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
