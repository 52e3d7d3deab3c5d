from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from auditor.findings import Observation, Severity
from auditor.retention import Overdue, subtract
from auditor.rule import Looked, View, rule
from auditor.snapshot import Capability
from auditor.wording import several


def _looked(view: View) -> Looked:
    counted = len(view.overdue)
    partial = sum(1 for one in view.overdue if not one.complete)
    absent = "" if view.retention else "No retention policy is configured."
    return Looked(len(view.retention), "retention policies", absent, len(view.retention) - counted + partial)


@rule(
    control="R03",
    title="Records past their policy maximum are deleted but can be brought back",
    severity=Severity.MEDIUM,
    citations=("45 CFR 164.310(d)(2)(i)", "45 CFR 164.504(e)(2)(ii)(J)"),
    nist=("MP-6", "SI-12(3)", "CP-9"),
    needs=(Capability.RETENTION,),
    looked=_looked,
)
def deleted_but_recoverable(view: View) -> Iterator[Observation]:
    """Records past the policy maximum were deleted, and are still in the recycle bin.

    ## Why it matters
    Until a record cannot be restored, it is still there. A deletion date that leaves out the time in the bin says
    more than has happened, and whoever may empty or restore the bin reaches the records meanwhile.

    ## Remediation
    Write down for each policy how long records remain recoverable, as `recovery_window`, so that the date on which
    they are gone is told as it is. Where they have to be gone at once, have a governed job remove them for good after
    the checks on minimums and holds, with approval, and keep the evidence.

    ## Limits
    Looks at the recycle bin only: backups, archives, sandboxes, exports and connected tools are not seen. When each
    record was deleted is not asked for; that none is there longer than the platform keeps it is taken from the
    platform. Holds and minimums are not evaluated.

    ## Example
    118 contacts past their ten years are in the recycle bin. The policy documents 15 days: Low; without it, Medium.
    """
    for overdue in view.overdue:
        if overdue.recycle_bin:
            yield _observe(view, overdue)


def _observe(view: View, overdue: Overdue) -> Observation:
    policy = overdue.policy
    window = policy.recovery_window
    documented = bool(window and view.bin_period) and subtract(
        view.as_of.astimezone(UTC), window
    ) <= subtract(view.as_of.astimezone(UTC), view.bin_period)
    return Observation(
        audience="",
        object=policy.object,
        root=policy.id,
        root_label=policy.id,
        message=(
            f"{'At least ' if not overdue.complete else ''}{several(overdue.recycle_bin, 'record')} of "
            f"{policy.object} past the maximum of policy “{policy.id}” can still be restored from the recycle bin."
        ),
        severity=Severity.LOW if documented else Severity.MEDIUM,
        modifiers=("lowered: inside the recovery window that the policy documents",) if documented else (),
        facts=(
            ("recycle bin", f"{overdue.recycle_bin:,}"),
            ("documented recovery window", window or "none"),
            ("the platform keeps deleted records", view.bin_period or "not known"),
        ),
        remedy="Document the recovery window of the policy, or have the bin emptied after the checks it needs.",
    )
