"""What reports call things, in words for people who have never seen a CRM's setup pages.

Wording follows hipaa 4: observed, recorded, relevant to; never a legal conclusion, never a score.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from auditor.access import Word
from auditor.findings import FoundBy, Severity, State
from auditor.phi import Basis, Coarse, Confidence
from auditor.policy import Level
from auditor.reach import Extent, Span
from auditor.rule import Rule
from auditor.rulings import Ruling, Standing
from auditor.snapshot import Capability
from auditor.surfaces import Consent, Leaks
from auditor.waivers import Status


class Tone(StrEnum):
    """How a mark should look; every tone also has its text, so colour never carries the meaning alone."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    GOOD = "good"
    UNKNOWN = "unknown"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Mark:
    """A word of a closed list: the text people read, its tone, and the code that machine formats print."""

    text: str
    tone: Tone
    code: str


DISCLAIMER = (
    "This report describes settings and metadata that were read from the systems named here, at the times "
    "stated. It is information for the organisation's own review. It is not legal advice, not an audit "
    "opinion, not a certification, and not a finding on whether any law has been met or broken. Whatever "
    "was not read or not tested is listed, and must not be taken as acceptable."
)

CONFIDENTIAL = "Confidential - security-sensitive"

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")

OFF_PAPER = "This is a list to search, too long for paper: printing the workbook leaves out its rows."

UNTOLD = "could not be told"
"""What is said of something that nobody could read."""

REACH = "not established"
"""What is said of record reach where nothing is known of it."""

_WORDS = {
    Word.YES: (Tone.CRITICAL, "yes", "Can do this today."),
    Word.ACTIVATABLE: (
        Tone.HIGH,
        "activatable",
        "Can do this after starting a special session that switches extra rights on.",
    ),
    Word.POSSIBLE: (
        Tone.MEDIUM,
        "possible",
        (
            "The system's answer can be read in two ways, and one of them is yes. Treat it as access until "
            "checked."
        ),
    ),
    Word.LATENT: (
        Tone.LOW,
        "latent",
        "Holds the right to the field, but nothing opens the kind of record it is on. One more change would.",
    ),
    Word.NO: (Tone.QUIET, "no", "Everything needed was read, and nothing gives this."),
    Word.DORMANT: (
        Tone.LOW,
        "dormant",
        "The account is switched off. Switched on again, it would have this access at once.",
    ),
    Word.UNKNOWN: (
        Tone.UNKNOWN,
        "unknown",
        "Could not be decided, since something was not read. It may be a yes.",
    ),
    Word.NOT_JUDGED: (Tone.QUIET, "not judged", "This tool does not judge who can change this field."),
}

_STATES = {
    State.GAP_OBSERVED: (
        Tone.CRITICAL,
        "Gap observed",
        "What was observed exceeds what the policy approves.",
    ),
    State.PARTIAL: (
        Tone.MEDIUM,
        "Partial",
        "Only part could be tested, or the system's answer can be read in two ways. Not a pass.",
    ),
    State.UNKNOWN: (
        Tone.UNKNOWN,
        "Could not be read",
        "Something needed was not readable, so there is no answer. Not a pass.",
    ),
    State.NOT_ASSESSED: (
        Tone.UNKNOWN,
        "Not assessed",
        "Left out by choice, so there is no answer. Not a pass.",
    ),
    State.STALE: (Tone.UNKNOWN, "Out of date", "The evidence is older than the policy allows. Not a pass."),
    State.GAP_WAIVED: (
        Tone.LOW,
        "Gap waived",
        "A gap that a named person accepted until a date. Still a gap.",
    ),
    State.ATTESTED: (Tone.QUIET, "Stated by a person", "Somebody said so; this tool did not see it."),
    State.NOT_APPLICABLE: (
        Tone.QUIET,
        "Does not apply",
        "There is nothing of this kind here, and that was shown.",
    ),
    State.NO_GAP_OBSERVED: (
        Tone.GOOD,
        "No gap observed",
        (
            "Tested on everything in scope, and nothing exceeded the policy. Says nothing of what was not "
            "tested."
        ),
    ),
}

_SEVERITIES = {
    Severity.CRITICAL: (
        Tone.CRITICAL,
        (
            "Outsiders or people without a login are involved, the person could switch other safeguards "
            "off, or the harm cannot be undone."
        ),
    ),
    Severity.HIGH: (
        Tone.HIGH,
        (
            "A class of staff can see, change or move clinical data without an approved need, or a needed "
            "safeguard is missing."
        ),
    ),
    Severity.MEDIUM: (
        Tone.MEDIUM,
        (
            "A weakness that makes other problems easier, a late review, missing paperwork, or records kept "
            "too long."
        ),
    ),
    Severity.LOW: (Tone.LOW, "Housekeeping, something already mitigated, or a gap under a waiver in date."),
}

_IN_SHORT = {
    Severity.CRITICAL: "Outsiders, or harm that cannot be undone. Fix within 7 days.",
    Severity.HIGH: "Staff with clinical data nobody approved. Fix within 30 days.",
    Severity.MEDIUM: "A weakness, or records kept too long. Fix within 90 days.",
    Severity.LOW: "Housekeeping, or already mitigated. Fix within 180 days.",
}

SEVERITY_RULES = (
    "The four levels are this tool's own; HIPAA has none. A level is raised for special categories of "
    "health data, for 500 or more records within reach, and where one finding makes another worse, as its "
    "modifiers say; it is lowered where access is latent, every value shows masked, or a waiver is in date. It is "
    "never lowered because nobody has used the access, nor because no live record was seen. Something that could "
    "not be read carries the highest level it could be hiding, and is counted apart. Suggested times: Critical 24 "
    "hours to contain and 7 days to fix, High "
    "30 days, Medium 90 days, Low 180 days."
)

_CAPABILITIES = {
    Capability.IDENTITY: "Which organisation was read, and as whom",
    Capability.SCHEMA: "Which kinds of record and which fields exist",
    Capability.PEOPLE: "Who has an account",
    Capability.ASSIGNMENTS: "Who was given which set of rights",
    Capability.GRANTS: "What each set of rights allows",
    Capability.LINEAGE: "Which fields show what other fields hold",
    Capability.REACH: "Which records each person reaches",
    Capability.SURFACES: "Which dashboards, apps and tokens show data with somebody else's access",
    Capability.ASSETS: "Which forms, lists, workflows and e-mails there are, and what they are about",
    Capability.CHANGES: "Which permissions were changed lately",
    Capability.RETENTION: "How many records are past their period",
    Capability.CREDENTIAL: "What the account used for this audit may do itself",
    Capability.VALUES: "What the values of undecided fields look like, where that was asked for",
}

_QUESTIONS = {
    "guest-reads-phi": "Can anybody on the internet, without logging in, read fields with health data?",
    "external-reads-phi": (
        "Can partners, agencies or portal users read fields with health data that nobody approved for them?"
    ),
    "marketing-reads-clinical": "Can people in marketing read clinical fields that nobody approved for them?",
    "marketing-edits-clinical": "Can people in marketing change clinical fields without an approval for that?",
    "exports-phi": "Can people who read health data without an approval take it out as a file?",
    "api-reads-phi": "Can accounts that read health data without an approval do so by program?",
    "derived-copy-wider": "Do computed fields show health data to people who cannot read where it comes from?",
    "phi-leaves-to-outside": (
        "Does a workflow send health data, or people chosen by it, to advertising or outside the system?"
    ),
    "form-feeds-list": "Does what a form asks about health get to a list, a workflow or a mailing?",
    "list-targets-phi": "Are lists made from fields with health data?",
    "workflow-carries-phi": "Do workflows use health data, or put it into messages to colleagues?",
    "email-shows-phi": "Do marketing e-mails print health data, or show something different because of it?",
    "text-message-carries-phi": "Do text messages print health data, or go to people chosen by it?",
    "free-text-open-to-marketing": "Can people in marketing read notes and other free text without an approval?",
    "quasi-identifier-set": (
        "Can marketing or people outside read birth date, postal code and sex together, which single most people out?"
    ),
    "question-without-consent": "Do forms ask about health without asking for consent?",
    "conditional-question": "Do forms ask about health only on some paths, where nobody who looks sees it?",
    "health-word-in-name": "Do names, addresses or hidden answers state a condition?",
    "can-grant-itself": "Can accounts give themselves access that nobody gave them?",
    "override-right": "Do accounts hold a right that passes the controls on health data for everything at once?",
    "attestation-lapsed": "Does access rest on reviews that somebody signed, and that are not out of date?",
    "labelled-field-open": "Are fields that are marked sensitive also closed to whoever does not need them?",
    "unsecurable-phi-field": "Is health data kept in fields that no permission can hide from whoever opens them?",
    "clinical-on-marketing-object": "Is clinical data kept on the same records that marketing works with?",
    "unclassified-role": "Do people reach health data in a role of which nobody decided what it needs?",
    "unclassified-phi-field": "Are there fields with health data that nobody labelled as such in the system?",
    "tag-sources-disagree": "Do people, the system’s labels and the fields’ own words agree about what fields hold?",
    "tag-decision-lapsed": "Is what people decided about fields out of date?",
    "phi-field-without-history": "Are there fields with health data that keep no record of who changed what?",
    "phi-object-without-policy": "Are there kinds of record with health data that the retention schedule leaves out?",
    "policy-below-minimum": "Does the retention schedule end before a legal minimum that was configured?",
    "deleted-but-recoverable": "Can deleted records that are past the schedule still be brought back?",
    "dormant-holder": "Do accounts that are switched off still hold access to fields with health data?",
    "record-past-retention": "Are records kept longer than the organisation's own schedule allows?",
    "evidence-gap": "Was there anything this audit needed and could not read?",
    "credential-exceeds-need": "Can the account used for this audit do more than read settings?",
    "waiver-lapsed": "Has a waiver lapsed without anybody deciding what comes next?",
}

_FOUND_BY = {
    FoundBy.CONFIGURATION: "configuration (strong): a setting says so",
    FoundBy.INFERENCE: "inference (weaker): concluded from names or from what feeds what",
    FoundBy.ATTESTATION: "attestation: a person said so",
}

_BASES = {
    Basis.GIVEN: "given with this run",
    Basis.DECISION: "decided by a person for this field",
    Basis.MAPPING: "decided by a person in the mapping",
    Basis.NATIVE: "labelled in the system itself",
    Basis.TAGGER: "recognised by name and type",
    Basis.VALUES: "recognised by the form of its values",
    Basis.LINEAGE: "derived from another field with health data",
}

_COARSE = {
    Coarse.CLINICAL: "clinical",
    Coarse.PAYMENT: "payment for care",
    Coarse.IDENTIFIER: "identifies a person",
    Coarse.FREETEXT_RISK: "free text that may hold health data",
    Coarse.NONE: "not health data",
}

_CONFIDENCES = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}

_LEVELS = {Level.NONE: "nothing", Level.READ: "read", Level.EDIT: "read and change"}

_LEAKS = {
    Leaks.VALUE: "what the field holds",
    Leaks.PRESENCE: "whether the field is filled in",
    Leaks.MEMBERSHIP: "who belongs, from which it can be told",
}

_CONSENTS = {
    Consent.NONE: "none is asked for",
    Consent.LEGITIMATE_INTEREST: "a legitimate interest is stated, none is asked for",
    Consent.IMPLICIT: "sending the form is taken for it",
    Consent.EXPLICIT: "asked for with a box to tick",
    Consent.UNKNOWN: UNTOLD,
}

EXIT_CODES = (
    ("0", "Everything needed was read, and nothing beyond the policy was observed."),
    ("1", "The tool broke. There is no result."),
    ("2", "The command, configuration, mapping or policy cannot be used. There is no result."),
    ("3", "The system could not be read. There is no result."),
    (
        "4",
        "Nothing beyond the policy or its waivers was observed, but something needed could not be read. Not a pass.",
    ),
    ("8", "Everything that was observed is under a waiver in date; everything needed was read. Still a gap."),
    (
        "11-14",
        "The worst finding is Low (11), Medium (12), High (13) or Critical (14); everything needed was read.",
    ),
    ("21-24", "The same levels (21 Low to 24 Critical), and something needed could not be read as well."),
)

GLOSSARY = (
    ("System", "One installation of customer-record software (a CRM) that was audited."),
    ("Object", "A kind of record, such as Contact or Lead."),
    ("Field", "One box on a record, such as Diagnosis."),
    ("Right, grant", "A setting that lets somebody see or change something."),
    (
        "Set of rights",
        (
            "A bundle of rights handed to people: a profile (everybody has one), a permission set, or a "
            "group of sets."
        ),
    ),
    ("Root grant", "The one setting that somebody would change to close the access in a finding."),
    (
        "Audience",
        "A class of people with the same needs, such as marketing; the configuration says who belongs.",
    ),
    (
        "Approved by policy",
        (
            "The policy names which audience may read or change which class of health data. What nobody "
            "decided is not approved."
        ),
    ),
    (
        "Path",
        (
            "How the access comes about: what opens the kind of record, and what opens the field. Both are "
            "needed."
        ),
    ),
    (
        "Record reach",
        (
            "How many records somebody finds, by owner, role, share, group or default. A person may hold a field and "
            "see no record that has it. “At least” and “at most” are bounds; what was not established is not none."
        ),
    ),
)


def reach(extent: Extent) -> str:
    """Say how many records somebody finds."""
    return REACH if extent.span is Span.UNKNOWN and not extent.at_least else str(extent)


def word(value: Word, *, approved: bool = False) -> Mark:
    """Mark a verdict word as reports print it; access that the policy approves looks harmless."""
    tone, text, _ = _WORDS[value]
    harmless = approved and value in {Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.LATENT}
    return Mark(text, Tone.GOOD if harmless else tone, value.value)


def word_meaning(value: Word) -> str:
    """Say what a verdict word means."""
    return _WORDS[value][2]


def state(value: State) -> Mark:
    """Mark a result state as reports print it."""
    tone, text, _ = _STATES[value]
    return Mark(text, tone, value.value)


def state_meaning(value: State) -> str:
    """Say what a result state means."""
    return _STATES[value][2]


_STATUSES = {
    Status.EXPIRED: (Tone.CRITICAL, "Expired", "Its last day is over. What it covered counts again."),
    Status.REOPENED: (
        Tone.HIGH,
        "Re-opened",
        "Something it names is not in the state that was accepted, and counts.",
    ),
    Status.DEAD: (
        Tone.MEDIUM,
        "Dead",
        "Nothing it names was observed, and everything that would show it was read. Take it out.",
    ),
    Status.CANNOT_TELL: (
        Tone.UNKNOWN,
        "Cannot tell",
        "Whether what it names is still there could not be told. Keep it.",
    ),
    Status.SOON: (Tone.MEDIUM, "Expires soon", "In force, for 30 days or less. Decide what comes next."),
    Status.NOT_BEGUN: (Tone.QUIET, "Not begun", "Its first day has not come yet."),
    Status.IN_FORCE: (Tone.LOW, "In force", "The finding is one level lower, listed, and not counted."),
}


def waiver(value: Status) -> Mark:
    """Mark how a waiver stands as reports print it."""
    tone, text, _ = _STATUSES[value]
    return Mark(text, tone, value.value)


def waiver_meaning(value: Status) -> str:
    """Say how a waiver stands, and what follows."""
    return _STATUSES[value][2]


_RULINGS = {
    Standing.REOPENED: (Tone.HIGH, "Re-opened"),
    Standing.EXPIRED: (Tone.HIGH, "Expired"),
    Standing.UNSEEN: (Tone.QUIET, "Not there"),
    Standing.IN_FORCE: (Tone.GOOD, "In force"),
}


def ruling(value: Standing) -> Mark:
    """Mark how a decision about a field stands as reports print it."""
    return Mark(_RULINGS[value][1], _RULINGS[value][0], value.value)


def ruling_meaning(one: Ruling) -> str:
    """Say what follows from how a decision about a field stands."""
    if one.standing is Standing.IN_FORCE:
        return "It is believed."
    if one.standing is Standing.UNSEEN:
        return "Its field is not there any more. Take it out."
    if one.phi_class == Coarse.NONE.value:
        return "It no longer clears the field: what else is known decides. Decide again."
    if one.standing is Standing.REOPENED:
        return "The field keeps its class until somebody decides again."
    return "What else is known decides; where nothing is, the field keeps its class. Decide again."


STATES = tuple(_STATES)
"""Result states in the order reports print them: what needs attention first."""


def severity(value: Severity) -> Mark:
    """Mark a severity as reports print it."""
    return Mark(value.label, _SEVERITIES[value][0], value.name.lower())


def severity_meaning(value: Severity) -> str:
    """Say what puts a finding on this level (hipaa 1.2)."""
    return _SEVERITIES[value][1]


def severity_in_short(value: Severity) -> str:
    """Say it in one line for page one; the full rubric is on the sheet Methodology."""
    return _IN_SHORT[value]


def capability(value: Capability) -> str:
    """Say what a reading is good for, for people who do not know the table behind it."""
    return _CAPABILITIES[value]


def question(rule: Rule) -> str:
    """Say what a rule asks, in plain words; a rule nobody has worded yet asks about its title."""
    return _QUESTIONS.get(rule.id, f"Is this the case here: {rule.title}?")


def found_by(value: FoundBy) -> str:
    """Say how a finding was established."""
    return _FOUND_BY[value]


def leaks(value: Leaks) -> str:
    """Say how much passes on from one step of a leak path to the next."""
    return _LEAKS[value]


def consent(value: Consent) -> str:
    """Say what a form asks its sender to agree to."""
    return _CONSENTS[value]


def basis(value: Basis) -> str:
    """Say where a field's class comes from."""
    return _BASES[value]


def coarse(value: Coarse) -> str:
    """Say what a field says about a person."""
    return _COARSE[value]


def phi_class(value: str) -> str:
    """Write a class of the taxonomy without the underscores."""
    return value.replace("_", " ")


def confidence(value: Confidence) -> str:
    """Say how sure the class of a field is."""
    return _CONFIDENCES[value]


def level(value: Level) -> str:
    """Say what the policy lets an audience do."""
    return _LEVELS[value]


def yes_no(value: bool) -> str:  # noqa: FBT001 - the boolean is the subject
    """Write a fact for a column that is filtered by yes and no."""
    return "Yes" if value else "No"


def exit_meaning(code: int) -> str:
    """Say what an exit code says about this run."""
    if code == 0:
        return "Nothing beyond the policy was observed, and everything needed was read."
    if code == 4:
        return (
            "Nothing beyond the policy or its waivers was observed, but something needed could not be read. "
            "Not a pass."
        )
    if code == 8:
        return "Everything that was observed is under a waiver in date; everything needed was read."
    worst = f"The worst finding is {Severity(code % 10 - 1).label}"
    return (
        f"{worst}; everything needed was read."
        if code < 20
        else f"{worst}, and something needed could not be read."
    )


def gate_meaning(code: int) -> str:
    """Say what an exit code says about what a gate asks."""
    nothing = "Nothing that the gate asks about was observed"
    gated = {
        0: f"{nothing}, and everything needed was read.",
        4: f"{nothing}, but something needed could not be read. Not a pass.",
    }
    return gated.get(code) or exit_meaning(code)


def utc(moment: datetime) -> datetime:
    """Turn a moment into UTC; one without a zone is taken as UTC, never as local time."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def moment(value: datetime) -> str:
    """Write a moment for people: ISO date, time to the second that matters, and the zone."""
    value = utc(value)
    return f"{value:%Y-%m-%d %H:%M}{f':{value:%S}' if value.second else ''} UTC"


def stamp(value: datetime) -> str:
    """Write a moment for machines: `2020-11-24T00:00:00Z`."""
    return f"{utc(value):%Y-%m-%dT%H:%M:%SZ}"


def dated(told: str) -> str:
    """Write moments that stand in a text as machines write them as people read them."""
    return _STAMP.sub(lambda found: moment(datetime.fromisoformat(found[0])), told)


def counted(count: int, one: str, many: str = "") -> str:
    """Write a number with its noun: `1 person`, `2 people`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(items: tuple[str, ...], most: int) -> str:
    """Write the first few of a list, and how many more there are."""
    shown = ", ".join(items[:most])
    return f"{shown} and {len(items) - most:,} more" if len(items) > most else shown
