from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from auditor.findings import FoundBy, Observation, Severity
from auditor.phi import Basis
from auditor.rule import Looked, View, rule
from auditor.rulings import Disagreement
from auditor.snapshot import Capability
from auditor.weight import in_doubt

_GUESSED = "The classes were given with this run, so no source was held against another."


def _looked(view: View) -> Looked:
    if view.sources is None:
        return Looked(0, "fields", left_out=_GUESSED)
    return Looked(view.sources.compared, "fields")


@rule(
    control="D02",
    title="A person, the system’s label and the field’s own words disagree about what it holds",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.308(a)(1)(ii)(A)", "45 CFR 164.308(a)(8)"),
    nist=("RA-3", "PM-5(1)", "CM-8"),
    needs=(Capability.SCHEMA,),
    looked=_looked,
)
def tag_sources_disagree(view: View) -> Iterator[Observation]:
    """Two of the sources that say what a field holds contradict each other, so one of them is wrong.

    ## Why it matters
    Every verdict rests on which fields are health data. Where the label in the system says one thing and the mapping or
    the field’s own words another, somebody works by the wrong one: this audit, or the people who trust the label.

    ## Remediation
    Look at the field with `crm-audit tags review`, and decide with a name and a reason. Then correct the source that
    was wrong: the entry of the mapping, or the label.

    ## Limits
    What is inferred with low confidence does not count. A decision of the ledger settles what the words suggest, since
    whoever decided had them in view; it does not settle the label. Low where the field is treated as health or personal
    data meanwhile, so that only its class is in doubt.

    ## Example
    Contact.Notes_2__c is labelled PII, and its label “Previous diagnoses” suggests a diagnosis.
    """
    by_field: dict[str, list[Disagreement]] = defaultdict(list)
    for one in view.sources.disagreements if view.sources else ():
        by_field[one.field].append(one)
    for field, found in sorted(by_field.items()):
        facts = view.facts.get(field)
        inferred = any(Basis.TAGGER in one.between for one in found)
        severity, modifiers = in_doubt(view, field)
        yield Observation(
            audience="",
            object=field.rpartition(".")[0],
            root=facts.id if facts and facts.id else field,
            root_label=field,
            message=" ".join(one.sentence for one in found),
            severity=severity,
            modifiers=modifiers,
            found_by=FoundBy.INFERENCE if inferred else FoundBy.CONFIGURATION,
            facts=(
                ("sources", "; ".join(f"{a.value} and {b.value}" for a, b in (one.between for one in found))),
            ),
            remedy=f"Decide what {field} holds, then correct the source that was wrong.",
        )
