"""Exit codes, errors, canaries, determinism and the demo, through the program itself."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sandbox.salesforce import running
from sandbox.salesforce.clinic import INNOCENT, PLANTED, clinic_org
from tests.program.programs import crm_audit, door

CANARY = b"CANARY-PHI"
IDS = {"profile": "00ex00000000001AAA", "owned": "0PSx00000000001GAA", "user": "005x00000000001AAA"}
TAGS = {"phi": {"Contact.Diagnosis__c": "diagnosis"}, "classifier": {"profile": "marketing"}}


def small_org(*, name="Marketing", grants=True, computed=True, setup=True):
    """One person, one profile, one clinical field."""
    read = {"ParentId": IDS["owned"], "SobjectType": "Contact"}
    permissions = ["ApiEnabled", "ViewRoles", *(["ViewSetup"] if setup else [])]
    return {
        "format": "salesforce-org/1",
        "now": "2026-11-24T03:00:00Z",
        "running_user": {
            "id": None,
            "permissions": permissions,
            "hidden_fields": ["Contact.Diagnosis__c"] if computed else [],
        },
        "objects": {
            "Contact": {"fields": [{"name": "Diagnosis__c", "type": "string", "label": "Diagnosis"}]}
        },
        "tables": {
            "Profile": [{"Id": IDS["profile"], "Name": name, "UserType": "Standard"}],
            "PermissionSet": [
                {
                    "Id": IDS["owned"],
                    "Name": "X1",
                    "Label": "X1",
                    "Type": "Profile",
                    "IsOwnedByProfile": True,
                    "ProfileId": IDS["profile"],
                }
            ],
            "User": [
                {
                    "Id": IDS["user"],
                    "Username": "a@clinic.example",
                    "Name": "A",
                    "IsActive": True,
                    "UserType": "Standard",
                    "ProfileId": IDS["profile"],
                }
            ],
            "UserLogin": [{"UserId": IDS["user"], "IsFrozen": False}],
            "ObjectPermissions": [{**read, "PermissionsRead": True}] if grants else [],
            "FieldPermissions": [{**read, "Field": "Contact.Diagnosis__c", "PermissionsRead": True}]
            if grants
            else [],
        },
    }


def audited(org, folder, *words):
    (folder / "tags.json").write_text(json.dumps(TAGS), encoding="utf-8")
    with running(org) as served:
        given = ("run", "salesforce", "--tags", "tags.json", "--as-of", "2026-11-24", "--out", "out", *words)
        ran = crm_audit(folder, *given, **door(served))
        return ran, served.log.queries(), served.writes()


@pytest.mark.parametrize(
    ("org", "worst"),
    [
        (small_org(), 13),
        (small_org(setup=False), 4),
        (small_org(name="Nurse"), None),
    ],
)
def test_findings_decide_the_code(org, worst, tmp_path):
    ran, _, writes = audited(org, tmp_path)
    states = {r["id"]: r["state"] for r in ran.document()["systems"][0]["rules"]}
    assert writes == []
    if worst == 13:
        assert states["marketing-reads-clinical"] == "gap_observed"
        assert ran.code in {13, 23}
    elif worst == 4:
        assert states["marketing-reads-clinical"] == "unknown_not_readable"
        assert ran.code in {4, 23}
    else:
        assert states["marketing-reads-clinical"] == "not_applicable"


def test_strict_stops_before_people_and_grants(tmp_path):
    ran, queries, _ = audited(small_org(computed=False), tmp_path, "--strict-credential")
    assert ran.code == 3
    assert "hint:" in ran.err
    assert not [q for q in queries if "FROM FieldPermissions" in q or "FROM User " in f"{q} "]
    assert not ran.report.exists()


@pytest.mark.parametrize(
    ("words", "environ", "code"),
    [
        (["run", "salesforce"], {}, 2),
        (["run", "hubspot"], {}, 2),
        (["run", "--config", "absent.yaml"], {}, 2),
        (["run", "salesforce", "--as-of", "soon"], {}, 2),
        (["run", "salesforce", "--tags", "absent.json"], {}, 2),
        (["rules", "no-such-rule"], {}, 2),
        (["analyze", "absent"], {}, 2),
        (["run", "salesforce"], {"SF_INSTANCE_URL": "https://127.0.0.1:9", "SF_ACCESS_TOKEN": "x"}, 3),
        (["run", "salesforce"], {"SF_INSTANCE_URL": "http://127.0.0.1:9", "SF_ACCESS_TOKEN": "x"}, 2),
    ],
)
def test_errors_are_one_sentence_and_a_hint(words, environ, code, tmp_path):
    ran = crm_audit(tmp_path, *words, **environ)
    assert ran.code == code, ran.err
    assert ran.err.startswith("error: ")
    assert "Traceback" not in ran.err


def test_a_refused_token_audits_nothing(tmp_path):
    with running(small_org()) as served:
        ran = crm_audit(tmp_path, "run", "salesforce", **{**door(served), "SF_ACCESS_TOKEN": "secret-token"})
    assert ran.code == 3
    assert "secret-token" not in ran.err


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    """The demo clinic, audited as a stranger would: nothing decided, everything scanned, logs and files kept."""
    folder = tmp_path_factory.mktemp("clinic")
    (folder / "tmp").mkdir()
    with running(clinic_org()) as served:
        environ = {**door(served), "TMPDIR": str(folder / "tmp")}
        ran = crm_audit(
            folder,
            "run",
            "salesforce",
            "--as-of",
            "2026-11-24T06:00:00Z",
            "--out",
            "out",
            "--log-json",
            **environ,
        )
        kept = crm_audit(
            folder, "collect", "kept", "salesforce", "--as-of", "2026-11-24T06:00:00Z", "-q", **environ
        )
        assert served.writes() == []
        return folder, ran, kept, served.token


def test_no_value_and_no_token_leaves(clinic):
    folder, ran, kept, token = clinic
    texts = [ran.out, ran.err, kept.out, kept.err]
    files = [p for p in folder.rglob("*") if p.is_file()]
    assert len(files) > 20
    for path in files:
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += json.dumps(pq.read_table(path).to_pylist()).encode()
        if path.suffix == ".xlsx":
            import zipfile

            with zipfile.ZipFile(path) as book:
                content = b"".join(book.read(n) for n in book.namelist())
        assert CANARY not in content, path
        assert token.encode() not in content, path
    assert not any(CANARY.decode() in t or token in t for t in texts)


def test_the_same_snapshot_gives_the_same_bytes(clinic):
    folder, _, _, _ = clinic
    worlds = (
        {"TZ": "UTC", "PYTHONHASHSEED": "1"},
        {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2", "LC_ALL": "C"},
    )
    found = []
    for number, world in enumerate(worlds):
        ran = crm_audit(folder, "analyze", "kept", "--out", f"again{number}", "-q", **world)
        assert ran.code in {14, 24}, ran.err
        found.append({p.name: p.read_bytes() for p in (folder / f"again{number}").iterdir()})
    assert found[0] == found[1]


def test_the_demo_finds_what_was_planted(tmp_path):
    ran = crm_audit(tmp_path, "demo", "--out", "out")
    assert ran.code == 0, ran.err
    assert {p.name for p in ran.report.iterdir()} == {
        "audit.xlsx",
        "audit.json",
        "access.csv",
        "findings.csv",
    }
    findings = json.loads((ran.report / "audit.json").read_text())["systems"][0]["findings"]
    text = json.dumps(findings)
    rules = {"marketing-reads-clinical", "guest-reads-phi", "dormant-holder"}
    stories = [p for p in PLANTED if p.rule in rules]
    assert len(stories) > 10
    missed = [p.story for p in stories if not any(user in text for user in p.who)]
    assert missed == []
    flagged = {
        (cell["field"], person)
        for f in findings
        if f["rule"] == "marketing-reads-clinical"
        for cell in f["fields"]
        for person in f["people"]
    }
    wrong = [
        p.story for p in INNOCENT if p.verdict == "no" for u in p.who for w in p.what if (w, u) in flagged
    ]
    assert flagged
    assert wrong == []


def test_same_org_same_identities(tmp_path):
    """Names are no part of a finding's identity."""
    renamed = copy.deepcopy(small_org())
    renamed["tables"]["User"][0]["Name"] = "Somebody else"
    ids = []
    for number, org in enumerate((small_org(), renamed)):
        folder = tmp_path / str(number)
        folder.mkdir()
        ran, _, _ = audited(org, folder, "-q")
        ids.append({f["id"] for f in ran.document()["systems"][0]["findings"]})
    assert ids[0] == ids[1] != set()


def test_modes_are_private(clinic):
    folder = clinic[0]
    for directory in (folder / "out", folder / "kept"):
        assert oct(directory.stat().st_mode & 0o777) == "0o700"
        assert {oct(p.stat().st_mode & 0o777) for p in Path(directory).iterdir()} == {"0o600"}
