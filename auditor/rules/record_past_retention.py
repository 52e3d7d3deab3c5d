from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import Observation, Severity, State
from auditor.retention import Overdue
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability
from auditor.weight import weigh
from auditor.wording import several


def _looked(view: View) -> Looked:
    counted = len(view.overdue)
    missing = len(view.retention) - counted
    partial = sum(1 for o in view.overdue if not o.complete)
    absent = "" if view.retention else "No retention policy is configured."
    return Looked(len(view.retention), "retention policies", absent, missing + partial)


@rule(
    control="R01",
    title="Records are kept past their policy maximum",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.310(d)(2)(i)", "45 CFR 164.530(c)", "45 CFR 164.502(b)"),
    nist=("SI-12", "SI-12(3)", "MP-6"),
    needs=(Capability.RETENTION,),
    looked=_looked,
)
def record_past_retention(view: View) -> Iterator[Observation]:
    """Records are older than the organisation's own retention policy allows.

    ## Why it matters
    HIPAA sets no maximum for records, so what is exceeded is the organisation's own schedule, or a state or
    consumer law that bars keeping data longer than needed. Every further year widens whatever may happen to them.

    ## Remediation
    Check minimum periods, legal holds and the right of access first; this report does not say that records may be
    deleted. Then archive, anonymise or delete them through a governed job, with approval, and keep the evidence.
    Records in the recycle bin and archived activities are counted apart, because an ordinary query misses them.

    ## Limits
    Counts only: holds and longer minimums are not evaluated. Records whose anchor date is empty are undecided
    unless the policy names a fallback. Counts cover what the connected user can see, and say so. Copies outside
    the CRM are not looked at.

    ## Example
    The policy keeps leads that never became patients for 24 months; 4,120 leads are older, the oldest from 2014.
    """
    for overdue in view.overdue:
        if overdue.total:
            yield _observe(view, overdue)


def _observe(view: View, overdue: Overdue) -> Observation:
    policy = overdue.policy
    facts = [
        ("cut-off (UTC)", overdue.cutoff.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("live", f"{overdue.live:,}"),
        ("archived", f"{overdue.archived:,}"),
        ("recycle bin", f"{overdue.recycle_bin:,}"),
        ("oldest", overdue.oldest),
        ("newest", overdue.newest),
        (
            "counted",
            "everything" if overdue.complete else "only what the connected user sees: at least so many",
        ),
    ]
    if policy.hold:
        facts.append(("hold", f"not evaluated: {policy.hold}"))
    fields = [name for name, tag in view.tags.items() if tag.object == policy.object]
    weight = weigh(view, Severity.MEDIUM, fields, ())
    return Observation(
        audience="",
        object=policy.object,
        root=policy.id,
        root_label=policy.id,
        message=(
            f"{'At least ' if not overdue.complete else ''}{several(overdue.total, 'record')} of {policy.object} past "
            f"the maximum of policy “{policy.id}” ({policy.period or 'fixed cut-off'} from {policy.anchor})."
        ),
        state=State.GAP_OBSERVED,
        severity=weight.severity,
        modifiers=weight.modifiers,
        facts=tuple(facts),
        remedy="Past policy maximum. Check minimum periods, holds and approval before anything is removed.",
    )
