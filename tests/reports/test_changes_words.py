"""What changed, in words, on a sheet and as data: whatever people typed survives, and nothing hides unsaid."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import replace

import audits
import openpyxl
import pytest

from auditor.audit import audit
from auditor.diff import Kind, compare
from auditor.findings import State
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


def test_a_waiver_says_on_paper_what_it_is_about_and_why():
    made = lapsed(audits.clinic(), "Said.")
    worst = made.findings[0]
    entry = made.view.waivers[0]
    wide = replace(
        entry, id="W-w", rule=worst.rule, finding="", audience=worst.seen.audience, object="*", root="*"
    )
    gone = replace(entry, id="W-g", finding="0" * 16)
    odd = replace(gone, id="W-o", rule="a-retired-rule")
    made = audit(
        made.target, replace(made.view, waivers=(entry, wide, gone, odd)), RULES, tool_version="0.1.0"
    )
    [table] = [t for t in tables((made,)) if t.sheet == "Exceptions and waivers"]
    names = [column.name for column in table.columns]
    on_paper = names[: table.printed]
    assert {"Status", "What it is about", "Wide", "Last day", "Reason", "Owner", "Approver"} <= set(on_paper)
    about = {row[1]: row[names.index("What it is about")] for row in table.rows}
    assert about["W-0"] in {finding.seen.message for finding in made.findings}
    assert str(about["W-w"]).startswith(tuple(f.seen.message for f in made.findings if f.rule == worst.rule))
    title = next(rule.title for rule in RULES if rule.id == entry.rule)
    assert about["W-g"] == f"Not observed now: {title}"
    assert about["W-o"] == "Not observed now: a-retired-rule"


def test_many_findings_of_one_waiver_are_counted():
    made = audits.clinic()
    counts = Counter((f.rule, f.seen.audience) for f in made.findings if f.seen.state is State.GAP_OBSERVED)
    [((rule, audience), count)] = counts.most_common(1)
    assert count > 1
    entry = replace(
        lapsed(made, "Said.").view.waivers[0], rule=rule, finding="", audience=audience, object="*", root="*"
    )
    made = audit(made.target, replace(made.view, waivers=(entry,)), RULES, tool_version="0.1.0")
    [table] = [t for t in tables((made,)) if t.sheet == "Exceptions and waivers"]
    [row] = table.rows
    assert str(row[3]).endswith(f" And {words.counted(count - 1, 'further finding')}.")
    assert str(row[4]) == "Yes"


def test_a_row_of_changes_names_a_few_fields_and_counts_the_rest():
    """Excel cuts what is higher than a row can be, and says nothing."""
    [found] = between(audits.clean(), audits.clinic())
    many = tuple(f"Contact.Field_{n}__c" for n in range(40))
    access = tuple(replace(change, fields=many) for change in found.access)
    settings = {**found.settings, "configuration": ("a" * 64, "b" * 64)}
    found = replace(found, access=access, settings=settings)
    [table] = [t for t in tables((audits.clean(),), changed=[found]) if t.sheet == "Changes"]
    cells = [str(row[8]) for row in table.rows if row[2] == "Access"]
    assert cells
    assert all(cell.endswith(" and 34 more") for cell in cells)
    assert set(changes.counted(found)) <= set(table.intro)
    row = next(row for row in table.rows if row[3] == "configuration")
    assert row[4:6] == ("a" * 16, "b" * 16)
    assert f"configuration: {'a' * 16} → {'b' * 16}" in changes.text([found])
    assert changes.document([found])["systems"][0]["settings"][-1]["after"] == "b" * 64


def test_page_one_counts_what_changed_since_the_earlier_report():
    [found] = between(audits.clean(), audits.clinic())
    title = "Since the earlier report"
    [table] = [t for t in tables((audits.clinic(),), changed=[found, found]) if t.title == title]
    assert table.sheet == "Summary"
    counts = {row[0].code: row[2:] for row in table.rows}
    assert counts[Kind.NEW.value][0] == 2 * sum(one.kind is Kind.NEW for one in found.findings)
    assert sum(count for _, count in counts.values()) == 2 * sum(one.pairs for one in found.access)
    [same] = between(audits.clinic(), audits.clinic())
    [table] = [t for t in tables((audits.clinic(),), changed=[same]) if t.title == title]
    assert (table.rows, table.empty) == ((), "No finding and no access differs.")
    assert not [t for t in tables((audits.clinic(),)) if t.title == title]


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
