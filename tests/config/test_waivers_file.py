"""The register of waivers: complete entries only, and what is wrong with a file told by line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from auditor.errors import ConfigError
from crm_audit.waivers_file import listed, load_waivers

AS_OF = datetime(2026, 11, 24, 3, tzinfo=UTC)
GOOD = """version: 1
waivers:
  - id: W-1
    rule: exports-phi
    finding: 0123456789abcdef
    digests: ["0123456789abcdef"]
    reason: The letters need it.
    compensating_control: The export log is read on Mondays.
    owner: Priya Nair
    approver: Ana Ruiz
    ticket: SEC-1
    expires: 2027-02-22 Europe/Madrid
"""
SUBJECT = '    audience: marketing\n    object: Contact\n    root: "*"\n'


def loaded(tmp_path, text, targets=("clinic",)):
    path = tmp_path / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    return load_waivers(path, targets, AS_OF)


def test_an_entry_says_everything(tmp_path):
    [waiver] = loaded(tmp_path, GOOD)
    assert (waiver.id, waiver.rule, waiver.finding) == ("W-1", "exports-phi", "0123456789abcdef")
    assert waiver.digests == ("0123456789abcdef",)
    assert (waiver.owner, waiver.approver, waiver.ticket) == ("Priya Nair", "Ana Ruiz", "SEC-1")
    assert (waiver.start, waiver.target, waiver.place) == (None, "", "waivers.yaml:3")
    assert not waiver.wide


@pytest.mark.parametrize(
    ("written", "until"),
    [
        ("2027-02-22 Europe/Madrid", datetime(2027, 2, 22, 23, tzinfo=UTC)),
        ("2027-02-22   UTC", datetime(2027, 2, 23, tzinfo=UTC)),
        ("2027-02-22 America/Chicago", datetime(2027, 2, 23, 6, tzinfo=UTC)),
        ("2027-02-22 Asia/Kolkata", datetime(2027, 2, 22, 18, 30, tzinfo=UTC)),
        ("2027-03-14 America/Chicago", datetime(2027, 3, 15, 5, tzinfo=UTC)),
    ],
    ids=["east", "UTC", "west", "half hours", "the day clocks change"],
)
def test_the_last_day_ends_where_the_next_begins_in_its_zone(written, until, tmp_path):
    [waiver] = loaded(tmp_path, GOOD.replace("2027-02-22 Europe/Madrid", written))
    assert waiver.until == until
    assert waiver.expires == " ".join(written.split())


def test_a_first_day_begins_in_its_zone_and_a_year_runs_from_it(tmp_path):
    text = GOOD.replace("2027-02-22", "2028-01-31") + "    start: 2027-01-31 Europe/Madrid\n"
    [waiver] = loaded(tmp_path, text)
    assert waiver.start == datetime(2027, 1, 30, 23, tzinfo=UTC)


def test_a_subject_may_be_wide(tmp_path):
    [waiver] = loaded(tmp_path, GOOD.replace("    finding: 0123456789abcdef\n", SUBJECT))
    assert (waiver.audience, waiver.object, waiver.root, waiver.wide) == ("marketing", "Contact", "*", True)


BAD = {
    "a year and a day": ("2027-02-22", "2027-11-25", "12"),
    "no end": ("    expires: 2027-02-22 Europe/Madrid\n", "", "“expires” is missing"),
    "no zone": (" Europe/Madrid", "", "time zone"),
    "no such zone": ("Europe/Madrid", "Europe/Madird", "time zone"),
    "a path as zone": ("Europe/Madrid", "../../etc/passwd", "time zone"),
    "no such day": ("2027-02-22", "2027-02-30", "time zone"),
    "the last day of the calendar": ("2027-02-22", "9999-12-31", "time zone"),
    "an offset": ("2027-02-22 Europe/Madrid", "2027-02-22T00:00:00+01:00", "time zone"),
    "the same person": ("Ana Ruiz", "priya  NAIR", "same person"),
    "a team": ("Priya Nair", "Marketing team", "not a person"),
    "a blank": ("Priya Nair", '""', "empty"),
    "no owner": ("    owner: Priya Nair\n", "", "“owner” is missing"),
    "no control": ("    compensating_control: The export log is read on Mondays.\n", "", "is missing"),
    "no rule": ("exports-phi", "export-phi", "There is no rule"),
    "an unknown": ("exports-phi", "evidence-gap", "cannot be waived"),
    "a waiver for waivers": ("exports-phi", "waiver-lapsed", "cannot be waived"),
    "no state": ('["0123456789abcdef"]', "[]", "state digest"),
    "a short digest": ('["0123456789abcdef"]', "[abc]", "not an id or digest"),
    "no subject": ("    finding: 0123456789abcdef\n", "", "“finding” is missing"),
    "half a subject": ("    finding: 0123456789abcdef\n", "    object: Contact\n", "“finding” is missing"),
    "two subjects": (
        "    finding: 0123456789abcdef\n",
        "    finding: 0123456789abcdef\n" + SUBJECT,
        "says it all",
    ),
    "a misspelt key": ("ticket:", "tiket:", "Unknown key"),
    "a start after the end": ("    expires", "    start: 2027-03-01 UTC\n    expires", "before it starts"),
    "no such target": ("    ticket", "    target: clinc\n    ticket", "There is no target"),
    "another version": ("version: 1", "version: 2", "not a version"),
    "the same id twice": ("waivers:\n", "waivers:\n" + GOOD.partition("waivers:\n")[2], "used twice"),
}


@pytest.mark.parametrize(("old", "new", "said"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_told_with_file_and_line(old, new, said, tmp_path):
    assert GOOD.count(old) >= 1
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, GOOD.replace(old, new, 1))
    assert caught.value.exit_code == 2
    assert str(caught.value).startswith(f"{tmp_path}/waivers.yaml:")
    assert said in f"{caught.value.message} {caught.value.hint}".replace("twelve", "12")


def test_with_several_targets_a_waiver_names_its_own(tmp_path):
    with pytest.raises(ConfigError, match="“target” is missing"):
        loaded(tmp_path, GOOD, ("clinic", "lab"))
    [waiver] = loaded(tmp_path, GOOD + "    target: lab\n", ("clinic", "lab"))
    assert waiver.target == "lab"


def test_a_register_is_listed_in_lines(tmp_path):
    waivers = loaded(tmp_path, GOOD)
    assert listed((), AS_OF) == "No waiver is in the register."
    assert listed(waivers, AS_OF) == (
        "W-1: exports-phi 0123456789abcdef, last day 2027-02-22 Europe/Madrid, 90 days left. waivers.yaml:3"
    )
    assert "lapsed" in listed(waivers, datetime(2027, 2, 22, 23, tzinfo=UTC))
