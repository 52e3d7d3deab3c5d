"""Files that are broken, hostile or elsewhere: each is named, nothing of it is believed, and the rest goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.errors import ConfigError
from auditor.snapshot import Why
from connectors.salesforce import catalogue as cat
from connectors.sfdx import markup
from connectors.sfdx.connector import SOURCE_FILES
from connectors.sfdx.markup import Unusable, parse
from tests.conftest import ROOT
from tests.sfdx.sfdx_projects import (
    SOURCE,
    document,
    element,
    field,
    fls,
    group,
    judge,
    muting,
    permission_set,
    profile,
    project,
    right,
    schema_of,
    write,
)

DIAGNOSIS = "Contact.Diagnosis__c"
BAD = f"{SOURCE}/permissionsets/Bad.permissionset-meta.xml"
GOOD = {
    f"{SOURCE}/objects/Contact/fields/Diagnosis__c.field-meta.xml": field("Diagnosis__c"),
    f"{SOURCE}/permissionsets/Care.permissionset-meta.xml": permission_set(right("Contact"), fls(DIAGNOSIS)),
}
SECRET = "the-content-of-another-file"
LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "lol"}">' for i in range(12))
HOSTILE = "entity remote laughs attribute utf-16 undeclared cut empty binary encoding other deep deeper"
NOT_XML, DOCTYPE = "is not well-formed XML", "declares a document type, which is refused"


def hostile(tmp_path):
    secret = write(tmp_path / "elsewhere", {"secret.txt": SECRET}) / "secret.txt"
    external = f'<!DOCTYPE PermissionSet [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    remote = '<!DOCTYPE PermissionSet SYSTEM "http://192.0.2.1/x.dtd">'
    inside = permission_set("<description>&x;</description>")
    return {
        "entity": (external + inside.partition("?>")[2], DOCTYPE),
        "remote": (remote + permission_set().partition("?>")[2], DOCTYPE),
        "laughs": (
            f"<!DOCTYPE PermissionSet [{LAUGHS}]><PermissionSet><label>&l11;</label></PermissionSet>",
            DOCTYPE,
        ),
        "attribute": (f'<!DOCTYPE PermissionSet [{LAUGHS}]><PermissionSet a="&l11;"/>', DOCTYPE),
        "utf-16": ((external + "<PermissionSet/>").encode("utf-16"), DOCTYPE),
        "undeclared": (inside, NOT_XML),
        "cut": (permission_set(right("Contact"))[:200], NOT_XML),
        "empty": ("", NOT_XML),
        "binary": (bytes(range(256)), NOT_XML),
        "encoding": ('<?xml version="1.0" encoding="no-such"?><PermissionSet/>', NOT_XML),
        "other": (profile(), "is not a PermissionSet"),
        "deep": (
            "<PermissionSet>" + "<a>" * 200 + "</a>" * 200 + "</PermissionSet>",
            "nests deeper than metadata does",
        ),
        "deeper": ("<PermissionSet>" + "<a>" * 9000, NOT_XML),
    }


@pytest.mark.parametrize("name", HOSTILE.split())
def test_a_hostile_or_broken_file_is_named_and_the_rest_goes_on(tmp_path, name):
    assert set(hostile(tmp_path)) == set(HOSTILE.split())
    text, problem = hostile(tmp_path)[name]
    judged = judge(project(tmp_path / "project", {**GOOD, BAD: text}), DIAGNOSIS)
    unread = judged.snapshot.unread(SOURCE_FILES)
    assert unread is not None
    assert unread.why is Why.FAILED
    assert unread.detail.startswith(BAD)
    assert problem in unread.detail
    assert judged.word("Care", DIAGNOSIS) == "yes"
    assert judged.word("Bad", DIAGNOSIS) == "unknown"
    assert judged.doubt("Bad", DIAGNOSIS) == unread.detail
    everything = str([r.table.to_pylist() for r in judged.snapshot.readings.values()])
    assert SECRET not in everything
    assert "lollol" not in everything


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("connectors.sfdx.tree.LARGEST", 2000)
    text = permission_set(f"<description>{'x' * 3000}</description>")
    snapshot = schema_of(project(tmp_path, {**GOOD, BAD: text}))
    assert "is larger than" in snapshot.unread(SOURCE_FILES).detail
    monkeypatch.setattr(markup, "LARGEST", 2000)
    with pytest.raises(Unusable, match="is larger than"):
        parse(text.encode())


def test_a_group_with_a_broken_part_or_muting_set_says_so(tmp_path):
    files = {
        **GOOD,
        BAD: "<",
        f"{SOURCE}/mutingpermissionsets/Quiet.mutingpermissionset-meta.xml": "<",
        f"{SOURCE}/permissionsetgroups/A.permissionsetgroup-meta.xml": group(["Care", "Bad"], label="A"),
        f"{SOURCE}/permissionsetgroups/B.permissionsetgroup-meta.xml": group(["Care"], ["Quiet"], label="B"),
        f"{SOURCE}/permissionsetgroups/C.permissionsetgroup-meta.xml": "<",
        f"{SOURCE}/objects/Contact/fields/Notes__c.field-meta.xml": field("Notes__c"),
    }
    judged = judge(project(tmp_path, files), DIAGNOSIS, "Contact.Notes__c")
    assert (judged.word("A", DIAGNOSIS), judged.word("A", "Contact.Notes__c")) == ("yes", "unknown")
    assert (judged.word("B", DIAGNOSIS), judged.word("B", "Contact.Notes__c")) == ("possible", "no")
    assert judged.word("C", DIAGNOSIS) == "unknown"


def test_a_broken_field_leaves_the_field_unknown(tmp_path):
    path = f"{SOURCE}/objects/Contact/fields/Notes__c.field-meta.xml"
    judged = judge(project(tmp_path, {**GOOD, path: field("Notes__c")[:-20]}), "Contact.Notes__c")
    assert judged.word("Care", "Contact.Notes__c") == "unknown"
    assert path in judged.snapshot.unread(SOURCE_FILES).detail


def test_links_out_of_the_project_are_not_followed(tmp_path):
    outside = write(
        tmp_path / "outside",
        {
            "Evil.permissionset-meta.xml": permission_set(label="Evil"),
            "sets/More.permissionset-meta.xml": permission_set(),
        },
    )
    root = project(tmp_path / "project", GOOD)
    (root / BAD).symlink_to(outside / "Evil.permissionset-meta.xml")
    (root / SOURCE / "more").symlink_to(outside / "sets")
    (root / SOURCE / "permissionsets" / "Loop.permissionset-meta.xml").symlink_to(
        "Loop.permissionset-meta.xml"
    )
    (root / SOURCE / "up").symlink_to(root)
    os.mkfifo(root / SOURCE / "permissionsets" / "Pipe.permissionset-meta.xml")
    judged = judge(root, DIAGNOSIS)
    problems = {
        r["path"].rpartition("/")[2]: r["problem"]
        for r in judged.snapshot.table(SOURCE_FILES).to_pylist()
        if r["problem"]
    }
    assert (
        problems["Bad.permissionset-meta.xml"]
        == problems["more"]
        == "is a link that leads out of the project"
    )
    assert problems["Pipe.permissionset-meta.xml"] == "is not a plain file"
    assert problems["up"] == "is a link to a folder and is not followed"
    assert set(problems) == {
        "Bad.permissionset-meta.xml",
        "more",
        "Loop.permissionset-meta.xml",
        "Pipe.permissionset-meta.xml",
        "up",
    }
    labels = judged.snapshot.table(cat.PERMISSION_SETS.name).column("Label").to_pylist()
    assert "Evil" not in labels
    assert "More" not in labels


@pytest.mark.parametrize(
    ("link", "target", "reason"),
    [
        ("permissionsets/Care/objectSettings", "two", "is a link to a folder and is not followed"),
        ("permissionsets/Care/objectSettings", "..", "is a link that leads out of the project"),
        ("permissionsets/Care/objectSettings", "gone", "is a link to something that is not there"),
        ("permissionsets/team/Care", "two", "is a link to a folder and is not followed"),
        ("permissionsets/Care.permissionset-meta.xml", "two", "is a link to a folder and is not followed"),
        ("objects/Contact", "two", "is a link to a folder and is not followed"),
        ("objects/Contact/fields", "two", "is a link to a folder and is not followed"),
        ("objects/contact/fields", "objects/contact/fields", "is a link to something that is not there"),
    ],
)
def test_what_a_folder_behind_a_link_may_hold_is_unknown(tmp_path, link, target, reason):
    files = {
        "one/objects/Contact/fields/Diagnosis__c.field-meta.xml": field("Diagnosis__c"),
        "one/permissionsets/Care/Care.permissionset-meta.xml": permission_set(right("Contact")),
    }
    root = project(tmp_path / "project", files, packages=("one", "three"))
    where = root / "three" / link
    where.parent.mkdir(parents=True)
    (root / "two").mkdir()
    where.symlink_to(root / target if target != ".." else tmp_path)
    judged = judge(root, DIAGNOSIS)
    assert judged.snapshot.unread(SOURCE_FILES).detail == f"three/{link} {reason}."
    assert judged.word("Care", DIAGNOSIS) == "unknown"
    if "permissionsets" in link:
        assert judged.doubt("Care", DIAGNOSIS) == f"three/{link} {reason}."


@pytest.mark.parametrize("package", ["force-app", "force-app/main"])
def test_a_package_directory_behind_a_link_is_not_read(tmp_path, package):
    root = project(tmp_path, {**GOOD, "more/objects/A__c/A__c.object-meta.xml": document("CustomObject")})
    (root / "force-app").rename(root / "elsewhere")
    (root / "force-app").symlink_to("elsewhere")
    project(root, {}, packages=(package, "more"))
    detail = schema_of(root).unread(SOURCE_FILES).detail
    assert detail == "force-app is a link to a folder and is not followed."


def test_links_nobody_reads_through_are_nobodys_matter(tmp_path):
    root = project(tmp_path, {**GOOD, "README.md": "Read me", "docs/a.md": "a"})
    for link, target in (
        ("docs/up", ".."),
        ("force-app/README.md", "../README.md"),
        ("force-app/.hidden", "gone"),
        ("force-app/node_modules", "../docs"),
    ):
        (root / link).symlink_to(target)
    assert schema_of(root).readings[SOURCE_FILES].complete


def test_a_folder_that_may_not_be_read_leaves_its_set_unknown(tmp_path, monkeypatch):
    walk = os.walk

    def refused(top, onerror, followlinks):
        yield from walk(top, onerror=onerror, followlinks=followlinks)
        onerror(PermissionError(13, "Permission denied", str(folder)))

    root = project(tmp_path, GOOD)
    folder = root / SOURCE / "permissionsets" / "Care"
    write(root, {f"{SOURCE}/objects/Contact/fields/Notes__c.field-meta.xml": field("Notes__c")})
    monkeypatch.setattr("connectors.sfdx.tree.os.walk", refused)
    judged = judge(root, "Contact.Notes__c")
    assert judged.word("Care", "Contact.Notes__c") == "unknown"
    assert "permissionsets/Care cannot be read (Permission denied)" in judged.doubt(
        "Care", "Contact.Notes__c"
    )


def test_what_may_not_be_read_is_named(tmp_path, monkeypatch):
    read = Path.read_bytes

    def refused(path):
        if path.name.startswith("Bad."):
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    root = project(tmp_path, {**GOOD, BAD: permission_set()})
    monkeypatch.setattr(Path, "read_bytes", refused)
    assert f"{BAD} cannot be read (Permission denied)" in schema_of(root).unread(SOURCE_FILES).detail


def test_a_project_that_is_not_there_is_a_plain_sentence(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot be read: No such file") as caught:
        schema_of(tmp_path / "nowhere")
    assert caught.value.hint
    file = write(tmp_path, {"file.txt": "x"}) / "file.txt"
    with pytest.raises(ConfigError, match="cannot be read: Not a directory"):
        schema_of(file)
    with pytest.raises(ConfigError, match="holds no Salesforce metadata") as caught:
        schema_of(tmp_path)
    assert caught.value.hint


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"packageDirectories": 1}', '{"packageDirectories": [{}]}', "[" * 100_000]
)
def test_a_broken_project_file_is_a_plain_sentence(tmp_path, text):
    with pytest.raises(ConfigError, match="is not a project file"):
        schema_of(write(tmp_path, {**GOOD, "sfdx-project.json": text}))


def packages(*paths, **more):
    return json.dumps(
        {"packageDirectories": [{"path": p} for p in paths], "sourceApiVersion": "63.0", **more}
    )


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("\0x", "\N{REPLACEMENT CHARACTER}x is no path that can be read"),
        ("\ud800", "? is no path that can be read"),
        ("a" * 5000, f"{'a' * 100}… is no path that can be read"),
        ("a\n=b", "a\N{REPLACEMENT CHARACTER}=b is not there"),
        ("/etc", "/etc lies outside the project and is not read"),
        ("loop", "loop is no path that can be read"),
    ],
)
def test_a_package_directory_that_is_no_path_is_named(tmp_path, path, shown):
    root = write(tmp_path, {**GOOD, "sfdx-project.json": packages(path, "force-app")})
    if path == "loop":
        (root / "loop").symlink_to("loop")
    judged = judge(root, DIAGNOSIS)
    problems = [
        f"{r['path']} {r['problem']}"
        for r in judged.snapshot.table(SOURCE_FILES).to_pylist()
        if r["kind"] == "package directory"
    ]
    assert problems == [shown]
    assert judged.word("Care", DIAGNOSIS) == "yes"


def test_a_project_of_which_nothing_can_be_read_is_a_plain_sentence(tmp_path):
    root = write(tmp_path, {**GOOD, "sfdx-project.json": packages("gone")})
    with pytest.raises(
        ConfigError, match=r"holds no Salesforce metadata that can be read: gone is not there\.$"
    ):
        schema_of(root)


def fifo(path):
    os.mkfifo(path)


def outward(path):
    write(path.parent.parent / "outside", {"project.json": packages("force-app")})
    path.symlink_to("../outside/project.json")


def dangling(path):
    path.symlink_to("gone.json")


def large(path):
    with path.open("wb") as file:
        file.truncate(markup.LARGEST + 1)


def crowded(path):
    path.write_text(packages(*(f"p{i}" for i in range(1001))))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (fifo, "is not a plain file"),
        (Path.mkdir, "is not a plain file"),
        (outward, "is a link that leads out of the project"),
        (dangling, "cannot be read \\(No such file or directory\\)"),
        (large, "is larger than 20 MB"),
        (crowded, "names 1,001 package directories; 1,000 are the most that are read"),
    ],
)
def test_a_project_file_that_is_none_is_a_plain_sentence(tmp_path, make, reason):
    root = write(tmp_path / "project", GOOD)
    make(root / "sfdx-project.json")
    with pytest.raises(ConfigError, match=f"sfdx-project.json {reason}") as caught:
        schema_of(root)
    assert caught.value.hint


def test_what_a_project_file_says_of_itself_is_not_believed(tmp_path):
    text = packages("force-app", name="x\ud800y", sourceApiVersion="\ud800", namespace="a|b")
    judged = judge(write(tmp_path, {**GOOD, "sfdx-project.json": text}), DIAGNOSIS)
    assert (judged.snapshot.manifest.org_name, judged.snapshot.manifest.api_version) == ("x?y", "")
    assert judged.word("Care", DIAGNOSIS) == "yes"


def test_a_folder_that_is_no_path_is_a_plain_sentence():
    with pytest.raises(ConfigError, match="cannot be read"):
        schema_of(Path("a\0b"))


def test_package_directories_stay_inside_the_project(tmp_path):
    write(tmp_path / "outside", {"permissionsets/Evil.permissionset-meta.xml": permission_set(label="Evil")})
    root = project(tmp_path / "project", GOOD, packages=("./force-app/", "../outside", "missing"))
    judged = judge(root, DIAGNOSIS)
    assert judged.word("Care", DIAGNOSIS) == "yes"
    detail = judged.snapshot.unread(SOURCE_FILES).detail
    assert "../outside lies outside the project and is not read" in detail
    assert "missing is not there" in detail
    assert len(judged.access.grants.people) == 1


def test_a_tree_without_a_project_file_or_manifest_still_loads(tmp_path):
    files = {"deep/er/Care.permissionset-meta.xml": permission_set(right("Contact"), fls(DIAGNOSIS))}
    assert judge(write(tmp_path, files), DIAGNOSIS).word("Care", DIAGNOSIS) == "yes"


def test_forceignore_is_noted(tmp_path):
    snapshot = schema_of(project(tmp_path, {**GOOD, ".forceignore": "**/profiles\n"}))
    assert any(".forceignore was not applied" in note for note in snapshot.manifest.notes)


def test_login_ranges_are_not_kept(tmp_path):
    ranges = element("loginIpRanges", endAddress="203.0.113.9", startAddress="203.0.113.1")
    judged = judge(
        project(tmp_path, {**GOOD, f"{SOURCE}/profiles/P.profile-meta.xml": profile(ranges)}), DIAGNOSIS
    )
    assert "203.0.113" not in str([r.table.to_pylist() for r in judged.snapshot.readings.values()])


def test_muting_nothing_is_no_mute(tmp_path):
    files = {
        f"{SOURCE}/permissionsetgroups/A.permissionsetgroup-meta.xml": group(["Care"], ["Quiet"], label="A"),
        f"{SOURCE}/mutingpermissionsets/Quiet.mutingpermissionset-meta.xml": muting(
            fls(DIAGNOSIS, read=False)
        ),
    }
    assert judge(project(tmp_path, {**GOOD, **files}), DIAGNOSIS).word("A", DIAGNOSIS) == "yes"


def test_numbers_and_names_nobody_expects(tmp_path):
    files = {
        f"{SOURCE}/objects/Contact/fields/L__c.field-meta.xml": field("L__c", length="9" * 40),
        f"{SOURCE}/objects/Contact/fields/U__c.field-meta.xml": field("U__c", "NoSuchType", length="１２"),
        f"{SOURCE}/permissionsets/.permissionset-meta.xml": permission_set(),
        "stray.field-meta.xml": field("Stray__c"),
        f"{SOURCE}/objects/Contact/Contact.object-meta.xml": document("CustomObject"),
    }
    snapshot = schema_of(project(tmp_path, {**GOOD, **files}))
    assert snapshot.readings[SOURCE_FILES].complete


def test_no_network_is_within_reach():
    """Nothing that the connector imports of its own can open a connection."""
    code = (
        "import sys, connectors.sfdx.connector\n"
        "bad = {'requests', 'simple_salesforce', 'urllib3', 'http.client', 'urllib.request'} & set(sys.modules)\n"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)
    for path in sorted((ROOT / "connectors" / "sfdx").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not any(f"import {name}" in text for name in ("requests", "socket", "urllib.request", "http"))
