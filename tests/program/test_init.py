"""A first configuration: drafted from what an org shows, usable at once, and nothing in it decided."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from auditor.errors import AuditorError, ConfigError
from auditor.people import Audience, Person, Sign
from auditor.phi import Basis, Coarse, Confidence, Tag
from auditor.rule import Surplus
from connectors.salesforce import permission_set
from crm_audit import asking, config, drafts, new_files
from crm_audit.compose import class_names
from mappings import load_mapping, load_taxonomy
from sandbox.salesforce import Credentials, running
from sandbox.salesforce.clinic import clinic_org
from tests.program.planted_org import planted
from tests.program.programs import ROOT, Ran, door, inside

NOON = "2026-11-24T12:00:00Z"
HOSTILE = '=cmd|x\n  - name: evil\u2028<b>"שלום'
SESSION = asking.Answers(login="session", instance_url="https://acme.my.salesforce.com")


def said(question: str, default: str) -> str:
    """Whoever presses Enter."""
    return default


class Begun(NamedTuple):
    """What `init` left behind, and what the commands after it said."""

    folder: Path
    first: Ran
    again: Ran
    shown: Ran
    ran: Ran
    token: str


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """The clinic as if it were the user's own org, after `init` and a run with what it wrote."""
    folder = tmp_path_factory.mktemp("begun")
    with running(clinic_org()) as served:
        environ = door(served)
        first = inside(folder, "init", "--yes", "--name", "clinic", **environ)
        calls = len(served.log)
        again = inside(folder, "init", "--yes", **environ)
        assert len(served.log) == calls
        shown = inside(folder, "config", "show", "-c", "crm-audit.yaml", **environ)
        ran = inside(folder, "run", "-c", "crm-audit.yaml", "-o", "out", "--as-of", NOON, **environ)
        assert served.writes() == []
        token = served.token
    assert first.code == 0, first.out + first.err
    return Begun(folder, first, again, shown, ran, token)


def test_what_it_wrote_is_used_by_the_next_run(begun):
    assert begun.shown.code == 0, begun.shown.err
    assert begun.ran.code in range(11, 15), begun.ran.out + begun.ran.err
    assert "is a proposal that nobody confirmed" in begun.ran.err
    assert "Not confirmed: who belongs to “marketing”" in begun.ran.out.replace("\n", " ")
    audiences = {a["name"]: a for s in begun.ran.document()["systems"] for a in s["audiences"]}
    assert not audiences["marketing"]["confirmed"]
    assert audiences["guest"]["confirmed"]
    assert len(audiences["marketing"]["members"]) > 20


def test_nothing_in_it_is_decided(begun):
    text = (begun.folder / "crm-audit.yaml").read_text(encoding="utf-8")
    found = config.load(begun.folder / "crm-audit.yaml", {}, classes=class_names())
    built_in = config.default()
    assert [a.name for a in found.audiences] == [a.name for a in built_in.audiences]
    assert [a.signs for a in found.audiences] == [a.signs for a in built_in.audiences]
    assert all(a.confirmed == (not a.signs) for a in found.audiences)
    assert found.policy == built_in.policy
    assert not any(cell.approver for row in found.policy.matrix.values() for cell in row.values())
    assert found.retention == ()
    assert not re.search(r"period: *P", text)
    mapping = load_mapping(begun.folder / "mapping.yaml", load_taxonomy())
    assert mapping.entries == ()


def test_what_looks_like_marketing_is_listed_with_its_reason(begun):
    text = (begun.folder / "crm-audit.yaml").read_text(encoding="utf-8")
    marketing = text[text.index("name: marketing") : text.index("name: administration")]
    for line in (
        "TO BE CONFIRMED",
        "profile “Marketing User”: 13 active people, for the word “Marketing”",
        "department “Growth”: 9 active people, for the word “Growth”",
        "role “Campaigns”",
    ):
        assert line in marketing
    assert "permission set “" in text[text.index("name: campaign-tools") :]
    assert "Contact.Last_Service_Date__c" in text[: text.index("strict_credential: false")]


def test_the_mapping_holds_once_its_comments_are_taken_away(begun, tmp_path):
    text = (begun.folder / "mapping.yaml").read_text(encoding="utf-8")
    decided = re.sub(r"^  # (- match|  tag|  why)", r"  \1", text, flags=re.MULTILINE).replace(
        "tags: []", "tags:"
    )
    (tmp_path / "mapping.yaml").write_text(decided, encoding="utf-8")
    entries = load_mapping(tmp_path / "mapping.yaml", load_taxonomy()).entries
    assert len(entries) > 100
    assert ("Contact", "Diagnosis__c") in {(e.object, e.field) for e in entries}


def test_no_secret_and_no_person_is_written(begun):
    written = "".join(p.read_text(encoding="utf-8") for p in begun.folder.iterdir() if p.is_file())
    assert "{env: SF_ACCESS_TOKEN}" in written
    assert begun.token not in written + begun.first.out + begun.first.err
    assert "Virpal Kaur" not in written


def test_the_permission_set_is_beside_it(begun):
    for name, content in permission_set.files().items():
        assert (begun.folder / "permission-set" / name).read_bytes() == content


def test_nothing_is_overwritten_and_nobody_called_for_it(begun):
    assert begun.again.code == 2
    assert "crm-audit.yaml is there already, and nothing is overwritten" in begun.again.err


def test_a_jwt_login_is_tried_with_the_key_beside_the_file(tmp_path):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "sf.key").write_bytes(private)
    (tmp_path / "new" / "sf.key").chmod(0o600)
    with running(planted(), credentials=Credentials(consumer_key="consumer", public_key=public)) as served:
        environ = {"SF_CONSUMER_KEY": "consumer", "REQUESTS_CA_BUNDLE": str(served.ca_file)}
        words = ("--login", "jwt", "--instance-url", served.url, "--audience-url", served.url)
        first = inside(
            tmp_path, "init", "new", "--yes", "--username", "auditor@clinic.example", *words, **environ
        )
        then = inside(tmp_path, "check", "-c", "new/crm-audit.yaml", **environ)
    assert first.code == 0, first.err
    assert then.code in {0, 4}, then.err
    assert "PRIVATE KEY" not in (tmp_path / "new" / "crm-audit.yaml").read_text(encoding="utf-8")


def test_what_could_not_be_read_is_named_in_the_draft(tmp_path):
    org = clinic_org()
    org["running_user"]["permissions"] = ["ApiEnabled"]
    with running(org) as served:
        ran = inside(tmp_path, "init", "--yes", **door(served))
    assert ran.code == 0, ran.err
    text = (tmp_path / "crm-audit.yaml").read_text(encoding="utf-8")
    unread = next(line for line in text.splitlines() if line.startswith("# NOT READ COMPLETELY"))
    assert "UserRole" in unread
    assert "PermissionSetAssignment" in unread
    assert "Not read completely: " in ran.out


def test_a_login_that_fails_writes_nothing(tmp_path):
    with running(clinic_org()) as served:
        environ = door(served) | {"SF_ACCESS_TOKEN": "00D!expired"}
        ran = inside(tmp_path, "init", "new", "--yes", **environ)
    assert ran.code == 3
    assert ran.err.startswith("error: ")
    assert not (tmp_path / "new").exists()


def test_questions_nobody_answers_are_one_sentence(tmp_path):
    for words in (("init", "--yes"), ("init",)):
        ran = subprocess.run(
            [sys.executable, "-m", "crm_audit", *words],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 2
        assert "Traceback" not in ran.stderr
        assert "hint: Give it as an option" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_is_wrong_is_not_blamed_on_a_file_that_is_not_there(tmp_path):
    words = ("init", "--yes", "--login", "session", "--instance-url", "http://acme.example")
    ran = inside(tmp_path, *words, SF_ACCESS_TOKEN="canary")
    assert ran.code == 2
    assert ran.err.startswith("error: The address cannot be used: ")
    assert "crm-audit.yaml" not in ran.err
    assert "canary" not in ran.err


def test_answers_are_asked_for_only_where_nothing_was_given():
    asked = []

    def ask(question: str, default: str) -> str:
        asked.append(question)
        return default

    text = asking.target(
        asking.Answers(
            name="clinic", login="jwt", instance_url="acme.my.salesforce.com", username="a@b.example"
        ),
        ask,
        {"SF_PRIVATE_KEY_FILE": "/run/sf.key", "SF_LOGIN_URL": "https://test.salesforce.com"},
    )
    assert asked == ["Where the consumer key is", "Where the private key is"]
    target = config.of_text(f"version: 1\n{text}\n", ROOT / "x.yaml", {}).targets[0]
    assert target.auth.private_key.reference == "file /run/sf.key"
    assert target.auth.audience == "https://test.salesforce.com"


@pytest.mark.parametrize(
    ("environ", "given", "kind"),
    [
        ({"SF_ACCESS_TOKEN": "x"}, asking.Answers(instance_url="acme.my.salesforce.com"), "Session"),
        (
            {"SF_CONSUMER_SECRET": "x"},
            asking.Answers(instance_url="acme.my.salesforce.com"),
            "ClientCredentials",
        ),
        (
            {"SF_CONSUMER_SECRET_FILE": "s"},
            asking.Answers(instance_url="acme.my.salesforce.com"),
            "ClientCredentials",
        ),
        ({"SF_CLI_ALIAS": "uat"}, asking.Answers(), "SfCli"),
        ({"SF_USERNAME": "a@b.example"}, asking.Answers(instance_url="acme.my.salesforce.com"), "Jwt"),
    ],
)
def test_the_environment_proposes_the_way_to_log_in(environ, given, kind):
    text = asking.target(given, said, environ)
    found = config.of_text(f"version: 1\n{text}\n", ROOT / "x.yaml", {}).targets[0]
    assert type(found.auth).__name__ == kind
    assert found.name == "salesforce"


@pytest.mark.parametrize(
    ("place", "yaml"),
    [
        ("env:SF_KEY", "{env: SF_KEY}"),
        ("file:my key.pem", '{file: "my key.pem"}'),
        ("keyring:crm-audit/auditor", '{keyring: {service: "crm-audit", user: "auditor"}}'),
    ],
)
def test_places_of_secrets(place, yaml):
    assert asking.place(place) == yaml


@pytest.mark.parametrize(
    "secret", ["00Dxx!AQcanary", "env:canary", "file:-----BEGIN canary", "keyring:canary", ""]
)
def test_a_secret_in_place_of_its_place_is_refused_and_not_repeated(secret):
    with pytest.raises(ConfigError) as caught:
        asking.place(secret)
    assert "canary" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("given", [asking.Answers(login="password"), asking.Answers(login="session")])
def test_answers_that_cannot_be_used(given):
    with pytest.raises(ConfigError):
        asking.target(given, said, {})


def drafted(tmp_path, people=(), tags=(), surplus=(), unread=(), org="Clinic"):
    audiences = config.default().audiences
    seen = drafts.Seen(
        "salesforce", org, "2027-01-02", tuple(people), tuple(tags), tuple(surplus), tuple(unread)
    )
    new_files.write(tmp_path, drafts.files(asking.target(SESSION, said, {}), audiences, seen))
    return config.load(tmp_path / "crm-audit.yaml", {}, classes=class_names())


def test_names_of_an_org_stay_in_their_comments(tmp_path):
    people = [
        Person(f"005{n}", "x", department=f"Marketing {HOSTILE}", sets=(f"Pardot {HOSTILE}",))
        for n in range(2)
    ]
    tag = Tag(
        f"Lead{HOSTILE}.X__c",
        "diagnosis_condition",
        Coarse.CLINICAL,
        "T3",
        Confidence.HIGH,
        Basis.TAGGER,
        (HOSTILE,),
    )
    found = drafted(tmp_path, people, [tag], [Surplus("write", HOSTILE, "")], [HOSTILE], HOSTILE)
    assert [a.signs for a in found.audiences] == [a.signs for a in config.default().audiences]
    assert load_mapping(tmp_path / "mapping.yaml", load_taxonomy()).entries == ()
    text = (tmp_path / "crm-audit.yaml").read_text(encoding="utf-8")
    assert "NOT READ COMPLETELY" in text
    assert not found.strict_credential


def test_a_credential_without_surplus_stays_strict_and_an_empty_org_is_fine(tmp_path):
    found = drafted(tmp_path)
    assert found.strict_credential
    assert "0 active people fit no audience" in (tmp_path / "crm-audit.yaml").read_text(encoding="utf-8")


def test_a_large_org_still_gets_a_file_that_can_be_read(tmp_path):
    people = [
        Person(
            f"005{n}",
            "x",
            department=f"Marketing {n} {'x' * 240}",
            title=f"Nurse for marketing {n} {'x' * 240}",
        )
        for n in range(500)
    ]
    tags = [
        Tag(
            f"O{n}__c.X__c",
            "diagnosis_condition",
            Coarse.CLINICAL,
            "T3",
            Confidence.HIGH,
            Basis.TAGGER,
            ("x" * 200,),
        )
        for n in range(2000)
    ]
    drafted(tmp_path, people, tags, [Surplus("phi", f"O{n}__c.X__c", "") for n in range(2000)])
    assert (tmp_path / "crm-audit.yaml").stat().st_size < config.LARGEST_FILE / 4
    assert "and 1,975 more objects" in (tmp_path / "crm-audit.yaml").read_text(encoding="utf-8")


def test_long_lists_say_how_much_they_leave_out():
    people = [Person(f"005{n}", "x", department=f"Marketing {n:02}") for n in range(30)]
    lines = list(
        drafts._fits(Audience("marketing", (Sign("department", "marketing"),)), people, "salesforce")
    )
    assert len(lines) == drafts.MOST + 1
    assert lines[-1] == "and 5 more"


def test_files_come_whole_or_not_at_all(tmp_path):
    (tmp_path / "b").write_text("mine", encoding="utf-8")
    with pytest.raises(AuditorError):
        new_files.write(tmp_path, {"a": b"1", "new/a": b"1", "b/c": b"2"})
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


def test_an_address_is_written_without_what_was_copied_with_it():
    given = asking.Answers(
        login="session", instance_url="https://acme.my.salesforce.com/home?sid=canary#canary"
    )
    section = asking.target(given, said, {})
    assert '"https://acme.my.salesforce.com"' in section
    assert "canary" not in section


def test_a_key_file_of_the_environment_is_found_from_any_folder():
    given = asking.Answers(login="jwt", username="a@b.example", instance_url="https://acme.my.salesforce.com")
    assert str(Path("sf.pem").absolute()) in asking.target(given, said, {"SF_PRIVATE_KEY_FILE": "sf.pem"})


def test_an_interruption_takes_back_what_was_written(tmp_path):
    class Contents(dict):
        def items(self):
            yield "a", b"x"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        new_files.write(tmp_path / "new", Contents(a=b"x", b=b"y"))
    assert list(tmp_path.iterdir()) == []
