"""A scrubbed, metadata-only recording of a check, which a customer can send as a bug report.

Bodies pass an allow-list: keys stay, and so do API names, types, numbers of rows, flags and error codes; every
other text becomes a placeholder. No token, host, label, user or record id is kept.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOST = "org.example"
KEPT_TEXTS = frozenset(
    {
        "compoundFieldName",
        "DataType",
        "errorCode",
        "name",
        "QualifiedApiName",
        "soapType",
        "type",
        "version",
    }
)
"""Keys whose texts are metadata of the platform or API names, never content."""

_NAME = re.compile(r"[A-Za-z0-9_.()!]{1,80}|[A-Z][A-Za-z ()0-9,]{1,60}")
_HEADERS = frozenset({"content-type", "sforce-limit-info"})
_LOCATOR = re.compile(r"/query(All)?/[A-Za-z0-9]{15,18}-\d+")


@contextmanager
def recording(path: Path) -> Iterator[None]:
    """Record every exchange made inside the block, scrubbed before it touches the disk."""
    import vcr

    recorder = vcr.VCR(
        record_mode="all",
        before_record_request=scrub_request,
        before_record_response=scrub_response,
        decode_compressed_response=True,
        match_on=["method", "path", "query"],
    )
    with recorder.use_cassette(str(path)):
        yield
    path.chmod(0o600)


def scrub_request(request: Any) -> Any:
    """Keep method, path and query; drop the host, every header, the body and quoted literals that look like ids."""
    parts = urllib.parse.urlsplit(request.uri)
    query = re.sub(r"(%27|')[a-zA-Z0-9]{15,18}(%27|')", r"\1ID\2", parts.query)
    request.uri = urllib.parse.urlunsplit(
        ("https", HOST, _LOCATOR.sub("/query/LOCATOR-1", parts.path), query, "")
    )
    request.headers = {}
    request.body = None
    return request


def scrub_response(response: dict[str, Any]) -> dict[str, Any]:
    """Keep status and shape; replace every text that the allow-list does not name."""
    headers = {k: v for k, v in response["headers"].items() if k.lower() in _HEADERS}
    body = response["body"]["string"]
    try:
        document = json.loads(body)
    except (ValueError, TypeError):
        kept = b"scrubbed"
    else:
        kept = json.dumps(scrub(document), sort_keys=True).encode()
    return {"status": response["status"], "headers": headers, "body": {"string": kept}}


def scrub(value: Any, key: str = "") -> Any:
    """A JSON value with its texts replaced, except API names, types, versions and error codes."""
    match value:
        case dict():
            return {k: scrub(v, k) for k, v in value.items()}
        case list():
            return [scrub(v, key) for v in value]
        case str() if key in KEPT_TEXTS and _NAME.fullmatch(value):
            return value
        case str() if key == "message":
            column = re.search(r"No such column '[\w.]+'", value)
            return column.group(0) if column else "scrubbed"
        case str() if key == "nextRecordsUrl":
            return _LOCATOR.sub("/query/LOCATOR-1", value)
        case str():
            return "scrubbed"
        case _:
            return value
