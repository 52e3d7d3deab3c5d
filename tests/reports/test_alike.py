"""Gathering must change nothing: every pair says what the core says."""

from __future__ import annotations

import audits
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.access import WORDS, Word, effective_access
from auditor.planes import STRENGTHS, Gate, Grants, Strength, Verb
from reports.alike import Walk

FIELDS = 8


@st.composite
def some_grants(draw) -> Grants:
    people = audits.PEOPLE[: draw(st.integers(1, 6))]
    held = draw(
        st.lists(
            st.tuples(st.integers(0, len(people) - 1), st.integers(0, 3), st.sampled_from(STRENGTHS)),
            max_size=12,
        )
    )
    made = audits.grants(people, held, unread=draw(st.sampled_from(["", "", "nothing could be read"])))
    planes = dict(made.planes)
    for gate, columns in ((Gate.OBJECT, 2), (Gate.FIELD, FIELDS)):
        for strength in STRENGTHS:
            pairs = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, columns - 1)), max_size=8))
            planes[gate, Verb.READ, strength] = audits.bits(4, columns, pairs)
    return Grants(
        **{name: getattr(made, name) for name in Grants.__slots__ if name != "planes"}, planes=planes
    )


@settings(max_examples=150, deadline=None)
@given(some_grants())
def test_words_and_paths_are_those_of_the_core(made):
    access = effective_access(made)
    walk = Walk(access)
    seen = set()
    for alikes, openings in walk.signatures():
        for alike in alikes:
            for opening in openings:
                for field in opening.fields:
                    for person in alike.people:
                        seen.add((person, field))
                        who, name = made.people[person].id, made.fields[field].name
                        assert opening.read is access.word(who, name)
                        assert opening.edit is access.word(who, name, Verb.EDIT)
                        if opening.read in {Word.NO, Word.UNKNOWN}:
                            assert not opening.paths
                        else:
                            assert opening.paths == str(access.path(alike.signature, field))
    for signature, members in enumerate(access.signatures.members):
        read, edit = access.words(signature)
        for field in range(len(made.fields)):
            if WORDS[read[field]] is Word.NO and WORDS[edit[field]] in {Word.NO, Word.NOT_JUDGED}:
                assert not {(m, field) for m in members} & seen
            else:
                assert {(m, field) for m in members} <= seen


def test_fields_are_split_where_a_component_or_a_mute_differs():
    walk = Walk(audits.clinic().view.access)
    openings = walk.openings(walk.access.signature_of("005000000000001AAA"))
    assert [len(o.fields) for o in openings] == [1, 1, 1, 1]
    assert [o.carried for o in openings[1:3]] == [
        (("0PS000000000002", ("0PS000000000005",), ()),),
        (("0PS000000000002", (), ("0PS000000000006",)),),
    ]


def test_nobody_holds_anything():
    made = audits.grants(audits.PEOPLE, ())
    walk = Walk(effective_access(made))
    assert all(not openings for _, openings in walk.signatures())
    assert np.array(walk.silent).sum() == 2
    assert Strength.LIVE in STRENGTHS
