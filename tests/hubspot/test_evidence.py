"""Evidence files: each line becomes a row, or an error with its place (hubspot 3.6; portal-fixture 3)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import ConfigError
from connectors.hubspot import tables as t
from connectors.hubspot.evidence import HEADERS, Granted, UsersExport, load, parse, written
from reports.inert import for_csv
from tests.hubspot import direct

SCENARIOS = Path(__file__).parents[2].parent / "shared/data/scenarios/hubspot"
ACCESS, SETS = ",".join(HEADERS[t.PROPERTY_ACCESS]), ",".join(HEADERS[t.PERMISSION_SETS])
HERE = Path("here.csv")
WORDS = UsersExport(
    {"id": "User ID", "email": "E-Mail", "permissions": "Rechte"},
    {"Kontakte: alles": Granted("contacts", "ALL", "ALL")},
)


def access(*lines, header=ACCESS):
    return parse(t.PROPERTY_ACCESS, "\r\n".join((header, *lines)), HERE).to_pylist()


def sets(*lines, header=SETS):
    return parse(t.PERMISSION_SETS, "\n".join((header, *lines)), HERE).to_pylist()


def test_a_line_becomes_a_row():
    [row] = access("contacts,dx,RESTRICTED,,a@x.example; 7 ,Care,,55;Front desk,2026-11-02T10:00:00Z,201")
    assert row == {
        "line": 2,
        "object": "contacts",
        "property": "dx",
        "mode": "RESTRICTED",
        "owner_user": "",
        "view_users": ["a@x.example", "7"],
        "view_teams": ["Care"],
        "edit_users": [],
        "edit_teams": ["55", "Front desk"],
        "observed_at": "2026-11-02T10:00:00Z",
        "observed_by": "201",
    }


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"\ufeff{ACCESS}\ncontacts,dx,everyone,,,,,,2026-11-02,1\n", [2]),
        (f"{ACCESS.upper().replace('_', ' ')}\ncontacts,dx,Everyone,,,,,,2026-11-02,1\n", [2]),
        (f"{ACCESS.replace(',', ' ;')}\ncontacts;dx;EVERYONE;;;;;;2026-11-02;1\n", [2]),
        (f"{ACCESS},note\ncontacts,dx,EVERYONE,,,,,,2026-11-02,1,seen\n", [2]),
        (f"{ACCESS}\n\n,,,,,,,,,\nContact,dx,EVERYONE,,,,,,2026-11-02,1\n\n", [4]),
        (f'{ACCESS}\ncontacts,dx,EVERYONE,,,,,,,"two\nlines"\n0-1,dx,EVERYONE,,,,,,2026-11-02,1', [2, 4]),
    ],
)
def test_spreadsheets_write_in_many_ways(text, lines):
    rows = parse(t.PROPERTY_ACCESS, text.removeprefix("\ufeff"), HERE).to_pylist()
    assert [row["line"] for row in rows] == lines
    assert {(row["object"], row["property"], row["mode"]) for row in rows} == {("contacts", "dx", "EVERYONE")}


def test_a_line_that_nobody_filled_in_stays():
    [row] = access("contacts,dx,,,,,,,,")
    assert (row["mode"], row["observed_at"]) == ("", "")


def test_a_set_may_leave_open_what_is_not_known():
    [row] = sets(
        "Care,2-310,team,,,2026-11-02,me",
        header="role_name,object_type,view,edit,export,observed_at,observed_by",
    )
    assert (row["object"], row["view"], row["edit"], row["marketing_access"]) == ("2-310", "TEAM", "", "")


def test_the_users_export_is_read_word_by_word():
    text = "Name,User ID,E-Mail,Rechte\nA,7,a@x.example,kontakte: ALLES;Rätsel\nB,8,b@x.example,\n"
    rows = parse(t.USERS_EXPORT, text, HERE, WORDS).to_pylist()
    assert [(r["user_id"], r["word"], r["object"], r["view"]) for r in rows] == [
        ("7", "kontakte: ALLES", "contacts", "ALL"),
        ("7", "Rätsel", None, None),
        ("8", "", None, None),
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (t.PROPERTY_ACCESS, "", "here.csv:1: The file is empty"),
        (t.PROPERTY_ACCESS, ACCESS.replace("mode,", ""), "here.csv:1: The header “mode” is missing"),
        (t.PROPERTY_ACCESS, "a,b", "are missing"),
        (t.PROPERTY_ACCESS, f"{ACCESS},Mode", "here.csv:1: The header “mode” is there twice"),
        (t.PROPERTY_ACCESS, f"{ACCESS}\ncontacts,dx", "here.csv:2: The line has 2 cells, and the header 10"),
        (t.PROPERTY_ACCESS, f"{ACCESS}\nc,dx,SECRET,,,,,,,", "here.csv:2: “mode” cannot be “SECRET”"),
        (
            t.PROPERTY_ACCESS,
            f"{ACCESS}\nc,dx,,,7,,,,,",
            "here.csv:2: “mode” is empty, but “view_users” is not",
        ),
        (t.PROPERTY_ACCESS, f"{ACCESS}\nc,dx,,,,,,,2026-11-02,", "but “observed_at” is not"),
        (t.PROPERTY_ACCESS, f"{ACCESS}\nc,,EVERYONE,,,,,,,", "here.csv:2: “property_name” is empty"),
        (t.PROPERTY_ACCESS, f"{ACCESS}\n,dx,EVERYONE,,,,,,,", "here.csv:2: “object_type” is empty"),
        (
            t.PROPERTY_ACCESS,
            f"{ACCESS}\nc,dx,EVERYONE,,,,,,11/2/2026,",
            "here.csv:2: “observed_at” is not a date",
        ),
        (t.PROPERTY_ACCESS, f"{ACCESS}\nc,dx,EVERYONE,,,,,,45963,", "“observed_at” is not a date"),
        (t.PROPERTY_ACCESS, f'{ACCESS}\n"c,dx,EVERYONE,,,,,,,', "here.csv:2: This line is not CSV"),
        (t.PROPERTY_ACCESS, f"{ACCESS}\nc,d\0x,EVERYONE,,,,,,,", "here.csv:2: A NUL byte"),
        (t.PERMISSION_SETS, f"{SETS}\nCare,c,MINE,,,,,,,,,,", "here.csv:2: “view” cannot be “MINE”"),
        (t.PERMISSION_SETS, f"{SETS}\nCare,c,ALL,,\x1b[2Jx,,,,,,,,", "cannot be “·[2Jx”"),
        (t.PERMISSION_SETS, f"{SETS}\n,c,ALL,,,,,,,,,,", "here.csv:2: “role_name” is empty"),
        (t.USERS_EXPORT, "Name,User ID", "The headers “E-Mail”, “Rechte” are missing"),
        (t.USERS_EXPORT, "User ID,E-Mail,Rechte\n,,x", "here.csv:2: This line names no user"),
    ],
)
def test_what_cannot_be_understood_is_an_error_with_its_line(name, text, told):
    with pytest.raises(ConfigError) as caught:
        parse(name, text, HERE, WORDS)
    assert told in caught.value.message
    assert caught.value.hint


def test_an_export_whose_columns_nobody_named_is_refused():
    with pytest.raises(ConfigError, match="which columns"):
        parse(t.USERS_EXPORT, "a,b\n1,2", HERE, UsersExport({"id": "a"}))


def test_a_folder_gives_the_files_it_has(tmp_path):
    (tmp_path / "property-access.csv").write_text(f"{ACCESS}\n", encoding="utf-8-sig")
    (tmp_path / "known-users.csv").write_text("whatever", encoding="utf-8")
    found = load(tmp_path)
    assert list(found.tables) == list(found.paths) == [t.PROPERTY_ACCESS]
    assert found.tables[t.PROPERTY_ACCESS].num_rows == 0


@pytest.mark.parametrize("name", ["Property_Access.csv", "permission sets.csv", "users.xlsx", "Users.CSV"])
def test_a_name_that_is_nearly_one_is_refused(tmp_path, name):
    (tmp_path / name).write_text("x", encoding="utf-8")
    with pytest.raises(ConfigError, match="looks like"):
        load(tmp_path)


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path):
    (tmp_path / "users.csv").write_bytes(b"User ID\nM\xfcller")
    with pytest.raises(ConfigError, match=r"users\.csv:2: This is not UTF-8"):
        load(tmp_path)


def test_what_cannot_be_opened_is_refused(tmp_path):
    file = tmp_path / "users.csv"
    file.symlink_to(file)
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)
    file.unlink()
    file.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)
    for gone in (tmp_path / "gone", tmp_path / "a\0b"):
        with pytest.raises(ConfigError, match="cannot be read"):
            load(gone)
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="is not a folder"):
        load(tmp_path / "file")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029'")))
def test_what_the_template_writes_is_read_as_it_was(text):
    """The apostrophe before a formula is taken off again; marks that turn the reading order stay visible."""
    shown = for_csv(text.strip())
    assert written(shown) == shown.removeprefix("'").strip()


@pytest.mark.skipif(not SCENARIOS.is_dir(), reason="the scenarios are not here")
@pytest.mark.parametrize(
    "folder", sorted(p for p in SCENARIOS.glob("*/evidence")), ids=lambda p: p.parent.name
)
def test_scenarios_read_as_their_authors_meant(folder):
    told = json.loads((folder.parent / "given.json").read_text(encoding="utf-8"))
    portal = json.loads((folder.parent / "portal.json").read_text(encoding="utf-8"))
    export = told.get("usersExport")
    words = export and UsersExport(
        export["columns"], {word: Granted(**meaning) for word, meaning in export["permissions"].items()}
    )
    meant = direct.snapshot(
        portal, told, {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    )
    for name, table in load(folder, words).tables.items():
        assert _plain(table) == _plain(meant.table(name))


def _plain(table):
    return [{key: value or None for key, value in row.items()} for row in table.to_pylist()]
