"""What the verdicts would be if somebody held something else: the engine itself, asked about people made up for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from auditor.access import Access, effective_access
from auditor.planes import Holdings, Strength


@dataclass(frozen=True, slots=True)
class Supposed:
    """A person, by index, without some containers and with some grantors, by index, held this firmly.

    What comes with a `faded` container is held only possibly.
    """

    person: int
    gone: frozenset[str] = frozenset()
    added: tuple[tuple[int, Strength], ...] = ()
    faded: frozenset[str] = frozenset()


def suppose(access: Access, cases: Sequence[Supposed]) -> Access:
    """Verdicts of each case, in the order given: case i is person i of the result.

    What is known of assignments belongs to the real people and is left out.
    """
    grants = access.grants
    rows: list[tuple[int, int, int]] = []
    for i, case in enumerate(cases):
        for grantor, strength in access.signatures.held(int(access.signatures.of[case.person])):
            container = grants.grantors[grantor].container
            if container not in case.gone:
                firm = Strength.POSSIBLE if container in case.faded else Strength.LIVE
                rows.append((i, grantor, max(strength, firm)))
        rows += [(i, grantor, strength) for grantor, strength in case.added]
    who, what, how = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return effective_access(
        replace(
            grants,
            people=tuple(grants.people[case.person] for case in cases),
            holdings=Holdings(who, what, how.astype(np.uint8)),
            blind={i: grants.blind[c.person] for i, c in enumerate(cases) if c.person in grants.blind},
            held_by={},
            expiring={},
            fading={},
            ended={},
        )
    )
