"""What record rules may hide of the tables of rights themselves, from the account that reads them."""

from __future__ import annotations

from auditor.snapshot import Snapshot, Unread, Why
from connectors.tryton import catalogue as cat
from connectors.tryton import tables as t
from connectors.tryton.catalogue import Question
from connectors.tryton.semantics.rules import RecordRules, Rights


def hidden(snapshot: Snapshot, question: Question) -> Unread | None:
    """Why a table is known in part though it looks whole: record rules may hide rows of it from the auditing user.

    Tryton leaves what they hide out of its count as well. Rules that were not read may be about any table.
    """
    rights, own = Rights(snapshot), snapshot.table(t.SESSION).to_pylist()
    mine = frozenset(rights.effective(own[0]["groups"])) if own else None
    if RecordRules(snapshot, rights, question.model).may_hold_for(mine):
        said = (
            f"record rules of {question.model} may hide rows from the auditing user; they are not evaluated."
        )
        hint = f"Let no record rule about {question.model} hold for the auditing user."
    elif snapshot.unread(t.RECORD_RULES) is not None:
        said = f"whether record rules of {question.model} hide rows from the auditing user could not be read."
        hint = f"Let the account read {cat.RECORD_RULES.model}."
    else:
        return None
    return Unread(Why.TRUNCATED, f"{question.reading}: {said}", hint)
