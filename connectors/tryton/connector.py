"""Catalogue + client → snapshot: who and what there is in one database, and what its tables of rights say."""

from __future__ import annotations

import fnmatch
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from auditor.retention import RetentionPolicy
from auditor.snapshot import Manifest, Reading, Snapshot, Unread, Why
from connectors.protocol import Plan, Scope, Watch, unwatched
from connectors.tryton import catalogue as cat
from connectors.tryton import tables as t
from connectors.tryton.client import Client, Refused
from connectors.tryton.hidden import hidden
from connectors.tryton.reading import Reader, missing, reading
from connectors.tryton.retention_counts import RetentionCounts, iso
from connectors.tryton.rows import MALFORMED, user

VERIFIED = "7.0"
"""The series against whose servers the rules were held."""

_NO_COMPUTED = Unread(
    Why.NOT_EXPOSED, "Tryton tells no program which fields are computed, nor from which others."
)


class Tryton:
    """One database of a Tryton server as a `Connector`."""

    platform = "tryton"

    def __init__(
        self,
        client: Client,
        *,
        target: str,
        taken_at: datetime,
        tool_version: str,
        watch: Watch = unwatched,
    ) -> None:
        self._client = client
        self._target = target
        self._taken_at = taken_at
        self._tool_version = tool_version
        self._reader = Reader(client, watch)

    def schema(self, scope: Scope) -> Snapshot:
        """Version, own account, models, fields, what groups may do with models, and that there are record rules.

        These rights are among the first things read, since they say whether the account is too strong; the rules,
        since they may hide rows of everything else.
        Raises AuthenticationFailed or CollectionError when nothing can be read at all.
        """
        self._client.log_in()
        models = self._reader.table(cat.MODELS)
        server = self._server()
        fields = _scoped(self._reader.table(cat.FIELDS), models, scope)
        methods = self._methods()
        groups, access = self._reader.table(cat.GROUPS), self._reader.table(cat.MODEL_ACCESS)
        rules = self._reader.table(cat.RECORD_RULES)
        computed = missing(t.COMPUTED, _NO_COMPUTED)
        readings = (server, models, fields, methods, computed, groups, access, rules, self._own())
        place = f"{self._client.host}/{self._client.database}"
        versions = [row["version"] for row in server.table.to_pylist()]
        manifest = Manifest(
            platform=self.platform,
            target=self._target,
            org_id=place,
            org_name=f"Tryton database {self._client.database} at {self._client.host}",
            taken_at=self._taken_at,
            api_version=versions[0] if versions else "",
            tool_version=self._tool_version,
            connected_user=self._client.login,
        )
        return _own_as_far_as_known(_less_hidden(Snapshot(manifest, {r.name: r for r in readings})))

    def collect(self, snapshot: Snapshot, plan: Plan) -> Snapshot:
        """Users, rights on fields, and counts for retention policies; then the session is ended."""
        readings = dict(snapshot.readings)
        for question in cat.COLLECTED:
            readings[question.reading] = self._reader.table(question)
        counter = RetentionCounts(self._reader, snapshot)
        for policy, cutoff in plan.retention:
            counted = counter.count(policy, cutoff)
            readings[counted.name] = counted
        self._client.log_out()
        manifest = replace(
            snapshot.manifest,
            objects=tuple(sorted(plan.objects)),
            tag_digest=plan.tag_digest,
            retention=tuple(_policy_record(p, cutoff) for p, cutoff in plan.retention),
        )
        return _less_hidden(Snapshot(manifest, readings))

    def _server(self) -> Reading:
        try:
            version = self._client.version()
        except Refused as refused:
            return missing(t.SERVER, refused.unread, cat.VERSION)
        series = ".".join(version.split(".")[:2])
        note = (
            "" if series == VERIFIED else f"The rules were held against Tryton {VERIFIED}; this is {version}."
        )
        return reading(t.SERVER, [{"version": version}], None, cat.VERSION, note=note)

    def _methods(self) -> Reading:
        """The models that programs are given records of: those that have `read` among their methods."""
        try:
            found = self._client.ask(cat.METHODS, [], what=t.METHODS)
        except Refused as refused:
            return missing(t.METHODS, refused.unread, cat.METHODS)
        if not isinstance(found, list) or not all(isinstance(one, str) and one.isascii() for one in found):
            unread = Unread(Why.FAILED, "methods: the answer is not a list of names.", "Run again.")
            return missing(t.METHODS, unread, cat.METHODS)
        models = {
            one.removeprefix("model.").removesuffix(".read")
            for one in found
            if one.startswith("model.") and one.endswith(".read")
        }
        if cat.MODELS.model not in models:  # every server gives these: without them, it is another list
            detail = f"methods: they lack those of {cat.MODELS.model}, which every server has."
            return missing(t.METHODS, Unread(Why.FAILED, detail, "Run again."), cat.METHODS)
        return reading(t.METHODS, [{"model": name} for name in sorted(models)], None, cat.METHODS)

    def _own(self) -> Reading:
        """The account that reads, with its groups."""
        name, own = t.SESSION, self._client.user_id
        try:
            page = self._client.ask(cat.USERS.method, cat.read_one(cat.USERS, own), what=name)
            row = next(row for row in map(user, page) if row["id"] == own)
        except Refused as refused:
            return missing(name, refused.unread, cat.USERS.model)
        except (StopIteration, *MALFORMED):
            unread = Unread(Why.FAILED, "session: Tryton does not list the account that is logged in.")
            return missing(name, unread, cat.USERS.model)
        made: dict[str, Any] = {"login": self._client.login, "user_id": own, "groups": row["groups"]}
        return reading(name, [made], None, cat.USERS.model)


def _own_as_far_as_known(snapshot: Snapshot) -> Snapshot:
    """The account is known in part only where that is so of what its groups give: more may be lent to it."""
    own = snapshot.readings[t.SESSION]
    deciding = (snapshot.readings[name] for name in (t.MODELS, t.FIELDS, t.GROUPS, t.MODEL_ACCESS))
    gaps = [one.name for one in deciding if not one.complete]
    if own.unread is not None or not gaps:
        return snapshot
    detail = f"session: what the account's groups give is not wholly known without {', '.join(gaps)}."
    unread = Unread(Why.TRUNCATED, detail, "Let the account read these.")
    return replace(snapshot, readings={**snapshot.readings, t.SESSION: replace(own, unread=unread)})


def _less_hidden(snapshot: Snapshot) -> Snapshot:
    """The snapshot, with those tables known in part that look whole and of which rows may be hidden."""
    readings = dict(snapshot.readings)
    for question in cat.QUESTIONS:
        table = readings.get(question.reading)
        if table is not None and table.complete:
            readings[question.reading] = replace(table, unread=hidden(snapshot, question))
    return replace(snapshot, readings=readings)


def _scoped(fields: Reading, models: Reading, scope: Scope) -> Reading:
    """All fields, with those marked whose words are looked at: of the given objects, or of what the patterns say.

    The others are needed too: rights of one model count for those that lead to it.
    """
    names = {row["id"]: row["model"] for row in models.table.to_pylist()}

    def wanted(model: str) -> bool:
        if scope.objects is not None:
            return model in scope.objects
        return any(fnmatch.fnmatchcase(model, p) for p in scope.include) and not any(
            fnmatch.fnmatchcase(model, p) for p in scope.exclude
        )

    within = {id_ for id_, model in names.items() if wanted(model)}
    rows = [{**row, "in_scope": row["model_id"] in within} for row in fields.table.to_pylist()]
    made = reading(fields.name, rows, None, fields.source, note=fields.note, expected=fields.expected)
    return replace(made, unread=fields.unread)


def _policy_record(policy: RetentionPolicy, cutoff: datetime) -> dict[str, object]:
    return {
        "id": policy.id,
        "object": policy.object,
        "anchors": list(policy.anchors),
        "having": policy.having,
        "cutoff": iso(cutoff.astimezone(UTC)),
    }
