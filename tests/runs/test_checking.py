"""No byte of a kept run can change without a sentence."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import ConfigError
from crm_audit.config import Runs
from crm_audit.runs import record, standing
from crm_audit.runs.chain import Chain
from crm_audit.runs.checking import check
from crm_audit.runs.folder import Folder
from tests.runs.small_runs import FIRST, folder_with, made


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    directory = tmp_path_factory.mktemp("original") / "runs"
    assert check(folder_with(directory, [made(n, "a") for n in range(3)])).problems == ()
    return directory


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_changed_byte_has_a_sentence(original, tmp_path, data):
    copy = tmp_path / "copy"
    if copy.exists():
        for path in copy.rglob("*"):
            path.chmod(0o700)
        shutil.rmtree(copy)
    shutil.copytree(original, copy)
    files = sorted(p for p in copy.rglob("*") if p.is_file() and ".locks" not in p.parts)
    path = data.draw(st.sampled_from(files))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.chmod(0o600)
    path.write_bytes(content)
    head = Chain(original).lines()[-1].digest
    assert check(Folder(copy), head).problems
    # Whatever stands there, asking how things stand ends in sentences, too.
    standing.status(Folder(copy), Runs(copy), ["clinic"], FIRST, alerting=True)


def test_the_chain_cannot_be_cut_unseen_where_its_head_was_noted(original, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(original, copy)
    lines = Chain(copy).path.read_bytes().splitlines(keepends=True)
    last = Chain(copy).lines()[-1]
    Chain(copy).path.write_bytes(b"".join(lines[:-1]))
    shutil.rmtree(copy / last.event.run)
    assert check(Folder(copy)).problems == ()
    assert check(Folder(copy), last.digest).problems == (
        f"The head {last.digest} is not part of the chain: its past was rewritten or cut off.",
    )


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"format": "crm-audit/run/9"}', '{"format": "crm-audit/run/1", "run": 1}', "\ud800"],
)
def test_a_record_that_is_none_is_a_sentence(text, tmp_path):
    (tmp_path / record.FILE).write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(ConfigError) as refused:
        record.read(tmp_path)
    assert refused.value.hint


def test_a_record_says_its_moments_with_a_zone(tmp_path):
    one = made(0).text().replace("+00:00", "")
    (tmp_path / record.FILE).write_text(one, encoding="ascii")
    with pytest.raises(ConfigError, match="without a zone"):
        record.read(tmp_path)
