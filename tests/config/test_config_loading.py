"""What a good file becomes, and what applies where it says nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path

import pytest

from auditor.people import EXTERNAL, GUEST, UNCLASSIFIED, Kind, Person, Sign, classify
from auditor.phi import Basis, Coarse, Confidence, Tag
from auditor.policy import Approval, Level
from auditor.retention import RetentionPolicy
from crm_audit import config
from crm_audit.secrets import Secret
from mappings.taxonomy import load_taxonomy

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
EXAMPLE = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "mapping.yaml").write_text("version: 1\n", encoding="utf-8")
    path = tmp_path / "crm-audit.yaml"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


def test_the_example_of_the_docs(path):
    loaded = config.load(path, {"SF_CONSUMER_KEY": "key-value"})
    [target] = loaded.targets
    assert (target.name, target.platform) == ("clinic-org", "salesforce")
    assert target.instance_url == "https://acme.my.salesforce.com"
    assert target.api_version == "67.0"
    assert (target.connect_timeout, target.read_timeout) == (10, 120)
    assert (target.include, target.exclude) == (("*",), ("*__Feed",))
    assert isinstance(target.auth, config.Jwt)
    assert target.auth.consumer_key.reveal() == "key-value"
    assert target.auth.audience == "https://login.salesforce.com"
    guest, marketing, care = loaded.audiences
    assert guest.kinds == {Kind.GUEST}
    assert marketing.marketing
    assert marketing.signs == (
        Sign("profile", "^marketing"),
        Sign("department", "marketing|growth|communications"),
        Sign("marketing_flag"),
        Sign("id", "005000000000001AAA"),
    )
    assert care.signs == (Sign("title", r"\bnurse\b|physician|care coordinator"),)
    assert loaded.policy.version == "2027-1"
    assert loaded.policy.matrix["marketing"]["clinical"] == Approval(
        Level.NONE, "Privacy officer", "2027-01-15"
    )
    assert loaded.policy.matrix["care"]["clinical"] == Approval(
        Level.EDIT, "Chief medical officer", "2027-01-10", "Treatment needs the whole record."
    )
    assert loaded.mapping_paths == (path.parent / "mapping.yaml",)
    [retention] = loaded.retention
    assert retention == RetentionPolicy(
        "lead-never-patient",
        "Lead",
        "LastActivityDate",
        "P24M",
        None,
        "CreatedDate",
        "",
        "Privacy notice, section 7",
        "A lead that never became a patient is marketing data.",
    )
    [unknown] = loaded.accepted_unknowns
    assert unknown.expires == dt.date(2027, 3, 31)
    assert unknown.in_force(dt.date(2027, 3, 31))
    assert not unknown.in_force(dt.date(2027, 4, 1))
    assert loaded.strict_credential
    assert loaded.report_dir == path.parent / "crm-audit-report"


def test_loading_twice_gives_the_same(path):
    assert config.load(path, {}) == config.load(path, {"SF_CONSUMER_KEY": "x"})


def test_what_is_frozen_stays(path):
    loaded = config.load(path, {})
    with pytest.raises(dataclasses.FrozenInstanceError):
        loaded.strict_credential = False


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("version: 1\n", "# a remark\nversion: 1\n", True),
        ("{env: SF_CONSUMER_KEY}", "{keyring: {service: s, user: u}}", True),
        ("directory: crm-audit-report", "directory: elsewhere", True),
        ("clinical: none", "clinical: read", False),
        ("period: P24M", "period: P36M", False),
        ("strict_credential: true", "strict_credential: false", False),
        ("2027-03-31", "2027-04-01", False),
    ],
)
def test_the_digest_identifies_what_was_decided(path, old, new, same):
    before = config.load(path, {}).digest
    path.write_text(EXAMPLE.replace(old, new, 1), encoding="utf-8")
    assert (config.load(path, {}).digest == before) is same


@pytest.mark.parametrize(
    ("text", "part2"), [("", False), ("organisation: {}\n", False), ("organisation: {part2: true}\n", True)]
)
def test_an_organisation_says_what_it_is(path, text, part2):
    path.write_text(f"version: 1\n{text}", encoding="utf-8")
    loaded = config.load(path, {})
    assert loaded.part2 is part2
    assert ("organisation.part2", str(part2).lower()) in {(k, v) for k, v, _ in config.describe(loaded)}


def test_the_digest_does_not_depend_on_where_the_file_is(path, monkeypatch):
    absolute = config.load(path, {}).digest
    monkeypatch.chdir(path.parent)
    assert config.load(Path("crm-audit.yaml"), {}).digest == absolute


def test_flag_over_environment_over_file_over_default(path):
    variable = {"CRM_AUDIT_REPORT_DIRECTORY": "from-environment", "CRM_AUDIT_STRICT_CREDENTIAL": "false"}
    bare = path.with_name("bare.yaml")
    bare.write_text("version: 1\n", encoding="utf-8")
    flag = {"report.directory": "from-flag", "strict_credential": None}

    def seen(loaded: config.Config) -> tuple[str, str]:
        return next((v, s) for k, v, s in config.describe(loaded) if k == "report.directory")

    assert seen(config.load(bare, {})) == ("crm-audit-report", "default")
    assert seen(config.load(path, {})) == (str(path.parent / "crm-audit-report"), f"{path}:69:14")
    assert seen(config.load(path, variable)) == ("from-environment", "environment CRM_AUDIT_REPORT_DIRECTORY")
    assert seen(config.load(path, variable, flags=flag)) == ("from-flag", "command line")
    assert not config.load(path, variable).strict_credential
    assert config.load(path, variable, flags={"strict_credential": True}).strict_credential
    assert config.default(variable).report_dir == Path("from-environment")


SIGNS = """\
version: 1
audiences:
  - name: marketing
    why: Asked.
    signs:
      team: growth
      team_ids: ["55", "56"]
      permission_set_ids: ["7"]
      emails: [Agency@Partner.example]
"""


def test_signs_of_teams_permission_sets_and_addresses(tmp_path):
    path = tmp_path / "crm-audit.yaml"
    path.write_text(SIGNS, encoding="utf-8")
    loaded = config.load(path, {})
    assert loaded.audiences[0].signs == (
        Sign("teams", "growth"),
        Sign("memberships", "role:7"),
        Sign("memberships", "team:55"),
        Sign("memberships", "team:56"),
        Sign("email", "Agency@Partner.example"),
    )
    shown = {key: value for key, value, _ in config.describe(loaded)}
    assert [
        shown[f"audiences[0].signs.{key}"] for key in ("team", "team_ids", "permission_set_ids", "emails")
    ] == [
        "growth",
        "55, 56",
        "7",
        "Agency@Partner.example",
    ]


def test_describe_shows_every_value_and_its_source(path):
    rows = {key: (value, source) for key, value, source in config.describe(config.load(path, {}))}
    assert rows["targets[0].auth.jwt.consumer_key"] == ("env SF_CONSUMER_KEY", f"{path}:9:23")
    assert rows["targets[0].auth.jwt.private_key"][0] == "file /run/secrets/sf.key"
    assert rows["targets[0].timeouts.read"] == ("120", "default")
    assert rows["audiences[1].signs.people"] == ("005000000000001AAA", f"{path}:24:15")
    assert rows["policy.matrix.marketing.clinical"] == (
        "none (approved by Privacy officer on 2027-01-15)",
        f"{path}:37:17",
    )
    assert rows["retention[0].hold"] == ("", "default")
    assert rows["strict_credential"] == ("true", f"{path}:66:20")


def test_nothing_is_sampled_unless_the_file_says_so(path):
    assert config.load(path, {}).targets[0].sampling is None
    told = "    platform: salesforce\n    sampling: {objects: [Lead, Contact, Lead]}\n"
    path.write_text(EXAMPLE.replace("    platform: salesforce\n", told, 1), encoding="utf-8")
    loaded = config.load(path, {})
    assert loaded.targets[0].sampling == config.Sampled(("Lead", "Contact"), 50)
    rows = {key: value for key, value, _ in config.describe(loaded)}
    assert rows["targets[0].sampling.objects"] == "Lead, Contact"
    assert rows["targets[0].sampling.rows"] == "50"


@pytest.mark.parametrize(
    ("host", "audience", "expected"),
    [
        ("acme.my.salesforce.com", "", "https://login.salesforce.com"),
        ("acme--uat.sandbox.my.salesforce.com", "", "https://test.salesforce.com"),
        ("acme--uat.sandbox.lightning.force.com", "", "https://test.salesforce.com"),
        ("acme.my.salesforce.com", "https://test.salesforce.com/", "https://test.salesforce.com"),
    ],
)
def test_the_login_host(path, host, audience, expected):
    text = EXAMPLE.replace("acme.my.salesforce.com", host)
    if audience:
        text = text.replace("username:", f"audience: {audience}\n        username:")
    path.write_text(text, encoding="utf-8")
    assert config.load(path, {}).targets[0].auth.audience == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://acme.my.salesforce.com/", "https://acme.my.salesforce.com"),
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://acme.lightning.force.com/lightning/page/home", "https://acme.my.salesforce.com"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
    ],
)
def test_addresses_that_are_fine(path, address, expected):
    path.write_text(EXAMPLE.replace("https://acme.my.salesforce.com", address), encoding="utf-8")
    assert config.load(path, {}).targets[0].instance_url == expected


WAY = re.search(r"      jwt:\n(?:        .*\n)+", EXAMPLE)[0]


def test_client_credentials_and_the_cli(path):
    secrets = "consumer_key: {env: KEY}, consumer_secret: {file: secret}"
    path.write_text(EXAMPLE.replace(WAY, f"      client_credentials: {{{secrets}}}\n"), encoding="utf-8")
    path.with_name("secret").write_text("hush\n", encoding="utf-8")
    path.with_name("secret").chmod(0o640)
    loaded = config.load(path, {"KEY": "key-value"})
    [target] = loaded.targets
    assert isinstance(target.auth, config.ClientCredentials)
    assert (target.auth.consumer_key.reveal(), target.auth.consumer_secret.reveal()) == ("key-value", "hush")
    rows = {key: value for key, value, _ in config.describe(loaded)}
    assert rows["targets[0].auth.client_credentials.consumer_key"] == "env KEY"
    assert any("its group" in warning for warning in config.warnings(loaded))
    assert "hush" not in f"{loaded}{rows}{config.warnings(loaded)}"

    bare = EXAMPLE.replace(WAY, "      sf_cli: acme-uat\n").replace(
        "    instance_url: https://acme.my.salesforce.com\n", ""
    )
    path.write_text(bare, encoding="utf-8")
    loaded = config.load(path, {})
    assert (loaded.targets[0].auth, loaded.targets[0].instance_url) == (config.SfCli("acme-uat"), "")
    rows = {key: value for key, value, _ in config.describe(loaded)}
    assert rows["targets[0].auth.sf_cli"] == "acme-uat"
    assert rows["targets[0].instance_url"] == "what the sf command knows"


def test_a_folder_with_source(path):
    (path.parent / "source").mkdir()
    path.write_text(
        "version: 1\ntargets:\n  - {name: source, platform: sfdx, project: source, objects: {include: [Lead]}}\n",
        encoding="utf-8",
    )
    loaded = config.load(path, {})
    assert loaded.targets == (config.Project("source", path.parent / "source", ("Lead",)),)
    rows = {key: (value, where) for key, value, where in config.describe(loaded)}
    assert rows["targets[0].platform"][0] == "sfdx"
    assert rows["targets[0].project"] == (str(path.parent / "source"), f"{path}:3:45")
    assert "targets[0].auth" not in " ".join(rows)
    assert all("readable" not in warning for warning in config.warnings(loaded))


def test_short_salesforce_ids_become_long(path):
    path.write_text(EXAMPLE.replace("005000000000001AAA", "00530000003xqAb"), encoding="utf-8")
    assert Sign("id", "00530000003xqAbAAI") in config.load(path, {}).audiences[1].signs


def test_numbers_keep_their_spelling(path):
    path.write_text(EXAMPLE.replace('"2027-1"', "2027.10").replace('"67.0"', "67.0"), encoding="utf-8")
    loaded = config.load(path, {})
    assert (loaded.policy.version, loaded.targets[0].api_version) == ("2027.10", "67.0")


def test_own_audiences_keep_the_draft_rows_that_fit(path):
    path.write_text(
        "version: 1\naudiences: [{name: marketing, why: x, signs: {title: market}}, {name: nurses, why: y, "
        "signs: {title: nurse}}]\n",
        encoding="utf-8",
    )
    loaded = config.load(path, {})
    assert set(loaded.policy.matrix) == {"marketing"}
    assert any("“nurses”" in warning for warning in config.warnings(loaded))


# ── Defaults ──────────────────────────────────────────────────────────────────────────────────────


def test_defaults_have_no_retention_no_targets_and_an_unapproved_policy():
    built_in = config.default()
    assert built_in.targets == ()
    assert built_in.mapping_paths == ()
    assert built_in.retention == ()
    assert not built_in.strict_credential
    assert built_in.report_dir == Path("crm-audit-report")
    cells = [cell for row in built_in.policy.matrix.values() for cell in row.values()]
    assert cells
    assert not any(cell.approver or cell.date for cell in cells)
    assert any("approved by nobody" in warning for warning in config.warnings(built_in))
    assert {source for _, _, source in config.describe(built_in)} == {"default"}


def test_a_file_that_says_nothing_is_strict_and_has_the_default_audiences(path):
    path.write_text("version: 1\n", encoding="utf-8")
    loaded = config.load(path, {})
    assert loaded.strict_credential
    assert loaded.audiences == config.default().audiences
    assert loaded.policy == config.default().policy


def audience_of(**facts: object) -> str:
    person = Person("005000000000001AAA", "Ana", **facts)
    return classify([person], config.default().audiences).of[person.id].audience


@pytest.mark.parametrize(
    ("facts", "audience"),
    [
        ({"kind": Kind.GUEST, "profile": "Marketing Site Guest"}, GUEST),
        ({"kind": Kind.EXTERNAL, "title": "Nurse"}, EXTERNAL),
        ({"profile": "Marketing User"}, "marketing"),
        ({"department": "Growth"}, "marketing"),
        ({"department": "Communications"}, "marketing"),
        ({"role": "Campaign Management"}, "marketing"),
        ({"title": "Demand-Gen Specialist"}, "marketing"),
        ({"title": "Lead Generation Manager"}, "marketing"),
        ({"title": "Growth Lead"}, "marketing"),
        ({"title": "Physician Liaison"}, "marketing"),
        ({"title": "Marketing Operations", "profile": "System Administrator"}, "marketing"),
        ({"title": "Marketing Manager", "active": False}, "marketing"),
        ({"profile": "System Administrator", "marketing_flag": True}, "administration"),
        ({"title": "Registered Nurse", "marketing_flag": True}, "care"),
        ({"marketing_flag": True}, "campaign-tools"),
        ({"sets": ("Pardot Users",)}, "campaign-tools"),
        ({"title": "Growth Hormone Nurse"}, "care"),
        ({"title": "Staff Physician"}, "care"),
        ({"title": "Care Coordinator"}, "care"),
        ({"title": "Occupational Therapist"}, "care"),
        ({"profile": "Clinician"}, "care"),
        ({"title": "Dietitian"}, "care"),
        ({"title": "Nurse Scheduler"}, "front-desk"),
        ({"department": "Front Desk"}, "front-desk"),
        ({"department": "Revenue Cycle"}, "billing"),
        ({"title": "Unified Communications Engineer", "department": "IT"}, "administration"),
        ({"title": "Gardener"}, UNCLASSIFIED),
    ],
)
def test_default_audiences(facts, audience):
    assert audience_of(**facts) == audience


@pytest.mark.parametrize(
    ("audience", "coarse", "level"),
    [
        ("guest", Coarse.IDENTIFIER, Level.NONE),
        ("external", Coarse.CLINICAL, Level.NONE),
        ("marketing", Coarse.CLINICAL, Level.NONE),
        ("marketing", Coarse.PAYMENT, Level.NONE),
        ("marketing", Coarse.FREETEXT_RISK, Level.NONE),
        ("marketing", Coarse.IDENTIFIER, Level.READ),
        ("campaign-tools", Coarse.CLINICAL, Level.NONE),
        ("administration", Coarse.CLINICAL, Level.NONE),
        ("billing", Coarse.PAYMENT, Level.EDIT),
        ("care", Coarse.CLINICAL, Level.EDIT),
    ],
)
def test_default_policy(audience, coarse, level):
    tag = Tag("Contact.X__c", "other", coarse, "T3", Confidence.HIGH, Basis.GIVEN, ())
    approval = config.default().policy.approval(audience, tag)
    assert approval is not None
    assert approval.level is level


def test_the_classes_the_default_policy_names_exist():
    known = {"*"} | {coarse.value for coarse in Coarse} | load_taxonomy().classes.keys()
    named = {phi_class for row in config.default().policy.matrix.values() for phi_class in row}
    assert "appointment_encounter" in named
    assert named - known == set()


def test_everybody_the_defaults_name_has_a_row_and_an_audience():
    built_in = config.default()
    assert set(built_in.policy.matrix) == {audience.name for audience in built_in.audiences}
    assert {a.name for a in built_in.audiences if a.marketing} == {"marketing", "campaign-tools"}
    assert [a.name for a in built_in.audiences[:2]] == [GUEST, EXTERNAL]


def test_a_target_can_be_made_without_a_file():
    secret = Secret.from_environment("TOKEN", {"TOKEN": "t"})
    target = config.Org("adhoc", "https://acme.my.salesforce.com", config.Session(secret))
    shown = config.describe(dataclasses.replace(config.default(), targets=(target,)))
    assert ("targets[0].auth.session.access_token", "env TOKEN", "default") in shown
