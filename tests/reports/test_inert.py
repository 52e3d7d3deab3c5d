"""Hostile text stays text, wherever it is going."""

from __future__ import annotations

import re

import audits
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import inert

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]"
)
_FORMULA = tuple("=+-@＝＋－＠")


@pytest.mark.parametrize("write", [inert.for_cell, inert.for_csv, inert.for_terminal])
@given(text=st.text() | st.sampled_from(audits.HOSTILE))
def test_no_control_character_survives(write, text):
    assert not _CONTROL.search(write(text))


@pytest.mark.parametrize("write", [inert.for_cell, inert.for_csv])
@given(text=st.text() | st.sampled_from(audits.HOSTILE) | st.text("=+-@ \t\r\n\0x"))
def test_no_cell_starts_a_formula(write, text):
    assert not write(text).lstrip(" ").startswith(_FORMULA)


@given(text=st.text("abc éש漢😀 \u200d"))
def test_ordinary_text_is_left_alone(text):
    assert inert.for_csv(text) == inert.for_cell(text) == inert.for_terminal(text) == text


def test_substitutes_are_visible():
    assert inert.for_terminal("a\nb\r\nc\x1b[31m\u202ed") == "a⏎b⏎c␛[31m⟨U+202E⟩d"
    assert inert.for_csv("\t=1") == "'␉=1"
    assert inert.for_csv("  =1") == "'  =1"


def test_a_cell_that_is_too_long_says_so():
    long = inert.for_cell("x" * 100_000)
    assert len(long) <= inert.CELL_LIMIT
    assert long.endswith("more characters: see audit.json")


def test_escapes_of_the_format_itself_are_escaped():
    assert inert.for_cell("_x003D_1") == "_x005F_x003D_1"
    assert inert.for_cell("_x_1") == "_x_1"
