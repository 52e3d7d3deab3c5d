"""The REST resources under `/services/data/`, without any HTTP (salesforce 2).

A `Call` goes in, an `Answer` comes out. Composite requests go through the same door as everybody else.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.salesforce.bulk import BulkJobs
from sandbox.salesforce.derived import ServedTables
from sandbox.salesforce.describe import global_describe, object_describe, object_entry
from sandbox.salesforce.engine import AccessRows, Engine, Result
from sandbox.salesforce.errors import ApiError, malformed_query, not_found
from sandbox.salesforce.fixture import Entity, Org, canonical_datetime
from sandbox.salesforce.request_log import Recorded, RequestLog, is_write
from sandbox.salesforce.visibility import Visibility

MIN_BATCH = 200
MAX_BATCH = 2000
LOCATOR_LIFE = 2 * 24 * 3600
MAX_COMPOSITE = 25
MAX_COMPOSITE_QUERIES = 5
OLDEST_SUPPORTED = 31.0
OLDEST_KNOWN = 21.0


@dataclass(frozen=True)
class Call:
    """One request for a resource."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    batch: int | None = None
    """A page size of the server's own choice, whatever the client hinted."""

    @property
    def soql(self) -> str | None:
        """The query the request carries, if it carries one."""
        if self.method == "POST" and self.path.rstrip("/").endswith("/jobs/query"):
            try:
                query = _json_object(self.body).get("query")
            except ApiError:
                return None
            return query if isinstance(query, str) else None
        return self.params.get("q") or self.params.get("explain")


@dataclass(frozen=True)
class Answer:
    """Status, body and headers; a body that is not text or bytes becomes JSON."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Cursor:
    """An open query: its rows, and how the client asked for them."""

    result: Result
    batch: int
    prefix: str
    opened: float


Handler: TypeAlias = Callable[["_Context"], Answer]


@dataclass(frozen=True)
class _Context:
    """A call that found its version and its handler."""

    call: Call
    version: float
    groups: Mapping[str, str]
    tooling: bool
    depth: int

    def group(self, name: str) -> str:
        """A part of the path."""
        return unquote(self.groups[name])


class Resources:
    """Everything the API serves below `/services/data/`, for one org and one user."""

    def __init__(
        self,
        org: Org,
        access: AccessRows,
        log: RequestLog,
        *,
        hidden_fields: frozenset[str] = frozenset(),
        batch_size: int | None = None,
        api_limit: int = 100_000,
        refusal: Callable[[Call], ApiError | None] | None = None,
    ) -> None:
        self.org = org
        self.log = log
        self.batch_size = batch_size
        self.api_limit = api_limit
        self.refusal = refusal
        self.calls = 0
        self.served = ServedTables(org)
        self._access = access
        self._hidden_fields = hidden_fields
        self._engines: dict[tuple[float, bool], Engine] = {}
        self._cursors: dict[str, _Cursor] = {}
        self._jobs = BulkJobs(org)
        self._routes: tuple[tuple[str, re.Pattern[str], Handler], ...] = tuple(
            (method, re.compile(pattern), handler)
            for method, pattern, handler in (
                ("GET", r"", self._resources),
                ("GET", r"query", self._query),
                ("GET", r"queryAll", self._query_all),
                ("GET", r"query(?:All)?/(?P<locator>[^/]+)", self._query_more),
                ("GET", r"sobjects", self._global_describe),
                ("GET", r"sobjects/(?P<name>\w+)", self._object),
                ("GET", r"sobjects/(?P<name>\w+)/describe", self._describe),
                ("GET", r"sobjects/(?P<name>\w+)/(?P<kind>deleted|updated)", self._replication),
                ("GET", r"sobjects/(?P<name>\w+)/(?P<id>\w{15,18})", self._record),
                ("GET", r"limits", self._limits),
                ("GET", r"limits/recordCount", self._record_count),
                ("GET", r"search", self._search),
                ("POST", r"composite", self._composite),
                ("POST", r"composite/batch", self._batch),
                ("GET", r"composite", self._composite_resources),
                ("POST", r"jobs/query", self._create_job),
                ("GET", r"jobs/query", self._list_jobs),
                ("GET", r"jobs/query/(?P<job>\w+)", self._job),
                ("GET", r"jobs/query/(?P<job>\w+)/results", self._job_results),
                ("PATCH", r"jobs/query/(?P<job>\w+)", self._abort_job),
                ("DELETE", r"jobs/query/(?P<job>\w+)", self._delete_job),
            )
        )

    # --- the door -------------------------------------------------------------------------------------------

    def versions(self) -> list[dict[str, str]]:
        """`GET /services/data/`: the versions the org answers, oldest first."""
        return [
            {"label": _release(version), "url": f"/services/data/v{version}", "version": version}
            for version in self.org.versions
        ]

    def answer(self, call: Call, depth: int = 0) -> Answer:
        """Answer one call under `/services/data/`, errors included, and write it down."""
        try:
            answer = self._dispatch(call, depth)
        except ApiError as refusal:
            answer = Answer(refusal.status, refusal.body())
        except RecursionError:
            answer = Answer(400, malformed_query("The query is nested too deeply").body())
        if depth:
            self.record(call, answer.status)
        return answer

    def record(self, call: Call, status: int) -> None:
        """Keep a call and its outcome in the request log."""
        self.log.append(Recorded(call.method, call.path, call.soql, status, is_write(call.method, call.path)))

    def _dispatch(self, call: Call, depth: int) -> Answer:
        self.calls += not depth
        rest = call.path.removeprefix("/services/data/")
        found = re.fullmatch(r"v(\d+\.\d)(?:/(.*))?", rest)
        if found is None:
            raise self._refuse_or_miss(call)
        version = float(found[1])
        if found[1] not in self.org.versions:
            if OLDEST_KNOWN <= version < OLDEST_SUPPORTED:
                raise ApiError(410, "GONE", "The requested API version has been retired")
            raise self._refuse_or_miss(call)
        if not self.org.running_user.has_any("ApiEnabled"):
            raise ApiError(403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")
        resource = (found[2] or "").strip("/")
        tooling = resource == "tooling" or resource.startswith("tooling/")
        resource = resource.removeprefix("tooling").strip("/") if tooling else resource
        method = "GET" if call.method == "HEAD" else call.method
        allowed = []
        for verb, pattern, handler in self._routes:
            matched = pattern.fullmatch(resource)
            if matched is None:
                continue
            if verb == method:
                return handler(_Context(call, version, matched.groupdict(), tooling, depth))
            allowed.append(verb)
        if allowed:
            message = f"HTTP Method '{call.method}' not allowed. Allowed are {','.join(allowed)}"
            raise ApiError(405, "METHOD_NOT_ALLOWED", message)
        raise self._refuse_or_miss(call)

    def _refuse_or_miss(self, call: Call) -> ApiError:
        """A path that is not there: 404 for a reader, 405 for anything that writes."""
        if call.method in {"GET", "HEAD"}:
            return not_found()
        return ApiError(
            405, "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed. Allowed are GET,HEAD"
        )

    def engine(self, version: float, *, tooling: bool) -> Engine:
        """The query engine of one version and endpoint."""
        key = (version, tooling)
        if key not in self._engines:
            visibility = Visibility(self.org, version, self._hidden_fields, tooling)
            self._engines[key] = Engine(self.served, visibility, self._access)
        return self._engines[key]

    def _entity(self, context: _Context) -> tuple[Entity, Engine]:
        """The object a path names, or 404."""
        engine = self.engine(context.version, tooling=context.tooling)
        entity = engine.visibility.entity(context.group("name"))
        if entity is None:
            raise not_found()
        return entity, engine

    # --- query ----------------------------------------------------------------------------------------------

    def _query(self, context: _Context) -> Answer:
        return self._run(context, all_rows=False)

    def _query_all(self, context: _Context) -> Answer:
        return self._run(context, all_rows=True)

    def _run(self, context: _Context, *, all_rows: bool) -> Answer:
        params = context.call.params
        if "explain" in params:
            return self._explain(context, params["explain"])
        text = params.get("q", "")
        if not text.strip():
            raise malformed_query("\n\n^\nERROR at Row:1:Column:1\nunexpected token: '<EOF>'")
        result = self.engine(context.version, tooling=context.tooling).run(text, all_rows=all_rows)
        prefix = f"/services/data/v{context.version:.1f}/{'tooling/' if context.tooling else ''}query"
        cursor = _Cursor(result, self._batch_size(context, result), prefix, time.monotonic())
        return Answer(200, self._page(cursor, None, 0, context))

    def _batch_size(self, context: _Context, result: Result) -> int:
        """Rows per page: the client's hint within the platform's bounds, then the server's own mind."""
        hinted = re.search(r"batchSize\s*=\s*(\d+)", context.call.headers.get("sforce-query-options", ""))
        wanted = min(max(int(hinted[1]), MIN_BATCH), MAX_BATCH) if hinted else MAX_BATCH
        if result.entity.catalogue:
            return MAX_BATCH
        own = (size for size in (result.max_batch, self.batch_size, context.call.batch) if size is not None)
        return max(1, min(wanted, *own))

    def _page(self, cursor: _Cursor, locator: str | None, start: int, context: _Context) -> dict[str, Any]:
        """One page of a result; a locator is made when there is more to come."""
        result = cursor.result
        end = start + min(cursor.batch, context.call.batch or cursor.batch)
        body: dict[str, Any] = {}
        if context.tooling:
            body["size"] = len(result.rows[start:end])
        body["totalSize"] = result.total
        body["done"] = end >= len(result.rows)
        if context.tooling:
            body["queryLocator"] = None
            body["entityTypeName"] = result.entity.name
        if not body["done"]:
            if locator is None:
                locator = "0r8" + secrets.token_hex(8)[:15]
                self._cursors[locator] = cursor
            body["nextRecordsUrl"] = f"{cursor.prefix}/{locator}-{end}"
        body["records"] = [result.render(row) for row in result.rows[start:end]]
        return body

    def _query_more(self, context: _Context) -> Answer:
        locator, _, offset = context.group("locator").partition("-")
        cursor = self._cursors.get(locator)
        known = cursor is not None and time.monotonic() - cursor.opened < LOCATOR_LIFE
        if cursor is None or not known or not offset.isdigit() or int(offset) > len(cursor.result.rows):
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return Answer(200, self._page(cursor, locator, int(offset), context))

    def expire_cursors(self) -> None:
        """Forget every open query, as the platform does after two days."""
        self._cursors.clear()

    def _explain(self, context: _Context, text: str) -> Answer:
        """The query plan, in the platform's shape with made-up costs."""
        result = self.engine(context.version, tooling=context.tooling).run(text)
        count = len(self.served.table(result.entity.name).rows)
        plan = {
            "cardinality": len(result.rows),
            "fields": [],
            "leadingOperationType": "TableScan",
            "notes": [],
            "relativeCost": 1.0,
            "sobjectCardinality": count,
            "sobjectType": result.entity.name,
        }
        return Answer(200, {"plans": [plan], "sourceQuery": text})

    # --- schema ---------------------------------------------------------------------------------------------

    def _resources(self, context: _Context) -> Answer:
        base = f"/services/data/v{context.version:.1f}"
        if context.tooling:
            return Answer(200, {name: f"{base}/tooling/{name}" for name in ("query", "sobjects", "search")})
        names = (
            "composite",
            "jobs",
            "limits",
            "metadata",
            "query",
            "queryAll",
            "recent",
            "search",
            "sobjects",
            "tooling",
        )
        return Answer(200, {name: f"{base}/{name}" for name in names})

    def _global_describe(self, context: _Context) -> Answer:
        return Answer(200, global_describe(self.engine(context.version, tooling=context.tooling).visibility))

    def _object(self, context: _Context) -> Answer:
        entity, engine = self._entity(context)
        return Answer(200, {"objectDescribe": object_entry(entity, engine.visibility), "recentItems": []})

    def _describe(self, context: _Context) -> Answer:
        if context.depth and not self.org.behaviour.composite_describe:
            raise ApiError(
                400, "INVALID_BATCH_REQUEST", "The requested resource is not supported in a composite request"
            )
        entity, engine = self._entity(context)
        return Answer(200, object_describe(entity, engine.visibility))

    def _record(self, context: _Context) -> Answer:
        entity, engine = self._entity(context)
        columns = ",".join(column.name for column in engine.visibility.fields(entity))
        # Names from the catalogue and an id the route has checked: nothing of the client's is quoted here.
        text = f"SELECT {columns} FROM {entity.name} WHERE Id = '{context.group('id')}'"  # noqa: S608
        result = engine.run(text)
        if not result.rows:
            raise not_found("Provided external ID field does not exist or is not accessible")
        return Answer(200, result.render(result.rows[0]))

    def _replication(self, context: _Context) -> Answer:
        """Ids deleted or changed in a span of time."""
        entity, engine = self._entity(context)
        if "isdeleted" not in entity.positions or "systemmodstamp" not in entity.positions:
            raise ApiError(400, "INVALID_TYPE_FOR_OPERATION", f"{entity.name} is not replicateable")
        try:
            start, end = (
                canonical_datetime(context.call.params[name].replace(" ", "+")) for name in ("start", "end")
            )
        except (KeyError, ValueError):
            raise ApiError(400, "INVALID_REPLICATION_DATE", "startDate and endDate are required") from None
        rows = engine.visible_rows(entity, self.served.table(entity.name).rows, all_rows=True)
        stamp, gone, key = (entity.positions[name] for name in ("systemmodstamp", "isdeleted", "id"))
        wanted = context.group("kind") == "deleted"
        found = [row for row in rows if start <= row[stamp] < end and bool(row[gone]) == wanted]
        if not wanted:
            return Answer(200, {"ids": [row[key] for row in found], "latestDateCovered": end})
        deleted = [{"id": row[key], "deletedDate": row[stamp]} for row in found]
        return Answer(
            200, {"deletedRecords": deleted, "earliestDateAvailable": start, "latestDateCovered": end}
        )

    # --- limits and search ----------------------------------------------------------------------------------

    def _need_view_setup(self) -> None:
        if not self.org.running_user.has_any("ViewSetup"):
            message = "insufficient access rights: View Setup and Configuration is required"
            raise ApiError(403, "INSUFFICIENT_ACCESS", message)

    def _limits(self, _context: _Context) -> Answer:
        self._need_view_setup()
        sets = len(self.org.tables["PermissionSet"].rows)
        return Answer(
            200,
            {
                "DailyApiRequests": {"Max": self.api_limit, "Remaining": max(0, self.api_limit - self.calls)},
                "DailyBulkV2QueryJobs": {"Max": 10000, "Remaining": 10000 - len(self._jobs)},
                "DailyBulkV2QueryFileStorageMB": {"Max": 976562, "Remaining": 976562},
                "PermissionSets": {
                    "Max": 1500,
                    "Remaining": max(0, 1500 - sets),
                    "CreateCustom": {"Max": 1000, "Remaining": max(0, 1000 - sets)},
                },
            },
        )

    def _record_count(self, context: _Context) -> Answer:
        self._need_view_setup()
        visibility = self.engine(context.version, tooling=False).visibility
        asked = context.call.params.get("sObjects")
        names = asked.split(",") if asked else [entity.name for entity in self.org.record_objects]
        counts = []
        for name in names:
            entity = visibility.entity(name.strip())
            if entity is None or entity.associate_type:
                continue
            flags = [
                p for flag in ("isdeleted", "isarchived") if (p := entity.positions.get(flag)) is not None
            ]
            count = sum(not any(row[p] for p in flags) for row in self.served.table(entity.name).rows)
            counts.append({"count": count, "name": entity.name})
        return Answer(200, {"sObjects": counts})

    def _search(self, context: _Context) -> Answer:
        """SOSL, as far as finding a word in the text columns of some objects goes."""
        text = context.call.params.get("q", "")
        found = re.fullmatch(
            r"\s*FIND\s*\{(?P<word>.*?)\}\s*(?:IN\s+\w+\s+FIELDS)?\s*(?:RETURNING\s+(?P<returning>.+?))?"
            r"(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
            text,
            re.IGNORECASE | re.DOTALL,
        )
        if found is None or not found["word"].strip():
            raise ApiError(400, "MALFORMED_SEARCH", "unexpected token in search expression")
        engine = self.engine(context.version, tooling=context.tooling)
        word = found["word"].strip('*" ').lower()
        wanted = re.findall(r"(\w+)\s*(?:\(([^)]*)\))?", found["returning"] or "") or [
            (entity.name, "") for entity in self.org.record_objects if engine.visibility.sees(entity)
        ]
        records: list[dict[str, Any]] = []
        for name, columns in wanted:
            entity = engine.visibility.entity(name)
            if entity is None:
                raise ApiError(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
            result = engine.run(f"SELECT {columns.strip() or 'Id'} FROM {entity.name}")  # noqa: S608 - it is SOQL
            seen = [
                entity.positions[c.name.lower()]
                for c in engine.visibility.fields(entity)
                if c.type != "boolean"
            ]
            hits = [
                row
                for row in result.rows
                if any(word in str(row[p]).lower() for p in seen if row[p] is not None)
            ]
            records.extend(result.render(row) for row in hits)
        return Answer(200, {"searchRecords": records[: int(found["limit"] or MAX_BATCH)]})

    # --- several in one -------------------------------------------------------------------------------------

    def _composite_resources(self, context: _Context) -> Answer:
        base = f"/services/data/v{context.version:.1f}/composite"
        return Answer(200, {"batch": f"{base}/batch"})

    def _composite(self, context: _Context) -> Answer:
        """Up to 25 sub-requests, five of them queries; later ones may quote earlier ones as `@{ref.path}`."""
        requests = self._sub_requests(context, "compositeRequest")
        queries = sum(
            bool(re.search(r"/query(?:All)?(?:[/?]|$)", str(each.get("url", "")))) for each in requests
        )
        if queries > MAX_COMPOSITE_QUERIES:
            message = f"Limit of {MAX_COMPOSITE_QUERIES} query or collection operations exceeded"
            raise ApiError(400, "LIMIT_EXCEEDED", message)
        answers: dict[str, Any] = {}
        responses = []
        for each in requests:
            reference = str(each.get("referenceId", ""))
            url = _with_references(str(each.get("url", "")), answers)
            answer = self._sub_answer(
                context, str(each.get("method", "GET")), url, each.get("httpHeaders") or {}
            )
            answers[reference] = answer.body
            responses.append(
                {
                    "body": answer.body,
                    "httpHeaders": dict(answer.headers),
                    "httpStatusCode": answer.status,
                    "referenceId": reference,
                }
            )
        return Answer(200, {"compositeResponse": responses})

    def _batch(self, context: _Context) -> Answer:
        """Up to 25 independent sub-requests, each one a call of its own."""
        requests = self._sub_requests(context, "batchRequests")
        halts = bool(_json_object(context.call.body).get("haltOnError"))
        results: list[dict[str, Any]] = []
        for each in requests:
            if halts and any(result["statusCode"] >= 400 for result in results):
                halted = ApiError(412, "BATCH_PROCESSING_HALTED", "Batch processing halted per user request")
                results.append({"statusCode": 412, "result": halted.body()})
                continue
            self.calls += 1
            url = "/services/data/" + str(each.get("url", "")).removeprefix("/services/data/").lstrip("/")
            answer = self._sub_answer(context, str(each.get("method", "GET")), url, {})
            results.append({"statusCode": answer.status, "result": answer.body})
        return Answer(
            200, {"hasErrors": any(result["statusCode"] >= 400 for result in results), "results": results}
        )

    def _sub_requests(self, context: _Context, key: str) -> list[dict[str, Any]]:
        if context.depth:
            raise ApiError(400, "INVALID_BATCH_REQUEST", "Composite requests cannot be nested")
        requests = _json_object(context.call.body).get(key)
        if (
            not isinstance(requests, list)
            or not all(isinstance(each, dict) for each in requests)
            or not requests
        ):
            raise ApiError(400, "JSON_PARSER_ERROR", f"Missing required field: {key}")
        if len(requests) > MAX_COMPOSITE:
            raise ApiError(400, "LIMIT_EXCEEDED", f"Limit of {MAX_COMPOSITE} sub-requests exceeded")
        return requests

    def _sub_answer(self, context: _Context, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        """Send one sub-request through the same door as everybody else; only reading is let in."""
        split = urlsplit(url)
        lowered = {**context.call.headers, **{name.lower(): str(value) for name, value in headers.items()}}
        call = Call(method.upper(), split.path, dict(parse_qsl(split.query, keep_blank_values=True)), lowered)
        if call.method != "GET":
            message = f"HTTP Method '{call.method}' not allowed. Allowed are GET"
            self.log.append(Recorded(call.method, call.path, call.soql, 405, write=True))
            return Answer(405, ApiError(405, "METHOD_NOT_ALLOWED", message).body())
        refused = self.refusal(call) if self.refusal is not None else None
        if refused is not None:
            self.record(call, refused.status)
            return Answer(refused.status, refused.body())
        return self.answer(call, depth=context.depth + 1)

    # --- bulk 2.0 query -------------------------------------------------------------------------------------

    def _create_job(self, context: _Context) -> Answer:
        engine = self.engine(context.version, tooling=False)
        return Answer(200, self._jobs.create(_json_object(context.call.body), engine))

    def _list_jobs(self, _context: _Context) -> Answer:
        return Answer(200, self._jobs.listed())

    def _job(self, context: _Context) -> Answer:
        return Answer(200, self._jobs.progress(context.group("job"), context.version))

    def _job_results(self, context: _Context) -> Answer:
        text, headers = self._jobs.results(context.group("job"), context.version, context.call.params)
        return Answer(200, text, headers)

    def _abort_job(self, context: _Context) -> Answer:
        return Answer(200, self._jobs.abort(context.group("job"), context.version))

    def _delete_job(self, context: _Context) -> Answer:
        self._jobs.delete(context.group("job"), context.version)
        return Answer(204)


def _json_object(body: bytes) -> dict[str, Any]:
    """A request body that should be a JSON object."""
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise ApiError(400, "JSON_PARSER_ERROR", "The HTTP entity body is required to be a JSON object")
    return parsed


def _with_references(url: str, answers: Mapping[str, Any]) -> str:
    """Replace `@{q1.records[0].Id}` by what an earlier sub-request answered."""

    def replaced(match: re.Match[str]) -> str:
        value: Any = answers
        for step in re.findall(r"\w+", match[1]):
            try:
                value = value[int(step)] if isinstance(value, Sequence) else value[step]
            except (KeyError, IndexError, TypeError, ValueError):
                return match[0]
        return str(value)

    return re.sub(r"@\{([^}]*)\}", replaced, url)


def _release(version: str) -> str:
    """The name of a release: 67.0 is Summer '26, and there are three a year."""
    seasons = ("Winter", "Spring", "Summer")
    years, season = divmod(int(float(version)) - 65, 3)
    return f"{seasons[season]} '{(26 + years) % 100:02d}"
