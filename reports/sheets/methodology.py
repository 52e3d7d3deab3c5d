"""How the audit worked, what its words mean and where it ends (hipaa 5.2 sheet 18)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from auditor.access import WORDS
from auditor.audit import Audit
from auditor.findings import Severity
from auditor.rule import Rule
from reports import outline, words
from reports.grid import Column, Row, Table

_METHOD = (
    (
        "Reading",
        (
            "Settings, definitions of fields, accounts, assignments of rights, and counts of records by "
            "date were read through the system's own interface, at the time shown. Nothing was changed, "
            "and no value of a record was read."
        ),
    ),
    (
        "Computing access",
        (
            "Somebody can see a field when something opens the kind of record and something opens the "
            "field; both may come from different sets of rights. People who hold exactly the same rights "
            "are computed together. Every access that is reported has a path: the grants it comes from."
        ),
    ),
    (
        "Comparing",
        (
            "A finding is access that was computed, less what the policy approves for the person's "
            "audience and the field's class. What nobody decided is not approved. Access to what is "
            "approved is not a finding."
        ),
    ),
    (
        "Deciding",
        (
            "Something read in part may show a gap; it never shows that there is none. Where something "
            "needed was not read, and where nothing was there to look at without proof that nothing "
            "exists, the answer is unknown."
        ),
    ),
)

_NOT_LOOKED_AT = (
    "Territories, sharing sets and whom a restriction rule concerns: record reach is an upper bound there.",
    "What is inside records, free text, files and attachments.",
    "Copies outside the system: exports, e-mails, backups, other applications.",
    "Whether somebody used their access; a grant counts whether it was used or not.",
    "Agreements with vendors, training, consent and other things only people can state.",
    "Changes between the moment of collection and today.",
)


def table(audits: Sequence[Audit]) -> Table:
    """Explain method, words, rubric, limits and versions, as topics with text."""
    return Table(
        "Methodology",
        "Methodology and limits",
        (Column("Part", 20), Column("Topic", 34), Column("Text", 116)),
        tuple(_rows(audits)),
    )


def _rows(audits: Sequence[Audit]) -> Iterator[Row]:
    yield from (("Method", topic, text) for topic, text in _METHOD)
    yield from (("Word", words.word(w).text, words.word_meaning(w)) for w in WORDS)
    yield from (("Result", words.state(s).text, words.state_meaning(s)) for s in words.STATES)
    yield from (
        ("Severity", words.severity(s).text, words.severity_meaning(s))
        for s in sorted(Severity, reverse=True)
    )
    yield ("Severity", "Raising and lowering", words.SEVERITY_RULES)
    yield from (("Term", term, text) for term, text in words.GLOSSARY)
    for rule in _rules(audits):
        yield ("Limits of a question", f"{rule.control} {rule.title}", limits(rule) or "None recorded.")
    yield from (("Not looked at", "", text) for text in _NOT_LOOKED_AT)
    yield from (("Exit code", code, text) for code, text in words.EXIT_CODES)
    for audit in audits:
        yield from _versions(audit)
    yield ("Disclaimer", "", words.DISCLAIMER)


def _rules(audits: Sequence[Audit]) -> tuple[Rule, ...]:
    return tuple({r.rule.id: r.rule for audit in audits for r in audit.results}.values())


def limits(rule: Rule) -> str:
    """Find the section “Limits” of a rule's page, as one paragraph."""
    found = re.search(r"^## Limits\s*\n(.*?)(?=^## |\Z)", rule.page, re.MULTILINE | re.DOTALL)
    return " ".join(found[1].split()) if found else ""


def _versions(audit: Audit) -> Iterator[Row]:
    view = audit.view
    manifest = view.snapshot.manifest
    part = f"Versions: {audit.target}"
    yield (part, "Organisation", f"{manifest.org_name} ({manifest.org_id}), {manifest.platform}")
    yield (part, "Collected at", words.moment(manifest.taken_at))
    yield (part, "Judged as of", words.moment(view.as_of))
    yield (part, "Read as", manifest.connected_user or "not recorded")
    yield (part, "Interface version", manifest.api_version)
    yield (part, "Tool version", f"judged by {audit.tool_version}, collected by {manifest.tool_version}")
    yield (
        part,
        "Policy",
        f"version {view.policy.version or 'none given'}, digest {outline.policy_digest(view.policy)}",
    )
    yield (part, "Configuration digest", audit.config_digest or "not recorded")
    yield (part, "Field classes digest", manifest.tag_digest or "not recorded")
    yield (part, "Kinds of record in scope", ", ".join(manifest.objects) or "not recorded")
    yield from ((part, "Note", note) for note in manifest.notes)
