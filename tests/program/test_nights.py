"""Nights against the sandbox: what is kept, what is removed, and what `verify` and `status` say of it."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from crm_audit.runs import record
from crm_audit.runs.chain import Chain, Event
from crm_audit.runs.chain import Kind as ChainKind
from sandbox.salesforce import Fault, Faults, Kind, running
from tests.program.nights import FIRST, asked, configure, events, kept, night, record_of
from tests.program.planted_org import planted

NAMES = [f"202611{day}T023000Z" for day in (24, 25, 26)]
BLIND = Faults.of(Fault(Kind.OBJECT_FORBIDDEN, times=None, on=r"\bSessionPermSetActivation\b"))


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """A folder with three nights in it; to be copied, never changed."""
    folder = tmp_path_factory.mktemp("three")
    with running(planted()) as served, pytest.MonkeyPatch.context() as patch:
        configure(folder, served)
        for number in range(3):
            ran = night(patch, folder, served, number)
            assert ran.code == 14, ran.err
    return folder, served


@pytest.fixture
def nights(three, tmp_path):
    """A copy of the three nights, and the sandbox that has ended."""
    folder, served = three
    shutil.copytree(folder, tmp_path / "copy", symlinks=True)
    return tmp_path / "copy", served


def test_each_night_is_a_whole_private_read_only_folder(three):
    runs = three[0] / "runs"
    assert kept(runs) == NAMES
    for name in NAMES:
        assert oct((runs / name).stat().st_mode & 0o777) == "0o500"
        assert {oct(p.stat().st_mode & 0o777) for p in (runs / name).iterdir()} == {"0o400"}
        assert {p.name for p in (runs / name).iterdir()} >= {"audit.xlsx", "audit.json", "run.json"}
    assert events(runs) == ["run", "told"] * 3


def test_the_record_says_what_the_report_says(three):
    runs = three[0] / "runs"
    made = record_of(runs, NAMES[1])
    report = json.loads((runs / NAMES[1] / "audit.json").read_text(encoding="utf-8"))
    found = report["systems"][0]["findings"]
    observed = {f["id"] for f in found if f["state"] in {"gap_observed", "partial"}}
    assert {seen.id for seen in made.findings} == observed != set()
    assert made.exit_code == report["exit_code"] == 14
    assert made.complete
    assert made.target("clinic").findings == len(observed)
    assert made.started == made.finished == "2026-11-25T02:30:00+00:00"
    assert {file.name for file in made.files} == {p.name for p in (runs / NAMES[1]).iterdir()} - {"run.json"}


def test_the_record_names_nobody(three):
    runs = three[0] / "runs"
    text = (runs / NAMES[0] / "run.json").read_text(encoding="utf-8")
    people = [
        user[key]
        for user in planted()["tables"]["User"]
        for key in ("Id", "Name", "Username")
        if user.get(key)
    ]
    assert people
    assert not [word for word in [*people, "Diagnosis", "Contact"] if word in text]


def test_each_record_names_the_one_before(three):
    runs = three[0] / "runs"
    digests = [record.sha256(runs / name / "run.json") for name in NAMES]
    assert [record_of(runs, name).previous for name in NAMES] == ["", *digests[:2]]
    assert [e.record for e in Chain(runs).events() if e.kind == "run"] == digests


def test_a_plain_report_is_none_of_this(tmp_path, monkeypatch):
    with running(planted()) as served:
        runs = configure(tmp_path, served)
        ran = night(monkeypatch, tmp_path, served, 0, "--out", "out")
    assert ran.code == 14, ran.err
    assert (tmp_path / "out" / "audit.json").is_file()
    assert not runs.exists()


# ── verify ────────────────────────────────────────────────────────────────────────────────────────


def verified(nights, monkeypatch, *more):
    folder, served = nights
    return asked(monkeypatch, folder, served, 3, "verify", "runs", *more)


def test_an_untouched_past_verifies(nights, monkeypatch):
    ran = verified(nights, monkeypatch)
    assert ran.code == 0, ran.out
    assert "3 runs with" in ran.out
    head = ran.out.split("Head: ")[1].strip()
    assert verified(nights, monkeypatch, "--head", head[:16]).code == 0
    assert verified(nights, monkeypatch, "--head", "0" * 16).code == 6


def test_the_folder_comes_from_the_configuration_too(nights, monkeypatch):
    folder, served = nights
    ran = asked(monkeypatch, folder, served, 3, "verify", "--config", "audit.yaml", "-q")
    assert (ran.code, ran.out) == (0, "")


def loosened(path):
    path.parent.chmod(0o700)
    if path.exists() and not path.is_symlink():
        path.chmod(0o700)
    return path


def changed(runs):
    path = loosened(runs / NAMES[1] / "findings.csv")
    path.write_bytes(path.read_bytes().swapcase())


def removed(runs):
    loosened(runs / NAMES[1] / "findings.csv").unlink()


def extra(runs):
    loosened(runs / NAMES[1] / "note.txt").write_text("mine")


def linked(runs):
    path = loosened(runs / NAMES[1] / "findings.csv")
    path.rename(runs / "findings.csv")
    path.symlink_to(runs / "findings.csv")


def gone(runs):
    shutil.rmtree(loosened(runs / NAMES[1]))


def recorded(runs):
    path = loosened(runs / NAMES[1] / "run.json")
    path.write_text(path.read_text().replace('"exit_code": 14', '"exit_code": 0'))


def relinked(runs):
    path = loosened(runs / NAMES[1] / "run.json")
    made = record.read(path.parent)
    path.write_text(path.read_text().replace(made.previous, "0" * 64))


def unrecorded(runs):
    loosened(runs / NAMES[1] / "run.json").unlink()


def unreadable(runs):
    loosened(runs / NAMES[1] / "run.json").write_text("[]")


def stranger(runs):
    shutil.copytree(runs / NAMES[1], runs / "20261124T040000Z")


def forgotten(runs):
    lines = Chain(runs).path.read_bytes().splitlines(keepends=True)
    Chain(runs).path.write_bytes(b"".join(lines[:2] + lines[3:]))


def scrawled(runs):
    with Chain(runs).path.open("ab") as file:
        file.write(b'{"kind": "run", "run": "../../etc", "at": "", "previous": ""}\nhalf a li')


@pytest.mark.parametrize(
    ("deed", "sentences"),
    [
        (changed, [f"{NAMES[1]}: findings.csv was changed."]),
        (removed, [f"{NAMES[1]}: findings.csv is missing."]),
        (extra, [f"{NAMES[1]}: note.txt is one too many."]),
        (linked, [f"{NAMES[1]}: findings.csv was changed."]),
        (gone, [f"{NAMES[1]}: The run is missing."]),
        (recorded, [f"{NAMES[1]}: run.json was changed."]),
        (
            relinked,
            [f"{NAMES[1]}: The link to the run before is broken.", f"{NAMES[1]}: run.json was changed."],
        ),
        (unrecorded, [f"{NAMES[1]}: run.json is missing."]),
        (unreadable, [f"{NAMES[1]}: run.json was changed.", "run.json is not the record of a run."]),
        (stranger, ["20261124T040000Z: The chain does not know this folder."]),
        (
            forgotten,
            [
                "chain.jsonl:3: The link to the line before is broken.",
                f"{NAMES[2]}: The link to the run before is broken.",
                f"{NAMES[1]}: The chain does not know this folder.",
            ],
        ),
        (
            scrawled,
            [
                "chain.jsonl:7: This line is not an event.",
                "chain.jsonl: The last line was not written to its end",
            ],
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_change_has_its_sentence(deed, sentences, nights, monkeypatch):
    deed(nights[0] / "runs")
    ran = verified(nights, monkeypatch, "-q")
    assert ran.code == 6, ran.out
    lines = ran.out.splitlines()
    assert len(lines) == len(sentences)
    assert all(sentence in ran.out for sentence in sentences), ran.out


def test_a_folder_without_runs_is_a_wrong_argument(tmp_path, monkeypatch, nights):
    ran = asked(monkeypatch, tmp_path, nights[1], 3, "verify", ".")
    assert ran.code == 2
    assert ran.err.startswith("error: ")
    assert "holds no runs" in ran.err


# ── retention ─────────────────────────────────────────────────────────────────────────────────────


def configured_again(folder, served, monkeypatch, number, **runs):
    configure(folder, served, runs=runs)
    return night(monkeypatch, folder, served, number)


@pytest.fixture
def live(nights):
    """The three nights, and a sandbox that answers at another address."""
    with running(planted()) as served:
        yield nights[0], served


def test_what_nothing_keeps_goes_and_the_chain_stays_whole(live, monkeypatch):
    folder, served = live
    ran = configured_again(folder, served, monkeypatch, 3, keep_last=2)
    assert ran.code == 14, ran.err
    assert kept(folder / "runs") == [NAMES[2], "20261127T023000Z"]
    assert events(folder / "runs")[-4:] == ["run", "pruned", "pruned", "told"]
    assert asked(monkeypatch, folder, served, 4, "verify", "runs").code == 0
    assert configured_again(folder, served, monkeypatch, 4, keep_last=2).code == 14
    assert asked(monkeypatch, folder, served, 4, "verify", "runs").code == 0


def test_a_hold_keeps_a_run(live, monkeypatch):
    folder, served = live
    (folder / "runs" / f"{NAMES[0]}.hold").touch()
    configured_again(folder, served, monkeypatch, 3, keep_last=1)
    assert kept(folder / "runs") == [NAMES[0], "20261127T023000Z"]
    ran = asked(monkeypatch, folder, served, 3, "status", "--config", "audit.yaml")
    assert "2 runs kept, 1 of them on hold" in ran.out


def test_both_bounds_must_agree(live, monkeypatch):
    folder, served = live
    configured_again(folder, served, monkeypatch, 3, keep_last=1, keep_days=30)
    assert len(kept(folder / "runs")) == 4


def test_an_incomplete_night_removes_nothing(nights, monkeypatch):
    folder = nights[0]
    with running(planted(), faults=BLIND) as served:
        ran = configured_again(folder, served, monkeypatch, 3, keep_last=1)
        assert ran.code == 24, ran.err
        assert len(kept(folder / "runs")) == 4


def test_the_latest_complete_night_stays(nights, monkeypatch):
    """Two blind nights after it do not push it out, and a complete one does."""
    folder = nights[0]
    with running(planted(), faults=BLIND) as served:
        for number in (3, 4):
            configured_again(folder, served, monkeypatch, number)
    with running(planted()) as served:
        configured_again(folder, served, monkeypatch, 5, keep_last=1)
    assert kept(folder / "runs") == ["20261129T023000Z"]


def test_one_wrong_clock_removes_nothing(live, monkeypatch):
    folder, served = live
    configured_again(folder, served, monkeypatch, 4000, keep_days=30)
    assert len(kept(folder / "runs")) == 4


def test_a_removal_that_was_stopped_is_finished(live, monkeypatch):
    folder, served = live
    runs = folder / "runs"
    shutil.copytree(runs / NAMES[0], folder / "aside")
    configured_again(folder, served, monkeypatch, 3, keep_last=1)
    shutil.copytree(folder / "aside", runs / NAMES[0])
    ran = asked(monkeypatch, folder, served, 3, "verify", "runs", "-q")
    assert (
        ran.out == f"{NAMES[0]}: The run was removed, and is still or again there; the next run removes it.\n"
    )
    (runs / f"{NAMES[0]}.hold").touch()
    configured_again(folder, served, monkeypatch, 4, keep_last=1)
    assert NAMES[0] in kept(runs)
    (runs / f"{NAMES[0]}.hold").unlink()
    again = configured_again(folder, served, monkeypatch, 4, keep_last=1)
    assert "finished removing a run" in again.err
    assert asked(monkeypatch, folder, served, 4, "verify", "runs").code == 0


# ── status ────────────────────────────────────────────────────────────────────────────────────────


def stands(folder, served, monkeypatch, days, *more):
    return asked(monkeypatch, folder, served, days, "status", "--config", "audit.yaml", *more)


def test_all_is_well(nights, monkeypatch):
    ran = stands(*nights, monkeypatch, 2.5)
    assert ran.code == 0, ran.out
    assert f"clinic: last complete run: {NAMES[2]}, exit code 14, 12 h ago" in ran.out
    assert "younger than P2D" in ran.out
    assert len(ran.out.splitlines()) < 10
    assert stands(*nights, monkeypatch, 2.5, "-q").out == ""


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (4.1, f"clinic: The last complete run, {NAMES[2]}, is older than P2D."),
        (-1, f"clinic: The clock is behind {NAMES[2]}, so nobody can say how old it is."),
    ],
)
def test_age_fails(nights, monkeypatch, days, sentence):
    ran = stands(*nights, monkeypatch, days, "-q")
    assert (ran.code, ran.out) == (7, sentence + "\n")


def test_never_run_fails(tmp_path, nights, monkeypatch):
    configure(tmp_path, nights[1])
    ran = stands(tmp_path, nights[1], monkeypatch, 0)
    assert ran.code == 7
    assert "clinic: There is no complete run." in ran.out


def test_an_incomplete_last_night_fails(nights, monkeypatch):
    folder = nights[0]
    with running(planted(), faults=BLIND) as served:
        configured_again(folder, served, monkeypatch, 3)
        ran = stands(folder, served, monkeypatch, 3.5, "-q")
    assert ran.code == 7
    assert ran.out.startswith(
        "clinic: The last run, 20261127T023000Z, could not read everything (1 reading)."
    )


def test_a_failed_last_attempt_fails_until_a_run_follows(live, monkeypatch):
    folder, served = live
    configure(folder, served)
    wrong = type("Wrong", (), {"url": served.url, "token": "00Dwrong!token", "ca_file": served.ca_file})()
    assert night(monkeypatch, folder, wrong, 3).code == 3
    ran = stands(folder, served, monkeypatch, 3.1, "-q")
    assert ran.code == 7
    assert "The last attempt, 2026-11-27T02:30:00+00:00, ended with exit code 3" in ran.out
    assert night(monkeypatch, folder, served, 3).code == 14
    assert stands(folder, served, monkeypatch, 3.1, "-q").code == 0
    assert asked(monkeypatch, folder, served, 3.1, "verify", "runs").code == 0


def test_a_missing_run_fails(nights, monkeypatch):
    gone(nights[0] / "runs")
    ran = stands(*nights, monkeypatch, 2.5, "-q")
    assert (ran.code, ran.out) == (7, f"{NAMES[1]} is in the chain, and cannot be read.\n")


@pytest.mark.parametrize(
    "words", [("status",), ("status", "--config", "bare.yaml"), ("verify",)], ids=" ".join
)
def test_without_runs_there_is_nothing_to_ask(words, tmp_path, nights, monkeypatch):
    (tmp_path / "bare.yaml").write_text("version: 1\n", encoding="utf-8")
    ran = asked(monkeypatch, tmp_path, nights[1], 0, *words)
    assert ran.code == 2
    assert ran.err.startswith("error: ")
    assert "hint: " in ran.err


# ── clocks and leftovers ──────────────────────────────────────────────────────────────────────────


def test_a_clock_that_went_back_keeps_every_run(live, monkeypatch):
    folder, served = live
    configure(folder, served)
    ran = night(monkeypatch, folder, served, 1)
    assert "the clock went back" in ran.err
    assert kept(folder / "runs") == [NAMES[0], NAMES[1], f"{NAMES[1]}-2", NAMES[2]]
    assert asked(monkeypatch, folder, served, 4, "verify", "runs").code == 0


def test_a_run_stopped_at_its_last_step_is_entered(live, monkeypatch):
    folder, served = live
    configure(folder, served)
    path = Chain(folder / "runs").path
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[:4]) + whole[4][:20])
    assert asked(monkeypatch, folder, served, 3, "verify", "runs", "-q").code == 6
    ran = night(monkeypatch, folder, served, 3)
    assert "mended the chain" in ran.err
    assert "entered a run that was stopped at its last step" in ran.err
    assert len(kept(folder / "runs")) == 4
    assert asked(monkeypatch, folder, served, 3, "verify", "runs").code == 0


def test_what_a_stopped_run_left_is_cleared(live, monkeypatch):
    folder, served = live
    configure(folder, served)
    left = folder / "runs" / ".staging-abc"
    (left / "run").mkdir(parents=True)
    (left / "run" / "audit.json").write_text("{")
    note = {"host": os.uname().nodename, "pid": 999_999_999, "since": FIRST.isoformat(), "targets": ["other"]}
    (left / "owner.json").write_text(json.dumps(note))
    ran = night(monkeypatch, folder, served, 3)
    assert "cleared a run that was stopped" in ran.err
    assert not left.exists()


def test_what_another_live_run_is_writing_stays(live, monkeypatch):
    folder, served = live
    configure(folder, served)
    left = folder / "runs" / ".staging-abc"
    left.mkdir()
    note = {"host": os.uname().nodename, "pid": os.getpid(), "since": FIRST.isoformat(), "targets": ["other"]}
    (left / "owner.json").write_text(json.dumps(note))
    assert night(monkeypatch, folder, served, 3).code == 14
    assert left.is_dir()


# -- a past that somebody wrote


@pytest.mark.parametrize("head", ["", "abc", "z" * 16])
def test_what_is_no_head_compares_nothing_and_is_refused(nights, monkeypatch, head):
    ran = verified(nights, monkeypatch, "--head", head)
    assert ran.code == 2
    assert "is not a head" in ran.err


def test_the_newest_run_is_never_removed_by_this_program(nights, monkeypatch):
    folder, _ = nights
    runs = folder / "runs"
    (runs / NAMES[2]).chmod(0o700)
    shutil.rmtree(runs / NAMES[2])
    Chain(runs).append(Event(ChainKind.PRUNED, "2026-11-27T00:00:00+00:00", run=NAMES[2], record="f" * 64))
    ran = verified(nights, monkeypatch)
    assert ran.code == 6
    assert f"This program would not have removed {NAMES[2]}." in ran.out


@pytest.mark.parametrize("name", ["audit.json", "run.json"])
def test_a_run_that_was_changed_is_compared_with_no_more(nights, name):
    run = nights[0] / "runs" / NAMES[1]
    digest = record.sha256(run / "run.json")
    assert record.intact(run, digest)
    run.chmod(0o700)
    (run / name).chmod(0o600)
    (run / name).write_text((run / name).read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert not record.intact(run, digest)
