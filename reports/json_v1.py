"""The audit as JSON, version 1: a contract of its own fields, described by `audit-v1.schema.json`.

Nothing is dumped: a change inside the auditor changes this file, or the contract does not change. Access is
grouped by people who hold the same and fields that open the same way; a field that is not named for somebody
is no.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, TextIO, cast

from jsonschema import Draft202012Validator

from auditor.access import Word
from auditor.audit import Audit, exit_code
from auditor.decision import decide, decided
from auditor.doors import Change, DoorKind, Shown, shown_through
from auditor.errors import AuditorError
from auditor.findings import Finding
from auditor.phi import FieldFacts, Tag
from auditor.reach import Extent, Span
from auditor.retention import Overdue
from auditor.rule import RuleResult
from auditor.rulings import Ruling
from auditor.snapshot import Capability, Reading
from auditor.waivers import Standing
from reports import hubspot_answers, outline, words
from reports.alike import Alike, Opening, Walk

SCHEMA = "crm-audit/audit/1"

Document = dict[str, Any]
Classifier = Mapping[str, object]

CHECKED = 1_000

_EXPANDED = 4
"""Levels of the document that get lines of their own, so that two nights can be compared line by line."""


def document(audits: Sequence[Audit]) -> Document:
    """Everything the reports hold, as plain data."""
    code = exit_code(audits)
    return {
        "schema": SCHEMA,
        "digest": outline.digest(audits),
        "exit_code": code,
        "exit_meaning": words.exit_meaning(code),
        "disclaimer": words.DISCLAIMER,
        "systems": [_system(audit) for audit in audits],
    }


def write(made: Document, stream: TextIO) -> None:
    """Write a document that keeps the contract; raises AuditorError for one that does not."""
    check(made)
    stream.writelines(_lines(made, 0))
    stream.write("\n")


def check(made: Document) -> None:
    """Hold a document against the schema; of the access entries, which one function makes, the first thousand."""
    shown = {**made, "systems": [{**s, "access": s["access"][:CHECKED]} for s in made["systems"]]}
    error = next(_validator().iter_errors(shown), None)
    if error is not None:
        raise AuditorError(
            f"The report would not keep its own format at {error.json_path}: {error.message[:200]}",
            hint="This is a defect of crm-audit; please report it. The other reports are not affected.",
        )


def answers(
    made: Document,
    classifier: Classifier | None = None,
    kinds: Mapping[str, str] | None = None,
    *,
    target: str = "",
) -> Document:
    """Rename what the document holds about one system to the sections of org-fixture 2.4, or of portal-fixture 4.

    `kinds` are the words for fields that were given with the tags, which say them back as they were given.
    """
    systems = [s for s in made["systems"] if not target or s["target"] == target]
    if len(systems) != 1:
        names = ", ".join(s["target"] for s in made["systems"])
        raise ValueError(f"One system has to be named, out of: {names}")
    system = systems[0]
    if system["platform"] == "hubspot":
        return hubspot_answers.answers(system, kinds or {})
    given = classifier if classifier is not None else system["classifier"]
    found: Document = {} if given is None else {"classifier": dict(given)}
    if system["marketing"] or system["people_read"]:
        found["marketing"] = system["marketing"]
    found |= {name: section for name, section in _sections(system) if section is not None}
    retention = [
        {
            "object": one["object"],
            "date_field": one["anchor"],
            "cutoff": one["cutoff"],
            "null_dates": one["fallback"] or "skip",
            **{
                key: one[key]
                for key in ("live", "archived", "recycle_bin", "total", "oldest", "newest", "complete")
            },
        }
        for one in system["retention"]
    ]
    if retention or not system["retention_not_counted"]:
        found["retention"] = retention
    return found


_FILES = ("QueryAllFiles", "ViewAllData")
"""With both, every file can be read (salesforce E6)."""


def _sections(system: Document) -> Iterator[tuple[str, object]]:
    """Each section by its name; None where the document says that nothing could be established."""
    for use in ("escalation", "extraction"):
        yield use, _by_person(system, [r["key"] for r in system["rights"] if use in r["uses"]])
    held = _by_person(system, _FILES)
    files = [person for person, keys in (held or {}).items() if len(keys) == len(_FILES)]
    yield "files", None if held is None or (system["undecided_people"] and not files) else files
    yield "side_doors", _side_doors(system["doors"])
    changes = system["changes"]
    yield "changes", None if changes is None else sorted(change["id"] for change in changes)
    copies = system["copies"]
    yield "copies", None if copies is None else {one["field"]: one["history"] for one in copies}
    derived = system["derived"]
    yield (
        "derived_phi",
        None
        if derived is None
        else {one["field"]: {"from": one["from"], "rule": one["rule"].rpartition(" ")[2]} for one in derived},
    )
    yield "reach", _reached(system["reach"]) or None


def _by_person(system: Document, keys: Sequence[str]) -> dict[str, list[str]] | None:
    """Who holds which of these rights; people with none of them are left out."""
    if system["held_rights"] is None:
        return None
    found = {}
    for group in system["held_rights"]:
        held = sorted(key for key in group["rights"] if key in keys)
        for person in group["people"] if held else ():
            found[person] = held
    return dict(sorted(found.items())) if found or not system["undecided_people"] else None


def _side_doors(groups: list[Document] | None) -> list[Document] | None:
    """Doors that show something, by kind, id and person."""
    if groups is None:
        return None
    found = [
        {
            "kind": door["kind"],
            "id": door["id"],
            "through": door["through"],
            "fields": group["fields"],
            "open_to": door["open_to"],
        }
        for group in groups
        for door in group["doors"]
        if group["fields"]
    ]
    if not found and any(group["undecided"] for group in groups):
        return None
    kinds = [kind.value for kind in DoorKind]
    return sorted(found, key=lambda d: (kinds.index(d["kind"]), d["id"], d["through"]))


def _reached(reach: list[Document]) -> list[Document]:
    """Reach that was established; where only bounds are known, `records` is the lower one."""
    found: list[Document] = []
    for one in reach:
        for group in one["groups"]:
            if group["reach"] == Span.UNKNOWN.value:
                continue
            known: Document = {"reach": group["reach"], "records": group["at_least"]}
            if group["at_least"] != group["at_most"]:
                known |= {"at_least": group["at_least"], "at_most": group["at_most"]}
            known["restricted"] = group["restricted"]
            found += [{"user": person, "object": one["object"], **known} for person in group["people"]]
    return sorted(found, key=lambda r: (r["user"], r["object"]))


@cache
def schema() -> Document:
    """Load the published schema (JSON Schema 2020-12)."""
    text = resources.files("reports").joinpath("audit-v1.schema.json").read_text(encoding="utf-8")
    return cast("Document", json.loads(text))


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def _lines(value: object, depth: int) -> Iterator[str]:
    """JSON in pure ASCII, in which no character could mean anything to a page or a terminal."""
    indent = " " * (depth + 1)
    if depth < _EXPANDED and isinstance(value, dict | list) and value:
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        yield opening
        for place, item in enumerate(value):
            yield f"{',' if place else ''}\n{indent}"
            if isinstance(value, dict):
                yield f"{_flat(item)}: "
                yield from _lines(value[item], depth + 1)
            else:
                yield from _lines(item, depth + 1)
        yield f"\n{indent[1:]}{closing}"
    else:
        yield _flat(value)


def _flat(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, separators=(", ", ": "))
    return (
        text.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\x7f", "\\u007f")
    )


def _system(audit: Audit) -> Document:
    view = audit.view
    manifest = view.snapshot.manifest
    return {
        "target": audit.target,
        "platform": manifest.platform,
        "org_id": manifest.org_id,
        "org_name": manifest.org_name,
        "collected_at": words.stamp(manifest.taken_at),
        "judged_as_of": words.stamp(view.as_of),
        "api_version": manifest.api_version,
        "connected_user": manifest.connected_user,
        "tool_version": audit.tool_version,
        "collector_version": manifest.tool_version,
        "config_digest": audit.config_digest,
        "tag_digest": manifest.tag_digest,
        "objects": list(manifest.objects),
        "notes": list(manifest.notes),
        "headline": outline.headline(audit),
        "counts": _counts(audit),
        "unread": [_missing(one) for one in outline.missing((audit,))],
        "readings": [_reading(audit, reading) for reading in view.snapshot.readings.values()],
        "surplus": [{"kind": s.kind, "right": s.right, "detail": s.detail} for s in view.surplus],
        "rules": [_rule(result) for result in audit.results],
        "findings": [_finding(finding) for finding in audit.findings],
        "policy": _policy(audit),
        "audiences": _audiences(audit),
        "classifier": None if view.classifier is None else dict(view.classifier),
        "marketing": list(view.audiences.marketing),
        "people_read": _seen(audit, Capability.PEOPLE),
        "undecided_people": len(view.access.grants.blind),
        "retention": [_overdue(one) for one in view.overdue],
        "retention_not_counted": [
            policy.id for policy in view.retention if policy not in [one.policy for one in view.overdue]
        ],
        "tags": [
            _tag(tag, view.facts.get(tag.field)) for tag in sorted(view.tags.values(), key=lambda t: t.field)
        ],
        "grantors": [
            {"id": g.id, "container": g.container, "label": g.label, "kind": g.kind, "right": g.right}
            for g in view.access.grants.grantors
        ],
        "containers": [
            {"id": key, "label": label} for key, label in sorted(view.access.grants.labels.items())
        ],
        "access": list(_access(audit)),
        "verdicts": list(_verdicts(audit)),
        "absent": list(view.access.grants.absent),
        "steps": [
            {"from": step.source, "to": step.carrier, "how": step.how, "rule": step.rule}
            for step in view.lineage.steps
            if step.source in view.tags and step.carrier in view.tags
        ],
        "rights": _rights(audit),
        "held_rights": _held_rights(audit),
        "reach": [
            {"object": name, "groups": _extents(people)}
            for name, people in sorted(view.reach.objects.items())
        ],
        "doors": _doors(audit) if view.doors or _whole(audit, Capability.SURFACES) else None,
        "changes": [_change(change) for change in view.changes]
        if view.changes or _seen(audit, Capability.CHANGES)
        else None,
        "copies": _copies(audit),
        "derived": _derived(audit),
        "surfaces": _surfaces(audit),
        "signs": _signs(audit),
        "waivers": [_waiver(standing) for standing in audit.waivers],
        "decisions": [_ruling(one) for one in view.rulings],
    }


def _surfaces(audit: Audit) -> list[Document] | None:
    """List every form, list, workflow and message that is about a tagged field, with the asset it came by."""
    leaks = audit.view.leaks
    if leaks is None:
        return None
    return [
        {
            "asset": one.asset,
            "kind": leaks.surfaces.assets[one.asset].kind.value,
            "id": leaks.surfaces.assets[one.asset].id,
            "label": leaks.surfaces.assets[one.asset].label,
            "state": leaks.surfaces.assets[one.asset].state,
            "size": leaks.surfaces.assets[one.asset].size,
            "field": one.field,
            "origin": one.origin,
            "previous": one.previous,
            "hops": one.hops,
            "further": one.further,
            "named": [
                {
                    "place": m.place.value,
                    "leaks": m.leaks.value,
                    "asked": m.asked.value,
                    "generic": m.generic,
                    "step": m.step,
                }
                for m in leaks.mentions(one.asset, one.field)
            ],
        }
        for one in leaks.surfaced.values()
    ]


def _signs(audit: Audit) -> list[Document] | None:
    """List the health words that assets state in their own names and addresses."""
    leaks = audit.view.leaks
    if leaks is None:
        return None
    return [
        {
            "asset": sign.asset,
            "label": leaks.surfaces.assets[sign.asset].label,
            "place": sign.place,
            "phi_class": sign.phi_class,
            "term": sign.term,
        }
        for sign in leaks.surfaces.signs
    ]


def _seen(audit: Audit, capability: Capability) -> bool:
    """Whether somebody looked, and nothing that was to be seen stayed unread."""
    readings = [r for r in audit.view.snapshot.readings.values() if r.capability is capability]
    return bool(readings) and not any(r in audit.unread for r in readings)


def _whole(audit: Audit, capability: Capability) -> bool:
    """Whether everything of a kind was read, what the vendor shows to nobody included."""
    readings = [r for r in audit.view.snapshot.readings.values() if r.capability is capability]
    return bool(readings) and all(r.complete for r in readings)


def _rights(audit: Audit) -> list[Document]:
    """List the rights of people as a whole that anything in this system carries."""
    grants = audit.view.access.grants
    carried: dict[str, list[Document]] = {key: [] for key in sorted(grants.rights)}
    for container, keys in sorted(grants.carried.items()):
        for key, strength in keys.items():
            carried[key].append({"container": container, "strength": strength.name.lower()})
    return [
        {
            "key": key,
            "label": grants.rights[key].label,
            "object": grants.rights[key].object,
            "uses": sorted(use.value for use in grants.rights[key].uses),
            "needs": list(grants.rights[key].needs),
            "carried_by": by,
        }
        for key, by in carried.items()
    ]


def _held_rights(audit: Audit) -> list[Document] | None:
    """Group people who are not dormant by the rights they hold now; None where grants could not be read."""
    access = audit.view.access
    if access.grants.unread or not access.grants.people:
        return None
    groups: dict[tuple[str, ...], list[str]] = {}
    for signature, members in enumerate(access.signatures.members):
        held = () if access.signatures.dormant[signature] else tuple(access.rights(members[0]))
        if held:
            groups.setdefault(held, []).extend(access.grants.people[m].id for m in members)
    return [{"people": sorted(people), "rights": list(held)} for held, people in sorted(groups.items())]


def _extents(people: Mapping[str, Extent]) -> list[Document]:
    groups: dict[Extent, list[str]] = {}
    for person, extent in sorted(people.items()):
        groups.setdefault(extent, []).append(person)
    return [
        {
            "people": members,
            "reach": extent.span.value,
            "at_least": extent.at_least,
            "at_most": extent.at_most,
            "restricted": extent.restricted,
            "why": extent.why,
        }
        for extent, members in groups.items()
    ]


def _doors(audit: Audit) -> list[Document]:
    """Group side doors by what is seen through them."""
    shown: dict[str, Shown] = {}
    groups: dict[Shown, list[Document]] = {}
    for door in audit.view.doors:
        if door.through not in shown:
            shown[door.through] = shown_through(audit.view.access, door)
        groups.setdefault(shown[door.through], []).append(
            {
                "kind": door.kind.value,
                "id": door.id,
                "label": door.label,
                "through": door.through,
                "open_to": door.open_to,
            }
        )
    ordered = sorted(groups.items(), key=lambda group: (group[0].fields, group[0].undecided))
    return [
        {"fields": list(seen.fields), "undecided": seen.undecided, "doors": doors} for seen, doors in ordered
    ]


def _change(change: Change) -> Document:
    return {
        "id": change.id,
        "action": change.action,
        "section": change.section,
        "at": change.at,
        "by": change.by,
    }


def _copies(audit: Audit) -> list[Document] | None:
    """List tagged fields whose old values are kept elsewhere."""
    facts = audit.view.facts
    kept = [facts[name] for name, tag in sorted(audit.view.tags.items()) if tag.is_phi and name in facts]
    found = [{"field": one.key, "history": one.history} for one in kept if one.tracked and one.history]
    return found if found or _seen(audit, Capability.SCHEMA) else None


def _derived(audit: Audit) -> list[Document] | None:
    """List tagged fields that show what another tagged field holds, each with its last step."""
    lineage = audit.view.lineage
    found = [
        {
            "field": name,
            "from": one.step.source,
            "origin": one.origin,
            "how": one.step.how,
            "rule": one.step.rule,
        }
        for name, one in sorted(audit.view.derived.items())
    ]
    followed = _seen(audit, Capability.LINEAGE) and not lineage.unparsed
    return found if found or followed else None


def _counts(audit: Audit) -> Document:
    return {
        "severity": [
            {"severity": level.name.lower(), "observed": observed, "unknown": unknown}
            for level, (observed, unknown) in outline.by_severity((audit,)).items()
        ],
        "state": [
            {"state": state.value, "rules": rules, "findings": findings}
            for state, (rules, findings) in outline.by_state((audit,)).items()
        ],
        "pairs": [{"word": word.value, "count": count} for word, count in audit.pair_counts().items()],
    }


def _missing(one: outline.Missing) -> Document:
    return {
        "name": one.name,
        "what": one.what,
        "reason": one.reason,
        "remedy": one.remedy,
        "accepted": one.accepted,
    }


def _reading(audit: Audit, reading: Reading) -> Document:
    unread = reading.unread
    return {
        "name": reading.name,
        "capability": reading.capability.value,
        "source": reading.source,
        "rows_expected": reading.expected,
        "rows_read": reading.table.num_rows,
        "complete": reading.complete,
        "accepted": reading in audit.accepted_unknowns,
        "why": unread.why.value if unread is not None else "",
        "code": unread.code if unread is not None else "",
        "detail": unread.detail if unread is not None else "",
        "remedy": unread.remedy if unread is not None else "",
        "note": reading.note,
    }


def _rule(result: RuleResult) -> Document:
    rule = result.rule
    return {
        "id": rule.id,
        "control": rule.control,
        "title": rule.title,
        "question": words.question(rule),
        "severity": rule.severity.name.lower(),
        "state": result.state.value,
        "note": result.note,
        "looked_at": {
            "count": result.looked.count,
            "what": result.looked.what,
            "unknown": result.looked.unknown,
            "absent": result.looked.absent,
        },
        "gaps": [reading.name for reading in result.gaps],
        "findings": [finding.id for finding in result.findings],
    }


def _finding(finding: Finding) -> Document:
    seen = finding.seen
    return {
        "id": finding.id,
        "digest": finding.digest,
        "rule": finding.rule,
        "control": finding.control,
        "title": finding.title,
        "severity": finding.severity.name.lower(),
        "base_severity": finding.base_severity.name.lower(),
        "modifiers": list(seen.modifiers),
        "state": seen.state.value,
        "basis": seen.found_by.value,
        "message": seen.message,
        "audience": seen.audience,
        "object": seen.object,
        "root": {"id": seen.root, "label": seen.root_label},
        "fields": [{"field": c.field, "phi_class": c.phi_class, "word": c.word} for c in seen.cells],
        "people": list(seen.people),
        "facts": [
            *({"name": name, "value": value} for name, value in seen.facts),
            *({"name": one.name, "value": one.value} for one in seen.told),
        ],
        "example": seen.example,
        "chain": [
            {
                "node": hop.node,
                "kind": hop.kind.value,
                "label": hop.label,
                "how": hop.how,
                "leaks": hop.leaks.value if hop.leaks is not None else None,
            }
            for hop in seen.chain
        ],
        "remedy": seen.remedy,
        "relevant_to": list(finding.citations),
        "nist": list(finding.nist),
        "waiver": finding.waiver,
    }


def _waiver(standing: Standing) -> Document:
    waiver = standing.waiver
    return {
        "id": waiver.id,
        "rule": waiver.rule,
        "target": waiver.target,
        "subject": waiver.subject,
        "digests": list(waiver.digests),
        "wide": waiver.wide,
        "status": standing.status.value,
        "reason": waiver.reason,
        "compensating_control": waiver.control,
        "owner": waiver.owner,
        "approver": waiver.approver,
        "ticket": waiver.ticket,
        "start": words.stamp(waiver.start) if waiver.start else "",
        "until": words.stamp(waiver.until),
        "expires": waiver.expires,
        "place": waiver.place,
        "waived": [one.id for one in standing.waived],
        "reopened": [one.id for one in standing.reopened],
    }


def _ruling(one: Ruling) -> Document:
    return {
        "field": one.field,
        "id": one.id,
        "phi_class": one.phi_class,
        "status": one.standing.value,
        "by": one.by,
        "on": one.on,
        "why": one.why,
        "expires": one.expires,
        "evidence_then": one.then,
        "evidence_now": one.now,
        "changed": list(one.changed),
        "file": one.file,
        "line": one.line,
    }


def _policy(audit: Audit) -> Document:
    policy = audit.view.policy
    return {
        "version": policy.version,
        "digest": outline.policy_digest(policy),
        "approvals": [
            {
                "audience": audience,
                "phi_class": phi_class,
                "level": approval.level.name.lower(),
                "approver": approval.approver,
                "date": approval.date,
                "why": approval.why,
            }
            for audience, row in policy.matrix.items()
            for phi_class, approval in row.items()
        ],
    }


def _audiences(audit: Audit) -> list[Document]:
    audiences = audit.view.audiences
    people = {person.id: person for person in audit.view.access.grants.people}
    configured = {a.name: a for a in audiences.configured}
    return [
        {
            "name": name,
            "marketing": name in configured and configured[name].marketing,
            "confirmed": name not in audiences.unconfirmed,
            "why": configured[name].why if name in configured else "",
            "members": [
                {
                    "id": member,
                    "name": people[member].name if member in people else "",
                    "kind": people[member].kind.value if member in people else "",
                    "active": member in people and people[member].active,
                    "frozen": member in people and people[member].frozen,
                    "evidence": list(audiences.of[member].evidence),
                }
                for member in audiences.members(name)
            ],
        }
        for name in dict.fromkeys(audiences.names)
    ]


def _overdue(one: Overdue) -> Document:
    policy = one.policy
    return {
        "policy": policy.id,
        "object": policy.object,
        "anchor": policy.anchor,
        "fallback": policy.fallback,
        "period": policy.period,
        "hold": policy.hold,
        "source": policy.source,
        "why": policy.why,
        "cutoff": words.stamp(one.cutoff),
        "live": one.live,
        "archived": one.archived,
        "recycle_bin": one.recycle_bin,
        "total": one.total,
        "oldest": one.oldest,
        "newest": one.newest,
        "complete": one.complete,
        "undecided": one.undecided,
        "visibility": one.visibility,
        "by_month": [{"month": month, "count": count} for month, count in sorted(one.by_month.items())],
        "sample": list(one.sample),
        "queries": list(one.queries),
    }


def _tag(tag: Tag, known: FieldFacts | None) -> Document:
    facts = known if known is not None else FieldFacts(tag.object, tag.field.rpartition(".")[2])
    return {
        "field": tag.field,
        "label": facts.label,
        "type": facts.type,
        "phi_class": tag.phi_class,
        "coarse": tag.coarse.value,
        "tier": tag.tier,
        "confidence": tag.confidence.value,
        "basis": tag.basis.value,
        "reasons": list(tag.reasons),
        "file": tag.file,
        "line": tag.line,
        "by": tag.by,
        "on": tag.on,
        "vendor_labels": [*facts.compliance, *([facts.sensitivity] if facts.sensitivity else [])],
        "masked": facts.masked,
        "archived": facts.archived,
    }


def _verdicts(audit: Audit) -> Iterator[Document]:
    """Every verdict with the rule that decided it, for a CRM whose reference numbers its rules; else nothing."""
    access = audit.view.access
    if not decided(access):
        return
    walk = Walk(access)
    for signature in range(len(access.signatures)):
        for alike in walk.people(signature):
            for index, column in enumerate(access.grants.fields):
                if column.unknown:
                    continue
                found = decide(access, alike.people[0], index)
                yield {
                    "people": [access.grants.people[member].id for member in alike.people],
                    "field": column.name,
                    "read": found.read.value,
                    "edit": found.edit.value,
                    "rule": found.rule,
                    "records": found.records,
                    "path": walk.told(alike, index),
                }


def _access(audit: Audit) -> Iterator[Document]:
    walk = Walk(audit.view.access)
    people = walk.access.grants.people
    for alikes, openings in walk.signatures():
        for alike in alikes if openings else ():
            yield {
                "people": [people[member].id for member in alike.people],
                "opens": [_opening(walk, alike, opening) for opening in openings],
            }


def _opening(walk: Walk, alike: Alike, opening: Opening) -> Document:
    fields = walk.access.grants.fields
    return {
        "fields": [fields[index].name for index in opening.fields],
        "read": opening.read.value,
        "edit": opening.edit.value,
        "paths": opening.paths,
        "how": "" if opening.read in {Word.UNKNOWN, Word.NO} else walk.why(alike, opening),
        "via": [{"grantor": grantor, "through": list(via)} for grantor, via, _ in opening.carried if via],
        "mutes": [
            {"grantor": grantor, "muted_by": list(mutes)} for grantor, _, mutes in opening.carried if mutes
        ],
        "doubt": walk.doubt(alike, opening),
    }
