"""Who belongs to which audience, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.people import UNCLASSIFIED, Audience, Kind, Membership, Person, Sign, classify

ANA = Person(
    "005A",
    "Ana",
    username="ana@clinic.example",
    profile="Marketing User",
    role="Campaigns EU",
    department="Growth",
    title="Brand lead",
    licence="Salesforce",
    sets=("Charts", "Campaign Analytics"),
    email="ana.ruiz@clinic.example",
)


@pytest.mark.parametrize(
    ("sign", "seen"),
    [
        (Sign("profile", "^marketing"), "profile “Marketing User”"),
        (Sign("role", "campaign"), "role “Campaigns EU”"),
        (Sign("department", "growth|brand"), "department “Growth”"),
        (Sign("title", "BRAND"), "title “Brand lead”"),
        (Sign("licence", "force"), "licence “Salesforce”"),
        (Sign("username", r"@clinic\.example$"), "username “ana@clinic.example”"),
        (Sign("sets", "campaign"), "permission set “Campaign Analytics”"),
        (Sign("kind", "internal"), "account kind “internal”"),
        (Sign("id", "005A"), "is listed by id"),
        (Sign("id", "005"), ""),  # an id matches whole
        (Sign("id", "005a"), ""),
        (Sign("email", "Ana.Ruiz@clinic.example"), "is listed by e-mail address"),
        (Sign("email", "ruiz@clinic.example"), ""),  # an address matches whole
        (Sign("email", "."), ""),
        (Sign("profile", "user$|^x"), "profile “Marketing User”"),
        (Sign("profile", "sales"), ""),
        (Sign("marketing_flag"), ""),
    ],
)
def test_signs(sign, seen):
    assert sign.hit(ANA) == seen


def test_the_feature_licence_is_a_sign():
    assert (
        Sign("marketing_flag").hit(replace(ANA, marketing_flag=True))
        == "has the Marketing User feature licence"
    )


@pytest.mark.parametrize(
    "attribute", ["profile", "role", "department", "title", "licence", "username", "sets"]
)
def test_what_is_empty_matches_nothing(attribute):
    assert Sign(attribute, ".*").hit(Person("005B", "Ben")) == ""


MARKETING = Audience("marketing", (Sign("department", "growth"), Sign("title", "brand")), marketing=True)
AGENCY = Audience("agency", (Sign("username", "@agency"),), marketing=True)
CARE = Audience("care", (Sign("department", "care|growth"),))
GUESTS = Audience("guests", (Sign("username", "site"),), kinds=frozenset({Kind.GUEST}))
PARTNERS = Audience("partners", (), kinds=frozenset({Kind.EXTERNAL}))


@pytest.mark.parametrize(
    ("person", "audience", "evidence"),
    [
        (
            ANA,
            "marketing",
            ("department “Growth”", "title “Brand lead”"),
        ),  # the first with a hit, all its hits
        (replace(ANA, department="Care", title=""), "care", ("department “Care”",)),
        (replace(ANA, active=False), "marketing", ("department “Growth”", "title “Brand lead”")),
        (replace(ANA, frozen=True), "marketing", ("department “Growth”", "title “Brand lead”")),
        (Person("005G", "Site", kind=Kind.GUEST), "guests", ("is a guest account",)),
        (
            Person("005G", "Site", username="site@x", kind=Kind.GUEST),
            "guests",
            ("is a guest account", "username “site@x”"),
        ),
        (Person("005P", "Partner", kind=Kind.EXTERNAL), "partners", ("is an external account",)),
        (Person("005B", "Ben"), UNCLASSIFIED, ()),
    ],
)
def test_an_audience_with_its_evidence(person, audience, evidence):
    found = classify([person], (MARKETING, AGENCY, CARE, GUESTS, PARTNERS))
    assert found.of[person.id] == Membership(audience, evidence)
    assert found.members(audience) == (person.id,)


def test_everybody_in_a_marketing_audience_counts():
    people = [
        ANA,
        Person("0051", "Out", username="o@agency.example"),
        Person("0052", "Nurse", department="Care"),
    ]
    found = classify(people, (MARKETING, AGENCY, CARE))
    assert found.marketing == ("0051", "005A")
    assert found.members("care") == ("0052",)
    assert found.members("nobody") == ()
    assert found.names == ("marketing", "agency", "care", UNCLASSIFIED)


def test_a_proposal_classifies_and_is_known_as_one():
    proposed = replace(MARKETING, confirmed=False)
    found = classify([ANA], (proposed, CARE))
    assert found.unconfirmed == ("marketing",)
    assert found.of == classify([ANA], (MARKETING, CARE)).of
    assert classify([ANA], (MARKETING, CARE)).unconfirmed == ()


def test_without_audiences_nobody_is_classified():
    found = classify([ANA], ())
    assert (found.marketing, found.names, found.members(UNCLASSIFIED)) == ((), (UNCLASSIFIED,), ("005A",))


@pytest.mark.parametrize(
    ("active", "frozen", "dormant"),
    [(True, False, False), (False, False, True), (True, True, True), (False, True, True)],
)
def test_dormant(active, frozen, dormant):
    assert Person("005", "X", active=active, frozen=frozen).dormant is dormant
