"""What a server itself says, asked without the product."""

from __future__ import annotations

import random
from collections import Counter

from live_server import AUDITOR, STAFF, Server
from plain_tryton import Plain
from tryton_rpc import Failed, Rpc


def answer(rpc: Rpc, model: str, field: str) -> bool | str:
    """Whether a field may be read, asked of no record; or why there is no answer."""
    try:
        rpc.call(f"model.{model}.read", [], [field], {})
    except Failed as refused:
        if refused.status == 403:
            return "not exposed"
        if refused.status == 200 and refused.error[0] == "UserError":
            return False
        return str(refused.error[0])
    return True


def held_against(server: Server, each: int, seed: int = 11) -> Counter[bool | str]:
    """Hold the plain reading of the rules against the server, for so many fields of any model and every test user.

    Gives how often it answered what; raises AssertionError for the first answer that is not as expected.
    """
    plain = Plain(server.session(AUDITOR))
    chance, seen = random.Random(seed), Counter()
    for login in STAFF:
        rpc = server.session(login)
        for model, field in chance.sample(sorted(plain.fields), each):
            said = answer(rpc, model, field)
            if isinstance(said, bool):
                assert said is plain.may_read(login, model, field), (login, model, field, said)
            seen[said] += 1
    return seen
