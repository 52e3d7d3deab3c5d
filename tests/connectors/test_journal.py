"""Pulls that were killed: what is kept of them, when it is used, and when it is thrown away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.salesforce import catalogue as cat
from connectors.salesforce.journal import LIFE, PAGES_AT_ONCE, Journal
from connectors.salesforce.reading import Reader
from sandbox.salesforce import Fault, Faults, Kind, running
from sandbox.salesforce.clinic import clinic_org
from tests.connectors.connector_orgs import connected, rows

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
BATCH = 5


class Killed(BaseException):
    """As sudden as a signal: nothing catches it."""


def killing(after):
    """Watch a pull, and end it after so many steps."""

    def watch(step):
        watch.steps += 1
        if watch.steps == after:
            raise Killed

    watch.steps = 0
    return watch


def pull(org, journal, watch=lambda _: None):
    reading, _ = Reader(connected(org), watch, journal).read(cat.FIELD_PERMISSIONS)
    return reading


def journal(folder, identity="org user", now=NOW):
    return Journal(folder / "pages", identity, now)


def pages_asked(org):
    return sum("FieldPermissions" in (r.soql or "") or "/query/" in r.path for r in org.log)


@pytest.fixture(scope="module")
def whole():
    with running(clinic_org(), batch_size=BATCH) as org:
        reading = pull(org, None)
        return rows(reading.table), pages_asked(org)


@pytest.mark.parametrize("after", [1, PAGES_AT_ONCE, PAGES_AT_ONCE + 3, 2 * PAGES_AT_ONCE])
def test_a_killed_pull_goes_on(tmp_path, whole, after):
    expected, asked = whole
    assert asked > 2 * PAGES_AT_ONCE
    with running(clinic_org(), batch_size=BATCH) as org:
        with pytest.raises(Killed):
            pull(org, journal(tmp_path), killing(after))
        before = pages_asked(org)
        reading = pull(org, journal(tmp_path, now=NOW + timedelta(hours=1)))
    kept = after // PAGES_AT_ONCE * PAGES_AT_ONCE
    assert pages_asked(org) - before == asked - kept
    assert rows(reading.table) == expected
    assert reading.unread is None
    assert reading.note.startswith(
        "Continued from a collection that began 2026-11-24 03:00 UTC." if kept else ""
    )


def test_a_pull_that_was_whole_is_asked_anew(tmp_path, whole):
    """What has an end already may be old: only what was cut off in the middle goes on, by its own cursor."""
    with running(clinic_org(), batch_size=BATCH) as org:
        pull(org, journal(tmp_path))
        before = pages_asked(org)
        again = pull(org, journal(tmp_path))
        assert pages_asked(org) - before == whole[1]
    assert (rows(again.table), again.note) == (whole[0], "")


@pytest.mark.parametrize(
    "changed",
    [
        {"identity": "org somebody-else"},
        {"now": NOW + LIFE + timedelta(seconds=1)},
        {"now": NOW - timedelta(seconds=1)},
    ],
    ids=["another user", "too old", "a clock that went back"],
)
def test_what_cannot_be_continued_is_thrown_away(tmp_path, whole, changed):
    with running(clinic_org(), batch_size=BATCH) as org:
        with pytest.raises(Killed):
            pull(org, journal(tmp_path), killing(PAGES_AT_ONCE + 3))
        before = pages_asked(org)
        reading = pull(org, journal(tmp_path, **changed))
        assert pages_asked(org) - before == whole[1]
    assert reading.note == ""


@pytest.mark.parametrize("harm", ["torn", "lost", "not JSON", "another version"])
def test_damaged_pages_are_asked_again(tmp_path, whole, harm):
    with running(clinic_org(), batch_size=BATCH) as org:
        with pytest.raises(Killed):
            pull(org, journal(tmp_path), killing(PAGES_AT_ONCE + 3))
        [place] = [p for p in (tmp_path / "pages").iterdir() if p.is_dir()]
        part = place / "0.arrow"
        if harm == "torn":
            part.write_bytes(part.read_bytes()[:-40])
        elif harm == "lost":
            part.unlink()
        elif harm == "not JSON":
            (place / "pull.json").write_text("{")
        else:
            (place / "pull.json").write_text('{"parts": "two"}')
        reading = pull(org, journal(tmp_path))
    assert rows(reading.table) == whole[0]
    assert reading.unread is None


def test_a_cursor_that_died_meanwhile_starts_again(tmp_path, whole):
    expired = Faults.of(Fault(Kind.CURSOR_EXPIRED, after=PAGES_AT_ONCE + 6))
    with running(clinic_org(), batch_size=BATCH, faults=expired) as org:
        with pytest.raises(Killed):
            pull(org, journal(tmp_path), killing(PAGES_AT_ONCE + 3))
        reading = pull(org, journal(tmp_path))
    assert rows(reading.table) == whole[0]
    assert (reading.unread, reading.note) == (None, "")


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path, whole):
    (tmp_path / "pages").write_text("in the way")
    with running(clinic_org(), batch_size=BATCH) as org:
        reading = pull(org, journal(tmp_path))
    assert rows(reading.table) == whole[0]


def test_short_pulls_leave_nothing_behind(tmp_path):
    with running(clinic_org()) as org:
        Reader(connected(org), journal=journal(tmp_path)).read(cat.ROLES)
    assert [p.name for p in (tmp_path / "pages").iterdir()] == ["journal.json"]
