"""The files a super admin fills in: what is in them, and that they read as nothing attested."""

from __future__ import annotations

import csv
import io

import pytest

from auditor.errors import ConfigError
from auditor.phi import Basis, Coarse, Confidence, Tag
from connectors.hubspot import tables as t
from connectors.hubspot.evidence import load
from crm_audit import evidence_template as made
from crm_audit import new_files
from tests.hubspot.direct import snapshot

PORTAL = {
    "tokens": [{"token": "t"}],
    "properties": {
        "contacts": [
            {"name": "dx", "label": "=cmd()", "dataSensitivity": "sensitive"},
            {"name": "old", "archived": True},
            {"name": "shoe_size"},
            {"name": "email"},
        ],
        "2-310": [{"name": "notes"}],
    },
    "roles": [{"id": "1", "name": "=Care, team"}, {"id": "2", "name": "Billing"}],
    "teams": [{"id": "55", "name": "Front", "parentTeamId": "54"}],
    "users": [{"id": "7", "email": "a@x.example", "superAdmin": True, "roleIds": ["1", "9"]}],
}
FIELDS = ("contacts.dx", "contacts.old", "contacts.email", "2-310.notes", "contacts.gone")
TAGS = [Tag(f, "diagnosis", Coarse.CLINICAL, "T2", Confidence.HIGH, Basis.GIVEN, ()) for f in FIELDS]


def rows(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_what_is_known_is_filled_in():
    files = made.files(snapshot(PORTAL), TAGS)
    assert tuple(files) == made.NAMES
    assert [row[:3] for row in rows(files[t.PROPERTY_ACCESS])[1:]] == [
        ["2-310", "notes", ""],
        ["contacts", "dx", ""],
    ]
    assert [row[:2] for row in rows(files[t.PERMISSION_SETS])[1:]] == [
        ["'=Care, team", "2-310"],
        ["'=Care, team", "contacts"],
        ["Billing", "2-310"],
        ["Billing", "contacts"],
    ]
    assert rows(files[made.KNOWN_PROPERTIES])[2][2] == "'=cmd()"
    assert rows(files[made.KNOWN_TEAMS])[1] == ["55", "Front", "54"]
    assert rows(files[made.KNOWN_USERS])[1] == ["7", "a@x.example", "", "yes", "'=Care, team;9"]
    assert "property-access.csv: 2 lines" in files[made.INSTRUCTIONS].decode()


def test_what_could_not_be_read_is_said():
    told = made.files(snapshot(PORTAL, without=["roles"]), TAGS)[made.INSTRUCTIONS].decode()
    assert "- roles: roles was refused." in told


def test_the_files_are_read_as_they_are_and_attest_nothing(tmp_path):
    new_files.write(tmp_path, made.files(snapshot(PORTAL), TAGS))
    found = load(tmp_path)
    assert {row["mode"] for row in found.tables[t.PROPERTY_ACCESS].to_pylist()} == {""}
    assert found.tables[t.PERMISSION_SETS].to_pylist()[0]["role_name"] == "=Care, team"
    assert t.USERS_EXPORT not in found.tables
    with pytest.raises(ConfigError, match="nothing is overwritten"):
        new_files.write(tmp_path, made.files(snapshot(PORTAL), TAGS))
