"""A scrubbed, metadata-only recording of a check, which a customer can send as a bug report.

Bodies pass an allow-list: keys stay, and so do API names, types, numbers of rows, flags and error codes. Ids become
numbered placeholders, the same for the same id, so that a recording can be replayed; every other text is replaced.
No token, host, label, user or record id is kept.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from auditor.errors import ConfigError
from connectors.salesforce.ids import to18

HOST = "org.example"
MATCH_ON = ("method", "path", "query")
"""What tells one call of a recording from another; a replay must match on the same."""

SCRUBBED = "scrubbed"
API_NAMES = frozenset(
    {
        "compoundFieldName",
        "errorCode",
        "Field",
        "QualifiedApiName",
        "SobjectType",
        "soapType",
        "type",
        "version",
    }
)
"""Keys whose texts are API names or words of the platform, never content."""

_NAMED = frozenset({"soapType", "keyPrefix", "count"})
"""Keys of the dictionaries whose `name` is an API name: a field, an object, a number of records."""

_NAME = re.compile(r"[A-Za-z0-9_.]{1,120}")
_TYPE = re.compile(r"[A-Z][A-Za-z0-9 (),_-]{0,60}")
_ID = re.compile(r"(?=[A-Za-z]*\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_PLACEHOLDER = re.compile(r"ID\d{13}(DAA)?")
_HEADERS = frozenset({"content-type", "sforce-limit-info"})
_MORE = re.compile(r"(/services/data/v[\d.]+/(?:tooling/)?query(?:All)?/)([A-Za-z0-9]+)(-\d+)?")
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")


@contextmanager
def recording(path: Path) -> Iterator[None]:
    """Record every exchange made inside the block, scrubbed before it touches the disk.

    Raises ConfigError if something is already there.
    """
    import vcr

    if path.exists():
        raise ConfigError(
            f"{path} already exists.", hint="Recordings are never overwritten; give a new name."
        )
    scrubber = Scrubber()
    recorder = vcr.VCR(
        record_mode="all",
        before_record_request=scrubber.request,
        before_record_response=scrubber.response,
        decode_compressed_response=True,
        match_on=MATCH_ON,
    )
    try:
        with recorder.use_cassette(str(path)):
            yield
    finally:
        if path.exists():
            path.chmod(0o600)


class Scrubber:
    """Takes content out of the exchanges of one recording; equal ids get equal placeholders."""

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}

    def request(self, request: Any) -> Any:
        """Keep method, path and query; drop the host, every header and the body."""
        parts = urllib.parse.urlsplit(request.uri)
        asked = urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
        query = urllib.parse.urlencode([(k, _LITERAL.sub(self._literal, v)) for k, v in asked])
        request.uri = urllib.parse.urlunsplit(("https", HOST, self._path(parts.path), query, ""))
        request.headers = {}
        request.body = None
        return request

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """Keep status and shape; replace every text that the allow-list does not name."""
        headers = {k: v for k, v in response["headers"].items() if k.lower() in _HEADERS}
        try:
            document = json.loads(response["body"]["string"])
        except (ValueError, TypeError):
            kept = SCRUBBED.encode()
        else:
            kept = json.dumps(self.value(document), sort_keys=True).encode()
        return {"status": response["status"], "headers": headers, "body": {"string": kept}}

    def value(self, value: Any, key: str = "", *, named: bool = False) -> Any:
        """A JSON value with its texts replaced, except API names, types, versions and error codes."""
        match value:
            case dict():
                named = bool(_NAMED & value.keys())
                return {k: self.value(v, k, named=named) for k, v in value.items()}
            case list():
                return [self.value(v, key, named=named) for v in value]
            case str():
                return self._text(value, key, named=named)
            case _:
                return value

    def _text(self, value: str, key: str, *, named: bool) -> str:
        if key in API_NAMES or (key == "name" and named):
            return value if _NAME.fullmatch(value) else SCRUBBED
        if key == "DataType":
            return value if _TYPE.fullmatch(value) else SCRUBBED
        if key == "message":
            column = re.search(r"No such column '[\w.]+'", value)
            return column.group(0) if column else SCRUBBED
        if key == "nextRecordsUrl":
            return self._path(value) if _MORE.fullmatch(value) else SCRUBBED
        if key in {"DurableId", "FieldDefinitionId"}:
            return self._dotted(value)
        return self._id(value) if _ID.fullmatch(value) else SCRUBBED

    def _path(self, path: str) -> str:
        return _MORE.sub(lambda m: f"{m[1]}{self._id(m[2])}{m[3] or ''}", path)

    def _literal(self, found: re.Match[str]) -> str:
        return f"'{self._dotted(found[1])}'"

    def _dotted(self, value: str) -> str:
        """An API name, an id, or the two joined by a dot."""
        if not _NAME.fullmatch(value):
            return SCRUBBED
        return ".".join(self._id(part) if _ID.fullmatch(part) else part for part in value.split("."))

    def _id(self, value: str) -> str:
        if _PLACEHOLDER.fullmatch(value):
            return to18(value)
        return self._placeholders.setdefault(to18(value), to18(f"ID{len(self._placeholders) + 1:013d}"))
