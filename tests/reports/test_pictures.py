"""A chain as a picture: valid, harmless, the same every time, and understood without being seen."""

from __future__ import annotations

import re

import audits
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from auditor.leaks import Hop, NodeKind
from auditor.surfaces import Leaks
from reports import chains, outline, pictures
from reports.inert import one_line

SVG = "{http://www.w3.org/2000/svg}"
PORTAL = audits.leaking()
KNOWN = {"svg", "defs", "title", "desc", "g", "rect", "text", "path", "style"}


def read(made: str) -> etree._Element:
    return etree.fromstring(made.encode(), etree.XMLParser(resolve_entities=False, no_network=True))


def drawn(audit_, *, alone=False):
    for audit_of, finding in outline.leak_paths((audit_,)):
        chain = finding.seen.chain
        yield chain, pictures.picture(audit_of, chain, alone=alone)


def hop(label: str, how: str = "leads to", kind: NodeKind = NodeKind.ASSET) -> Hop:
    return Hop("list:1", kind, label, how, Leaks.MEMBERSHIP)


def words(made: str) -> list[str]:
    return [element.text for element in read(made).iter(f"{SVG}text")]


@pytest.mark.parametrize("make", [audits.leaking, audits.hostile_leaks])
@pytest.mark.parametrize("alone", [False, True])
def test_is_xml_of_shapes_and_words_only(make, alone):
    pairs = list(drawn(make(), alone=alone))
    assert len(pairs) > 10
    for _, made in pairs:
        for element in read(made).iter():
            assert element.tag.removeprefix(SVG) in KNOWN, element.tag
            for name, value in element.attrib.items():
                assert name != "style"
                assert not name.startswith("on")
                assert "url(" not in value
                assert "href" not in name


def test_the_same_chain_gives_the_same_bytes():
    assert list(drawn(audits.leaking())) == list(drawn(audits.leaking()))


def test_has_no_style_of_its_own_on_a_page_and_its_own_colours_as_a_file():
    (_, inline), *_ = drawn(audits.leaking())
    (_, file), *_ = drawn(audits.leaking(), alone=True)
    assert "<style" not in inline
    assert inline.startswith("<svg ")
    assert file.startswith("<?xml ")
    assert "prefers-color-scheme: dark" in file
    assert 'class="ground"' in file


def test_is_told_to_whoever_does_not_see_it():
    made = audits.leaking()
    for chain, picture in drawn(made):
        root = read(picture)
        assert root.get("role") == "img"
        assert root[1].tag == f"{SVG}title"
        assert root[1].text == chains.sentence(chain)
        assert root[2].tag == f"{SVG}desc"
        assert root[2].text == one_line(chains.in_a_row(made, chain))


def test_every_hop_has_a_box_with_its_number_and_its_whole_name_on_demand():
    made = audits.hostile_leaks()
    for chain, picture in drawn(made):
        boxes = [g for g in read(picture).iter(f"{SVG}g") if g.find(f"{SVG}rect") is not None]
        assert [box.get("class") for box in boxes] == [one.kind.value for one in chain]
        for number, (box, one) in enumerate(zip(boxes, chain, strict=True), 1):
            title, head, *_ = (element.text for element in box if element.text)
            assert head.startswith(f"{number}. ")
            assert title == one_line(one.label)


def test_an_arrow_says_by_which_means_and_how_much():
    chain = (hop("here", ""), Hop("list:2", NodeKind.ASSET, "there", "takes it to", Leaks.PRESENCE))
    said = words(pictures.picture(audits.leaking(), chain))
    assert said == ["1. Used by", "here", "2. Used by", "there", "takes it to", "filled in or not"]


def test_long_words_are_cut_and_say_so():
    said = words(pictures.picture(audits.leaking(), (hop("W" * 500), hop("a " * 300, "long " * 100))))
    assert len([line for line in said if line.endswith("…")]) == 3
    assert max(map(len, said)) < 40


def test_many_hops_go_on_in_further_rows():
    made = audits.leaking()
    heights = [
        int(read(pictures.picture(made, (hop("here"),) * count)).get("height")) for count in (1, 3, 4, 6, 7)
    ]
    assert heights[0] <= heights[1] < heights[2] <= heights[3] < heights[4]
    assert (
        len({read(pictures.picture(made, (hop("here"),) * count)).get("width") for count in (3, 4, 9)}) == 1
    )


NAMES = st.text() | st.sampled_from(audits.HOSTILE)


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES, st.sampled_from(NodeKind)), min_size=1, max_size=7))
def test_whatever_a_name_is_the_picture_is_xml(hops):
    chain = [hop(label, how, kind) for label, how, kind in hops]
    root = read(pictures.picture(PORTAL, chain))
    width, height = (float(root.get(name)) for name in ("width", "height"))
    for box in root.iter(f"{SVG}rect"):
        assert 0 <= float(box.get("x")) <= width - float(box.get("width"))
        assert 0 <= float(box.get("y")) <= height - float(box.get("height"))
    for text in root.iter(f"{SVG}text"):
        assert 0 < float(text.get("y")) < height
        assert not re.search("[\x00-\x1f]", text.text or "")
