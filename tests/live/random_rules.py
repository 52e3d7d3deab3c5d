"""Groups, memberships and access rows that nobody would write, straight into the database of a stopped server."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

GROUPS = 200
FIELD_RULES = 20_000
MODEL_RULES = 2_000
OFF = 0.1
"""The share of rows, and of groups, that are switched off."""
EVERYBODY = 0.02
"""The share of rules about no group in particular, which count for everybody."""


def tangle(database: Path, seed: int = 7) -> None:
    """Make groups with parents, rules about fields and models, and let every test user join some of the groups.

    Half of the rules allow, so that a field mostly has rules of both kinds.
    """
    chance = random.Random(seed)
    with closing(sqlite3.connect(database)) as base, base:
        groups = []
        for number in range(GROUPS):
            parent = chance.choice(groups) if groups and chance.random() < 0.5 else None
            row = (f"Random {number}", chance.random() >= OFF, parent)
            made = base.execute("INSERT INTO res_group (name, active, parent) VALUES (?, ?, ?)", row)
            groups.append(made.lastrowid)
        for table, column, owner, count in (
            ("ir_model_field_access", "field", "ir_model_field", FIELD_RULES),
            ("ir_model_access", "model", "ir_model", MODEL_RULES),
        ):
            owners = [row[0] for row in base.execute(f"SELECT id FROM {owner} ORDER BY id")]
            base.executemany(
                f'INSERT INTO {table} ({column}, "group", perm_read, perm_write, perm_create, perm_delete, active)'
                " VALUES (?, ?, ?, 0, 0, 0, ?)",
                (
                    (
                        chance.choice(owners),
                        None if chance.random() < EVERYBODY else chance.choice(groups),
                        chance.random() < 0.5,
                        chance.random() >= OFF,
                    )
                    for _ in range(count)
                ),
            )
        users = base.execute("SELECT id FROM res_user WHERE login NOT IN ('admin', 'auditor') ORDER BY id")
        joined = [
            (user[0], group) for user in users for group in chance.sample(groups, chance.randint(1, 25))
        ]
        base.executemany('INSERT INTO "res_user-res_group" ("user", "group") VALUES (?, ?)', joined)
