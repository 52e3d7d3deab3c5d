from __future__ import annotations

from collections.abc import Callable, Iterator

from auditor.findings import Observation, Severity
from auditor.people import Kind
from auditor.powers import Power, powers
from auditor.rights import Right, Use
from auditor.rule import Looked, View, rule
from auditor.scope import accounts, awake, health
from auditor.snapshot import Capability
from auditor.wording import several

_OUTSIDERS = frozenset({Kind.EXTERNAL, Kind.GUEST})


def _objects(view: View) -> frozenset[str]:
    return frozenset(tag.object for tag in view.tags.values() if health(tag))


def _looked(view: View) -> Looked:
    if not _objects(view):
        return Looked(0, "objects with health data")
    return accounts(view, Use.OVERRIDE)


@rule(
    control="A06",
    title="A right passes the controls on fields or records of PHI for everything at once",
    severity=Severity.CRITICAL,
    citations=("45 CFR 164.308(a)(3)(i)", "45 CFR 164.312(a)(1)", "45 CFR 164.514(d)(2)"),
    nist=("AC-6", "AC-6(1)", "AC-6(5)", "AC-6(7)", "AC-6(10)"),
    needs=(
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    ),
    looked=_looked,
)
def override_right(view: View) -> Iterator[Observation]:
    """Somebody holds a right that passes field security or record sharing for a whole object, or for everything.

    ## Why it matters
    Such a right makes each narrower setting meaningless for whoever holds it: fields added later are included, and
    no review of single grants shows it. That is why the list of its holders has to be short and known by name.

    ## Remediation
    In Salesforce’s Setup, open the container named as root grant, and clear View All Data, Modify All Data and View All
    Fields under System Permissions, or View All, Modify All and View All Fields under Object Settings, as listed. Grant
    what the work needs field by field, and keep overrides in a set of their own whose assignments expire.

    In HubSpot, Super Admin is such a right: give a permission set instead, under Settings > Users & Teams > the user.

    ## Limits
    Rights over a single object count where the object has fields with health data. Whether an override reads a field
    today is told by the rules about reading: View All Data passes sharing, not field security. Deactivated and frozen
    accounts are left out. Few holders lower the level, though nothing here shows that anybody reviews their use.

    ## Example
    The set “Migration”, left from a project, gives Modify All Data to one engineer in marketing operations: Critical.
    """
    objects = _objects(view)
    if not objects:
        return
    found = powers(view, awake(view), _over(objects))
    rights, delicate = view.access.grants.rights, _delicate(view)
    for power in found:
        # What is held over everything says it all.
        power.rights = {key for key in power.rights if not rights[key].object} or power.rights
        yield _observe(view, power, outside=bool(power.people & delicate))


def _over(objects: frozenset[str]) -> Callable[[Right], bool]:
    return lambda right: Use.OVERRIDE in right.uses and (not right.object or right.object in objects)


def _delicate(view: View) -> set[str]:
    outsiders = {p.id for p in view.access.grants.people if p.kind in _OUTSIDERS}
    return outsiders | set(view.audiences.marketing)


def _observe(view: View, power: Power, *, outside: bool) -> Observation:
    severity = Severity.CRITICAL if outside else Severity.HIGH
    modifiers = () if outside else ("lowered: nobody in marketing or outside holds it from here",)
    rights = power.labels(view)
    return Observation(
        audience=power.audience,
        object="",
        root=power.root.id,
        root_label=power.root.label,
        message=(
            f"{several(len(power.people), 'account')} of the audience {power.audience} can pass the controls on "
            f"health data with {rights} from {power.through}."
        ),
        state=power.state,
        severity=severity,
        modifiers=modifiers,
        people=tuple(sorted(power.people)),
        facts=(("rights", rights),),
        example=power.path(view),
        remedy=f"{power.remedy(view)}; grant what the work needs: its fields, its records.",
    )
