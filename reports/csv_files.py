"""Write the two CSV files: `access.csv` for programs that compare access, `findings.csv` for spreadsheets.

Rows end with a line feed. Text that others typed can never start a formula or break a line; ids, field names
and verdict words are written as they are (hipaa T13, org-fixture 2.3).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import TextIO

from auditor.access import Word
from auditor.audit import Audit
from auditor.people import UNCLASSIFIED
from reports.alike import Opening, Walk
from reports.grid import code
from reports.inert import for_csv
from reports.sheets import findings
from reports.words import Mark

ACCESS_COLUMNS = (
    "principal_id",
    "object",
    "field",
    "read",
    "edit",
    "paths",
    "principal",
    "audience",
    "phi_class",
    "form",
)

_READS = frozenset({Word.YES, Word.ACTIVATABLE, Word.POSSIBLE, Word.DORMANT})
"""Verdicts with which a value would be shown, in clear or masked (org-fixture 2.1)."""


def write_access(audits: Sequence[Audit], stream: TextIO) -> None:
    """Write who can read and edit what, with paths; a pair that is left out is no.

    Written signature by signature: what is the same for everybody in one is put together once.
    """
    stream.write(",".join(ACCESS_COLUMNS) + "\n")
    for audit in audits:
        for lines in _access(audit):
            stream.writelines(lines)


def _access(audit: Audit) -> Iterator[Iterator[str]]:
    walk = Walk(audit.view.access)
    people = walk.access.grants.people
    audiences = audit.view.audiences.of
    for signature, members in enumerate(walk.access.signatures.members):
        middles = _middles(audit, walk.openings(signature), members[0])
        for member in members if middles else ():
            person = people[member]
            membership = audiences.get(person.id)
            audience = membership.audience if membership is not None else UNCLASSIFIED
            start = f"{_quoted(person.id)},"
            end = f",{_quoted(for_csv(person.name))},{_quoted(for_csv(audience))},"
            yield (f"{start}{middle}{end}{tail}\n" for middle, tail in middles)


def _middles(audit: Audit, openings: Sequence[Opening], member: int) -> list[tuple[str, str]]:
    """Put together, for each field that opens, everything between the person's id and name, and behind them.

    `member` stands for everybody with these openings: who holds the same sees values in the same form.
    """
    access = audit.view.access
    found: list[tuple[int, str, str]] = []
    shown = ""
    for opening in openings:
        reads = opening.read in _READS
        verdict = f"{opening.read.value},{opening.edit.value},{_quoted(opening.paths)}"
        for index in opening.fields:
            column = access.grants.fields[index]
            key = column.name
            obj, _, name = key.rpartition(".")
            tag = audit.view.tags.get(key)
            phi_class = _quoted(for_csv(tag.phi_class)) if tag is not None else ""
            masked = reads and column.masked
            if masked and not shown:
                shown = access.form(member, index)
            form = shown if masked else ""
            found.append((index, f"{_quoted(obj)},{_quoted(name)},{verdict}", f"{phi_class},{form}"))
    return [(middle, tail) for _, middle, tail in sorted(found)]


def _quoted(text: str) -> str:
    if any(sign in text for sign in ',"\n\r') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def write_findings(audits: Sequence[Audit], stream: TextIO) -> None:
    """Write the sheet Findings, with codes where people read words."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([column.key for column in findings.COLUMNS])
    for row in findings.rows(audits):
        writer.writerow([code(v) if isinstance(v, int | Mark) else for_csv(code(v)) for v in row])
