"""A saved snapshot is there whole or not at all, is refused when it changed, and never says more than it holds."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.access import Word, effective_access
from auditor.errors import AuditorError, ConfigError
from auditor.phi import Basis, Coarse, Confidence, Tag
from auditor.snapshot import Capability, Manifest, Reading, Snapshot, Unread, Why
from connectors import saved
from connectors.protocol import Plan, Scope
from connectors.salesforce.semantics import SEMANTICS
from connectors.saved import MANIFEST, Saved, load, save
from tests.connectors.connector_orgs import LONG_AGO, MARKETER, NOW, NURSE, collecting, small_org


@pytest.fixture(scope="module")
def snapshot():
    """A collection with something missing in it."""
    org = small_org(running_user={"hidden_fields": ["User.Department"], "hidden_objects": ["UserRole"]})
    with collecting(org, retention=[LONG_AGO]) as found:
        return found


@pytest.fixture
def kept(snapshot, tmp_path):
    save(snapshot, tmp_path / "kept")
    return tmp_path / "kept"


def same(one, other):
    assert one.manifest == other.manifest
    assert one.readings.keys() == other.readings.keys()
    for name, reading in one.readings.items():
        again = other.readings[name]
        assert again.table.equals(reading.table), name
        assert again.table.schema.equals(reading.table.schema), name
        assert replace(again, table=None) == replace(reading, table=None)


def test_what_was_saved_comes_back(snapshot, kept):
    same(snapshot, load(kept))


def test_as_a_connector_it_answers_both_steps_from_the_disk(snapshot, kept):
    connector = Saved(kept)
    found = connector.schema(Scope(objects=("Anything",)))
    same(snapshot, found)
    same(snapshot, connector.collect(found, Plan(("Anything",), "other")))


text = st.text(max_size=12)
moments = st.datetimes(timezones=st.just(UTC))
unread = st.none() | st.builds(Unread, st.sampled_from(Why), text, text)
tables = st.lists(
    st.fixed_dictionaries({"a": st.none() | text, "b": st.none() | st.booleans()}), max_size=4
).map(
    lambda rows: pa.Table.from_pylist(
        rows, schema=pa.schema([("a", pa.dictionary(pa.int32(), pa.string())), ("b", pa.bool_())])
    )
)
readings = st.lists(
    st.builds(
        Reading, text, st.sampled_from(Capability), tables, unread, st.none() | st.integers(0, 99), text, text
    ),
    max_size=4,
    unique_by=lambda reading: reading.name,
)
manifests = st.builds(
    Manifest,
    *[text] * 4,
    moments,
    text,
    text,
    st.lists(text, max_size=2).map(tuple),
    text,
    st.lists(st.dictionaries(text, text, max_size=2), max_size=2).map(tuple),
    text,
    st.lists(text, max_size=2).map(tuple),
)


@settings(max_examples=40, deadline=None)
@given(manifests, readings)
def test_any_snapshot_comes_back(manifest, several):
    snapshot = Snapshot(manifest, {r.name: r for r in several})
    with tempfile.TemporaryDirectory() as folder:
        save(snapshot, Path(folder) / "kept")
        same(snapshot, load(Path(folder) / "kept"))


def test_equal_snapshots_give_equal_bytes(snapshot, kept, tmp_path):
    save(snapshot, tmp_path / "again")
    for path in kept.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


@pytest.mark.skipif(os.name != "posix", reason="mode bits mean nothing here")
def test_nobody_else_may_read_it(kept):
    assert oct(kept.stat().st_mode & 0o777) == "0o700"
    assert {oct(path.stat().st_mode & 0o777) for path in kept.iterdir()} == {"0o600"}


def test_nothing_is_overwritten(snapshot, kept, tmp_path):
    before = {path.name: path.read_bytes() for path in kept.iterdir()}
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    for there in (kept, tmp_path / "file", tmp_path / "empty"):
        with pytest.raises(ConfigError, match="already exists"):
            save(snapshot, there)
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("x")]
)
@pytest.mark.parametrize("after", [0, 3])
def test_a_failure_leaves_nothing_behind(snapshot, tmp_path, monkeypatch, error, after):
    write, written = saved.pq.write_table, []

    def failing(table, path, **how):
        if len(written) == after:
            raise error
        written.append(path)
        write(table, path, **how)

    monkeypatch.setattr(saved.pq, "write_table", failing)
    wanted = AuditorError if isinstance(error, OSError) else type(error)
    with pytest.raises(wanted) as failed:
        save(snapshot, tmp_path / "deep" / "kept")
    assert list((tmp_path / "deep").iterdir()) == []
    if isinstance(error, OSError):
        assert "No space left on device" in failed.value.message


def test_a_folder_that_cannot_be_made(snapshot, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(AuditorError, match="could not be written") as failed:
        save(snapshot, tmp_path / "file" / "kept")
    assert failed.value.hint


# -- what is not as it was


def change_a_row(folder):
    path = next(folder.glob("*-user.parquet"))
    table = saved.pq.read_table(path)
    saved.pq.write_table(table.slice(1), path)


def flip_a_byte(folder):
    path = next(folder.glob("*-fieldpermissions.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty_a_file(folder):
    next(folder.glob("*-user.parquet")).write_bytes(b"")


def drop_a_file(folder):
    next(folder.glob("*-user.parquet")).unlink()


def no_manifest(folder):
    (folder / MANIFEST).unlink()


def edit(change):
    def edited(folder):
        path = folder / MANIFEST
        document = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(change(document)), encoding="utf-8")

    return edited


def without(*keys):
    def cut(document):
        inner = document
        for key in keys[:-1]:
            inner = inner[key]
        del inner[keys[-1]]
        return document

    return edit(cut)


def with_reading(**changes):
    return edit(lambda document: (document["readings"][0].update(changes), document)[1])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (change_a_row, "has changed since it was saved"),
        (flip_a_byte, "has changed since it was saved"),
        (empty_a_file, "has changed since it was saved"),
        (drop_a_file, "cannot be read"),
        (no_manifest, "is not a saved snapshot"),
        (lambda folder: (folder / MANIFEST).write_text("{", encoding="utf-8"), "cannot be read"),
        (lambda folder: (folder / MANIFEST).write_bytes(b"\xff\xfe"), "cannot be read"),
        (edit(lambda document: {**document, "format": "crm-audit-snapshot/1"}), "is not of the format"),
        (edit(lambda document: [document]), "is not of the format"),
        (without("manifest"), "lacks or distorts"),
        (without("readings"), "lacks or distorts"),
        (without("manifest", "org_id"), "lacks or distorts"),
        (without("readings", 0, "sha256"), "lacks or distorts"),
        (without("readings", 0, "unread"), "lacks or distorts"),
        (with_reading(capability="magic"), "lacks or distorts"),
        (with_reading(unread={"why": "because", "detail": "", "remedy": ""}), "lacks or distorts"),
        (with_reading(unread={"why": "failed"}), "lacks or distorts"),
        (with_reading(unread="yes"), "lacks or distorts"),
        (with_reading(file=None), "lacks or distorts"),
        (with_reading(file="../../etc/passwd"), "cannot be read"),
        (edit(lambda d: {**d, "readings": 7}), "lacks or distorts"),
        (edit(lambda d: {**d, "readings": [7]}), "lacks or distorts"),
        (edit(lambda d: {**d, "manifest": {**d["manifest"], "taken_at": "yesterday"}}), "lacks or distorts"),
        (
            edit(lambda d: {**d, "manifest": {**d["manifest"], "taken_at": "2026-11-24T03:00:00"}}),
            "time zone",
        ),
        (edit(lambda d: {**d, "manifest": {**d["manifest"], "taken_at": 7}}), "lacks or distorts"),
    ],
)
def test_a_snapshot_that_changed_is_refused(kept, damage, told):
    damage(kept)
    with pytest.raises(ConfigError) as failed:
        load(kept)
    assert told in failed.value.message
    assert str(kept) in failed.value.message


def test_a_folder_that_is_none(tmp_path):
    for path, said in ((tmp_path, "is not a saved snapshot"), (tmp_path / "absent", "There is no snapshot")):
        with pytest.raises(ConfigError, match=said):
            load(path)


# -- judging beyond what was collected


def tag(field):
    return Tag(field, "diagnosis", Coarse.CLINICAL, "T3", Confidence.HIGH, Basis.GIVEN, ("given",))


def test_objects_that_were_not_collected_are_unknown(tmp_path):
    """The nurse reads the diagnosis; of Task nothing was collected, so nobody's access to it is a no."""
    with collecting(small_org()) as whole:
        narrow = replace(whole, manifest=replace(whole.manifest, objects=("Contact",)))
    save(narrow, tmp_path / "kept")
    found = load(tmp_path / "kept")
    tags = {t.field: t for t in (tag("Contact.Diagnosis__c"), tag("Task.Subject"), tag("Visit__c.Notes__c"))}
    access = effective_access(SEMANTICS.compile(found, tags, NOW))
    assert access.word(NURSE, "Contact.Diagnosis__c") is Word.YES
    for user in (NURSE, MARKETER):
        assert access.word(user, "Task.Subject") is Word.UNKNOWN
        assert access.word(user, "Visit__c.Notes__c") is Word.UNKNOWN


def test_a_reading_that_was_not_collected_is_unread(kept):
    found = load(kept).unread("Report")
    assert found.why is Why.NOT_COLLECTED
