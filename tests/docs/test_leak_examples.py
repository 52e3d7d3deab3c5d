"""The examples of leak paths in the docs: each path once, with a picture that is there."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

from reports import outline
from tests.docs.test_docs import DOCS
from tests.reports import audits


def examples() -> ModuleType:
    spec = importlib.util.spec_from_file_location("leak_examples", DOCS / "leak_examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_ten_different_paths_each_with_its_picture():
    made = dict(examples().examples([audits.leaking()]))
    page = made.pop("leak-path-examples.md")
    assert len(made) == 10
    assert re.findall(r"\]\((pictures/[^)]+)\)", page) == list(made)
    assert len(set(made.values())) == 10
    assert all(picture.startswith("<?xml") for picture in made.values())
    assert page.count("What passes on: ") == 10


def test_the_worst_comes_first():
    made = audits.leaking()
    found = outline.leak_paths([made])
    module = examples()
    module.MOST = 1
    assert module._chosen([made]) == found[:1]


def test_without_a_path_there_is_no_picture():
    assert list(examples().examples([audits.clinic()])) == ["leak-path-examples.md"]


def test_the_page_and_its_pictures_are_those_of_the_demo():
    for name, made in examples().of_demo().items():
        assert (DOCS / name).read_text(encoding="utf-8") == made, f"{name} is not current: run `make docs`"
