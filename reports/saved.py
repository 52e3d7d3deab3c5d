"""Read back a report that was written before, as far as it keeps the published schema."""

from __future__ import annotations

import json
from pathlib import Path

from auditor.access import Word
from auditor.diff import Group, Kept, KeptFinding, KeptReading, KeptRule
from auditor.errors import AuditorError, ConfigError
from auditor.findings import Severity, State
from auditor.rule import UNDECIDED
from auditor.waivers import Subject
from reports import json_v1
from reports.directory import DOCUMENT


def load(directory: Path) -> json_v1.Document:
    """Read the document of a report directory, or of an `audit.json` named itself.

    Raises ConfigError when there is none, or when it is not one of this schema version.
    """
    path = directory if directory.name == DOCUMENT else directory / DOCUMENT
    try:
        found: json_v1.Document = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(
            f"{path}: The report cannot be read: {error.strerror or 'unknown cause'}.",
            hint="Name the directory that an earlier run wrote its report to.",
        ) from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{path}: This is not JSON.", hint="Was the file cut short, or edited?") from None
    version = found.get("schema") if isinstance(found, dict) else None
    if version != json_v1.SCHEMA:
        said = (
            f"“{version}”" if isinstance(version, str) and version.startswith("crm-audit/") else "no version"
        )
        raise ConfigError(
            f"{path}: The report has {said} as its schema, and {json_v1.SCHEMA} is needed.",
            hint="Write it anew from its snapshot with this version: crm-audit analyze SNAPSHOT.",
        )
    try:
        json_v1.check(found)
    except (AuditorError, KeyError, TypeError, AttributeError):
        raise ConfigError(
            f"{path}: The report does not keep its own schema.",
            hint="Was it edited, or written by another version?",
        ) from None
    return found


def kept(document: json_v1.Document) -> tuple[Kept, ...]:
    """Take from a document, saved or just made, what two reports are compared by."""
    return tuple(_kept(system) for system in document["systems"])


def subjects(system: json_v1.Document) -> tuple[Subject, ...]:
    """Take from one system of a report what waivers are held against."""
    return tuple(
        Subject(
            f["rule"], f["id"], f["digest"], f["audience"], f["object"], f["root"]["id"], State(f["state"])
        )
        for f in system["findings"]
    )


def blind(system: json_v1.Document) -> dict[str, str]:
    """Say of each rule that did not look at everything it had to, what it did not see."""
    return {r["id"]: said for r in system["rules"] if (said := _unseen(r))}


def _unseen(rule: json_v1.Document) -> str:
    looked = rule["looked_at"]
    if rule["gaps"]:
        return f"it could not read {', '.join(rule['gaps'])}"
    if looked["unknown"]:
        return f"it could not decide {looked['unknown']:,} of {looked['count']:,} {looked['what']}"
    return "it could not look" if State(rule["state"]) in UNDECIDED else ""


def _kept(system: json_v1.Document) -> Kept:
    readings = {
        r["name"]: KeptReading(r["capability"], complete=r["complete"], accepted=r["accepted"])
        for r in system["readings"]
    }
    accepted = {name for name, reading in readings.items() if reading.accepted}
    settings = {
        "policy": system["policy"]["digest"],
        "configuration": system["config_digest"],
        "tool version": system["tool_version"],
    }
    return Kept(
        target=system["target"],
        org_id=system["org_id"],
        people={m["id"]: m["name"] for a in system["audiences"] for m in a["members"]},
        tags={tag["field"]: tag["phi_class"] for tag in system["tags"]},
        groups=tuple(_group(one) for one in system["access"]),
        findings={f["id"]: _finding(f) for f in system["findings"]},
        rules={r["id"]: _rule(r, accepted) for r in system["rules"]},
        readings=readings,
        settings=settings,
        reopened=frozenset(id_ for waiver in system["waivers"] for id_ in waiver["reopened"]),
        reached=any(reading.complete for reading in readings.values()),
    )


def _group(one: json_v1.Document) -> Group:
    read, edit = (
        {name: Word(opening[verb]) for opening in one["opens"] for name in opening["fields"]}
        for verb in ("read", "edit")
    )
    return Group(tuple(one["people"]), read, edit)


def _rule(rule: json_v1.Document, accepted: set[str]) -> KeptRule:
    decided = State(rule["state"]) not in UNDECIDED
    whole = decided and not rule["looked_at"]["unknown"] and accepted.issuperset(rule["gaps"])
    idle = State(rule["state"]) in {State.NOT_APPLICABLE, State.NOT_ASSESSED}
    return KeptRule(Severity[rule["severity"].upper()], whole, idle)


def _finding(finding: json_v1.Document) -> KeptFinding:
    return KeptFinding(
        id=finding["id"],
        digest=finding["digest"],
        rule=finding["rule"],
        severity=Severity[finding["severity"].upper()],
        state=State(finding["state"]),
        message=finding["message"],
        root=finding["root"]["id"],
        people=frozenset(finding["people"]),
        cells={cell["field"]: Word(cell["word"]) for cell in finding["fields"]},
    )
