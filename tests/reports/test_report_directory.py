"""A report appears whole or not at all."""

from __future__ import annotations

import errno
import stat

import audits
import pytest

from auditor.errors import AuditorError, ConfigError
from reports import directory, json_v1
from reports.directory import FILES, write_report


def names(path):
    return sorted(p.name for p in path.iterdir())


def test_writes_all_files_for_nobody_else(tmp_path):
    out = tmp_path / "deep" / "report"
    paths = write_report((audits.clinic(),), out)
    assert names(out) == sorted(FILES)
    assert list(paths) == [out / name for name in FILES]
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in paths} == {0o600}
    assert names(out.parent) == ["report"]


def test_replaces_a_former_report_and_an_empty_directory(tmp_path):
    out = tmp_path / "report"
    out.mkdir()
    write_report((audits.clean(),), out)
    (out / "notes.txt").write_text("of the former report")
    write_report((audits.clinic(),), out)
    assert names(out) == sorted(FILES)
    assert names(tmp_path) == ["report"]


def test_never_replaces_what_is_not_a_report(tmp_path):
    out = tmp_path / "home"
    out.mkdir()
    (out / "thesis.doc").write_text("years of work")
    with pytest.raises(ConfigError, match="will not be replaced") as caught:
        write_report((audits.clinic(),), out)
    assert caught.value.hint
    assert names(out) == ["thesis.doc"]
    assert names(tmp_path) == ["home"]
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ConfigError, match="not a directory"):
        write_report((audits.clinic(),), file)
    link = tmp_path / "link"
    link.symlink_to(out)
    with pytest.raises(ConfigError, match="not a directory"):
        write_report((audits.clinic(),), link)


@pytest.mark.parametrize("failing", FILES)
def test_a_full_disk_leaves_the_former_report(tmp_path, failing):
    out = tmp_path / "report"
    write_report((audits.clean(),), out)
    before = {p.name: p.read_bytes() for p in out.iterdir()}

    def full(_, path):
        path.write_text("half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(
        AuditorError, match=r"could not be written to .*: No space left on device\."
    ) as caught:
        write_report((audits.clinic(),), out, writers={**directory.WRITERS, failing: full})
    assert "free space" in caught.value.hint
    assert caught.value.exit_code == 1
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
    assert names(tmp_path) == ["report"]


def test_an_interrupted_run_leaves_nothing_behind(tmp_path):
    def interrupted(_, path):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report((audits.clinic(),), tmp_path / "report", writers={"audit.json": interrupted})
    assert names(tmp_path) == []


def test_a_swap_that_fails_brings_the_former_report_back(tmp_path, monkeypatch):
    out = tmp_path / "report"
    write_report((audits.clean(),), out)
    before = (out / "audit.json").read_bytes()
    rename = directory.Path.rename

    def refuses_fresh(self, target):
        if self.name.startswith(".report-") and not self.name.startswith(".report-former"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(directory.Path, "rename", refuses_fresh)
    with pytest.raises(AuditorError, match="Permission denied"):
        write_report((audits.clinic(),), out)
    assert (out / "audit.json").read_bytes() == before
    assert names(tmp_path) == ["report"]


def test_a_parent_that_is_a_file_is_one_clear_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditorError, match="could not be written"):
        write_report((audits.clinic(),), tmp_path / "file" / "report")


def test_a_report_that_breaks_the_contract_is_not_published(tmp_path, monkeypatch):
    monkeypatch.setattr(json_v1, "SCHEMA", "something else")
    with pytest.raises(AuditorError, match="own format"):
        write_report((audits.clinic(),), tmp_path / "report")
    assert names(tmp_path) == []
