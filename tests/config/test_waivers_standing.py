"""The register against a saved report: how every entry stands, and what nobody can tell."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from auditor.waivers import Waiver
from crm_audit.waivers_standing import MOST, held_against
from reports import json_v1
from tests.auditor.orgs import waiver
from tests.reports import audits

NOW = audits.AS_OF
OTHER = "0" * 16


def report(made):
    return json.loads(json.dumps(json_v1.document((made,))))


CLINIC = report(audits.clinic())
DARK = report(audits.unreadable())
[SYSTEM] = CLINIC["systems"]
FOUND = next(f for f in SYSTEM["findings"] if f["state"] == "gap_observed")


def entry(**given) -> Waiver:
    """A waiver in force that fits a finding of the report."""
    return replace(
        waiver(
            rule=FOUND["rule"], finding=FOUND["id"], digests=(FOUND["digest"],), until=NOW + timedelta(60)
        ),
        **given,
    )


def said(*entries, document=CLINIC, targets=("sunrise",)):
    return held_against(entries, document, targets, NOW).split("\n")


def whole(document, rule):
    """The report as if a rule had looked at everything and found nothing."""
    document = copy.deepcopy(document)
    for system in document["systems"]:
        system["findings"] = [f for f in system["findings"] if f["rule"] != rule]
        for one in system["rules"]:
            if one["id"] == rule:
                one["state"], one["gaps"], one["looked_at"]["unknown"] = "no_gap_observed", [], 0
    return document


@pytest.mark.parametrize(
    ("given", "status", "more"),
    [
        ({}, "in force", f"  Finding {FOUND['id']} is one level lower by it."),
        ({"until": NOW + timedelta(7)}, "expires soon", f"  Finding {FOUND['id']} is one level lower by it."),
        ({"until": NOW}, "expired", ""),
        ({"start": NOW + timedelta(1)}, "not begun", ""),
        (
            {"digests": (OTHER, "1" * 16)},
            "re-opened",
            f"  Finding {FOUND['id']} has the state {FOUND['digest']} now; accepted is {OTHER}, {'1' * 16}.",
        ),
    ],
)
def test_how_an_entry_stands_and_what_it_does(given, status, more):
    lines = said(entry(**given))
    assert lines[0] == (
        "Against the report of sunrise as judged on 2026-11-24 03:00 UTC, with the waivers as of 2026-11-24 03:00 UTC:"
    )
    assert lines[1].startswith(f"W-1: {status}. {FOUND['rule']} {FOUND['id']}, ")
    assert lines[3:-1] == ([more] if more else [])
    assert lines[-1] == f"1 waiver: 1 {status}."


def test_what_needs_somebody_comes_first_and_wide_ones_say_so():
    wide = {"finding": "", "audience": FOUND["audience"], "object": "*", "root": "*"}
    lines = said(entry(), entry(id="W-2", until=NOW), entry(id="W-3", **wide))
    heads = [line.split(":")[0] for line in lines[1:-1] if not line.startswith(" ")]
    assert heads[0] == "W-2"
    assert "(wide)" in next(line for line in lines if line.startswith("W-3"))
    assert lines[-1].startswith("3 waivers: 1 expired, ")


def test_only_a_rule_that_saw_everything_makes_an_entry_dead():
    nothing = entry(finding=OTHER)
    assert said(nothing, document=whole(CLINIC, FOUND["rule"]))[1].startswith("W-1: dead. ")
    lines = said(nothing, document=DARK)
    assert lines[1].startswith("W-1: cannot tell. ")
    assert f"  In sunrise, {FOUND['rule']} did not see everything: it could not read " in lines[3]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"gaps": ["users", "grants"]}, "it could not read users, grants."),
        ({"looked_at": {"count": 1200, "what": "pairs", "unknown": 3, "absent": ""}}, "3 of 1,200 pairs."),
        ({"state": "not_assessed"}, "it could not look."),
        ({"id": "an-older-rule"}, f"In sunrise, {FOUND['rule']} was not asked."),
    ],
)
def test_what_a_rule_did_not_see_is_told(change, why):
    document = whole(CLINIC, FOUND["rule"])
    next(r for r in document["systems"][0]["rules"] if r["id"] == FOUND["rule"]).update(change)
    lines = said(entry(finding=OTHER), document=document)
    assert lines[1].startswith("W-1: cannot tell. ")
    assert lines[3].endswith(why)


def test_a_target_that_the_report_has_not_is_not_told_of():
    lines = said(entry(target="lab"), targets=("sunrise", "lab"))
    assert lines[1].startswith("W-1: cannot tell. ")
    assert lines[3] == "  The report has no target “lab”."
    assert said(entry(), targets=("lab",))[3] == "  The report has no target “lab”."
    assert said(entry(target="sunrise"), targets=("sunrise", "lab"))[1].startswith("W-1: in force. ")
    assert said(entry(), targets=())[1].startswith("W-1: in force. ")


def test_an_unknown_is_not_waived_by_a_report_either():
    document = whole(CLINIC, FOUND["rule"])
    document["systems"][0]["findings"].append({**FOUND, "state": "unknown_not_readable"})
    lines = said(entry(), document=document)
    assert lines[1].startswith("W-1: cannot tell. ")
    assert lines[3:-1] == [f"  Finding {FOUND['id']} says what could not be read; that is never waived."]


def test_many_findings_are_counted_and_an_empty_register_says_so():
    document = copy.deepcopy(CLINIC)
    many = [{**FOUND, "id": f"{number:016x}"} for number in range(MOST + 3)]
    document["systems"][0]["findings"] = many
    wide = entry(finding="", audience=FOUND["audience"], object=FOUND["object"], root="*")
    lines = said(wide, document=document)
    assert len([line for line in lines if line.startswith("  Finding ")]) == MOST
    assert lines[-2] == "  And 3 further findings like this."
    assert said() == ["No waiver is in the register."]


@pytest.mark.parametrize("typed", audits.HOSTILE)
def test_what_was_typed_in_a_register_cannot_steer_a_terminal(typed):
    lines = said(entry(finding="", audience="", object=typed, root=typed, expires=typed, place=typed))
    assert all(line.replace("\ud800", "").isprintable() for line in lines)
