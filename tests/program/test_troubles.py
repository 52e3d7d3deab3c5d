"""Every trouble on the page happens as the page says."""

from __future__ import annotations

import subprocess

import pytest

from tests.program.troubles import PAGE, TROUBLES, row

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's


@pytest.mark.parametrize("one", TROUBLES, ids=lambda one: one.name)
def test_the_page_says_what_happens(one, tmp_path, monkeypatch):
    made = row(one, tmp_path, monkeypatch)
    subprocess.run(["chmod", "-R", "u+w", tmp_path], check=True)
    assert made in PAGE.read_text(encoding="utf-8"), "Run: python -m tests.program.troubles"


def test_the_page_has_no_other_row():
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len(rows) == len(TROUBLES) + 2
    assert len({one.name for one in TROUBLES}) == len(TROUBLES)
