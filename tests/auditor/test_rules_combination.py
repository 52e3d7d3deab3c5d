"""What is read together: whose record it is, and three parts that single most people out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.findings import Severity, State
from auditor.lineage import Lineage
from auditor.people import Kind
from auditor.phi import Basis, Coarse, FieldFacts
from auditor.policy import Approval, Level, Policy
from auditor.quasi import Part, part_of, quasi_identifiers
from auditor.rule import judge
from auditor.rules.external_reads_phi import external_reads_phi
from auditor.rules.free_text_open_to_marketing import free_text_open_to_marketing
from auditor.rules.guest_reads_phi import guest_reads_phi
from auditor.rules.marketing_reads_clinical import marketing_reads_clinical
from auditor.rules.quasi_identifier_set import quasi_identifier_set
from auditor.snapshot import Why
from tests.auditor.orgs import (
    BIRTH,
    DIAGNOSIS,
    EMAIL,
    NOTES,
    QUASI,
    SEX,
    ZIP,
    approve,
    fact,
    guest,
    marketer,
    nurse,
    org,
    outsider,
    tag,
    unread,
)

ANA, BEN, CARL = marketer("Ana"), marketer("Ben"), nurse("Carl")
AGENCY, SITE = outsider(), guest()
PASS, GAP, PARTIAL, UNKNOWN = State.NO_GAP_OBSERVED, State.GAP_OBSERVED, State.PARTIAL, State.UNKNOWN
ALL = " ".join(QUASI)
RESULT, PATIENT = "Result__c.Value__c", "Result__c.Patient__c"
NOT_KNOWN = "Whether they also read what identifies the person is not known."
NOBODY = "Nothing they read on the same or a linked record identifies the person."
UNNAMED = "lowered: nothing they read on these or on linked records tells who it is about"


def link(name: str, *targets: str) -> FieldFacts:
    return replace(fact(name), type="reference", targets=targets)


def lookup(name: str = PATIENT):
    return tag(name, phi_class="person_link", coarse=Coarse.IDENTIFIER, tier="T1")


def email(name: str = EMAIL, phi_class: str = "email"):
    return tag(name, phi_class=phi_class, coarse=Coarse.IDENTIFIER, tier="T1")


# -- whose record it is


CONTACT = {DIAGNOSIS: tag(DIAGNOSIS), EMAIL: email()}
RESULTS = {RESULT: tag(RESULT), EMAIL: email()}
LINKED = {RESULT: fact(RESULT), PATIENT: link(PATIENT, "Contact")}


@pytest.mark.parametrize(
    ("tags", "facts", "rights", "said"),
    [
        pytest.param(
            CONTACT,
            {},
            f"Contact {DIAGNOSIS} {EMAIL}",
            "On the same record they read what identifies the person: Email.",
            id="on the same record",
        ),
        pytest.param(
            {
                **CONTACT,
                **{f"Contact.{n}": email(f"Contact.{n}", c) for n, c in (("A", "phone"), ("B", "name"))},
            },
            {},
            f"Contact {DIAGNOSIS} {EMAIL} Contact.A Contact.B",
            "On the same record they read what identifies the person: B, Email, A.",
            id="the name first",
        ),
        pytest.param(
            {**CONTACT, **{f"Contact.A{i}": email(f"Contact.A{i}", "url") for i in range(4)}},
            {},
            f"Contact {DIAGNOSIS} {EMAIL} " + " ".join(f"Contact.A{i}" for i in range(4)),
            "On the same record they read what identifies the person: Email, A0, A1 and 2 more.",
            id="three are enough",
        ),
        pytest.param(
            {DIAGNOSIS: tag(DIAGNOSIS), SEX: tag(SEX)},
            {},
            f"Contact {DIAGNOSIS} {SEX}",
            NOT_KNOWN,
            id="sex alone identifies nobody",
        ),
        pytest.param(
            RESULTS,
            LINKED,
            f"Result__c {RESULT} Contact {EMAIL}",
            "On a record linked through Result__c.Patient__c they read what identifies the person: Contact.Email.",
            id="on the record a lookup leads to",
        ),
        pytest.param(
            {**CONTACT, "Visit__c.Email__c": email("Visit__c.Email__c")},
            {"Visit__c.Who__c": link("Visit__c.Who__c", "Contact")},
            f"Contact Visit__c {DIAGNOSIS} Visit__c.Email__c",
            "On a record linked through Visit__c.Who__c they read what identifies the person: Visit__c.Email__c.",
            id="on a record that leads here",
        ),
        pytest.param(
            {**RESULTS, PATIENT: lookup()},
            LINKED,
            f"Result__c {RESULT} {PATIENT}",
            "The record is linked to the person through Result__c.Patient__c, which they read.",
            id="a lookup shows the name",
        ),
        pytest.param(
            {**RESULTS, PATIENT: lookup()},
            {**LINKED, "Result__c.Colour__c": fact("Result__c.Colour__c")},
            f"Result__c Contact {RESULT} {EMAIL}",
            NOT_KNOWN,
            id="a lookup that is closed shows nothing",
        ),
        pytest.param(
            {**RESULTS, "Result__c.Kind__c": tag("Result__c.Kind__c")},
            {**LINKED, "Result__c.Parent__c": link("Result__c.Parent__c", "Result__c")},
            f"Result__c {RESULT}",
            NOT_KNOWN,
            id="a record of the same kind is no person",
        ),
    ],
)
def test_whose_record_it_is(tags, facts, rights, said):
    view = org(ANA, holds={"ana": "R"}, R=rights, tags=tags, facts=facts)
    findings = judge(marketing_reads_clinical, view).findings
    assert [f.seen.message for f in findings if f.seen.message.endswith(said)] == [
        f.seen.message for f in findings
    ]
    assert [f.severity for f in findings] == [Severity.HIGH]


def test_how_many_of_them_read_it():
    view = org(
        ANA, BEN, holds={"ana": "R", "ben": "R More"}, R=f"Contact {DIAGNOSIS}", More=EMAIL, tags=CONTACT
    )
    [finding] = judge(marketing_reads_clinical, view).findings
    assert finding.seen.message.endswith(
        "On the same record 1 of them read what identifies the person: Email."
    )


def test_the_link_by_which_most_people_find_the_person_is_named():
    tags = {**RESULTS, "Lead.Email": email("Lead.Email")}
    facts = {**LINKED, "Result__c.Lead__c": link("Result__c.Lead__c", "Lead")}
    view = org(
        *(ANA, BEN),
        holds={"ana": "R", "ben": "R More"},
        R=f"Result__c Lead {RESULT} Lead.Email",
        More=f"Contact {EMAIL}",
        tags=tags,
        facts=facts,
    )
    [finding] = judge(marketing_reads_clinical, view).findings
    assert finding.seen.message.endswith("what identifies the person: Lead.Email.")


@pytest.mark.parametrize(
    ("change", "severity", "said"),
    [
        pytest.param({}, Severity.MEDIUM, NOBODY, id="decided and closed"),
        pytest.param({"cleared": frozenset()}, Severity.HIGH, NOT_KNOWN, id="a field nobody decided"),
        pytest.param({"facts": {}}, Severity.HIGH, NOT_KNOWN, id="no field known"),
        pytest.param(
            {"gaps": unread(Why.FORBIDDEN, "fields")}, Severity.HIGH, NOT_KNOWN, id="schema not read"
        ),
        pytest.param(
            {"gaps": unread(Why.TRUNCATED, "users")}, Severity.HIGH, NOT_KNOWN, id="people not read"
        ),
        pytest.param(
            {"unknown_fields": {EMAIL: "Odd."}}, Severity.HIGH, NOT_KNOWN, id="an identifier is unknown"
        ),
        pytest.param({"Hint": EMAIL}, Severity.MEDIUM, NOBODY, id="others read the identifier"),
        pytest.param(
            {"associates": frozenset({"Person"})}, Severity.HIGH, NOT_KNOWN, id="any record may be associated"
        ),
    ],
)
def test_nobody_named_lowers_only_where_everything_was_decided(change, severity, said):
    given = {
        "holds": {"ana": "R", "carl": "Hint"},
        "R": f"Contact {DIAGNOSIS}",
        "Hint": "",
        "tags": CONTACT,
        "facts": {name: fact(name) for name in (DIAGNOSIS, EMAIL, "Contact.Colour__c")},
        "cleared": frozenset({"Contact.Colour__c"}),
    }
    [finding] = judge(marketing_reads_clinical, org(ANA, CARL, **{**given, **change})).findings
    assert finding.severity is severity
    assert (UNNAMED in finding.seen.modifiers) is (said == NOBODY)
    assert finding.seen.message.endswith(said)


@pytest.mark.parametrize(
    ("tags", "cleared", "severity"),
    [
        pytest.param({}, {PATIENT}, Severity.MEDIUM, id="a lookup that was cleared leads to nobody"),
        pytest.param({}, set(), Severity.HIGH, id="a lookup that nobody decided"),
        pytest.param({PATIENT: lookup()}, set(), Severity.MEDIUM, id="a lookup to the person that is closed"),
        pytest.param(
            {"Result__c.Memo__c": tag(NOTES, field="Result__c.Memo__c")}, {PATIENT}, Severity.MEDIUM
        ),
    ],
)
def test_lookups_count_among_what_has_to_be_decided(tags, cleared, severity):
    view = org(
        ANA,
        holds={"ana": "R"},
        R=f"Result__c {RESULT}",
        tags={RESULT: tag(RESULT), **tags},
        facts=LINKED,
        cleared=frozenset(cleared),
    )
    assert [f.severity for f in judge(marketing_reads_clinical, view).findings] == [severity]


def test_free_text_may_name_anybody():
    memo = tag(NOTES, field="Result__c.Memo__c")
    view = org(
        ANA,
        holds={"ana": "R"},
        R=f"Result__c {RESULT} Result__c.Memo__c",
        tags={RESULT: tag(RESULT), memo.field: memo},
        facts={RESULT: fact(RESULT), memo.field: fact(memo.field)},
    )
    for rule in (marketing_reads_clinical, free_text_open_to_marketing):
        [finding] = judge(rule, view).findings
        assert finding.seen.message.endswith(NOT_KNOWN)


@pytest.mark.parametrize(("rule", "person"), [(guest_reads_phi, SITE), (external_reads_phi, AGENCY)])
def test_outsiders_are_judged_alike(rule, person):
    given = {"holds": {person.id: "R"}, "tags": CONTACT, "facts": {n: fact(n) for n in CONTACT}}
    [named] = judge(rule, org(person, R=f"Contact {DIAGNOSIS} {EMAIL}", **given)).findings
    [unnamed] = judge(rule, org(person, R=f"Contact {DIAGNOSIS}", **given)).findings
    assert (named.severity, named.seen.modifiers) == (rule.severity, ())
    assert named.seen.message.endswith("what identifies the person: Email.")
    assert (unnamed.severity, unnamed.seen.modifiers) == (rule.severity.raised(-1), (UNNAMED,))


def test_what_records_are_associated_with_may_name_the_person():
    tags = {"deals.stage": tag("deals.stage"), "contacts.email": email("contacts.email")}
    view = org(
        ANA,
        holds={"ana": "R"},
        R="deals contacts deals.stage contacts.email",
        tags=tags,
        associates=frozenset({"contacts"}),
    )
    [finding] = judge(marketing_reads_clinical, view).findings
    assert finding.seen.message.endswith(
        "On a record linked through an association with contacts they read what identifies the person: contacts.email."
    )


# -- birth date, postal code and sex


@pytest.mark.parametrize(
    ("name", "phi_class", "more", "part"),
    [
        ("Contact.Birthdate", "date_birth_death", {}, Part.BIRTH),
        ("Contact.Fecha__c", "date_birth_death", {"label": "Fecha de nacimiento"}, Part.BIRTH),
        ("Contact.Key_Date__c", "date_birth_death", {}, Part.BIRTH),
        ("Contact.DOB__c", "identifier", {}, Part.BIRTH),
        ("Contact.Date_of_Death__c", "date_birth_death", {}, None),
        ("Contact.BirthYear__c", "date_birth_death", {}, None),
        ("Contact.Age__c", "date_birth_death", {}, None),
        ("Contact.Birthdate", "name", {}, None),
        ("Contact.MailingPostalCode", "geographic", {}, Part.POSTAL),
        ("contacts.zip", "geographic", {}, Part.POSTAL),
        ("party.address.postal_code", "geographic", {}, Part.POSTAL),
        ("Contact.Ort__c", "geographic", {"label": "PLZ"}, Part.POSTAL),
        ("Contact.Codigo__c", "geographic", {"label": "Código postal"}, Part.POSTAL),
        ("Contact.MailingAddress", "geographic", {"type": "address"}, Part.POSTAL),
        ("Contact.MailingState", "geographic", {}, None),
        ("Contact.MailingCity", "geographic", {}, None),
        ("Contact.Zip_Prefix__c", "geographic", {}, None),
        ("Contact.Zip__c", "identifier", {}, Part.POSTAL),
        ("Contact.Sex__c", "demographic", {}, Part.SEX),
        ("Contact.Sex_At_Birth__c", "sogi", {}, Part.SEX),
        ("Contact.Genero__c", "demographic", {"label": "Género"}, Part.SEX),
        ("Contact.Orientation__c", "sogi", {"label": "Sex or orientation"}, None),
        ("Contact.Language__c", "demographic", {}, None),
        ("Contact.Sex__c", "diagnosis_condition", {}, None),
    ],
)
def test_which_part_a_field_holds(name, phi_class, more, part):
    one = tag(name, phi_class=phi_class, coarse=Coarse.IDENTIFIER)
    assert part_of(one, replace(fact(name), **more)) is part
    if not more:
        assert part_of(one, None) is part


def quasi(*people, **more):
    given = {
        "tags": {name: tag(name) for name in (DIAGNOSIS, *QUASI)},
        "holds": {p.id: "R" for p in people},
        "R": f"Contact {ALL}",
    }
    return org(*people, **{**given, **more})


LEAD = {"Lead.Sex__c": tag(SEX, field="Lead.Sex__c")}
APPROVED = Policy(
    {"marketing": {c: Approval(Level.READ) for c in ("date_birth_death", "geographic", "demographic")}}
)


@pytest.mark.parametrize(
    ("view", "state", "severity"),
    [
        pytest.param(quasi(ANA), GAP, Severity.MEDIUM, id="all three"),
        pytest.param(quasi(ANA, R=f"Contact {ALL} {DIAGNOSIS}"), GAP, Severity.HIGH, id="with health data"),
        pytest.param(quasi(AGENCY), GAP, Severity.HIGH, id="outside"),
        pytest.param(
            quasi(SITE, R=f"Contact {ALL} {DIAGNOSIS}"), GAP, Severity.CRITICAL, id="guest with health"
        ),
        pytest.param(quasi(ANA, R=f"Contact~ {ALL}"), GAP, Severity.MEDIUM, id="activatable"),
        pytest.param(
            quasi(ANA, R=f"Contact {BIRTH} {ZIP} {SEX}?"), PARTIAL, Severity.MEDIUM, id="one possible"
        ),
        pytest.param(quasi(ANA, R=f"Contact {BIRTH} {ZIP}"), PASS, None, id="two of three"),
        pytest.param(quasi(ANA, R=ALL), PASS, None, id="latent"),
        pytest.param(quasi(marketer("Ana", active=False)), PASS, None, id="dormant"),
        pytest.param(
            quasi(ANA, R=f"Contact {BIRTH} {ZIP} {SEX}%"),
            UNKNOWN,
            None,
            id="a part that nobody could look at",
        ),
        pytest.param(
            quasi(ANA, R=f"Contact {BIRTH} {SEX}%"), PASS, None, id="closed whatever the other part may be"
        ),
        pytest.param(
            quasi(ANA, unknown_fields={SEX: "Nobody knows how it is guarded."}, R=f"Contact {BIRTH} {ZIP}"),
            UNKNOWN,
            None,
            id="a part of which nobody knows",
        ),
        pytest.param(
            quasi(ANA, gaps=unread(Why.FORBIDDEN, "fields"), R=""), UNKNOWN, None, id="schema not read"
        ),
        pytest.param(
            quasi(ANA, policy=approve("marketing", "identifier")), PASS, None, id="approved coarsely"
        ),
        pytest.param(quasi(ANA, policy=APPROVED), PASS, None, id="approved one by one"),
        pytest.param(
            quasi(ANA, policy=approve("marketing", "geographic")), GAP, Severity.MEDIUM, id="one approved"
        ),
        pytest.param(quasi(CARL), State.NOT_APPLICABLE, None, id="care only"),
        pytest.param(
            quasi(CARL, untold={"external": "Not told."}), State.NOT_ASSESSED, None, id="not told apart"
        ),
        pytest.param(quasi(), UNKNOWN, None, id="nobody at all proves nothing"),
        pytest.param(
            quasi(ANA, tags={n: tag(n) for n in (BIRTH, ZIP)}),
            State.NOT_ASSESSED,
            None,
            id="no sex recognised",
        ),
        pytest.param(
            quasi(ANA, tags={BIRTH: tag(BIRTH), ZIP: tag(ZIP), **LEAD}, R=f"Contact Lead {ALL} Lead.Sex__c"),
            State.NOT_ASSESSED,
            None,
            id="on records that nothing links",
        ),
    ],
)
def test_quasi_identifier_set(view, state, severity):
    result = judge(quasi_identifier_set, view)
    assert result.state is state
    assert [f.severity for f in result.findings] == ([] if severity is None else [severity])


def test_one_finding_for_each_audience_and_set_with_a_path_for_each_part():
    view = quasi(ANA, BEN, AGENCY, holds={"ana": "R", "ben": "R", "agency": "R"}, labels={"R": "Everything"})
    findings = judge(quasi_identifier_set, view).findings
    assert {(f.seen.audience, f.seen.object, f.seen.people) for f in findings} == {
        ("external", "Contact", ("agency",)),
        ("marketing", "Contact", ("ana", "ben")),
    }
    [finding] = [f for f in findings if f.seen.audience == "marketing"]
    assert finding.seen.message == (
        "2 accounts of the audience marketing can read birth date, postal code and sex together on Contact."
    )
    assert [c.field for c in finding.seen.cells] == sorted(QUASI)
    path = "Ana (ana) → object: permission set “Everything”; field: permission set “Everything”"
    assert finding.seen.example == f"birth date: {path} | postal code: {path} | sex: {path}"
    assert finding.citations[0] == "45 CFR 164.514(b)"


def test_one_field_of_a_part_is_enough():
    other = tag(ZIP, field="Contact.BillingPostalCode")
    view = quasi(ANA, tags={**{name: tag(name) for name in QUASI}, other.field: other})
    [finding] = judge(quasi_identifier_set, view).findings
    assert [c.field for c in finding.seen.cells] == sorted(QUASI)
    assert other.field in quasi_identifiers(view)[0].parts[Part.POSTAL]


def test_whoever_reads_it_most_firmly_is_the_example():
    view = quasi(ANA, BEN, holds={"ana": "Maybe", "ben": "R"}, Maybe=f"Contact? {ALL}")
    reverse = quasi(ANA, BEN, holds={"ana": "R", "ben": "Maybe"}, Maybe=f"Contact? {ALL}")
    for one, name in ((view, "Ben"), (reverse, "Ana")):
        result = judge(quasi_identifier_set, one)
        [finding] = result.findings
        assert (result.state, len(finding.seen.people)) == (GAP, 2)
        assert finding.seen.example.startswith(f"birth date: {name} ")


ADDRESS, OF = "Address__c.Zip__c", "Address__c.Patient__c"
SPREAD = {BIRTH: tag(BIRTH), SEX: tag(SEX), ADDRESS: tag(ZIP, field=ADDRESS)}
FOLLOWS = {OF: link(OF, "Contact")}


@pytest.mark.parametrize(
    ("tags", "rights", "state"),
    [
        pytest.param(
            SPREAD, f"Contact Address__c {BIRTH} {SEX} {ADDRESS}", GAP, id="the lookup is not judged"
        ),
        pytest.param(
            {**SPREAD, OF: lookup(OF)},
            f"Contact Address__c {BIRTH} {SEX} {ADDRESS} {OF}",
            GAP,
            id="it is read",
        ),
        pytest.param(
            {**SPREAD, OF: lookup(OF)}, f"Contact Address__c {BIRTH} {SEX} {ADDRESS}", PASS, id="it is closed"
        ),
        pytest.param(SPREAD, f"Contact Address__c {BIRTH} {SEX}", PASS, id="a part is closed"),
    ],
)
def test_a_set_over_linked_records(tags, rights, state):
    result = judge(quasi_identifier_set, quasi(ANA, tags=tags, facts=FOLLOWS, R=rights))
    assert result.state is state
    said = "birth date, postal code and sex together on linked records of Address__c and Contact."
    assert [f.seen.message for f in result.findings] == [
        f"1 account of the audience marketing can read {said}"
    ] * (state is GAP)


def test_a_set_that_one_object_holds_is_no_set_of_those_that_lead_to_it():
    tags = {**{name: tag(name) for name in QUASI}, ADDRESS: tag(ZIP, field=ADDRESS)}
    found = quasi_identifiers(org(tags=tags, facts=FOLLOWS))
    assert [one.objects for one in found] == [("Contact",)]


def test_two_records_of_one_parent_are_no_set():
    tags = {"A.Birthdate": tag(BIRTH, field="A.Birthdate"), ADDRESS: tag(ZIP, field=ADDRESS), SEX: tag(SEX)}
    facts = {
        OF: link(OF, "Owner"),
        "A.Owner__c": link("A.Owner__c", "Owner"),
        "Contact.Owner": link("Contact.Owner", "Owner"),
    }
    assert quasi_identifiers(org(tags=tags, facts=facts)) == []


def test_outside_is_told_by_the_kind_of_account():
    view = quasi(AGENCY)
    assert AGENCY.kind is Kind.EXTERNAL
    [finding] = judge(quasi_identifier_set, view).findings
    assert finding.seen.modifiers == ("raised: they are outside the organisation",)


def test_a_copy_of_a_part_counts_by_its_own_name():
    age = tag(BIRTH, field="Contact.Age__c", basis=Basis.LINEAGE)
    view = quasi(ANA, tags={age.field: age, ZIP: tag(ZIP), SEX: tag(SEX)}, lineage=Lineage())
    assert quasi_identifiers(view) == []
