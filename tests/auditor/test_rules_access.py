"""Rules about what people can do with PHI: change it, export it, read it by program, pass controls, obtain more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.findings import FoundBy, Severity, State
from auditor.lineage import Lineage, Step
from auditor.phi import Basis
from auditor.policy import Level
from auditor.reach import Extent, Reach, Span
from auditor.rule import judge
from auditor.rules.api_reads_phi import api_reads_phi
from auditor.rules.can_grant_itself import can_grant_itself
from auditor.rules.derived_copy_wider import derived_copy_wider
from auditor.rules.dormant_holder import dormant_holder
from auditor.rules.exports_phi import exports_phi
from auditor.rules.external_reads_phi import external_reads_phi
from auditor.rules.guest_reads_phi import guest_reads_phi
from auditor.rules.marketing_edits_clinical import marketing_edits_clinical
from auditor.rules.marketing_reads_clinical import marketing_reads_clinical
from auditor.rules.override_right import override_right
from auditor.rules.unclassified_role import unclassified_role
from auditor.snapshot import Why
from tests.auditor.orgs import (
    DIAGNOSIS,
    EMAIL,
    HIV,
    NAME,
    NOTES,
    approve,
    fact,
    guest,
    marketer,
    nurse,
    org,
    outsider,
    snapshot,
    stranger,
    tag,
    unread,
)

ANA, BEN, CARL, SITE, AGENCY = marketer("Ana"), marketer("Ben"), nurse("Carl"), guest(), outsider()
GONE = marketer("Gone", active=False)
IVY = nurse("Ivy")
ADA = replace(nurse("Ada"), department="IT")
STRANGER = replace(nurse("Sam"), department="Finance")
PASS, GAP, PARTIAL = State.NO_GAP_OBSERVED, State.GAP_OBSERVED, State.PARTIAL
UNKNOWN, NOT_APPLICABLE = State.UNKNOWN, State.NOT_APPLICABLE
READER = f"Contact {DIAGNOSIS}"
EDITOR = f"{READER} +Contact +{DIAGNOSIS}"


def holding(person, rights, **more):
    """Somebody who holds one container with these rights."""
    return org(person, holds={person.id: "R"}, R=rights, **more)


def severities(result):
    return [finding.severity for finding in result.findings]


# -- marketing-edits-clinical


@pytest.mark.parametrize(
    ("view", "state", "found"),
    [
        pytest.param(holding(ANA, READER), PASS, [], id="reads only"),
        pytest.param(holding(ANA, f"{READER} +{DIAGNOSIS}"), PASS, [], id="no edit of the object"),
        pytest.param(holding(ANA, f"{READER} +Contact"), PASS, [], id="no edit of the field"),
        pytest.param(holding(ANA, f"+Contact +{DIAGNOSIS}"), PASS, [], id="edit without read is no access"),
        pytest.param(holding(CARL, EDITOR), NOT_APPLICABLE, [], id="care"),
        pytest.param(holding(GONE, EDITOR), PASS, [], id="dormant"),
        pytest.param(holding(ANA, EDITOR), GAP, [Severity.HIGH], id="edits"),
        pytest.param(
            holding(ANA, f"{READER} +Contact~ +{DIAGNOSIS}"), GAP, [Severity.HIGH], id="once activated"
        ),
        pytest.param(
            holding(ANA, f"{READER} +Contact? +{DIAGNOSIS}"), PARTIAL, [Severity.HIGH], id="possible"
        ),
        pytest.param(
            holding(ANA, f"Lead {HIV} +Lead +{HIV}"), GAP, [Severity.CRITICAL], id="special category"
        ),
        pytest.param(
            holding(ANA, EDITOR, facts={DIAGNOSIS: fact(DIAGNOSIS)}), GAP, [Severity.HIGH], id="tracked"
        ),
        pytest.param(
            holding(ANA, EDITOR, facts={DIAGNOSIS: fact(DIAGNOSIS, tracked=False)}),
            GAP,
            [Severity.CRITICAL],
            id="no history",
        ),
        pytest.param(
            holding(ANA, EDITOR, policy=approve("marketing", "clinical", Level.EDIT)), PASS, [], id="approved"
        ),
        pytest.param(
            holding(ANA, EDITOR, policy=approve("marketing", "clinical")),
            GAP,
            [Severity.HIGH],
            id="read approved",
        ),
        pytest.param(
            holding(ANA, EDITOR, tags={DIAGNOSIS: tag(DIAGNOSIS)}, not_edited=(DIAGNOSIS,)),
            UNKNOWN,
            [],
            id="editing is not judged",
        ),
        pytest.param(
            holding(ANA, "", tags={DIAGNOSIS: tag(DIAGNOSIS)}, unreadable="Not whole."),
            UNKNOWN,
            [],
            id="blind",
        ),
        pytest.param(org(), UNKNOWN, [], id="nobody at all"),
    ],
)
def test_marketing_edits_clinical(view, state, found):
    result = judge(marketing_edits_clinical, view)
    assert result.state is state
    assert severities(result) == found


def test_editing_says_how_it_came_about():
    [finding] = judge(
        marketing_edits_clinical, holding(ANA, EDITOR, facts={DIAGNOSIS: fact(DIAGNOSIS, tracked=False)})
    ).findings
    assert finding.seen.message == (
        "1 person of the audience marketing can change 1 clinical field of Contact through permission set “R”."
    )
    assert finding.seen.modifiers == ("raised: changes keep no history: Diagnosis__c",)
    assert finding.seen.example == ("Ana (ana) → object: permission set “R”; field: permission set “R”")
    assert finding.seen.remedy.startswith("Take Edit on the listed fields out of permission set “R”")


def test_a_field_that_cannot_be_secured_is_edited_by_whoever_edits_the_object():
    view = holding(ANA, "Contact +Contact", unsecurable=(NAME,), tags={NAME: tag(NAME)})
    [finding] = judge(marketing_edits_clinical, view).findings
    assert finding.seen.root == "unsecurable"
    assert finding.seen.remedy == "Take Edit on Contact from “R”: the fields themselves cannot be secured."


# -- exports-phi and api-reads-phi


@pytest.mark.parametrize(
    ("rule", "right"), [(exports_phi, "!Dump"), (api_reads_phi, "!Api")], ids=["export", "api"]
)
@pytest.mark.parametrize(
    ("person", "rights", "more", "state"),
    [
        (CARL, "{r}", {}, PASS),
        (CARL, READER, {}, PASS),
        (CARL, READER + " {r}", {}, GAP),
        (CARL, READER + " {r}", {"policy": approve("care", "clinical")}, PASS),
        (CARL, f"Contact {NOTES} {{r}}", {"policy": approve("care", "clinical")}, GAP),
        (CARL, f"Contact {EMAIL} {{r}}", {}, PASS),
        (CARL, DIAGNOSIS + " {r}", {}, PASS),
        (CARL, f"Contact? {DIAGNOSIS} {{r}}", {}, PARTIAL),
        (CARL, READER + " {r}?", {}, PARTIAL),
        (CARL, READER + " {r}~", {}, GAP),
        (CARL, READER + " {r}%", {}, UNKNOWN),
        (CARL, DIAGNOSIS + " {r}%", {}, PASS),
        (CARL, READER + " {r}% {r}", {}, GAP),
        (STRANGER, READER + " {r}", {}, GAP),
        (AGENCY, READER + " {r}", {}, GAP),
        (GONE, READER + " {r}", {}, NOT_APPLICABLE),
        (CARL, READER + " {r}", {"unreadable": "Not whole."}, GAP),
        (CARL, "", {"unreadable": "Not whole."}, UNKNOWN),
        (
            CARL,
            READER,
            {"blind": {"carl": "A set is missing."}, "tags": {DIAGNOSIS: tag(DIAGNOSIS)}},
            UNKNOWN,
        ),
        (CARL, READER, {"gaps": unread(Why.FORBIDDEN, "formulas")}, UNKNOWN),
        (CARL, READER, {"gaps": unread(Why.FORBIDDEN, "counts")}, PASS),
    ],
)
def test_export_and_api(rule, right, person, rights, more, state):
    assert judge(rule, holding(person, rights.format(r=right), **more)).state is state


@pytest.mark.parametrize(
    ("person", "rights", "severity"),
    [
        (CARL, f"{READER} !Dump", Severity.HIGH),
        (ANA, f"{READER} !Dump", Severity.CRITICAL),
        (ANA, f"Contact {NOTES} !Dump", Severity.HIGH),
        (CARL, f"Lead {HIV} !Dump", Severity.CRITICAL),
    ],
)
def test_exporting_is_worst_in_marketing(person, rights, severity):
    assert severities(judge(exports_phi, holding(person, rights))) == [severity]


def test_a_right_that_needs_another_is_good_for_nothing_alone():
    assert judge(exports_phi, holding(CARL, f"{READER} !Export")).state is PASS
    assert judge(exports_phi, holding(CARL, f"{READER} !Report")).state is PASS
    assert judge(exports_phi, holding(CARL, f"{READER} !Export !Report")).state is GAP
    both = judge(exports_phi, holding(CARL, f"{READER} !Export !Report?"))
    assert both.state is PARTIAL


def test_one_finding_for_each_audience_and_container_that_gives_the_right():
    view = org(
        ANA,
        BEN,
        CARL,
        holds={"ana": "Read Out", "ben": "Read Out Too", "carl": "Read Out"},
        Read=f"{READER} Lead {HIV}",
        Out="!Dump",
        Too="!Export !Report",
    )
    found = {
        (f.seen.audience, f.seen.root): (f.seen.people, dict(f.seen.facts)["rights"], len(f.seen.cells))
        for f in judge(exports_phi, view).findings
    }
    assert found == {
        ("marketing", "Out"): (("ana", "ben"), "Weekly Export", 2),
        ("marketing", "Too"): (("ben",), "Export Reports", 2),
        ("care", "Out"): (("carl",), "Weekly Export", 2),
    }


def test_the_firmest_is_the_example():
    view = org(
        ANA,
        BEN,
        holds={"ana": "Weak Out", "ben": "Firm Out"},
        Weak=f"Contact? {DIAGNOSIS}",
        Firm=READER,
        Out="!Api",
        limits={("ben", "Out"): "expires 2027-01-01"},
    )
    [finding] = judge(api_reads_phi, view).findings
    assert finding.seen.state is GAP
    assert [c.word for c in finding.seen.cells] == ["yes"]
    assert finding.seen.example == "Ben (ben) → permission set “Out” [expires 2027-01-01]: API Enabled"
    assert finding.seen.message == (
        "2 accounts of the audience marketing can read 1 field with health data beyond the policy by program, with "
        "API Enabled from permission set “Out”."
    )


def test_whoever_reads_less_than_another_is_not_said_to_read_all():
    fields = {"holds": {"ana": "One Two Out", "ben": "One Out"}, "One": READER, "Two": NOTES, "Out": "!Api"}
    [finding] = judge(api_reads_phi, org(ANA, BEN, **fields)).findings
    assert (
        "can read 2 fields with health data beyond the policy (1 to 2 each) by program"
        in finding.seen.message
    )


# -- external-reads-phi


@pytest.mark.parametrize(
    ("view", "state", "found"),
    [
        pytest.param(holding(AGENCY, "Contact"), PASS, [], id="object alone"),
        pytest.param(holding(AGENCY, f"Contact {EMAIL}"), PASS, [], id="identifier"),
        pytest.param(holding(AGENCY, READER), GAP, [Severity.HIGH], id="reads"),
        pytest.param(holding(AGENCY, f"Lead {HIV}"), GAP, [Severity.CRITICAL], id="special category"),
        pytest.param(holding(AGENCY, f"Contact? {DIAGNOSIS}"), PARTIAL, [Severity.HIGH], id="possible"),
        pytest.param(holding(AGENCY, DIAGNOSIS), GAP, [Severity.MEDIUM], id="latent"),
        pytest.param(holding(AGENCY, READER, policy=approve("external", "*")), PASS, [], id="approved"),
        pytest.param(holding(SITE, READER), NOT_APPLICABLE, [], id="a guest has another rule"),
        pytest.param(holding(AGENCY, "", unreadable="Not whole."), UNKNOWN, [], id="blind"),
        pytest.param(
            holding(AGENCY, "", gaps=unread(Why.TRUNCATED, "users")), UNKNOWN, [], id="people not whole"
        ),
    ],
)
def test_external_reads_phi(view, state, found):
    result = judge(external_reads_phi, view)
    assert result.state is state
    assert severities(result) == found


# -- override-right


def crowd(count, **more):
    return org(
        *(nurse(f"N{i}") for i in range(count)),
        holds={f"n{i}": "R" for i in range(count)},
        R="!ViewAll",
        **more,
    )


@pytest.mark.parametrize(
    ("view", "state", "found"),
    [
        pytest.param(holding(CARL, "!Api"), PASS, [], id="another right"),
        pytest.param(holding(CARL, "!ViewFields:Campaign"), PASS, [], id="an object without health data"),
        pytest.param(holding(CARL, "!ViewFields:Contact"), GAP, [Severity.HIGH], id="one object"),
        pytest.param(crowd(2), GAP, [Severity.HIGH], id="two"),
        pytest.param(holding(ANA, "!ViewAll"), GAP, [Severity.CRITICAL], id="marketing"),
        pytest.param(holding(AGENCY, "!ViewAll"), GAP, [Severity.CRITICAL], id="agency"),
        pytest.param(holding(SITE, "!ViewAll"), GAP, [Severity.CRITICAL], id="guest"),
        pytest.param(holding(CARL, "!ViewAll?"), PARTIAL, [Severity.HIGH], id="possible"),
        pytest.param(holding(GONE, "!ViewAll"), UNKNOWN, [], id="nobody is awake"),
        pytest.param(holding(CARL, "", unreadable="Not whole."), UNKNOWN, [], id="blind"),
        pytest.param(
            holding(CARL, "", blind={"carl": "A set is missing."}), UNKNOWN, [], id="blind about one"
        ),
        pytest.param(holding(CARL, "!ViewAll", tags={EMAIL: tag(EMAIL)}), UNKNOWN, [], id="nothing tagged"),
        pytest.param(
            holding(CARL, "", gaps=unread(Why.FORBIDDEN, "permissions")), UNKNOWN, [], id="grants unread"
        ),
    ],
)
def test_override_right(view, state, found):
    result = judge(override_right, view)
    assert result.state is state
    assert severities(result) == found


def test_each_audience_is_weighed_by_itself():
    view = org(ANA, CARL, holds={"ana": "R", "carl": "S"}, R="!ViewAll", S="!ViewAll")
    found = {f.seen.audience: (f.severity, f.seen.modifiers) for f in judge(override_right, view).findings}
    assert found == {
        "marketing": (Severity.CRITICAL, ()),
        "care": (Severity.HIGH, ("lowered: nobody in marketing or outside holds it from here",)),
    }


def test_rights_over_single_objects_are_gathered_and_left_out_beside_one_over_everything():
    view = holding(CARL, "!ViewFields:Contact !ViewFields:Lead")
    [finding] = judge(override_right, view).findings
    assert dict(finding.seen.facts)["rights"] == "View All Fields on Contact, Lead"
    [finding] = judge(override_right, holding(CARL, "!ViewFields:Contact !ViewAll")).findings
    assert dict(finding.seen.facts)["rights"] == "View All Data"


# -- kinds of account that a CRM does not tell apart


@pytest.mark.parametrize(
    ("rule", "kind"),
    [(external_reads_phi, "external"), (dormant_holder, "dormant")],
    ids=["external", "dormant"],
)
def test_what_a_system_does_not_tell_is_not_assessed(rule, kind):
    assert judge(rule, holding(CARL, READER)).state is NOT_APPLICABLE
    result = judge(rule, holding(CARL, READER, untold={kind: "Nobody tells."}))
    assert (result.state, result.note) == (State.NOT_ASSESSED, "Nobody tells.")


# -- can-grant-itself


@pytest.mark.parametrize(
    ("view", "state", "found"),
    [
        pytest.param(holding(CARL, "!ViewAll !Api"), PASS, [], id="other rights"),
        pytest.param(holding(CARL, "!AssignSets"), GAP, [Severity.CRITICAL], id="assigns"),
        pytest.param(holding(ANA, "!AssignSets"), GAP, [Severity.CRITICAL], id="marketing"),
        pytest.param(holding(STRANGER, "!AssignSets"), GAP, [Severity.CRITICAL], id="unclassified"),
        pytest.param(holding(ADA, "!AssignSets"), GAP, [Severity.MEDIUM], id="an administrator"),
        pytest.param(holding(CARL, "!AssignSets?"), PARTIAL, [Severity.CRITICAL], id="possible"),
        pytest.param(holding(CARL, "!AssignSets~"), GAP, [Severity.CRITICAL], id="once activated"),
        pytest.param(holding(CARL, "!AssignSets%"), UNKNOWN, [], id="nobody could look"),
        pytest.param(holding(CARL, "", blind={"carl": "A set is missing."}), UNKNOWN, [], id="blind"),
        pytest.param(org(), UNKNOWN, [], id="nobody at all"),
        pytest.param(
            holding(CARL, "", gaps=unread(Why.FORBIDDEN, "assignments")), UNKNOWN, [], id="assignments unread"
        ),
    ],
)
def test_can_grant_itself(view, state, found):
    result = judge(can_grant_itself, view)
    assert result.state is state
    assert severities(result) == found


def test_an_audience_of_marketing_is_never_one_of_administrators():
    view = holding(ANA, "!AssignSets")
    configured = tuple(replace(a, administers=True) for a in view.audiences.configured)
    view = replace(view, audiences=replace(view.audiences, configured=configured))
    assert severities(judge(can_grant_itself, view)) == [Severity.CRITICAL]


def test_the_rights_of_one_container_are_one_finding():
    view = org(CARL, IVY, holds={"carl": "R", "ivy": "R"}, R="!AssignSets !Manage")
    [finding] = judge(can_grant_itself, view).findings
    assert finding.seen.people == ("carl", "ivy")
    assert finding.seen.message == (
        "2 accounts of the audience care can obtain access nobody gave them, with Assign Sets, Manage Users from "
        "permission set “R”."
    )


# -- derived-copy-wider

COPY = "Contact.Copy__c"
STEP = Step(DIAGNOSIS, COPY, "a formula", "salesforce F14")
TWIN = replace(STEP, same=True)


def copied(rights="", person=ANA, *, step=STEP, tags=None, **more):
    tags = tags or {DIAGNOSIS: tag(DIAGNOSIS), COPY: tag(COPY, basis=Basis.LINEAGE)}
    facts = {COPY: fact(COPY, calculated=True), DIAGNOSIS: fact(DIAGNOSIS)}
    given = {"facts": facts, "lineage": Lineage((step,)), **more}
    return holding(person, rights, tags=tags, **given)


@pytest.mark.parametrize(
    ("view", "state", "found"),
    [
        pytest.param(copied("Contact"), PASS, [], id="reads neither"),
        pytest.param(copied(READER), PASS, [], id="reads the source"),
        pytest.param(copied(f"{READER} {COPY}"), PASS, [], id="reads both"),
        pytest.param(copied(f"Contact {COPY}"), GAP, [Severity.HIGH], id="reads the copy"),
        pytest.param(copied(f"Contact {COPY} {DIAGNOSIS}?"), PARTIAL, [Severity.HIGH], id="maybe the source"),
        pytest.param(
            copied(f"Contact {COPY} {DIAGNOSIS}~"), GAP, [Severity.HIGH], id="the source if activated"
        ),
        pytest.param(copied(f"Contact {COPY}? {DIAGNOSIS}"), PASS, [], id="the copy less firmly"),
        pytest.param(copied(f"Contact {COPY}?"), PARTIAL, [Severity.HIGH], id="maybe the copy"),
        pytest.param(copied(COPY), PASS, [], id="latent"),
        pytest.param(
            copied(f"Contact {COPY}", CARL, policy=approve("care", "clinical")), PASS, [], id="approved"
        ),
        pytest.param(copied(f"Contact {COPY}", CARL), GAP, [Severity.HIGH], id="whoever is not approved"),
        pytest.param(copied(f"Contact {COPY}", step=TWIN), PASS, [], id="another name of the same"),
        pytest.param(copied(f"Contact {COPY}", GONE), PASS, [], id="dormant"),
        pytest.param(
            copied(f"Contact {COPY}", tags={DIAGNOSIS: tag(DIAGNOSIS), COPY: tag(COPY, tier="T4")}),
            GAP,
            [Severity.CRITICAL],
            id="special category",
        ),
        pytest.param(
            copied(lineage=Lineage((), {COPY: ("X__c",)})), UNKNOWN, [], id="a reference leads nowhere"
        ),
        pytest.param(
            copied(lineage=Lineage((), {}, {COPY: "Odd."})), UNKNOWN, [], id="a formula is not understood"
        ),
        pytest.param(copied(unknown_fields={COPY: "Not read."}), UNKNOWN, [], id="the copy is unknown"),
        pytest.param(
            copied(f"Contact {COPY}", unknown_fields={DIAGNOSIS: "Not read."}),
            UNKNOWN,
            [],
            id="the source is",
        ),
        pytest.param(copied(gaps=unread(Why.FORBIDDEN, "formulas")), UNKNOWN, [], id="formulas unread"),
        pytest.param(copied(facts={}, lineage=Lineage()), UNKNOWN, [], id="no facts prove nothing"),
        pytest.param(
            copied(facts={DIAGNOSIS: fact(DIAGNOSIS)}, lineage=Lineage()),
            NOT_APPLICABLE,
            [],
            id="nothing is computed",
        ),
    ],
)
def test_derived_copy_wider(view, state, found):
    result = judge(derived_copy_wider, view)
    assert result.state is state
    assert severities(result) == found


def test_a_snapshot_that_never_asked_for_formulas_is_no_pass():
    view = copied()
    readings = {n: r for n, r in snapshot().readings.items() if n != "formulas"}
    blind = replace(view, snapshot=replace(view.snapshot, readings=readings))
    assert judge(derived_copy_wider, blind).state is UNKNOWN


def test_a_copy_is_rooted_in_itself_and_inferred():
    [finding] = judge(derived_copy_wider, copied(f"Contact {COPY}")).findings
    assert (finding.seen.root, finding.seen.root_label) == (f"id of {COPY}", COPY)
    assert finding.seen.found_by is FoundBy.INFERENCE
    assert dict(finding.seen.facts) == {
        "source": DIAGNOSIS,
        "last step": f"a formula over {DIAGNOSIS}",
        "records reachable": "record reach not evaluated",
    }
    [other] = judge(derived_copy_wider, copied(f"Contact {COPY}", facts={})).findings
    assert other.seen.root == COPY


def test_people_of_one_audience_share_a_finding_and_the_firmest_is_the_example():
    view = org(
        ANA,
        BEN,
        holds={"ana": "Weak", "ben": "Firm"},
        Weak=f"Contact? {COPY}",
        Firm=f"Contact {COPY}",
        tags={DIAGNOSIS: tag(DIAGNOSIS), COPY: tag(COPY)},
        lineage=Lineage((STEP,)),
    )
    [finding] = judge(derived_copy_wider, view).findings
    assert finding.seen.people == ("ana", "ben")
    assert finding.seen.state is GAP
    assert finding.seen.example.startswith("Ben (ben) → ")
    turned = org(
        BEN,
        ANA,
        holds={"ana": "Weak", "ben": "Firm"},
        Weak=f"Contact? {COPY}",
        Firm=f"Contact {COPY}",
        tags={DIAGNOSIS: tag(DIAGNOSIS), COPY: tag(COPY)},
        lineage=Lineage((STEP,)),
    )
    [same] = judge(derived_copy_wider, turned).findings
    assert (same.id, same.digest, same.seen.example) == (finding.id, finding.digest, finding.seen.example)


FURTHER, ROOM, SPARE = "Contact.Further__c", "Contact.Room__c", "Account.Copy__pc"
NEXT = Step(COPY, FURTHER, "a formula", "salesforce F14")
OTHER = Step(ROOM, COPY, "a roll-up", "salesforce F15")
PERSONAL = Step(COPY, SPARE, "a person account", "salesforce F11", same=True)


@pytest.mark.parametrize(
    ("steps", "rights", "copies"),
    [
        pytest.param((STEP, NEXT), f"{DIAGNOSIS} {COPY} {FURTHER}", {}, id="all of the chain"),
        pytest.param((STEP, NEXT), f"{DIAGNOSIS} {FURTHER}", {}, id="the two ends of the chain"),
        pytest.param((STEP, NEXT), FURTHER, {FURTHER: DIAGNOSIS}, id="the last of the chain"),
        pytest.param(
            (STEP, NEXT), f"{COPY} {FURTHER}", {COPY: DIAGNOSIS, FURTHER: DIAGNOSIS}, id="all but the first"
        ),
        pytest.param((STEP, OTHER), f"{ROOM} {COPY}", {COPY: DIAGNOSIS}, id="one of two sources"),
        pytest.param((STEP, OTHER), COPY, {COPY: f"{DIAGNOSIS}, {ROOM}"}, id="neither of two sources"),
        pytest.param((STEP, OTHER), f"{ROOM} {COPY} {DIAGNOSIS}", {}, id="both sources"),
        pytest.param((STEP, PERSONAL), f"{DIAGNOSIS} Account {SPARE}", {}, id="a second name of a copy"),
        pytest.param(
            (STEP, PERSONAL, Step(SPARE, FURTHER, "a formula", "salesforce F14")),
            f"{DIAGNOSIS} {FURTHER}",
            {},
            id="a copy of a second name: the chain starts at the source",
        ),
        pytest.param(
            (STEP, replace(NEXT, source=FURTHER, carrier=COPY)), f"{COPY} {DIAGNOSIS} {FURTHER}", {}, id="x"
        ),
        pytest.param((Step(EMAIL, COPY, "a formula", "F14"),), COPY, {}, id="a source without health data"),
        pytest.param(
            (Step("Contact.Free", COPY, "a formula", "F14"),), COPY, {}, id="a source nobody tagged"
        ),
    ],
)
def test_chains_of_copies(steps, rights, copies):
    names = (DIAGNOSIS, COPY, FURTHER, ROOM, SPARE, EMAIL)
    view = holding(ANA, f"Contact {rights}", tags={n: tag(n) for n in names}, lineage=Lineage(tuple(steps)))
    found = judge(derived_copy_wider, view).findings
    assert {f.seen.root_label: dict(f.seen.facts)["source"] for f in found} == copies


# -- records reached, which lower nothing, and masked text, which does

NONE = Extent(Span.NONE, 0, 0)


def reaching(*extents):
    people = (ANA, BEN, AGENCY, GONE, SITE)
    return Reach({"Contact": {p.id: e for p, e in zip(people, extents, strict=False)}})


ALL, SOME, KNOWN = Extent(Span.ALL, 9, 9), Extent(Span.SOME, 2, 5), Extent(Span.SOME, 2, 2)


@pytest.mark.parametrize(
    ("extents", "said"),
    [
        ((), "record reach not evaluated"),
        ((NONE, NONE), "no live record"),
        ((NONE, ALL), "0 to 9 records, depending on the person"),
        ((NONE,), "no live record; not evaluated for 1 person"),
        ((KNOWN, KNOWN), "2 records"),
        ((KNOWN, SOME), "2 to 5 records, depending on the person"),
        ((KNOWN, Extent(Span.SOME, 1)), "at least 1 records, depending on the person"),
        (
            (KNOWN, Extent(Span.ALL)),
            "at least 0 records, depending on the person; every record for some",
        ),
        (
            (KNOWN, replace(SOME, restricted=True)),
            "2 to 5 records, depending on the person, less what a restriction rule takes away",
        ),
        (
            (KNOWN, Extent(Span.UNKNOWN, 7, why="Teams were not read.")),
            "at least 2 records, depending on the person",
        ),
    ],
)
def test_records_reachable(extents, said):
    view = org(ANA, BEN, holds={"ana": "R", "ben": "R"}, R=READER, reach=reaching(*extents))
    [finding] = judge(marketing_reads_clinical, view).findings
    assert dict(finding.seen.facts)["records reachable"] == said
    # Archived and deleted records are not among them: that none is live proves nothing.
    assert finding.severity is Severity.HIGH
    assert finding.seen.modifiers == ()


@pytest.mark.parametrize(
    ("extent", "raised"),
    [
        (Extent(Span.ALL, 499, 499), False),
        (Extent(Span.SOME, 500, None), True),
        (Extent(Span.UNKNOWN, 500), True),
        (Extent(Span.SOME, 2, 5000), False),
        (Extent(Span.ALL, 500, 500, restricted=True), False),
    ],
)
def test_500_records_within_reach_raise(extent, raised):
    view = org(ANA, BEN, holds={"ana": "R", "ben": "R"}, R=READER, reach=reaching(KNOWN, extent))
    [finding] = judge(marketing_reads_clinical, view).findings
    words = ("raised: 500 or more records are within reach of one person",)
    assert finding.seen.modifiers == (words if raised else ())
    assert finding.severity is (Severity.CRITICAL if raised else Severity.HIGH)


def test_records_of_several_objects_are_told_apart():
    rights = f"{READER} Lead {HIV} !Api"
    view = holding(ANA, rights, reach=Reach({"Contact": {"ana": NONE}, "Lead": {"ana": KNOWN}}))
    [finding] = judge(api_reads_phi, view).findings
    assert dict(finding.seen.facts)["records reachable"] == "Contact: no live record; Lead: 2 records"
    assert finding.severity is Severity.CRITICAL
    view = holding(ANA, rights, reach=Reach({"Contact": {"ana": KNOWN}, "Lead": {"ana": KNOWN}}))
    [finding] = judge(api_reads_phi, view).findings
    assert dict(finding.seen.facts)["records reachable"] == "2 records"


def test_many_objects_are_gathered_by_what_is_said_of_them():
    names = [f"{owner}.Diagnosis__c" for owner in ("A", "B", "C", "D")]
    reach = {"A": ALL, "B": Extent(Span.ALL, 4, 4), "C": KNOWN, "D": KNOWN}
    view = holding(
        ANA,
        " ".join(("A B C D !Api", *names)),
        tags={name: tag(name) for name in names},
        reach=Reach({name: {"ana": extent} for name, extent in reach.items()}),
    )
    [finding] = judge(api_reads_phi, view).findings
    assert dict(finding.seen.facts)["records reachable"] == "A, B: every record; C, D: 2 records"


@pytest.mark.parametrize(
    ("rights", "more", "severity"),
    [
        (READER, {}, Severity.LOW),
        (f"{READER} !Decrypt", {}, Severity.HIGH),
        (f"{READER} !Decrypt~", {}, Severity.HIGH),
        (READER, {"unreadable": "Not whole."}, Severity.HIGH),
        (READER, {"blind": {"ana": "A set is missing."}}, Severity.HIGH),
        (f"{READER} {NOTES}", {}, Severity.LOW),
    ],
)
def test_masked_text_is_low_unless_somebody_may_see_it_in_clear(rights, more, severity):
    [finding] = judge(marketing_reads_clinical, holding(ANA, rights, masked=(DIAGNOSIS,), **more)).findings
    assert finding.severity is severity
    assert bool(finding.seen.modifiers) == (severity is Severity.LOW)


@pytest.mark.parametrize(
    ("rule", "person", "rights"),
    [
        (guest_reads_phi, SITE, READER),
        (external_reads_phi, AGENCY, READER),
        (dormant_holder, GONE, READER),
        (api_reads_phi, ANA, f"{READER} !Api"),
        (exports_phi, ANA, f"{READER} !Dump"),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_every_rule_about_reading_lowers_masked_text(rule, person, rights):
    assert severities(judge(rule, holding(person, rights, masked=(DIAGNOSIS,)))) == [Severity.LOW]
    wide = holding(person, f"{rights} {NOTES}", masked=(DIAGNOSIS,))
    assert severities(judge(rule, wide)) != [Severity.LOW] or rule is dormant_holder


def test_what_lineage_says_is_an_inference():
    view = holding(ANA, READER, tags={DIAGNOSIS: tag(DIAGNOSIS, basis=Basis.LINEAGE)})
    [finding] = judge(marketing_reads_clinical, view).findings
    assert finding.seen.found_by is FoundBy.INFERENCE


def test_a_grant_that_says_itself_where_it_is_taken_away_is_mended_there():
    told = "In this CRM, open Settings"
    view = org(
        ANA,
        holds={"ana": "R"},
        R=f"Contact {DIAGNOSIS} +Contact +{DIAGNOSIS} !Report !Export !Api !AssignSets !ViewAll",
        undo=told,
    )
    asked = (
        marketing_reads_clinical,
        marketing_edits_clinical,
        exports_phi,
        api_reads_phi,
        can_grant_itself,
        override_right,
    )
    remedies = [judge(each, view).findings[0].seen.remedy for each in asked]
    assert [remedy.partition(";")[0] for remedy in remedies] == [told] * len(asked)


# -- people in no audience

DREW, EVA = stranger("Drew", "set “Growth”"), stranger("Eva", "set “Growth”", "set “Ads”")
READS = f"Contact {DIAGNOSIS}"
EVERYBODY_ELSE = "unclassified"


@pytest.mark.parametrize(
    ("view", "state", "listed"),
    [
        pytest.param(org(DREW, holds={"drew": "R"}, R=READS), GAP, 1, id="reads it"),
        pytest.param(org(DREW, EVA, holds={"drew": "R", "eva": "R"}, R=READS), GAP, 2, id="two sets"),
        pytest.param(org(DREW, blind={"drew": "Lost."}), UNKNOWN, 1, id="may read it, for all that is known"),
        pytest.param(org(stranger("Drew"), holds={"drew": "R"}, R=READS), GAP, 1, id="has no role at all"),
        pytest.param(org(DREW, holds={"drew": "R"}, R=f"Contact {EMAIL}"), PASS, 0, id="an identifier only"),
        pytest.param(org(DREW, holds={"drew": "R"}, R=DIAGNOSIS), PASS, 0, id="latent"),
        pytest.param(org(nurse("Carl"), holds={"carl": "R"}, R=READS), PASS, 0, id="has an audience"),
        pytest.param(
            org(stranger("Drew", frozen=True), nurse("Carl"), holds={"drew": "R"}, R=READS),
            PASS,
            0,
            id="dormant",
        ),
        pytest.param(
            org(DREW, holds={"drew": "R"}, R=READS, policy=approve(EVERYBODY_ELSE, "clinical")),
            PASS,
            0,
            id="approved for everybody else",
        ),
        pytest.param(
            org(DREW, holds={"drew": "R"}, R=READS, tags={EMAIL: tag(EMAIL)}), UNKNOWN, 0, id="nothing tagged"
        ),
        pytest.param(org(), UNKNOWN, 0, id="nobody at all proves nothing"),
        pytest.param(
            org(outsider(), holds={"agency": "R"}, R=READS), NOT_APPLICABLE, 0, id="nobody of the staff"
        ),
        pytest.param(org(DREW, gaps=unread(Why.FAILED, "users")), UNKNOWN, 0, id="not everybody was read"),
    ],
)
def test_unclassified_role(view, state, listed):
    result = judge(unclassified_role, view)
    assert result.state is state
    assert [len(f.seen.facts) for f in result.findings] == ([listed] if listed else [])


def test_an_unclassified_role_says_who_reads_and_of_whom_that_is_unknown():
    view = org(DREW, EVA, blind={"eva": "Lost."}, holds={"drew": "R"}, R=READS)
    [finding] = judge(unclassified_role, view).findings
    assert finding.seen.message == (
        "2 people in 2 roles belong to no audience: 1 reads health data, of 1 it is unknown."
    )
    assert finding.seen.facts == (
        ("set “Ads”", "1 person, of 1 it is unknown whether they read health data"),
        ("set “Growth”", "2 people, 1 reads health data, of 1 it is unknown"),
    )
    assert finding.severity is Severity.MEDIUM
    [later] = judge(unclassified_role, org(DREW, holds={"drew": "R"}, R=READS)).findings
    assert finding.id == later.id
    assert finding.digest != later.digest
