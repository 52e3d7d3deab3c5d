from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import Observation, Severity
from auditor.retention import Minimum, RetentionPolicy
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability
from auditor.wording import several

_UNVERIFIED = "not verified by your counsel"


def _looked(view: View) -> Looked:
    asked = [policy for policy in view.retention if policy.minimums]
    open_ones = any(m.verified_on is None for policy in asked for m in policy.minimums)
    what = "policies with a configured minimum" + (f" (some {_UNVERIFIED})" if open_ones else "")
    left_out = (
        "No legal minimum is configured, so no period was compared with one. Nothing here knows the law."
    )
    return Looked(len(asked), what, left_out=left_out)


@rule(
    control="R04",
    title="A retention policy ends before a legal minimum",
    severity=Severity.HIGH,
    citations=(
        "State record retention law, as named with each minimum",
        "45 CFR 164.316(b)(2)(i)",
        "45 CFR 164.530(j)(2)",
    ),
    nist=("SI-12", "AU-11"),
    needs=(Capability.IDENTITY,),
    looked=_looked,
)
def policy_below_minimum(view: View) -> Iterator[Observation]:
    """The longest time a policy allows is shorter than a minimum that was configured for the same records.

    ## Why it matters
    A record that was removed too early does not come back, and the duty to keep it may outlast every wish to be rid
    of it. The six years that HIPAA names are for the organisation's own documents; patient records follow state law.

    ## Remediation
    Do not delete by this policy, and switch off automatic deletion for the class, until somebody has decided. Have
    counsel confirm the minimum, write down who verified it and when, and lengthen the policy or split the class.

    ## Limits
    Compares only minimums that somebody wrote into the configuration; without any, nothing is compared and nothing is
    passed. Which jurisdiction applies to which record, minors, and periods that run from another date are not worked
    out. Periods are compared by the calendar, stepping back from the moment of the audit.

    ## Example
    “intake” keeps records for 7 years, and a minimum of 11 years is configured for hospitals: High, and marked as not
    verified by your counsel as long as nobody did.
    """
    for policy in view.retention:
        cutoff = policy.cutoff_at(view.as_of)
        short = [m for m in policy.minimums if cutoff > m.cutoff_at(view.as_of)]
        if short:
            yield _observe(policy, short)


def _observe(policy: RetentionPolicy, short: list[Minimum]) -> Observation:
    unverified = any(minimum.verified_on is None for minimum in short)
    note = f" ({_UNVERIFIED})" if unverified else ""
    return Observation(
        audience="",
        object=policy.object,
        root=policy.id,
        root_label=policy.id,
        message=(
            f"Policy “{policy.id}” on {policy.object} ends ({policy.period or 'fixed cut-off'}) before "
            f"{several(len(short), 'configured minimum')}{note}."
        ),
        facts=tuple(
            (f"minimum, {m.jurisdiction}", f"{m.period}, {m.citation}, {_verified(m)}") for m in short
        ),
        remedy="Delete nothing by this policy until counsel has confirmed the minimum and the period fits it.",
    )


def _verified(minimum: Minimum) -> str:
    if minimum.verified_on is None:
        return _UNVERIFIED
    return f"verified {minimum.verified_on.isoformat()} by {minimum.verified_by}"
