"""Page one: what was seen, what was not, and where to sign (hipaa 5.2 sheets 1 and 2, 5.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from auditor.access import WORDS, Word
from auditor.audit import Audit, exit_code
from auditor.diff import Changes
from auditor.diff import Kind as Change
from auditor.findings import State
from auditor.people import Person
from reports import changes, outline, words
from reports.grid import Column, Kind, Row, Table

SHEET = "Summary"
TITLE = "Who can see health data - permission audit"
TOP = 10
TOP_TITLES = ("All findings observed, worst first", "The ten worst findings")

_A, _B, _C, _D, _E = 22, 62, 20, 20, 62

DECISIONS = ("accept", "accept with actions", "reject")
_ALWAYS_SHOWN = {State.GAP_OBSERVED, State.UNKNOWN, State.NOT_ASSESSED, State.NO_GAP_OBSERVED}
_SURPLUS = {"write": "Change data or settings", "phi": "Read health data itself"}
_SIGNERS = (
    ("Preparer", "I ran the tool with the versions shown and have not altered what it wrote."),
    ("System owner", "I accept responsibility for the actions and dates under “Findings”."),
    ("Marketing lead", "I reviewed the access of the people assigned to me; the decisions are mine."),
    ("Security official", "I reviewed the findings and the list of what could not be read."),
    ("Privacy official", "I reviewed the findings and the list of what could not be read."),
    (
        "Committee chair",
        "We received the report, its limits and the unknown items, and made the decisions minuted.",
    ),
)


def tables(audits: Sequence[Audit], changed: Sequence[Changes] = ()) -> tuple[Table, ...]:
    """All tables of page one, in reading order; `changed` is what differs from an earlier report, if one was given."""
    return (
        _systems(audits),
        _unread(audits),
        _severities(audits),
        _states(audits),
        *_credential(audits),
        *_changes(changed),
        *_waivers(audits),
        *_twice(audits),
        _top(audits),
        _questions(audits),
        _exit(audits),
        _verdicts(audits),
        _glossary(),
        _sign_off(audits),
    )


def _systems(audits: Sequence[Audit]) -> Table:
    def rows() -> Iterator[Row]:
        for audit in audits:
            view = audit.view
            manifest = view.snapshot.manifest
            yield (
                audit.target,
                outline.headline(audit),
                words.moment(manifest.taken_at),
                words.moment(view.as_of),
                (
                    f"{manifest.org_name} ({manifest.platform}, organisation {manifest.org_id}); "
                    f"tool {audit.tool_version}; policy version {view.policy.version or 'none given'} "
                    f"(digest {outline.policy_digest(view.policy)}); configuration "
                    f"{audit.config_digest[:16] or 'not recorded'}"
                ),
            )

    return Table(
        SHEET,
        TITLE,
        (
            Column("System", _A),
            Column("In short", _B),
            Column("Collected at", _C, Kind.DATE),
            Column("Judged as of", _D, Kind.DATE),
            Column("Organisation and versions", _E),
        ),
        tuple(rows()),
        intro=(
            (
                "This report compares who can see or change health data in the systems below with what the "
                "organisation's own policy approves. It looks at settings and counts; what patient records "
                "contain was not read."
            ),
            (
                f"{words.CONFIDENTIAL}. Report digest {outline.digest(audits)}. What the terms mean is "
                "explained "
                "further down, under “Terms”."
            ),
            *([guessed] if (guessed := outline.proposals(audits)) else []),
        ),
    )


def _unread(audits: Sequence[Audit]) -> Table:
    found = outline.missing(audits)
    accepted = sum(1 for one in found if one.accepted)
    intro = [
        (
            "Nothing that depends on these is reported as free of gaps. Details are under “What could not be "
            "read, and what was”."
        )
    ]
    if accepted:
        intro.append(
            f"{outline.accepted_in_short(accepted)} It is listed and does not count against the run."
        )
    return Table(
        SHEET,
        "What could not be read",
        (
            Column("System", _A),
            Column("What is missing", _B),
            Column("Technical name", _C),
            Column("Kind", _D, Kind.STATE),
            Column("Reason, and what would open it", _E),
        ),
        tuple(
            (
                one.system,
                one.what,
                one.name,
                words.Mark("Accepted unknown", words.Tone.QUIET, "accepted")
                if one.accepted
                else words.state(State.UNKNOWN),
                f"{one.reason} {one.remedy}".strip(),
            )
            for one in found
        ),
        intro=tuple(intro) if found else (),
        empty="Everything this audit needs was read.",
    )


def _severities(audits: Sequence[Audit]) -> Table:
    counts = outline.by_severity(audits)
    return Table(
        SHEET,
        "Findings by severity",
        (
            Column("Severity", _A, Kind.SEVERITY),
            Column("What puts a finding here", _B),
            Column("Observed", _C, Kind.COUNT),
            Column("Could not be read", _D, Kind.COUNT),
        ),
        tuple(
            (words.severity(level), words.severity_in_short(level), *numbers)
            for level, numbers in counts.items()
        ),
        intro=(
            (
                "Something that could not be read is counted on the level of the worst it could be hiding. "
                "The levels are this tool's own; the law has none."
            ),
        ),
        totals={row: f"Findings_{level.name.title()}" for row, level in enumerate(counts)},
    )


def _states(audits: Sequence[Audit]) -> Table:
    counts = {
        state: numbers
        for state, numbers in outline.by_state(audits).items()
        if state in _ALWAYS_SHOWN or any(numbers)
    }
    return Table(
        SHEET,
        "Results by state",
        (
            Column("Result", _A, Kind.STATE),
            Column("What it means", _B),
            Column("Questions", _C, Kind.COUNT),
            Column("Findings", _D, Kind.COUNT),
        ),
        tuple(
            (words.state(state), words.state_meaning(state), *numbers) for state, numbers in counts.items()
        ),
        totals={row: f"State_{state.value}" for row, state in enumerate(counts)},
    )


def _credential(audits: Sequence[Audit]) -> Iterator[Table]:
    rows = tuple(
        (audit.target, f"{_SURPLUS.get(kind, kind)}: {words.listed(rights, TOP)}.")
        for audit in audits
        for kind, rights in _surplus(audit).items()
    )
    if rows:
        yield Table(
            SHEET,
            "The account used for this audit can do more than it needs",
            (Column("System", _A), Column("What the account could do", _B)),
            rows,
            intro=(
                (
                    "The audit changed nothing and read no health data. But whoever gets hold of this "
                    "account could, so these rights should be taken away."
                ),
            ),
        )


def _changes(changed: Sequence[Changes]) -> Iterator[Table]:
    """Count what changed by kind, over all systems; what people and settings did is on the sheet."""
    if not changed:
        return
    findings = Counter(one.kind for each in changed for one in each.findings)
    pairs = Counter[Change]()
    for each in changed:
        for one in each.access:
            pairs[one.kind] += one.pairs
    yield Table(
        SHEET,
        "Since the earlier report",
        (
            Column("Change", _A, Kind.STATE),
            Column("What it means", _B),
            Column("Findings", _C, Kind.COUNT),
            Column("Pairs of person and field", _D, Kind.COUNT),
        ),
        tuple(
            (changes.kind(kind), changes.kind_meaning(kind), findings[kind], pairs[kind])
            for kind in Change
            if findings[kind] or pairs[kind]
        ),
        intro=("Details: sheet “Changes”.",),
        empty="No finding and no access differs.",
    )


def _waivers(audits: Sequence[Audit]) -> Iterator[Table]:
    counts = outline.standings(audits)
    if counts:
        yield Table(
            SHEET,
            "Waivers",
            (
                Column("Status", _A, Kind.STATE),
                Column("What follows", _B),
                Column("Waivers", _C, Kind.COUNT),
            ),
            tuple(
                (words.waiver(status), words.waiver_meaning(status), count)
                for status, count in counts.items()
            ),
            intro=("Details: sheet “Exceptions and waivers”.",),
        )


def _twice(audits: Sequence[Audit]) -> Iterator[Table]:
    """One line for each person with accounts in several systems."""
    found = outline.twice(audits)
    if found:
        yield Table(
            SHEET,
            "People in several systems",
            (
                Column("Person", _A),
                Column("What they read in each", _B),
                Column("Audience", _C),
                Column("Systems", _D, Kind.COUNT),
            ),
            tuple(
                (
                    one.name,
                    "; ".join(f"{audit.target}: {_reads(audit, person)}" for audit, person in one.accounts),
                    ", ".join(dict.fromkeys(a.view.audiences.of[p.id].audience for a, p in one.accounts)),
                    len({audit.target for audit, _ in one.accounts}),
                )
                for one in found
            ),
            intro=("Joined by e-mail address; nothing else says that two accounts are one person’s.",),
        )


def _reads(audit: Audit, person: Person) -> str:
    counted = outline.reads(audit, person)
    told = [
        f"reads {count:,}" if word is Word.YES else f"{count:,} {words.word(word).text.lower()}"
        for word, count in sorted(counted.items(), key=lambda pair: WORDS.index(pair[0]))
    ]
    return f"{', '.join(told)}, of {len(audit.view.access.grants.fields):,} fields" if told else "no field"


def _surplus(audit: Audit) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in audit.view.surplus:
        right = f"{one.right} ({one.detail.rstrip('.')})" if one.detail else one.right
        found[one.kind] = (*found.get(one.kind, ()), right)
    return found


def _top(audits: Sequence[Audit]) -> Table:
    found = [(audit, finding) for audit, finding in outline.findings(audits) if finding.counts]
    hidden = len(found) - TOP
    return Table(
        SHEET,
        TOP_TITLES[hidden > 0],
        (
            Column("Severity", _A, Kind.SEVERITY),
            Column("What was observed", _B),
            Column("People", _C, Kind.COUNT),
            Column("System", _D),
            Column("Example, and what to do", _E),
        ),
        tuple(
            (
                words.severity(finding.severity),
                finding.seen.message,
                len(finding.seen.people),
                audit.target,
                " → ".join(filter(None, (outline.example(audit, finding), finding.seen.remedy))),
            )
            for audit, finding in found[:TOP]
        ),
        note=f"{words.counted(hidden, 'further finding')} under “Findings”." if hidden > 0 else "",
        empty=f"N{outline.nothing(audits)[1:]}",
        new_page=True,
    )


def _questions(audits: Sequence[Audit]) -> Table:
    def rows() -> Iterator[Row]:
        for audit in audits:
            for result in audit.results:
                looked = f"{result.looked.count:,} {result.looked.what}"
                if result.looked.unknown:
                    looked += f", {result.looked.unknown:,} of them undecided"
                yield (
                    f"{audit.target}: {result.rule.control}",
                    words.question(result.rule),
                    words.state(result.state),
                    len(result.findings),
                    f"{looked}. {result.note}".strip(),
                )

    return Table(
        SHEET,
        "Every question that was asked",
        (
            Column("System and control", _A),
            Column("Question", _B),
            Column("Answer", _C, Kind.STATE),
            Column("Findings", _D, Kind.COUNT),
            Column("How much was looked at", _E),
        ),
        tuple(rows()),
        note=words.DISCLAIMER,
    )


def _verdicts(audits: Sequence[Audit]) -> Table:
    totals = dict.fromkeys(WORDS, 0)
    for audit in audits:
        for word, count in audit.pair_counts().items():
            totals[word] += count
    return Table(
        SHEET,
        "The words used about one person and one field",
        (
            Column("Word", _A, Kind.WORD),
            Column("What it means", _B),
            Column("Pairs, reading", _C, Kind.COUNT),
        ),
        tuple((words.word(word), words.word_meaning(word), totals[word]) for word in WORDS),
        intro=("A pair is one person or account together with one field. The counts are about reading.",),
        totals={row: f"Pairs_{word.name.title()}" for row, word in enumerate(WORDS)},
        new_page=True,
    )


def _glossary() -> Table:
    return Table(SHEET, "Terms", (Column("Term", _A), Column("What it means", _B)), words.GLOSSARY)


def _exit(audits: Sequence[Audit]) -> Table:
    code = exit_code(audits)
    return Table(
        SHEET,
        "What the nightly job reports",
        (Column("Exit code", _A), Column("What it means", _B)),
        words.EXIT_CODES,
        intro=(f"This run ends with code {code}. {words.exit_meaning(code)}",),
    )


def _sign_off(audits: Sequence[Audit]) -> Table:
    return Table(
        SHEET,
        "Sign-off",
        (
            Column("Role", _A),
            Column("Statement", _B),
            Column("Decision", _C, choices=DECISIONS),
            Column("Date", _D, Kind.DATE),
            Column("Name; signature, or ticket", _E),
        ),
        tuple((role, statement, "", "", "") for role, statement in _SIGNERS),
        intro=(
            (
                f"Signatures bind to the report with digest {outline.digest(audits)}. "
                f"Decision: {', '.join(DECISIONS)}."
            ),
            words.DISCLAIMER,
        ),
        new_page=True,
    )
