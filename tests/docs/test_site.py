"""The docs build as a site, strictly, and the site asks no other host for anything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

ROOT = Path(__file__).parents[2]
FETCHED = re.compile(r"<(?:script|img|iframe|source)[^>]*\ssrc=\"?([^\"\s>]+)|<link\s[^>]*>", re.IGNORECASE)
WRITTEN = {p.relative_to(ROOT / "docs").as_posix() for p in (ROOT / "docs").rglob("*.md")}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder), strict=True))
    return folder


def test_every_page_is_on_the_site(site):
    made = {p.relative_to(site).with_suffix(".md").as_posix() for p in site.rglob("*.html")}
    assert made >= WRITTEN | {"index.md", "contributing.md", "changelog.md"}


def test_no_page_fetches_from_another_host(site):
    pages = list(site.rglob("*.html"))
    fetched = [hit.group(0) for p in pages for hit in FETCHED.finditer(p.read_text(encoding="utf-8"))]
    assert len(fetched) > len(pages)
    assert not [hit for hit in fetched if re.search(r"[\"'=](https?:)?//", hit)]


def test_stylesheets_fetch_nothing(site):
    sheets = [p.read_text(encoding="utf-8") for p in site.rglob("*.css")]
    assert sheets
    assert not [s for s in sheets if re.search(r"url\([\"']?(https?:)?//", s)]


def test_search_knows_a_rule(site):
    assert "guest-reads-phi" in (site / "search" / "search_index.json").read_text(encoding="utf-8")


def test_no_program_of_ours_is_published(site):
    assert not list(site.rglob("*.py"))
