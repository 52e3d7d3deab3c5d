"""The summary in a terminal."""

from __future__ import annotations

import io

import audits
import pytest
from rich.console import Console

from reports import terminal


def said(*made, **options) -> str:
    stream = io.StringIO()
    terminal.render(made, Console(file=stream, **{"width": 100, **options}))
    return stream.getvalue()


@pytest.mark.parametrize("make", [audits.clinic, audits.clean, audits.unreadable, audits.hostile])
@pytest.mark.parametrize("width", [60, 100, 240])
def test_fits_a_hundred_columns(make, width):
    assert max(map(len, said(make(), width=width).splitlines())) <= min(width, 100)


def test_what_could_not_be_read_comes_before_what_was_found():
    text = said(audits.clinic())
    order = [
        "Sunrise Clinics: 7 findings",
        "Could not be read",
        "Worst findings",
        "Records past",
        "Exit code 24",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert "Mary Chen" in text
    assert "2 further findings" in text


def test_plain_without_a_terminal():
    assert "\x1b" not in said(audits.clinic())
    assert "\x1b" not in said(audits.hostile())


def test_coloured_in_a_terminal_but_not_with_no_color(monkeypatch):
    assert "\x1b[" in said(audits.clinic(), force_terminal=True, color_system="standard")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in said(audits.clinic(), force_terminal=True)


def test_hostile_names_stay_names():
    text = said(audits.hostile(), force_terminal=True, color_system="truecolor")
    assert "]0;t" not in text or "\x1b]0;t" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "[bold]markup[/bold] [/]" in text


def test_a_clean_run_says_that_everything_was_read():
    text = said(audits.clean())
    assert "Everything this audit needs was read." in text
    assert "Exit code 0." in text
