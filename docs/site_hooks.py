"""What the site takes from outside `docs/`: the README as its first page, Contributing, Changes and the licence."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
TAKEN = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "LICENSE": "LICENSE",
}
"""Files of the repository, and what the site calls them."""


def moved(text: str) -> str:
    """The text with its links as seen from inside `docs/`."""
    text = text.replace("](docs/", "](")
    for name, new in TAKEN.items():
        text = text.replace(f"]({name}", f"]({new}").replace(f"](../{name}", f"]({new}")
    return text


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the files that live outside `docs/`."""
    for name, new in TAKEN.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, new, content=moved(text)))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Let pages that link outside `docs/` find what was taken from there."""
    return moved(markdown)
