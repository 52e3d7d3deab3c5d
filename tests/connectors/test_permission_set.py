"""The permission set and the catalogue are one: nothing is asked for that no query needs, and nothing is missing."""

from __future__ import annotations

import json

import pytest
from lxml import etree

from connectors.salesforce import catalogue as cat
from connectors.salesforce.permission_set import NAME, PERMISSION_SET, PROJECT, files, held
from sandbox.salesforce import running
from sandbox.salesforce.clinic import clinic_org
from tests.program.programs import door, inside

SPACE = {"m": "http://soap.sforce.com/2006/04/metadata"}


def written() -> dict[str, str]:
    """Permission name → enabled, out of the file itself."""
    root = etree.fromstring(files()[PERMISSION_SET])
    assert {etree.QName(e).localname for e in root} == {
        "description",
        "hasActivationRequired",
        "label",
        "userPermissions",
    }
    return {
        e.findtext("m:name", namespaces=SPACE): e.findtext("m:enabled", namespaces=SPACE)
        for e in root.findall("m:userPermissions", SPACE)
    }


def test_every_query_declares_its_rights_and_every_right_is_needed():
    assert all(cat.API_ENABLED in query.rights for query in cat.QUERIES)
    assert {need for query in cat.QUERIES for need in query.rights} == set(cat.NEEDS)
    assert all(need.lost for need in cat.NEEDS)


def test_the_file_holds_exactly_what_is_needed_and_not_withheld():
    wanted = {need.name for query in cat.QUERIES for need in query.rights if not need.withheld}
    assert written() == dict.fromkeys(wanted, "true")
    assert not {need.name for need in held()} & {*cat.WRITE_PERMISSIONS, "ViewAllData", "ViewAllFieldsGlobal"}
    assert all(need.withheld for need in cat.NEEDS if need.name in cat.WRITE_PERMISSIONS)


def test_the_project_names_its_folder():
    project = json.loads(files()[PROJECT])
    assert PERMISSION_SET.startswith(project["packageDirectories"][0]["path"] + "/")


def unread(tmp_path, permissions: set[str]) -> tuple[int, str]:
    org = clinic_org()
    org["running_user"]["permissions"] = sorted(permissions)
    with running(org) as served:
        ran = inside(tmp_path, "check", "salesforce", **door(served))
    return ran.code, ran.out + ran.err


@pytest.mark.parametrize(
    ("without", "code", "says"),
    [
        ("", 0, "Everything can be read"),
        ("ViewRoles", 4, "UserRole"),
        ("ViewSetup", 4, "FieldPermissions: HTTP 400"),
        ("ApiEnabled", 3, "API"),
    ],
)
def test_the_set_suffices_and_each_part_is_missed(tmp_path, without, code, says):
    given, out = unread(tmp_path, {need.name for need in held()} - {without})
    assert given == code, out
    assert says in out


def test_the_command_writes_once_and_overwrites_nothing(tmp_path):
    ran = inside(tmp_path, "permission-set", "rights")
    assert ran.code == 0, ran.err
    assert NAME in ran.out
    assert all((tmp_path / "rights" / name).read_bytes() == content for name, content in files().items())
    (tmp_path / "rights" / PROJECT).unlink()
    again = inside(tmp_path, "permission-set", "rights")
    assert again.code == 2
    assert "nothing is overwritten" in again.err
    assert not (tmp_path / "rights" / PROJECT).exists()


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path):
    (tmp_path / "rights").write_text("x", encoding="utf-8")
    ran = inside(tmp_path, "permission-set", "rights")
    assert ran.code == 2
    assert ran.err.startswith("error: ")
