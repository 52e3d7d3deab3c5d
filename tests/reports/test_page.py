"""The page: the same tables as the workbook, in one file, alive in a browser and readable without script."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from contextlib import contextmanager
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path

import audits
import pytest

from auditor.findings import State
from reports import grid, outline, page
from reports.inert import for_csv
from reports.paths import Paths
from reports.tables import tables

BROWSER = Path("/usr/bin/chromium")


def written(*made) -> str:
    stream = io.StringIO()
    page.write(made, stream)
    return stream.getvalue()


class Read(HTMLParser):
    """What a page says: for each section all of its text, and its rows of cells; and every tag's attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sections: list[tuple[list[str], list[list[str]]]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._in_cell = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "section":
            self.sections.append(([], []))
        elif tag == "tr" and self.sections:
            self.sections[-1][1].append([])
        elif tag == "td":
            self.sections[-1][1][-1].append("")
            self._in_cell = True

    def handle_data(self, data):
        if self.sections:
            self.sections[-1][0].append(data)
        if self._in_cell:
            self.sections[-1][1][-1][-1] += data

    def handle_endtag(self, tag):
        self._in_cell = self._in_cell and tag != "td"


def as_text(value: grid.Value) -> str:
    if isinstance(value, grid.Steps):
        return "".join(map(for_csv, value.lines))
    return f"{value:,}" if isinstance(value, int) else for_csv(grid.text(value))


@pytest.mark.parametrize(
    "make",
    [
        audits.clinic,
        audits.clean,
        audits.unreadable,
        audits.hostile,
        audits.leaking,
        audits.hostile_leaks,
    ],
)
def test_every_table_of_the_workbook_is_there_with_the_same_rows(make):
    made = make()
    read = Read(written(made))
    workbook = tables((made,))
    assert len(read.sections) == len(workbook)
    for (said, cells), table in zip(read.sections, workbook, strict=True):
        text = "".join(said)
        rows = [[as_text(value) for value in row] for row in table.rows]
        assert table.title in text
        assert (for_csv(table.empty) in text) is not bool(rows)
        if cells:
            assert cells[1:] == rows
        else:
            assert not [value for row in rows for value in row if value not in text], table.title


def test_rows_stand_in_the_order_of_the_table():
    made = audits.clinic()
    ids = [
        attributes["id"].removeprefix("finding-")
        for tag, attributes in Read(written(made)).tags
        if tag == "details" and "finding" in (attributes["class"] or "").split()
    ]
    assert ids == [finding.id for finding in made.findings]


def test_what_does_not_fit_is_counted_by_severity_and_found_elsewhere(monkeypatch):
    made = audits.clinic()
    monkeypatch.setattr(page, "FINDINGS", 2)
    monkeypatch.setattr(page, "ROWS", 3)
    text = written(made)
    rest = [
        grid.text(row[0]) + (" that could not be read" if grid.code(row[2]) == State.UNKNOWN else "")
        for row in islice(tables((made,))[_findings(made)].rows, 2, None)
    ]
    assert len(set(rest)) > 2
    counts = ", ".join(f"{rest.count(level)} {level}" for level in dict.fromkeys(rest))
    said = f"{len(rest)} of {len(rest) + 2} findings are not shown on this page: {counts}. All are in audit.json."
    assert said in text
    assert "rows are hidden, since more would not fit here" in text
    assert "5 of 8 rows are not shown on this page. All are in audit.xlsx, on the sheet People." in text


def _findings(made) -> int:
    return next(place for place, table in enumerate(tables((made,))) if table.sheet == "Findings")


def test_a_cell_that_is_too_long_says_how_much_is_missing(monkeypatch):
    monkeypatch.setattr(page, "CELL", 5)
    assert "Harbo" not in written(audits.clinic())
    assert re.search(r"Sunri … and \d+ more characters: see audit\.json", written(audits.clinic()))


@pytest.mark.parametrize("make", [audits.hostile, audits.hostile_leaks])
def test_only_what_stands_in_it_may_run(make):
    text = written(make())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1].replace("&#39;", "'")
    assert policy.startswith("default-src 'none'; ")
    for kind, source in (("style", page._source("page.css")), ("script", page._source("page.js"))):
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
        assert f"<{kind}>{source}</{kind}>" in text
    for tag, attributes in Read(text).tags:
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "style"}], tag
        assert (attributes.get("href") or "#").startswith("#")
        assert tag not in {"img", "link", "iframe", "base", "object", "embed"}
    assert len(re.findall("<script", text)) == 2


def test_the_island_cannot_be_left():
    island = re.search(r'id="island">(.*?)</script>', written(audits.hostile()), re.DOTALL)[1]
    assert "<" not in island
    assert json.loads(island)["paths"]


def test_the_same_audits_give_the_same_bytes():
    assert written(audits.clinic(), audits.hostile()) == written(audits.clinic(), audits.hostile())


def test_an_example_is_laid_out_from_the_person_to_the_row():
    cards = written(audits.clinic()).split('<details class="finding')
    card = next(card for card in cards if "Mary Chen → Diagnosis" in card)
    assert re.findall(r"<li>([^<]*)</li>", card) == [
        "assigned",
        "profile “Marketing User”",
        "Read",
        "assigned",
        "permission set “Campaign Analytics”",
        "Read",
    ]
    assert "Mary Chen → Diagnosis (Contact.Diagnosis__c)" in card


def test_a_path_names_the_parts_that_carry_a_row_and_those_that_mute_it():
    found = Paths(audits.clinic())
    mary, exact = "005000000000001AAA", "permission set “Campaign Analytics”"
    last = found.of("005000000000002AAA", "Contact.HIV_Status__c").lanes[-1]
    assert last.ways == (("assigned, expires 2026-12-31", exact, "set “Campaign Basics”", "Read"),)
    last = found.of(mary, "Contact.Medication__c").lanes[-1]
    assert last.ways[0][2] == "muted by “Muting of Analytics”"
    first, _ = found.of("005000000000008AAA", "Contact.Diagnosis__c").lanes
    assert first.ways == (("nothing does: the right to the field waits",),)
    assert found.of(mary, "Lead.Notes__c") is None
    assert found.of("nobody", "Lead.Notes__c") is None


@pytest.fixture(scope="module")
def browser():
    if not BROWSER.exists():
        pytest.skip(f"{BROWSER} is not installed")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(BROWSER), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    made_by = (audits.clinic, audits.hostile, audits.leaking, audits.hostile_leaks, audits.waived)
    for name, made in ((make.__name__, make()) for make in made_by):
        (folder / f"{name}.html").write_text(written(made), encoding="utf-8")
    return folder


@pytest.fixture
def visit(browser, files):
    """Open a page, and fail if it asks the network for anything or complains."""

    @contextmanager
    def visiting(name="clinic", at="", **how):
        context = browser.new_context(**how)
        tab = context.new_page()
        said: list[str] = []
        address = (files / f"{name}.html").as_uri()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request: said.append(request.url) if request.url != address else None)
        tab.goto(address + at)
        yield tab
        assert said == []
        context.close()

    return visiting


def findings(tab) -> int:
    return tab.locator(".finding:visible").count()


@pytest.mark.parametrize("name", ["clinic", "hostile", "hostile_leaks"])
def test_opens_without_a_request_or_a_complaint(visit, name):
    with visit(name) as tab:
        assert tab.locator("#tools").is_visible()
        tab.locator(".ask").first.click()
        assert tab.locator("#shown").is_visible()
        tab.keyboard.press("Escape")
        assert not tab.locator("#shown").is_visible()
        assert tab.evaluate("document.scripts.length") == 2


def test_search_and_filters_narrow_and_reset(visit):
    made = audits.clinic()
    with visit() as tab:
        assert findings(tab) == len(made.findings)
        tab.select_option("[data-filter=severity]", "Critical")
        critical = [f for f in made.findings if f.severity.label == "Critical"]
        tab.locator("#status", has_text=f"{len(critical)} of {len(made.findings)} findings").wait_for()
        assert findings(tab) == len(critical)
        tab.select_option("[data-filter=severity]", "")
        tab.fill("#search", "guest medication-nowhere")
        tab.locator("#status", has_text="0 of").wait_for()
        assert findings(tab) == 0
        tab.get_by_role("button", name="Show everything").click()
        tab.wait_for_function("!document.querySelector('[data-hidden]')")
        tab.select_option("[data-filter=audience]", "guest")
        tab.locator("#status", has_text="match").wait_for()
        audiences = tab.locator(".finding:visible").evaluate_all(
            "all => all.map(one => one.dataset.audience)"
        )
        assert set(audiences) == {"guest"}


def test_a_link_opens_its_finding_even_when_a_filter_hides_it(visit):
    wanted = audits.clinic().findings[-1].id
    with visit(at=f"#finding-{wanted}") as tab:
        assert tab.locator(f"#finding-{wanted}").get_attribute("open") is not None
        tab.fill("#search", "nothing has this")
        tab.locator("#status", has_text="0 of").wait_for()
        other = audits.clinic().findings[0].id
        tab.evaluate(f"location.hash = 'finding-{other}'")
        tab.locator(f"#finding-{other}[open]").wait_for()
        tab.evaluate("location.hash = 'finding-0000'")
        tab.locator("#status", has_text="Finding 0000 is not on this page").wait_for()


def test_a_link_to_the_finding_that_is_in_the_address_shows_it_again(visit):
    worst = audits.clinic().findings[0]
    with visit(at=f"#finding-{worst.id}") as tab:
        tab.fill("#search", worst.rule)
        tab.locator("#status", has_text="match").wait_for()
        link = tab.locator(f"section:not([data-sheet='Findings']) a[href='#finding-{worst.id}']").first
        tab.select_option("[data-filter=severity]", "Medium")
        tab.fill("#search", "nothing has this")
        tab.locator("#status", has_text="0 of").wait_for()
        assert not tab.locator(f"#finding-{worst.id}").is_visible()
        # The row that holds the link is hidden as well, so it is followed as a bookmark or a reader would.
        link.evaluate("link => link.click()")
        tab.locator(f"#finding-{worst.id}[open]").wait_for()
        tab.wait_for_function("!document.querySelector('[data-hidden]')")
        assert tab.input_value("#search") == tab.input_value("[data-filter=severity]") == ""
        assert tab.evaluate("document.activeElement.parentElement.id") == f"finding-{worst.id}"


def test_paper_says_that_rows_are_left_out(visit):
    words = "getComputedStyle(document.getElementById('main'), '::before').content"
    with visit() as tab:
        tab.emulate_media(media="print")
        assert tab.evaluate(words) == "none"
        tab.emulate_media(media="screen")
        tab.fill("#search", "guest")
        tab.locator("#status", has_text="match").wait_for()
        assert tab.evaluate(words) == "none"
        tab.emulate_media(media="print")
        said = tab.evaluate(words)
        assert said.startswith('"Narrowed by search or filters: ')
        assert f"of {len(audits.clinic().findings)} findings on this page" in said
        assert 0 < findings(tab) < len(audits.clinic().findings)
        tab.emulate_media(media="screen")
        tab.get_by_role("button", name="Show everything").click()
        tab.wait_for_function("!document.querySelector('[data-hidden]')")
        tab.emulate_media(media="print")
        assert tab.evaluate(words) == "none"
        assert findings(tab) == len(audits.clinic().findings)


def test_show_everything_undoes_every_choice(visit):
    with visit() as tab:
        rows = tab.locator(".row:visible").count()
        columns = tab.locator("th:visible").count()
        tab.get_by_label("Technical columns").check()
        assert tab.locator("th:visible").count() > columns
        tab.select_option("[data-filter=severity]", "High")
        tab.fill("#search", "contact")
        tab.locator("#status", has_text="match").wait_for()
        assert tab.locator(".row:visible").count() < rows
        tab.get_by_role("button", name="Show everything").click()
        tab.wait_for_function("!document.querySelector('[data-hidden]')")
        assert tab.locator(".row:visible").count() == rows
        assert tab.locator("th:visible").count() == columns
        assert tab.locator("#status").inner_text() == ""


def test_the_worst_findings_lead_to_all_that_is_known_of_them(visit):
    worst = audits.clinic().findings[0]
    with visit() as tab:
        tab.get_by_role("link", name=worst.seen.message).click()
        tab.locator(f"#finding-{worst.id}[open]").wait_for()


def test_everything_is_reached_by_the_keyboard(visit):
    with visit() as tab:
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.className") == "skip"
        tab.keyboard.press("Enter")
        assert tab.evaluate("document.activeElement.id") == "main"
        tab.keyboard.press("/")
        assert tab.evaluate("document.activeElement.id") == "search"
        tab.locator(".finding > summary").first.focus()
        tab.keyboard.press("Enter")
        assert tab.locator(".finding").first.get_attribute("open") is not None
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        heading = tab.locator("section[data-sheet='People'] th").nth(1)
        heading.locator("button").focus()
        tab.keyboard.press("Enter")
        assert heading.get_attribute("aria-sort") == "ascending"
        names = tab.locator("section[data-sheet='People'] tbody tr td:nth-child(2)").all_text_contents()
        assert names == sorted(names, key=str.casefold)
        tab.keyboard.press("Enter")
        assert heading.get_attribute("aria-sort") == "descending"


def test_reads_without_script(visit):
    with visit(java_script_enabled=False) as tab:
        assert not tab.locator("#tools").is_visible()
        assert findings(tab) == len(audits.clinic().findings)
        tab.locator(".finding > summary").first.click()
        assert tab.locator(".finding dl").first.is_visible()
        assert tab.locator("section[data-sheet='People'] td.tech").first.is_visible()


def test_hostile_labels_are_text(visit):
    with visit("hostile") as tab:
        shown = tab.locator("section[data-sheet='People'] tbody").inner_text()
        for label in ("<script>alert(1)</script>", "two⏎lines", "שלום עולם", "'=HYPERLINK("):
            assert label in shown


_CONTRAST = """() => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("h1, h2, p, a, dt, dd, td, li, th button, .mark, summary, select")]
    .filter((element) => element.checkVisibility())
    .map((element) => {
      const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
      return [(a + 0.05) / (b + 0.05), element.className, element.textContent.slice(0, 40)];
    })
    .sort((x, y) => x[0] - y[0])[0];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(visit, scheme):
    with visit(color_scheme=scheme) as tab:
        worst, *where = tab.evaluate(_CONTRAST)
        assert worst >= 4.5, where


@pytest.mark.parametrize("name", ["clinic", "leaking", "hostile_leaks"])
def test_nothing_runs_off_a_narrow_screen(visit, name):
    with visit(name, viewport={"width": 360, "height": 740}) as tab:
        tab.locator("#open").click()
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360


def test_short_marks_and_sentences_keep_their_room_and_paper_keeps_every_column(visit):
    with visit("waived", viewport={"width": 1280, "height": 900}) as tab:
        table = tab.locator("section[data-sheet='Exceptions and waivers']")
        about = table.locator("th", has_text="What it is about").bounding_box()
        assert about["width"] >= 300
        lines = table.locator("td .mark").evaluate_all("all => all.map(one => one.getClientRects().length)")
        heights = table.locator("td .mark").evaluate_all("all => all.map(one => one.offsetHeight)")
        assert set(lines) == {1}
        assert max(heights) < 40
        tab.emulate_media(media="print")
        tab.set_viewport_size({"width": 1032, "height": 720})  # A4 across, within its margins
        assert tab.evaluate("document.documentElement.scrollWidth") <= 1032


def test_paper_leaves_out_the_tools_and_the_long_list(visit):
    with visit() as tab:
        tab.emulate_media(media="print")
        assert not tab.locator("#tools").is_visible()
        # Chromium leaves buttons out of the headings it repeats on the next sheet of paper.
        assert tab.locator("th button").first.evaluate("one => getComputedStyle(one).display") == "contents"
        access = tab.locator("section[data-sheet='Effective access']")
        assert not access.locator("table").is_visible()
        assert access.locator(".paper").is_visible()
        assert tab.locator("section[data-sheet='Findings'] summary").first.is_visible()


def test_a_row_of_a_leak_path_leads_to_its_finding_and_picture(visit):
    made = audits.leaking()
    (_, worst), *_ = outline.leak_paths((made,))
    with visit("leaking") as tab:
        section = tab.locator("section[data-sheet='Leak paths']")
        steps = section.locator("tbody tr").first.locator("ol li").all_text_contents()
        assert steps[0] == "form “New patient intake”"
        assert steps[-1].endswith("an address outside the CRM (ads.partner.example)")
        section.get_by_role("link", name="From the people passed on to").first.click()
        finding = tab.locator(f"#finding-{worst.id}[open]")
        finding.wait_for()
        picture = finding.get_by_role("img", name="From the people passed on to an address outside the CRM")
        assert picture.is_visible()
        assert picture.locator("text").count() > 10


_DRAWN_CONTRAST = """() => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const page = getComputedStyle(document.querySelector(".finding[open]")).backgroundColor;
  return [...document.querySelectorAll(".picture text")].map((element) => {
    const box = element.parentElement.querySelector(".box");
    const ground = box ? getComputedStyle(box).fill : page;
    const [a, b] = [light(rgb(getComputedStyle(element).fill)), light(rgb(ground))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), element.textContent];
  }).sort((x, y) => x[0] - y[0])[0];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_of_a_picture_stand_out_from_their_ground(visit, scheme):
    with visit("leaking", color_scheme=scheme) as tab:
        tab.locator("#open").click()
        worst, *where = tab.evaluate(_DRAWN_CONTRAST)
        assert worst >= 4.5, where


_SPILLED = """() => [...document.querySelectorAll(".picture g:has(> .box)")].flatMap((group) => {
  const box = group.querySelector(".box").getBBox();
  return [...group.querySelectorAll("text")]
    .filter((text) => text.getBBox().x + text.getBBox().width > box.x + box.width)
    .map((text) => text.textContent);
})"""


@pytest.mark.parametrize("name", ["leaking", "hostile_leaks"])
def test_words_stay_in_their_boxes(visit, name):
    with visit(name) as tab:
        tab.locator("#open").click()
        assert tab.evaluate(_SPILLED) == []


def test_paper_has_the_picture_of_a_finding_that_is_open(visit):
    with visit("leaking") as tab:
        tab.locator("#open").click()
        tab.emulate_media(media="print")
        drawn = tab.locator(".picture").first
        assert drawn.is_visible()
        assert tab.locator("section[data-sheet='Leak paths'] .steps").first.is_visible()
