"""Bulk API 2.0 query jobs: taken, run at once, and handed out as CSV page by page (salesforce 2.8)."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.errors import ApiError, not_found
from sandbox.salesforce.fixture import Entity, Org, canonical_datetime
from sandbox.salesforce.soql import Function, Path, Query, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.salesforce.engine import Engine

PAGE = 50_000
PERMISSION_OBJECTS = frozenset({"FieldPermissions", "ObjectPermissions", "PermissionSetAssignment"})
NOT_IN_BULK = frozenset(
    {"UserRecordAccess", "FieldSecurityClassification", "EntityDefinition", "FieldDefinition"}
)


@dataclass
class Job:
    """A Bulk 2.0 query job; its rows are ready as soon as it exists."""

    id: str
    query: str
    operation: str
    entity: str
    header: list[str]
    lines: list[list[str]]
    version: float
    created: str
    state: str = "UploadComplete"


class BulkJobs:
    """The query jobs of one org."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.jobs: dict[str, Job] = {}

    def __len__(self) -> int:
        return len(self.jobs)

    def create(self, wanted: Mapping[str, Any], engine: Engine) -> dict[str, Any]:
        """Take a query job and run it."""
        text, operation = str(wanted.get("query", "")), wanted.get("operation")
        if operation not in {"query", "queryAll"}:
            raise ApiError(400, "INVALIDJOB", f"Unsupported operation: {operation}")
        query = parse(text)
        _check_query(query, self.org.entity(query.entity))
        result = engine.run(text, all_rows=operation == "queryAll")
        name = result.entity.name
        permission_rows = name in PERMISSION_OBJECTS and not self.org.behaviour.bulk_permission_objects
        if name in NOT_IN_BULK or permission_rows:
            raise ApiError(400, "INVALIDENTITY", f"Entity '{name}' is not supported by the Bulk API.")
        header = [str(item.what) for item in query.select]
        job = Job(
            id="750" + secrets.token_hex(8)[:15],
            query=text,
            operation=operation,
            entity=name,
            header=header,
            lines=[[_cell(record, path) for path in header] for record in map(result.render, result.rows)],
            version=engine.visibility.version,
            created=canonical_datetime(self.org.now.isoformat()),
        )
        self.jobs[job.id] = job
        return self.body(job)

    def body(self, job: Job) -> dict[str, Any]:
        """A job as the API shows it; the version is a number."""
        return {
            "id": job.id,
            "operation": job.operation,
            "object": job.entity,
            "createdById": self.org.running_user.id,
            "createdDate": job.created,
            "systemModstamp": job.created,
            "state": job.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": job.version,
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }

    def known(self, job_id: str, version: float) -> Job:
        """A job by id; it belongs to the version it was made with."""
        job = self.jobs.get(job_id)
        if job is None:
            raise not_found()
        if job.version != version:
            raise ApiError(409, "API_VERSION_MISMATCH", "The job was created with another API version")
        return job

    def listed(self) -> dict[str, Any]:
        """All jobs."""
        records = [self.body(job) for job in self.jobs.values()]
        return {"done": True, "nextRecordsUrl": None, "records": records}

    def progress(self, job_id: str, version: float) -> dict[str, Any]:
        """How far a job is; whoever asks finds it complete."""
        job = self.known(job_id, version)
        if job.state == "UploadComplete":
            job.state = "JobComplete"
        return self.body(job) | {
            "jobType": "V2Query",
            "numberRecordsProcessed": len(job.lines),
            "retries": 0,
            "totalProcessingTime": 1,
        }

    def results(self, job_id: str, version: float, params: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """One page of CSV and the headers that lead to the next; the locator `null` is the end."""
        job = self.known(job_id, version)
        if job.state != "JobComplete":
            raise ApiError(412, "JOB_NOT_COMPLETE", "Job is not complete")
        start = _offset(params.get("locator", ""))
        asked = params.get("maxRecords", "")
        lines = job.lines[start : start + (int(asked) if asked.isdigit() else PAGE)]
        out = io.StringIO()
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(job.header)
        writer.writerows(lines)
        end = start + len(lines)
        headers = {
            "Sforce-NumberOfRecords": str(len(lines)),
            "Sforce-Locator": _locator(end) if end < len(job.lines) else "null",
            "Content-Type": "text/csv; charset=UTF-8",
        }
        return out.getvalue(), headers

    def abort(self, job_id: str, version: float) -> dict[str, Any]:
        """Stop a job."""
        job = self.known(job_id, version)
        job.state = "Aborted"
        return self.body(job)

    def delete(self, job_id: str, version: float) -> None:
        """Forget a job and its results."""
        del self.jobs[self.known(job_id, version).id]


def _check_query(query: Query, entity: Entity | None) -> None:
    """Refuse what SOQL may not contain in a bulk job."""
    if query.group_by or query.order_by or query.limit is not None or query.offset is not None:
        raise _refused("GROUP BY, ORDER BY, LIMIT and OFFSET are not supported in Bulk Query")
    for item in query.select:
        if isinstance(item.what, Function):
            raise _refused("Aggregate Relationship not supported in Bulk Query")
        if not isinstance(item.what, Path):
            raise _refused("Nested queries are not supported in Bulk Query")
        column = entity.field(item.what.names[-1]) if entity and len(item.what.names) == 1 else None
        if column is not None and column.type in {"address", "location"}:
            raise _refused("Selecting compound data not supported in Bulk Query")


def _refused(message: str) -> ApiError:
    return ApiError(400, "API_ERROR", message)


def _locator(offset: int) -> str:
    """An opaque way to say where the next page begins."""
    return base64.b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(locator: str) -> int:
    """Where a page begins."""
    if not locator:
        return 0
    try:
        return int(base64.b64decode(locator + "=" * (-len(locator) % 4)))
    except (binascii.Error, ValueError):
        raise ApiError(400, "INVALID_LOCATOR", "The locator is not valid") from None


def _cell(record: Mapping[str, Any], path: str) -> str:
    """One cell: null is empty, booleans are small."""
    value: Any = record
    for name in path.split("."):
        if value is None:
            break
        value = {key.lower(): each for key, each in value.items()}.get(name.lower())
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
