from __future__ import annotations

from collections.abc import Iterator

from auditor.access import Word, code
from auditor.exposure import groups
from auditor.findings import Observation, Severity, State
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability
from auditor.wording import several

_ALL = (
    Capability.IDENTITY,
    Capability.SCHEMA,
    Capability.PEOPLE,
    Capability.ASSIGNMENTS,
    Capability.GRANTS,
    Capability.LINEAGE,
    Capability.REACH,
    Capability.SURFACES,
    Capability.ASSETS,
    Capability.CHANGES,
    Capability.RETENTION,
    Capability.CREDENTIAL,
)
_HIDES = {
    Capability.SCHEMA: Severity.CRITICAL,
    Capability.PEOPLE: Severity.CRITICAL,
    Capability.ASSIGNMENTS: Severity.CRITICAL,
    Capability.GRANTS: Severity.CRITICAL,
    Capability.LINEAGE: Severity.HIGH,
    Capability.SURFACES: Severity.HIGH,
    Capability.ASSETS: Severity.HIGH,
}


def _looked(view: View) -> Looked:
    return Looked(len(view.snapshot.readings), "readings")


@rule(
    control="G03",
    title="Evidence is missing: something needed could not be read",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.308(a)(8)", "45 CFR 164.316(b)(1)(ii)", "45 CFR 164.414(b)"),
    nist=("CA-2", "CA-7", "AU-12", "PM-31"),
    needs=_ALL,
    looked=_looked,
)
def evidence_gap(view: View) -> Iterator[Observation]:
    """A reading that verdicts depend on was refused, cut short, failed, or does not exist.

    ## Why it matters
    The organisation carries the burden of showing what happened to PHI, so a silent gap may later be read as a
    pass. Nothing that depends on a missing reading is reported as free of gaps.

    ## Remediation
    Give the auditing user the read-only right named with the gap (Setup > Permission Sets > the auditor's set >
    System Permissions), or correct the cause, and run again. What the vendor exposes to nobody stays listed as an
    accepted unknown, apart from the findings.

    ## Limits
    The severity is the highest that the gap could be hiding, not what was seen. A gap never counts as a finding
    against the organisation's access; it has its own exit code.

    ## Example
    The auditing user lacks View Setup and Configuration: FieldPermissions cannot be read, and every verdict that
    is not proven otherwise is unknown.
    """
    for reading in view.snapshot.readings.values():
        unread = reading.unread
        if unread is None or view.accepts(reading):
            continue
        yield Observation(
            audience="",
            object="",
            root=reading.name,
            root_label=reading.name,
            message=f"{reading.name} could not be read completely. {unread.why.sentence} {unread.detail}",
            state=State.UNKNOWN,
            severity=_HIDES.get(reading.capability, Severity.MEDIUM),
            modifiers=("equals the highest severity it could be hiding",)
            if reading.capability in _HIDES
            else (),
            facts=(("reason", unread.why.value),),
            remedy=unread.remedy,
        )
    yield from _unknown_pairs(view)


def _unknown_pairs(view: View) -> Iterator[Observation]:
    """Pairs that stay unknown though every table was read: a container that is not there, an object without gate."""
    unknown = code(Word.UNKNOWN)
    people: dict[str, set[str]] = {}
    fields: dict[str, set[str]] = {}
    everybody = [p.id for p in view.access.grants.people]
    for signature, _, members in groups(view, everybody):
        read, _ = view.access.words(signature)
        for index in (read == unknown).nonzero()[0]:
            for member in members:
                for reason in view.access.doubts(member, int(index)):
                    people.setdefault(reason, set()).add(view.access.grants.people[member].id)
                    fields.setdefault(reason, set()).add(view.access.grants.fields[index].name)
    for reason in sorted(people):
        if any(
            reading.unread and reading.unread.detail in reason for reading in view.snapshot.readings.values()
        ):
            continue
        yield Observation(
            audience="",
            object="",
            root=reason,
            root_label="access that could not be decided",
            message=(
                f"Access of {several(len(people[reason]), 'person', 'people')} to "
                f"{several(len(fields[reason]), 'field')} is unknown: {reason.removesuffix('.')}."
            ),
            state=State.UNKNOWN,
            severity=Severity.CRITICAL,
            modifiers=("equals the highest severity it could be hiding",),
            people=tuple(sorted(people[reason])),
            remedy="Mend what this says, have it attested, or correct the tags.",
            facts=(("fields", ", ".join(sorted(fields[reason]))),),
        )
