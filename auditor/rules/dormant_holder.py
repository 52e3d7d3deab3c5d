from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from auditor.access import Access, Path, Word
from auditor.exposure import Exposure, explain, exposures
from auditor.findings import Observation, Severity
from auditor.planes import Grantor
from auditor.rule import Looked, View, rule
from auditor.scope import health, pairs
from auditor.snapshot import Capability
from auditor.weight import found_by, weigh
from auditor.wording import several

_WORDS = frozenset({Word.DORMANT})
_EVERY_ACCOUNT = Grantor(
    "every-account",
    "every-account",
    "open to every account",
    "what is",
    undo="Give the objects listed rules that close them to whomever none names; nothing that these accounts hold "
    "themselves opens them",
)


def _dormant(view: View) -> tuple[str, ...]:
    return tuple(p.id for p in view.access.grants.people if p.dormant)


def _looked(view: View) -> Looked:
    what = "dormant account × health field pairs"
    return pairs(view, _dormant(view), health, what, untold=view.untold.get("dormant", ""))


@rule(
    control="A10",
    title="A dormant account still holds access to PHI fields",
    severity=Severity.MEDIUM,
    citations=(
        "45 CFR 164.308(a)(3)(ii)(C)",
        "45 CFR 164.308(a)(4)(ii)(C)",
        "45 CFR 164.308(a)(1)(ii)(D)",
    ),
    nist=("AC-2", "AC-2(3)", "AC-6(7)"),
    needs=(
        Capability.SCHEMA,
        Capability.PEOPLE,
        Capability.ASSIGNMENTS,
        Capability.GRANTS,
        Capability.LINEAGE,
    ),
    looked=_looked,
)
def dormant_holder(view: View) -> Iterator[Observation]:
    """A deactivated or frozen account still holds grants on fields with health data.

    ## Why it matters
    Nobody can log in with the account today, but reactivating it restores everything at once, and nobody has
    approved that access again. A grant that nobody uses is also evidence that it was not needed.

    ## Remediation
    In Setup > Users, open the person, and remove the permission set and group assignments listed; move the person
    to a profile without access to clinical objects. Write down who decides about reactivation.

    ## Limits
    Covers accounts that are deactivated or frozen. Active accounts that have not logged in for a long time are not
    looked at yet. What the approved policy gives to the person's audience is still reported here: an approval
    covers people who work, not accounts kept in store. Derived copies are followed as far as formulas could be read.
    Where a CRM opens what no rule mentions, the root grant is the group that opens the object, and what is open
    without any group is a single finding over all objects.

    ## Example
    A care coordinator left in March. The account is inactive, and the set “Care Team” is still assigned.
    """
    left = exposures(
        view, _dormant(view), health, _WORDS, beyond_policy=False, by_object=False, roots=_roots(view.access)
    )
    for found in left:
        weight = weigh(
            view, Severity.MEDIUM, found.words, found.people, special=False, masked=not found.clear
        )
        yield Observation(
            audience=found.audience,
            object=found.object,
            root=found.root.id,
            root_label=found.root.label,
            message=(
                f"{several(len(found.people), 'dormant account')} could, once active again, read "
                f"{several(len(found.words), 'field')} with health data{found.apiece} through {found.through}."
            ),
            severity=weight.severity,
            modifiers=weight.modifiers,
            found_by=found_by(view, found.words),
            cells=found.cells(view.tags.__getitem__),
            people=tuple(sorted(found.people)),
            example=explain(view.access, *found.example),
            remedy=_remedy(found),
        )


def _roots(access: Access) -> Callable[[Path], Iterable[Grantor]]:
    """What could be taken from somebody to close a field that no rule speaks of: groups, on the object's side."""
    grants = access.grants
    unsaid = {grants.grantors[row].id for gate in grants.unmentioned.values() for row in gate.by}
    joined = {one for person in grants.people for one in person.memberships}
    groups = {grantor.id: replace(grantor, right="") for grantor in grants.grantors if grantor.id in joined}

    def roots(path: Path) -> Iterable[Grantor]:
        if unsaid.isdisjoint(grantor.id for grantor in path.fields):
            return path.fields
        opens = [grantor for gate in path.objects for grantor in gate]
        return {groups.get(grantor.container, _EVERY_ACCOUNT) for grantor in opens} or {_EVERY_ACCOUNT}

    return roots


def _remedy(found: Exposure) -> str:
    if found.root is _EVERY_ACCOUNT or (found.root.undo and not found.root.container):
        return f"{found.remedy}."
    if found.root.container:
        moved = "" if found.root.kind == "group" else ", or move them to a profile without it"
        return f"Remove {found.through} from the accounts listed{moved}."
    return "Remove what opens the object from the accounts listed; no permission on the fields stands in between."
