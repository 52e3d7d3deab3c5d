"""What changed, in words, on a sheet and as data: whatever people typed survives, and nothing hides unsaid."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import audits
import openpyxl
import pytest

from auditor.audit import audit
from auditor.diff import Kind, compare
from auditor.rules import RULES
from auditor.waivers import Status, Waiver
from reports import changes, excel, json_v1, saved, words
from reports.tables import tables
from reports.terminal import render


def between(before, after):
    first, second = (saved.kept(json_v1.document((made,))) for made in (before, after))
    return compare(first, second)


def lapsed(made, text, **given):
    """A register with an entry for every finding, each word of it typed by somebody."""
    entries = tuple(
        Waiver(
            id=f"W-{number}",
            rule=f.rule,
            finding=f.id,
            digests=(f.digest,),
            reason=text,
            control=text,
            owner=text,
            approver=text,
            ticket=text,
            until=audits.AS_OF.replace(year=2027),
            expires="2027-01-01 UTC",
        )
        for number, f in enumerate(made.findings)
    )
    return audit(made.target, replace(made.view, waivers=entries, **given), RULES, tool_version="0.1.0")


@pytest.mark.parametrize("make", [audits.clinic, audits.clean, audits.unreadable, audits.hostile])
def test_a_report_does_not_differ_from_itself(make):
    [found] = between(make(), make())
    assert not found.any
    assert changes.text([found]) == "sunrise: nothing differs."
    assert "Nothing differs." in str(
        [t.empty for t in tables((make(),), changed=[found]) if t.sheet == "Changes"]
    )


@pytest.mark.parametrize("after", [audits.clean, audits.unreadable, audits.hostile])
def test_every_format_says_the_same_and_survives_every_name(after):
    [found] = between(audits.clinic(), after())
    text = changes.text([found], None)
    assert all(line.isprintable() for line in text.split("\n"))
    data = json.loads(json.dumps(changes.document([found])))["systems"][0]
    assert len(data["findings"]) == len(found.findings)
    assert sum(len(a["people"]) * len(a["fields"]) for a in data["access"]) == sum(
        c.pairs for c in found.access
    )
    stream = io.BytesIO()
    excel.write(tables((after(),), changed=[found]), stream, audits.TAKEN)
    sheet = openpyxl.load_workbook(stream)["Changes"]
    listed = [row[1].value for row in sheet.iter_rows() if row[0].value == "sunrise"]
    parts = (
        found.findings,
        found.access,
        found.unread,
        found.people_came,
        found.people_went,
        found.people_unseen,
    )
    assert len(listed) == sum(map(len, (*parts, found.tags, found.rules, found.settings)))
    for row in sheet.iter_rows():
        assert not [c.value for c in row if isinstance(c.value, str) and c.value[:1] in set("=+-@\t\r")]


def test_what_is_capped_says_how_much_is_hidden():
    [found] = between(audits.clean(), audits.hostile())
    short = changes.text([found], 2)
    hidden = len(found.findings) - 2
    assert f"… and {hidden:,} more; --all shows them." in short
    assert "more; --all" not in changes.text([found], None)
    [table] = [t for t in tables((audits.clean(),), limit=3, changed=[found]) if t.sheet == "Changes"]
    assert len(list(table.rows)) == 3
    assert "did not fit" in table.hidden
    assert "--all" in table.hidden


def test_an_org_nobody_could_read_has_fixed_nothing():
    dark = audits.judged(audits.unreached(), "sunrise")
    [found] = between(audits.clinic(), dark)
    kinds = {c.kind for c in (*found.findings, *found.access)}
    assert Kind.UNVERIFIED in kinds
    assert not kinds & {Kind.FIXED, Kind.NARROWED, Kind.DECIDED}
    assert found.people_went == ()
    assert len(found.people_unseen) == len(audits.PEOPLE)


@pytest.mark.parametrize("typed", audits.HOSTILE[:14])
def test_a_register_survives_what_was_typed_in_it(typed):
    made = lapsed(audits.clinic(), typed)
    json_v1.check(json_v1.document((made,)))
    stream = io.BytesIO()
    excel.write(tables((made,)), stream, audits.TAKEN)
    sheet = openpyxl.load_workbook(stream)["Exceptions and waivers"]
    for row in sheet.iter_rows():
        assert not [c.value for c in row if isinstance(c.value, str) and c.value[:1] in set("=+-@\t\r")]


def test_a_waived_report_says_so_on_page_one_and_in_the_terminal():
    from rich.console import Console

    made = lapsed(audits.clinic(), "Said.")
    stream = io.StringIO()
    render((made,), Console(file=stream, width=100))
    shown = " ".join(stream.getvalue().split())
    assert "under a waiver" in shown
    assert "the approved policy and the waivers" in shown
    statuses = {one.status for one in made.waivers}
    assert statuses == {Status.IN_FORCE, Status.CANNOT_TELL}
    page = [t for t in tables((made,)) if t.sheet == "Summary" and t.title == "Waivers"]
    assert [words.waiver(s).text for s in Status if s in statuses] == [str(r[0].text) for r in page[0].rows]
    assert made.worst is None


def test_every_status_and_every_kind_has_its_meaning():
    assert all(words.waiver_meaning(status).endswith(".") for status in Status)
    assert all(changes.kind_meaning(kind).endswith(".") for kind in Kind)
