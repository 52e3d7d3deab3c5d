"""Small audits made by hand through the pure core: a clinic, one nobody could read, hostile names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from auditor.access import effective_access
from auditor.audit import Audit, audit
from auditor.findings import Observation, Severity, State
from auditor.leaks import END_OF, End, LeakGraph
from auditor.lineage import Derived, Step
from auditor.people import Audience, Kind, Person, Sign, classify
from auditor.phi import Basis, Coarse, Confidence, FieldFacts, Tag
from auditor.planes import (
    Bits,
    Editing,
    FieldColumn,
    Gate,
    Grantor,
    Grants,
    Holdings,
    ObjectGate,
    Strength,
    Verb,
)
from auditor.policy import Approval, Level, Policy
from auditor.retention import Overdue, RetentionPolicy
from auditor.rule import Looked, Rule, Surplus, View, rule
from auditor.rules import RULES
from auditor.snapshot import Capability, Manifest, Reading, Snapshot, Unread, Why
from auditor.surfaces import (
    ANY_FORM,
    Asked,
    Asset,
    AssetKind,
    Consent,
    Leaks,
    Link,
    Mention,
    Place,
    Sink,
    SinkKind,
    Surfaces,
)
from auditor.waivers import Waiver

TAKEN = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
AS_OF = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SOON = datetime(2026, 12, 1, tzinfo=UTC)

HOSTILE = (
    '=HYPERLINK("http://x.test","ok")',
    "+1+1",
    "@SUM(A1)",
    "-2+3",
    "\t=1+1",
    "\r=1+1",
    "<script>alert(1)</script>",
    "two\nlines",
    "crlf\r\nline",
    "naïve 😀 emoji",
    "שלום עולם",
    "evil\u202etxt.exe",
    "bell\x07\x1b[31mred\x1b]0;t\x07",
    "nul\x00byte",
    "[bold]markup[/bold] [/]",
    "_x003D_1+1",
    "#REF!",
    "quote\"d, and 'comma'",
    "＝1+1",
    "lone \ud800 surrogate",
)

_TAGS = (
    ("Contact.Diagnosis__c", "Diagnosis", "diagnosis", Coarse.CLINICAL, "T3"),
    ("Contact.HIV_Status__c", "HIV status", "special_hiv", Coarse.CLINICAL, "T4"),
    ("Contact.Medication__c", "Medication", "medication", Coarse.CLINICAL, "T3"),
    ("Contact.Member_Id__c", "Insurance member id", "insurance_id", Coarse.PAYMENT, "T2"),
    ("Contact.Email", "Email", "email", Coarse.IDENTIFIER, "T1"),
    ("Lead.Treatment_of_Interest__c", "Treatment of interest", "treatment_interest", Coarse.CLINICAL, "T3"),
    ("Lead.Notes__c", "Notes", "free_text", Coarse.FREETEXT_RISK, "T2"),
    ("Lead.Rating__c", "Lead rating", "not_phi", Coarse.NONE, "T0"),
)

AUDIENCES = (
    Audience(
        "marketing",
        (Sign("department", "marketing"), Sign("marketing_flag")),
        "Runs campaigns",
        marketing=True,
    ),
    Audience("care team", (Sign("department", "care|clinic"),), "Treats patients"),
    Audience("guest", (), "Website visitors", kinds=frozenset({Kind.GUEST})),
)

POLICY = Policy(
    {
        "marketing": {
            "identifier": Approval(Level.READ, "R. Ortiz", "2026-03-01", "Campaigns need an address")
        },
        "care team": {"*": Approval(Level.EDIT, "R. Ortiz", "2026-03-01", "Treatment")},
    },
    version="2026-03",
)


def tag(field: str, phi_class: str, coarse: Coarse, tier: str, line: int = 0) -> Tag:
    return Tag(
        field,
        phi_class,
        coarse,
        tier,
        Confidence.HIGH,
        Basis.MAPPING,
        ("named in the mapping",),
        "phi.yaml",
        line,
    )


def bits(rows: int, columns: int, pairs: Iterable[tuple[int, int]]) -> Bits:
    flat = list(pairs)
    row = np.array([r for r, _ in flat], dtype=np.int64)
    column = np.array([c for _, c in flat], dtype=np.int64)
    return Bits.build(rows, columns, row, column)


def grants(
    people: Sequence[Person],
    holdings: Sequence[tuple[int, int, Strength]],
    *,
    labels: Sequence[str] = ("Marketing User", "Campaign Analytics", "Care Team", "Booking Site"),
    unread: str = "",
    blind: Mapping[int, str] | None = None,
) -> Grants:
    """Four containers: 0 opens Contact and Lead; 1 the clinical fields; 2 everything; 3 the guest's Lead."""
    kinds = ("profile", "permission set", "permission set", "guest profile")
    ids = ("0PS000000000001", "0PS000000000002", "0PS000000000003", "0PS000000000004")
    grantors = tuple(
        Grantor(key, key, label, kind, "Read") for key, label, kind in zip(ids, labels, kinds, strict=True)
    )
    names = [field for field, *_ in _TAGS]
    columns = tuple(
        FieldColumn(
            n,
            (0 if n.startswith("Contact") else 1,),
            Editing.NEVER if n == "Lead.Rating__c" else Editing.JUDGED,
        )
        for n in names
    )
    every = range(len(columns))
    lead = [i for i in every if names[i].startswith("Lead")]
    read_fields = [
        (0, 4),
        *((1, i) for i in (0, 1, 2)),
        *((2, i) for i in every),
        *((3, i) for i in lead[:2]),
    ]
    return Grants(
        people=tuple(people),
        grantors=grantors,
        gates=(ObjectGate("Contact"), ObjectGate("Lead")),
        fields=columns,
        planes={
            (Gate.OBJECT, Verb.READ, Strength.LIVE): bits(4, 2, [(0, 0), (0, 1), (2, 0), (2, 1), (3, 1)]),
            (Gate.OBJECT, Verb.EDIT, Strength.LIVE): bits(4, 2, [(2, 0), (2, 1)]),
            (Gate.FIELD, Verb.READ, Strength.LIVE): bits(4, len(columns), read_fields),
            (Gate.FIELD, Verb.EDIT, Strength.LIVE): bits(4, len(columns), [(2, i) for i in every]),
        },
        holdings=Holdings(
            np.array([p for p, _, _ in holdings], dtype=np.int64),
            np.array([g for _, g, _ in holdings], dtype=np.int64),
            np.array([s for _, _, s in holdings], dtype=np.uint8),
        ),
        blind=blind or {},
        unread=unread,
        via={(1, 1): ("0PS000000000005",)},
        mutes={(1, 2): ("0PS000000000006",)},
        labels={"0PS000000000005": "Campaign Basics", "0PS000000000006": "Muting of Analytics"},
        held_by={(1, "0PS000000000002"): "expires 2026-12-31"},
    )


PEOPLE = (
    Person(
        "005000000000001AAA",
        "Mary Chen",
        department="Marketing",
        title="Campaign Manager",
        profile="Marketing User",
    ),
    Person(
        "005000000000002AAA", "Sam Ode", department="Marketing", title="Analyst", profile="Marketing User"
    ),
    Person("005000000000003AAA", "Dr. Ana Ruiz", department="Clinic", title="Physician", last_login=TAKEN),
    Person("005000000000004AAA", "Tom Bell", department="Care", active=False, title="Coordinator"),
    Person("005000000000005AAA", "Booking Site Guest User", kind=Kind.GUEST, profile="Booking Site"),
    Person("005000000000006AAA", "Ines Kovač", department="Finance", title="Clerk"),
    Person("005000000000007AAA", "Lee Park", department="Marketing", title="Trainee", marketing_flag=True),
    Person("005000000000008AAA", "Max Ode", department="Marketing", title="Intern"),
)
_LIVE = Strength.LIVE
HOLDINGS = (
    (0, 0, _LIVE),
    (0, 1, _LIVE),
    (1, 0, _LIVE),
    (1, 1, _LIVE),
    (2, 2, _LIVE),
    (3, 2, _LIVE),
    (4, 3, _LIVE),
    (5, 0, _LIVE),
    (6, 0, _LIVE),
    (6, 1, Strength.ACTIVATABLE),
    (7, 1, _LIVE),
)


def readings(*missing: Reading) -> dict[str, Reading]:
    one = pa.table({"Id": ["1", "2"]})
    complete = (
        Reading("Organization", Capability.IDENTITY, one, source="GET /query", expected=2),
        Reading("FieldDefinition", Capability.SCHEMA, one, source="GET /tooling/query", expected=2),
        Reading("User", Capability.PEOPLE, one, source="GET /query", expected=2),
        Reading("PermissionSetAssignment", Capability.ASSIGNMENTS, one, source="GET /query", expected=2),
        Reading("FieldPermissions", Capability.GRANTS, one, source="GET /query", expected=2),
        Reading("Counts", Capability.RETENTION, one, note="Counted by the server."),
        Reading("UserRights", Capability.CREDENTIAL, one),
    )
    return {r.name: r for r in (*complete, *missing)}


FORBIDDEN = Reading.missing(
    "MutingPermissionSet",
    Capability.GRANTS,
    pa.schema([("Id", pa.string())]),
    Unread(Why.FORBIDDEN, "The answer was 403.", "Give the auditing user View Setup and Configuration."),
    "GET /tooling/query",
)
NOT_EXPOSED = Reading.missing(
    "SharedReports",
    Capability.CREDENTIAL,
    pa.schema([("Id", pa.string())]),
    Unread(Why.NOT_EXPOSED, "Private folders are invisible to every integration."),
)

FORMULAS = Reading(
    "CustomField", Capability.LINEAGE, pa.table({"Id": ["1", "2"]}), source="GET /tooling/query", expected=2
)

LEADS = RetentionPolicy(
    "leads-24m", "Lead", "CreatedDate", "P24M", source="Own schedule, section 4", hold="litigation"
)
TASKS = RetentionPolicy("tasks-6y", "Task", "ActivityDate", "P6Y", fallback="CreatedDate")
CONTACTS = RetentionPolicy(
    "contacts", "Contact", "LastActivityDate", cutoff=datetime(2020, 11, 24, tzinfo=UTC)
)

OVERDUE = (
    Overdue(
        LEADS,
        datetime(2024, 11, 24, 3, 0, tzinfo=UTC),
        4120,
        0,
        17,
        "2014-02-03T10:00:00.000+0000",
        "2024-11-23T22:10:00.000+0000",
        complete=True,
        by_month={"2024-10": 120, "2014-02": 4000},
        sample=("00Q000000000001", "00Q000000000002"),
        undecided=3,
        visibility="all records",
    ),
    Overdue(
        TASKS,
        datetime(2020, 11, 24, tzinfo=UTC),
        1,
        2,
        0,
        "2019-03-01",
        "2020-11-23",
        complete=False,
        by_month={},
    ),
)


def view(
    made: Grants | None = None,
    *,
    missing: Sequence[Reading] = (FORMULAS, FORBIDDEN, NOT_EXPOSED),
    overdue: Sequence[Overdue] = OVERDUE,
    retention: Sequence[RetentionPolicy] = (LEADS, TASKS, CONTACTS),
    surplus: Sequence[Surplus] = (Surplus("write", "Modify All Data", "Seen on the account's profile."),),
    policy: Policy = POLICY,
    org: str = "Sunrise Clinics",
    labels: Mapping[str, str] | None = None,
) -> View:
    made = made if made is not None else grants(PEOPLE, HOLDINGS)
    names = {field: label for field, label, *_ in _TAGS} | dict(labels or {})
    tags = {
        field: tag(field, phi_class, coarse, tier, line)
        for line, (field, _, phi_class, coarse, tier) in enumerate(_TAGS, 10)
    }
    facts = {
        field: FieldFacts(
            *field.split("."),
            label=names[field],
            type="string",
            object_label=field.split(".")[0],
            sensitivity="Restricted",
            tracked=True,
        )
        for field in tags
    }
    facts["Contact.Age__c"] = FieldFacts("Contact", "Age__c", type="double", calculated=True)
    manifest = Manifest(
        "salesforce",
        "sunrise",
        "00D000000000001",
        org,
        TAKEN,
        "v62.0",
        "0.1.0",
        ("Contact", "Lead"),
        "tags1234",
        connected_user="auditor@sunrise.example",
        notes=("Collected in one go.",),
    )
    return View(
        snapshot=Snapshot(manifest, readings(*missing)),
        access=effective_access(made),
        tags=tags,
        audiences=classify(made.people, AUDIENCES),
        policy=policy,
        as_of=AS_OF,
        facts=facts,
        retention=tuple(retention),
        overdue=tuple(overdue),
        surplus=tuple(surplus),
        marketing_objects=frozenset({"Campaign"}),
    )


def judged(seen: View, target: str = "sunrise") -> Audit:
    return audit(target, seen, RULES, tool_version="0.1.0", config_digest="c0ffee")


def clinic() -> Audit:
    """Marketing and a guest can read clinical fields, somebody left, one reading was refused."""
    return judged(view())


def waived() -> Audit:
    """The clinic with a waiver in each of several states, and a wide one."""
    first, *rest = clinic().findings
    entry = Waiver(
        id="W-1",
        rule=first.rule,
        finding=first.id,
        digests=(first.digest,),
        reason="The quarterly recall letters are made from this report until the portal sends them.",
        control="The security official reads the export log every Monday.",
        owner="Priya Nair",
        approver="Ana Ruiz",
        ticket="SEC-412",
        until=AS_OF.replace(year=2027),
        expires="2027-11-23 America/Chicago",
    )
    last = rest[-1]
    entries = (
        entry,
        replace(entry, id="W-2", until=AS_OF),
        replace(entry, id="W-3", digests=("0" * 16,)),
        replace(entry, id="W-4", rule=last.rule, finding=last.id, digests=(last.digest,), until=SOON),
        replace(entry, id="W-5", finding="", audience=first.seen.audience, object="*", root="*"),
        replace(entry, id="W-6", start=SOON),
    )
    return judged(replace(view(), waivers=entries))


def clean() -> Audit:
    """Everything was read, and nothing exceeds the policy."""
    made = grants(PEOPLE[2:3], ((0, 2, _LIVE),))
    kept = (LEADS, CONTACTS)
    counted = [
        Overdue(policy, policy.cutoff_at(AS_OF), 0, 0, 0, "", "", complete=True, by_month={})
        for policy in kept
    ]
    return judged(view(made, missing=(FORMULAS,), overdue=counted, retention=kept, surplus=()))


def unreadable() -> Audit:
    """The grant tables could not be read, so every pair is unknown."""
    made = grants(
        PEOPLE, (), unread="FieldPermissions could not be read.", blind={0: "Her profile is not there."}
    )
    return judged(view(made, surplus=(), overdue=()))


def unreached() -> View:
    """An org that never answered: no person, no field, and every reading failed."""
    nothing = Grants(
        (), (), (), (), {}, Holdings(*(np.zeros(0, dtype=t) for t in (np.int64, np.int64, np.uint8)))
    )
    unread = Unread(Why.FAILED, "The host did not answer.", "Check the network.")
    readings = {c.value: Reading.missing(c.value, c, pa.schema([]), unread) for c in Capability}
    manifest = Manifest("salesforce", "west", "west", "", TAKEN, "", "0.1.0")
    return View(
        Snapshot(manifest, readings), effective_access(nothing), {}, classify((), AUDIENCES), POLICY, AS_OF
    )


def hostile() -> Audit:
    """Every label and name was typed by somebody who means harm."""
    people = tuple(
        Person(f"00500000000{n:04}AAA", name, department="Marketing", title=name, profile=name, role=name)
        for n, name in enumerate(HOSTILE)
    )
    holdings = [(n, g, _LIVE) for n in range(len(people)) for g in (0, 1)]
    made = grants(people, holdings, labels=(HOSTILE[0], HOSTILE[7], HOSTILE[12], HOSTILE[6]))
    labels = dict(zip((field for field, *_ in _TAGS), HOSTILE, strict=False))
    unread = Unread(Why.FAILED, HOSTILE[0], HOSTILE[12])
    broken = Reading(HOSTILE[6], Capability.GRANTS, pa.table({"Id": ["1"]}), unread, source=HOSTILE[1])
    policy = replace(POLICY, version=HOSTILE[1])
    surplus = (Surplus("write", HOSTILE[14], HOSTILE[7]),)
    return judged(
        view(made, missing=(broken,), org=HOSTILE[0], labels=labels, surplus=surplus, policy=policy),
        "sunrise",
    )


_DIAGNOSIS, _HIV, _MEDICATION = "Contact.Diagnosis__c", "Contact.HIV_Status__c", "Contact.Medication__c"
_TREATMENT, _NOTES = "Lead.Treatment_of_Interest__c", "Lead.Notes__c"


def _assets(*names: str) -> tuple[Asset, ...]:
    """An intake form with lists, workflows and e-mails behind it, each called by one of the names."""
    intake, quiz, known, sent, members, nurture, desk, ads, week, better = names
    return (
        Asset(AssetKind.FORM, "1", intake, consent=Consent.NONE),
        Asset(AssetKind.FORM, "2", quiz, consent=Consent.IMPLICIT),
        Asset(AssetKind.LIST, "3", known, size=1204),
        Asset(AssetKind.LIST, "4", sent, size=1),
        Asset(AssetKind.LIST, "5", members, state="paused"),
        Asset(AssetKind.FLOW, "6", nurture),
        Asset(AssetKind.FLOW, "7", desk, state="disabled"),
        Asset(AssetKind.FLOW, "8", ads),
        Asset(AssetKind.EMAIL, "9", week),
        Asset(AssetKind.EMAIL, "10", better, state="draft"),
    )


def _surfaces(assets: Sequence[Asset], questions: Sequence[str], where: str) -> Surfaces:
    value, presence, membership = Leaks.VALUE, Leaks.PRESENCE, Leaks.MEMBERSHIP
    first, second, third, fourth = questions
    return Surfaces(
        assets={one.key: one for one in assets},
        mentions=(
            Mention("form:1", _DIAGNOSIS, Place.QUESTION, value, question=first),
            Mention("form:1", _MEDICATION, Place.QUESTION, value, asked=Asked.DEPENDENT, question=second),
            Mention("form:2", _HIV, Place.QUESTION, value, asked=Asked.RETURNING, question=third),
            Mention("form:2", _NOTES, Place.QUESTION, value, asked=Asked.HIDDEN, question=fourth),
            Mention("list:3", _DIAGNOSIS, Place.FILTER, presence),
            Mention("list:5", _TREATMENT, Place.FILTER, membership),
            Mention("flow:7", _NOTES, Place.TOKEN, value, step="1"),
            Mention("flow:8", _HIV, Place.VALUE, value, step="1"),
            Mention("email:10", _MEDICATION, Place.TOKEN, value),
        ),
        links=(
            Link("form:1", "list:4", "leads its senders into"),
            Link(ANY_FORM, "flow:7", "leads its senders, like those of any form, into"),
            Link("list:4", "flow:6", "decides who gets into"),
            Link("flow:6", "list:5", "adds people to"),
            Link("list:5", "email:9", "decides who is sent"),
            Link("list:3", "flow:8", "decides who gets into"),
        ),
        sinks=(
            Sink("flow:7", "1", SinkKind.STAFF_EMAIL),
            Sink("flow:8", "1", SinkKind.WEBHOOK, where),
            Sink("flow:6", "2", SinkKind.SMS),
            Sink("flow:8", "3", SinkKind.CODE),
        ),
        unparsed={"flow:903": "The workflow is listed but not shown.", "email:10": "There is an odd part."},
    )


def _leak_rule(chosen: Callable[[View], Iterator[Observation]]) -> Rule:
    described = {
        "title": "Health data leaks",
        "severity": Severity.HIGH,
        "citations": (),
        "nist": (),
        "needs": (),
    }
    return rule(control="L99", looked=lambda view: Looked(1, "graphs"), **described)(chosen)


def leaks_somewhere(view: View) -> Iterator[Observation]:
    """Every chain there is, to its gravest end."""
    graph = view.leaks
    for found in graph.surfaced.values():
        end = graph.worst(found.asset)
        onward = graph.onward(found.asset, end) if end else ()
        sinks = [one for one in graph.sinks(onward[-1]) if END_OF[one.kind] is end] if onward else []
        yield Observation(
            audience="",
            object=found.field,
            root=found.asset,
            message=f"{found.field} gets to {found.asset}.",
            state=State.GAP_OBSERVED if found.field != _NOTES else State.PARTIAL,
            severity=Severity.CRITICAL if end is End.OUTSIDE else None,
            chain=graph.chain(found, onward, sinks[0] if sinks else None),
        )


def leaking(
    names: Sequence[str] = (
        "New patient intake",
        "Sleep quiz",
        "Concern known",
        "Intake sent",
        "Nurture",
        "Intake nurture",
        "Tell the desk",
        "Sleep audience",
        "Week two",
        "Sleep better",
    ),
    questions: Sequence[str] = ("What brings you to us?", "What do you take?", "Tested?", ""),
    where: str = "ads.partner.example",
    org: str = "Lakeside",
) -> Audit:
    """Answers to a form get to lists, workflows, e-mails, text messages and another company."""
    seen = view(missing=(FORMULAS,), overdue=(), retention=(), surplus=(), org=org)
    derived = {_TREATMENT: Derived(Step(_DIAGNOSIS, _TREATMENT, "a formula", "F1"), _DIAGNOSIS)}
    labels = {name: f"{one.object_label} › {one.label or one.name}" for name, one in seen.facts.items()}
    graph = LeakGraph(
        _surfaces(_assets(*names), questions, where), seen.tags, derived, lambda name: labels.get(name, name)
    )
    others = (one for one in RULES if one.control[0] not in "LP")
    rules = (*others, _leak_rule(leaks_somewhere))
    return audit("lakeside", replace(seen, leaks=graph), rules, tool_version="0.1.0", config_digest="c0ffee")


def hostile_leaks() -> Audit:
    """A portal whose forms, lists and questions were named by somebody who means harm."""
    return leaking(
        (
            HOSTILE[0],
            HOSTILE[6],
            HOSTILE[10],
            HOSTILE[7],
            "list " * 60,
            HOSTILE[11],
            HOSTILE[12],
            "]]></title><script>alert(2)</script>",
            "&lt;b&gt; &amp;",
            "W" * 200,
        ),
        (HOSTILE[10] * 12, HOSTILE[7], "<b>bold</b>", "x" * 400),
        "שלום.example",
        HOSTILE[0],
    )
