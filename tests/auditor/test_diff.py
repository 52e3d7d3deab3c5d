"""What changed: against an obvious comparison, mirrored, and never fixed where a reading is gone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.access import Word
from auditor.diff import (
    Changes,
    Group,
    Kept,
    KeptFinding,
    KeptReading,
    KeptRule,
    Kind,
    compare,
    kind_of_words,
)
from auditor.errors import ConfigError
from auditor.findings import Severity, State

PEOPLE = tuple(f"p{n}" for n in range(6))
FIELDS = ("A.x", "A.y", "B.z")
EDIT = list(Word)
READ = [w for w in Word if w is not Word.NOT_JUDGED]
GRANTS = KeptReading("grants", complete=True, accepted=False)
USERS = KeptReading("people", complete=True, accepted=False)
GONE = KeptReading("grants", complete=False, accepted=False)
MIRROR = {
    Kind.NEW: Kind.FIXED,
    Kind.FIXED: Kind.NEW,
    Kind.WIDENED: Kind.NARROWED,
    Kind.NARROWED: Kind.WIDENED,
}
RULE = "marketing-reads-clinical"
RULES = {RULE: KeptRule(Severity.HIGH, whole=True)}


def kept(**given) -> Kept:
    base = Kept(
        "clinic",
        "00D1",
        people=dict.fromkeys(PEOPLE, "Somebody"),
        tags=dict.fromkeys(FIELDS, "diagnosis"),
        rules=RULES,
        readings={"Grants": GRANTS, "Users": USERS},
        settings={"policy": "1"},
    )
    return replace(base, **given)


def words(choices):
    return st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(choices))


@st.composite
def orgs(draw) -> Kept:
    """Some of the people, in groups of whatever size, with words for some fields."""
    of = draw(st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 2)))
    groups = []
    for number in range(3):
        members = tuple(p for p, n in of.items() if n == number)
        if members:
            groups.append(Group(members, draw(words(READ)), draw(words(EDIT))))
    tags = draw(st.sets(st.sampled_from(FIELDS)))
    return kept(
        people=dict.fromkeys(of, "Somebody"), tags=dict.fromkeys(tags, "diagnosis"), groups=tuple(groups)
    )


def changes(before: Kept, after: Kept) -> Changes:
    [found] = compare([before], [after])
    return found


def pairs(found: Changes) -> dict[tuple[str, str, str], tuple[Word, Word, Kind]]:
    listed = [
        ((person, name, c.verb), (c.before, c.after, c.kind))
        for c in found.access
        for person in c.people
        for name in c.fields
    ]
    assert len(listed) == len(dict(listed)) == sum(c.pairs for c in found.access)
    return dict(listed)


def slow(
    before: Kept, after: Kept, *, blind: bool = False
) -> dict[tuple[str, str, str], tuple[Word, Word, Kind]]:
    """Pair by pair."""

    def word(org: Kept, person: str, name: str, verb: str) -> Word:
        for group in org.groups:
            if person in group.people:
                found = getattr(group, verb).get(name, Word.NO)
                return Word.NO if found is Word.NOT_JUDGED else found
        return Word.NO

    found = {}
    for person in PEOPLE:
        for name in FIELDS:
            if name not in before.tags or (name not in after.tags and not blind):
                continue
            for verb in ("read", "edit"):
                was, now = word(before, person, name, verb), word(after, person, name, verb)
                if was is not now:
                    found[person, name, verb] = (was, now, kind_of_words(was, now, blind=blind))
    return found


@given(orgs())
def test_nothing_differs_from_itself(org):
    found = changes(org, org)
    assert not found.any
    assert found.fresh == frozenset()


@given(orgs(), orgs())
def test_pairs_are_those_of_an_obvious_comparison(before, after):
    found = changes(before, after)
    assert pairs(found) == slow(before, after)
    assert set(found.people_came) == after.people.keys() - before.people.keys()
    assert set(found.people_went) == before.people.keys() - after.people.keys()
    assert set(found.tags) == before.tags.keys() ^ after.tags.keys()


@given(orgs(), orgs())
def test_the_other_way_round_is_the_mirror_image(before, after):
    there, back = pairs(changes(before, after)), pairs(changes(after, before))
    assert there.keys() == back.keys()
    for key, (was, now, kind) in there.items():
        assert back[key][:2] == (now, was)
        if Word.UNKNOWN not in {was, now}:
            assert back[key][2] is MIRROR[kind]


@given(orgs(), orgs(), st.sampled_from(["gone", "incomplete"]))
def test_without_a_reading_nothing_is_fixed_narrowed_or_gone(before, after, how):
    readings = {"Users": USERS} | ({} if how == "gone" else {"Grants": GONE})
    after = replace(after, readings=readings)
    found = changes(before, after)
    assert found.unread == ("Grants",)
    assert not {c.kind for c in found.access} & {Kind.FIXED, Kind.NARROWED, Kind.DECIDED}
    assert pairs(found) == slow(before, after, blind=True)
    assert found.people_went == ()
    assert set(found.people_unseen) == before.people.keys() - after.people.keys()
    assert all(now for _, now in found.tags.values())


def test_an_org_that_could_not_be_read_has_lost_nothing():
    before = kept(groups=(Group(("p0",), {"A.x": Word.YES}),), findings=of(finding()))
    after = Kept("clinic", "clinic", rules={RULE: KeptRule(Severity.HIGH, whole=False)}, reached=False)
    found = changes(before, after)
    assert {c.kind for c in found.access} == {c.kind for c in found.findings} == {Kind.UNVERIFIED}
    assert found.tags == {}
    back = changes(after, before)
    assert [c.kind for c in back.findings] == [Kind.NEW]
    assert back.fresh == {"f"}


# -- findings


def finding(**given) -> KeptFinding:
    base = KeptFinding(
        "f",
        "d1",
        RULE,
        Severity.HIGH,
        State.GAP_OBSERVED,
        "Seen.",
        people=frozenset({"p0", "p1"}),
        cells={"A.x": Word.YES, "A.y": Word.LATENT},
    )
    return replace(base, **given)


def of(*findings: KeptFinding) -> dict[str, KeptFinding]:
    return {f.id: f for f in findings}


F = finding()
WAIVED = finding(state=State.GAP_WAIVED, severity=Severity.MEDIUM)
UNREAD = finding(state=State.UNKNOWN, digest="d0")
ONE = finding(digest="d2", people=frozenset({"p0"}))
COUNT = finding(people=frozenset(), cells={})
HOLDS = (Group(("p0", "p5"), {"A.x": Word.YES}),)


@pytest.mark.parametrize(
    ("was", "now", "given", "kind"),
    [
        pytest.param(None, F, {}, Kind.NEW, id="came"),
        pytest.param(F, None, {}, Kind.FIXED, id="went"),
        pytest.param(F, F, {}, None, id="stays"),
        pytest.param(F, finding(message="Other words."), {}, None, id="other words"),
        pytest.param(
            F, finding(digest="d2", people=frozenset({"p0", "p9"})), {}, Kind.WIDENED, id="another person"
        ),
        pytest.param(
            F, finding(digest="d2", cells={**F.cells, "B.z": Word.YES}), {}, Kind.WIDENED, id="another field"
        ),
        pytest.param(
            F, finding(digest="d2", cells={**F.cells, "A.y": Word.YES}), {}, Kind.WIDENED, id="firmer"
        ),
        pytest.param(F, ONE, {}, Kind.NARROWED, id="fewer people"),
        pytest.param(F, finding(digest="d2", cells={"A.x": Word.YES}), {}, Kind.NARROWED, id="fewer fields"),
        pytest.param(
            F, finding(digest="d2", cells={**F.cells, "A.x": Word.LATENT}), {}, Kind.NARROWED, id="less firm"
        ),
        pytest.param(F, finding(digest="d2"), {}, Kind.CHANGED, id="other facts"),
        pytest.param(COUNT, replace(COUNT, digest="d2"), {}, Kind.WIDENED, id="another count may be more"),
        pytest.param(F, finding(severity=Severity.CRITICAL), {}, Kind.WIDENED, id="worse"),
        pytest.param(F, finding(severity=Severity.LOW), {}, Kind.NARROWED, id="less bad"),
        pytest.param(F, WAIVED, {}, Kind.WAIVED, id="waived"),
        pytest.param(WAIVED, None, {}, Kind.FIXED, id="waived and gone"),
        pytest.param(None, WAIVED, {}, Kind.NEW, id="came with a waiver"),
        pytest.param(WAIVED, F, {}, Kind.WAIVER_LAPSED, id="lapsed"),
        pytest.param(WAIVED, ONE, {"reopened": frozenset({"f"})}, Kind.REOPENED, id="re-opened"),
        pytest.param(F, UNREAD, {}, Kind.UNVERIFIED, id="unread now"),
        pytest.param(UNREAD, F, {}, Kind.NEW, id="was not read"),
        pytest.param(None, UNREAD, {}, Kind.UNVERIFIED, id="a gap came"),
        pytest.param(UNREAD, None, {}, Kind.DECIDED, id="a gap went"),
        pytest.param(
            UNREAD, None, {"readings": {"Users": USERS}}, Kind.UNVERIFIED, id="a gap gave way to another"
        ),
        pytest.param(
            replace(UNREAD, root="Users"),
            None,
            {"readings": {"Users": USERS}},
            Kind.DECIDED,
            id="its reading came",
        ),
        pytest.param(UNREAD, UNREAD, {}, None, id="a gap stays"),
        pytest.param(
            F,
            None,
            {"rules": {RULE: KeptRule(Severity.HIGH, whole=False)}},
            Kind.UNVERIFIED,
            id="went, undecided",
        ),
        pytest.param(F, None, {"readings": {"Users": USERS}}, Kind.UNVERIFIED, id="went with a reading"),
        pytest.param(
            F, ONE, {"readings": {"Users": USERS}}, Kind.UNVERIFIED, id="narrower without a reading"
        ),
        pytest.param(F, ONE, {"rules": {}}, Kind.NARROWED, id="narrower, rule not listed"),
        pytest.param(F, None, {"rules": {}}, Kind.RULE_CHANGED, id="the rule went"),
        pytest.param(
            F,
            finding(severity=Severity.LOW),
            {"rules": {RULE: KeptRule(Severity.LOW, whole=True)}},
            Kind.RULE_CHANGED,
            id="rated otherwise",
        ),
        pytest.param(F, None, {"tags": {"B.z": "diagnosis"}}, Kind.TAGS_CHANGED, id="its fields went"),
        pytest.param(
            F, None, {"settings": {"policy": "2"}, "groups": HOLDS}, Kind.POLICY_CHANGED, id="approved"
        ),
        pytest.param(F, None, {"settings": {"policy": "2"}}, Kind.FIXED, id="fixed under another policy"),
        pytest.param(
            F,
            None,
            {"readings": {"Grants": GRANTS, "Users": USERS, "New": replace(GONE, accepted=True)}},
            Kind.FIXED,
            id="went, with an accepted unknown",
        ),
    ],
)
def test_how_a_finding_changed(was, now, given, kind):
    before = kept(findings=of(was) if was else {})
    after = kept(**{"findings": of(now) if now else {}, **given})
    found = changes(before, after)
    assert [c.kind for c in found.findings] == ([kind] if kind else [])
    expected = kind in {Kind.NEW, Kind.WIDENED, Kind.REOPENED, Kind.WAIVER_LAPSED} or (now and not was)
    assert found.fresh == ({"f"} if expected else frozenset())
    assert all(c.shown is (now or was) for c in found.findings)


def test_a_new_rule_explains_what_it_finds():
    found = changes(kept(rules={}), kept(findings=of(F)))
    assert [c.kind for c in found.findings] == [Kind.RULE_CHANGED]
    assert found.rules == {RULE: ("", "High")}
    assert found.fresh == {"f"}


def test_worst_comes_first():
    before = kept(
        findings=of(F, finding(id="g")), groups=(Group(("p0",), {"A.x": Word.YES}), Group(("p1",), {}))
    )
    after = kept(
        findings=of(finding(id="h", severity=Severity.LOW), finding(id="i")),
        groups=(Group(("p0",), {}), Group(("p1",), {"A.y": Word.LATENT})),
    )
    found = changes(before, after)
    assert [(c.kind, c.shown.id) for c in found.findings] == [
        (Kind.NEW, "i"),
        (Kind.NEW, "h"),
        (Kind.FIXED, "f"),
        (Kind.FIXED, "g"),
    ]
    assert [c.kind for c in found.access] == [Kind.NEW, Kind.FIXED]


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ([kept(target="other")], "different targets: clinic before, other after"),
        ([kept(org_id="00D2")], "was the org 00D1 before and is 00D2 now"),
        ([kept(), kept(target="more")], "clinic before, clinic, more after"),
        ([], "none after"),
    ],
)
def test_reports_of_something_else_are_refused(after, said):
    with pytest.raises(ConfigError, match=said):
        compare([kept()], after)


# -- what a gate must see, and what is no improvement

READS = Group(("p0", "p1"), {"A.x": Word.YES})


def test_rights_that_grow_are_wider_and_pass_no_gate():
    """Such findings have people and no fields; their rights are facts."""
    before = kept(findings=of(finding(people=frozenset({"p0"}), cells={}, digest="1")))
    after = kept(findings=of(finding(people=frozenset({"p0"}), cells={}, digest="2")))
    found = changes(before, after)
    assert [c.kind for c in found.findings] == [Kind.WIDENED]
    assert found.fresh == {"f"}


def test_somebody_who_gains_behind_a_colleague_passes_no_gate():
    both = finding(people=frozenset({"p0", "p1"}), cells={"A.x": Word.YES})
    before = kept(
        findings=of(both), groups=(Group(("p0",), {"A.x": Word.YES}), Group(("p1",), {"A.x": Word.LATENT}))
    )
    after = kept(findings=of(both), groups=(READS,))
    found = changes(before, after)
    assert found.findings == ()
    assert found.fresh == {"f"}


def test_a_finding_that_went_though_nobody_lost_anything_is_not_fixed():
    both = finding(people=frozenset({"p0", "p1"}), cells={"A.x": Word.YES})
    found = changes(kept(findings=of(both), groups=(READS,)), kept(groups=(READS,)))
    assert [c.kind for c in found.findings] == [Kind.POLICY_CHANGED]


def test_a_finding_of_a_rule_with_nothing_left_to_look_at_is_not_fixed():
    old = finding(people=frozenset(), cells={})
    idle = {RULE: KeptRule(Severity.HIGH, whole=True, idle=True)}
    found = changes(kept(findings=of(old)), kept(rules=idle))
    assert [c.kind for c in found.findings] == [Kind.POLICY_CHANGED]


def test_a_field_that_lost_its_tag_narrows_nothing():
    one, two = {"A.x": Word.YES}, {"A.x": Word.YES, "A.y": Word.YES}
    before = kept(findings=of(finding(cells=two, digest="1")))
    after = kept(findings=of(finding(cells=one, digest="2")), tags={"A.x": "diagnosis"})
    assert [c.kind for c in changes(before, after).findings] == [Kind.TAGS_CHANGED]


def test_a_level_that_rose_is_wider():
    before = kept(findings=of(finding(digest="1")))
    after = kept(findings=of(finding(digest="2", severity=Severity.CRITICAL)))
    found = changes(before, after)
    assert [c.kind for c in found.findings] == [Kind.WIDENED]
    assert found.fresh == {"f"}
