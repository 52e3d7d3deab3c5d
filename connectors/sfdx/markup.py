"""Untrusted XML to plain elements: nothing is expanded, fetched or believed (salesforce 7.3.9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

LARGEST = 20 << 20
"""So many bytes one file may have; the largest profiles seen are a tenth of it."""

_DEEPEST = 50


class Unusable(Exception):
    """One file cannot be used; says why in a sentence without anything of its content, and in which line."""

    def __init__(self, problem: str, line: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


@dataclass(frozen=True, slots=True)
class Element:
    """One element without its namespace: its own text, stripped, and its children in order."""

    name: str
    text: str
    line: int
    children: tuple[Element, ...] = ()

    def all(self, *names: str) -> Iterator[Element]:
        """The children of these names."""
        return (child for child in self.children if child.name in names)

    def stated(self, name: str) -> str | None:
        """The text of the first child of this name, None where there is none."""
        return next((child.text for child in self.all(name)), None)

    def get(self, name: str) -> str:
        """The text of the first child of this name, or empty."""
        return self.stated(name) or ""

    def says(self, name: str) -> bool | None:
        """Whether the first child of this name says `true` and nothing else; None where there is none.

        Anything but the word itself is no grant: files are edited by hand, typos included (salesforce 7.2).
        """
        text = self.stated(name)
        return None if text is None else text.lower() == "true"


def parse(data: bytes) -> Element:
    """The root element of a document.

    Raises Unusable for what is too large, is not well-formed, or declares a document type: source never does, and
    entities come with it.
    """
    if len(data) > LARGEST:
        raise Unusable(f"is larger than {LARGEST >> 20} MB")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if b"<!DOCTYPE" in data[:4096]:
            raise Unusable("declares a document type, which is refused") from None
        raise Unusable("is not well-formed XML", int(error.lineno or 0)) from None
    except (ValueError, LookupError):  # an encoding nobody knows
        raise Unusable("is not well-formed XML") from None
    if root.getroottree().docinfo.doctype:
        raise Unusable("declares a document type, which is refused")
    return _element(root, _DEEPEST)


def _element(node: Any, depth: int) -> Element:
    """What lxml calls an element as one of ours."""
    line = int(node.sourceline or 0)
    if not depth:
        raise Unusable("nests deeper than metadata does", line)
    children = tuple(_element(child, depth - 1) for child in node if isinstance(child.tag, str))
    return Element(str(node.tag).rpartition("}")[2], str(node.text or "").strip(), line, children)
