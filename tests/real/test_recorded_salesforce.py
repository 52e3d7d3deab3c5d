"""What real orgs once answered, through the real client: every describe, query and error that others recorded.

The recordings stay where they are; each test writes the exchanges it needs as a cassette of its own and replays it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import vcr
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from auditor.errors import AuthenticationFailed
from auditor.snapshot import Why
from connectors.protocol import Scope
from connectors.salesforce import catalogue as cat
from connectors.salesforce.catalogue import Api
from connectors.salesforce.client import ATTEMPTS, Client, Jwt, Refused, Session
from connectors.salesforce.connector import Salesforce
from connectors.salesforce.reading import described_fields
from connectors.transport import Transport
from tests.conftest import SHARED

REAL = SHARED / "data" / "real" / "salesforce"
HOST = "https://org.example"
DATA = f"{HOST}/services/data/v67.0"
VERSIONS = (
    "GET",
    f"{HOST}/services/data/",
    200,
    [{"version": "67.0", "url": "/services/data/v67.0", "label": "x"}],
)

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="../shared is absent")


# -- the recordings


def read(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    return yaml.safe_load(text) if path.suffix == ".yaml" else json.loads(text) if text.strip() else None


def parts(value: Any, status: int = 200) -> Iterator[tuple[int, Any]]:
    """Every JSON value inside a recording with the status it came with, however deeply it is wrapped."""
    match value:
        case {"response": {"status": {"code": int(code)}, "body": {"string": body}}}:
            yield from parts(body, code)
        case {"response": {"status": int(code), "body": body}} | {"httpStatusCode": int(code), "body": body}:
            yield from parts(body, code)
        case dict():
            yield status, value
            for inner in value.values():
                yield from parts(inner, status)
        case list():
            yield status, value
            for inner in value:
                yield from parts(inner, status)
        case str() if value.lstrip().startswith(("{", "[")):
            try:
                yield from parts(json.loads(value), status)
            except ValueError:
                return


def recorded() -> Iterator[tuple[Path, int, Any]]:
    for path in sorted(REAL.rglob("*")):
        if path.suffix in {".yaml", ".json"}:
            for status, body in parts(read(path)):
                yield path, status, body


@pytest.fixture(scope="module")
def everything():
    return list(recorded())


def describes(everything):
    """Path, name and body of every describe of one object; caches of old kinds have no name inside."""
    for path, _, body in everything:
        match body:
            case {"fields": [{"type": _, "label": _}, *_]}:
                yield path, body.get("name") or path.stem, body


# -- replaying them


@contextmanager
def answering(folder: Path, *exchanges: tuple[str, str, int, Any]) -> Iterator[None]:
    """Replay these exchanges (method, address, status, body) and nothing else."""
    cassette = folder / "recorded.yaml"
    interactions = [
        {
            "request": {"method": method, "uri": uri, "body": None, "headers": {}},
            "response": {
                "status": {"code": status, "message": ""},
                "headers": {"Content-Type": ["application/json;charset=UTF-8"]},
                "body": {"string": body if isinstance(body, str) else json.dumps(body)},
            },
        }
        for method, uri, status, body in exchanges
    ]
    cassette.write_text(json.dumps({"version": 1, "interactions": interactions}), encoding="utf-8")
    recorder = vcr.VCR(record_mode="none", match_on=("method", "path"))
    with recorder.use_cassette(str(cassette)):
        yield


def client(**changes: Any) -> Client:
    return Client(Session(HOST, lambda: "token"), Transport(retry_wait=0.001), **changes)


# -- describes


def test_every_recorded_describe_is_understood(everything, tmp_path):
    found = list(describes(everything))
    sources = {path.relative_to(REAL).parts[0] for path, _, _ in found}
    assert sources == {"cumulusci", "grouparoo", "jira-sf-integration-describes", "restforce"}
    assert len(found) >= 68
    exchanges = [("GET", f"{DATA}/sobjects/O{n}/describe", 200, body) for n, (_, _, body) in enumerate(found)]
    with answering(tmp_path, VERSIONS, *exchanges):
        org = client()
        for number, (path, name, body) in enumerate(found):
            rows = described_fields(name, org.get(f"sobjects/O{number}/describe"))
            table = pa.Table.from_pylist(rows, schema=cat.DESCRIBE_SCHEMA)
            named = [f["name"] for f in body["fields"] if f.get("name")]
            assert table.column("name").to_pylist() == named, path
            assert table.column("type").null_count == 0, path
            assert table.column("label").null_count == 0, path


def test_what_the_describes_are_known_to_hold(everything):
    """Attributes are read where they were recorded, and are null, not false, where an old cache left them out."""
    by_source: dict[str, dict[str, dict[str, Any]]] = {}
    for path, name, body in describes(everything):
        rows = {row["name"]: row for row in described_fields(name, body)}
        by_source.setdefault(path.relative_to(REAL).parts[0], {}).setdefault(name, rows)
    contact = by_source["cumulusci"]["Contact"]
    assert contact["LastName"]["permissionable"] is False
    assert contact["MailingStreet"]["compoundFieldName"] == "MailingAddress"
    assert contact["Birthdate"]["permissionable"] is True
    assert contact["Birthdate"]["type"] == "date"
    assert by_source["grouparoo"]["Contact"]["Birthdate"]["encrypted"] is False
    cached = by_source["jira-sf-integration-describes"]["Contact"]
    assert cached["Birthdate"]["permissionable"] is None
    assert cached["LeadSource"]["picklistValues"]


def test_the_catalogue_asks_for_columns_that_real_orgs_have(everything):
    """A column that no recorded describe of its object shows must be optional, or the query would fail there."""
    known: dict[str, set[str]] = {}
    for _, name, body in describes(everything):
        known.setdefault(name, set()).update(f["name"] for f in body["fields"] if f.get("name"))
    checked = [query for query in cat.QUERIES if query.sobject in known]
    assert {q.sobject for q in checked} >= {"FieldPermissions", "ObjectPermissions", "PermissionSet", "User"}
    for query in checked:
        needed = {c.name for c in query.columns if not c.optional and "." not in c.name}
        assert needed - known[query.sobject] == set(), query.name


def test_objects_of_a_recorded_org(everything, tmp_path):
    listings = [
        body for _, _, body in everything if isinstance(body, dict) and len(body.get("sobjects") or ()) > 50
    ]
    assert listings
    for listing in listings:
        query = ("GET", f"{DATA}/query/", 404, [{"errorCode": "NOT_FOUND", "message": ""}])
        more = [("GET", f"{DATA}/sobjects", 200, listing)]
        with answering(tmp_path, VERSIONS, query, *more):
            names, reading = Salesforce(client(), target="t", taken_at=None, tool_version="0")._names(Scope())
        assert reading.complete
        assert {"Account", "Contact", "Lead", "Event", "User"} <= set(names)
        assert [n for n in names if n.endswith(("History", "Share", "Feed", "ChangeEvent", "__mdt"))] == []
        assert set(names) <= {entry["name"] for entry in listing["sobjects"]}


# -- queries


def test_every_recorded_page_is_understood(everything, tmp_path):
    found = [
        body
        for _, _, body in everything
        if isinstance(body, dict) and {"totalSize", "done", "records"} <= body.keys() and body["done"] is True
    ]
    assert len(found) >= 80
    exchanges = [("GET", f"{DATA}/query/", 200, body) for body in found]
    with answering(tmp_path, VERSIONS, *exchanges):
        org = client()
        for body in found:
            (page,) = org.pages("SELECT Id FROM Contact", Api.QUERY)
            assert (page.total, page.records) == (body["totalSize"], body["records"])


def test_a_recorded_query_of_two_pages(tmp_path):
    folder = REAL / "restforce" / "sobject"
    first, last = (
        read(folder / f"query_paginated_{which}_page_response.json") for which in ("first", "last")
    )
    following = ("GET", f"{HOST}{first['nextRecordsUrl']}", 200, last)
    with answering(tmp_path, VERSIONS, ("GET", f"{DATA}/query/", 200, first), following):
        pages = list(client().pages("SELECT Text_Label FROM Whizbang", Api.QUERY))
    assert [row["Text_Label"] for page in pages for row in page.records] == ["First Page", "Last Page"]
    assert [page.total for page in pages] == [2, 2]


def test_a_recorded_version_list(tmp_path):
    offered = read(REAL / "restforce" / "services_data_success_response.json")
    with answering(tmp_path, ("GET", f"{HOST}/services/data/", 200, offered)):
        assert client().api_version == "20.0"


# -- errors

STATUS = {
    "expired_session_response": 401,
    "query_error_response": 400,
    "search_error_response": 400,
    "write_error_response": 400,
}
WHY = {
    "INVALID_FIELD": Why.FORBIDDEN,
    "INVALID_TYPE": Why.FORBIDDEN,
    "NOT_FOUND": Why.FORBIDDEN,
    "INSUFFICIENT_ACCESS": Why.FORBIDDEN,
}


def test_every_recorded_error_is_a_refusal(everything, tmp_path):
    found = [
        (STATUS.get(path.stem, status if status >= 400 else 404), body)
        for path, status, body in everything
        if isinstance(body, list)
        and body
        and isinstance(body[0], dict)
        and body[0].keys() >= {"errorCode", "message"}
    ]
    codes = {body[0]["errorCode"] for _, body in found}
    assert codes >= {"NOT_FOUND", "INVALID_FIELD", "INVALID_TYPE", "INVALID_SESSION_ID", "MALFORMED_SEARCH"}
    for status, body in found:
        code, message = body[0]["errorCode"], body[0]["message"]
        query = [("GET", f"{DATA}/query/", status, body)] * ATTEMPTS
        with answering(tmp_path, VERSIONS, *query), pytest.raises(Refused) as refused:
            list(client().pages("SELECT Id FROM Contact", Api.QUERY))
        assert refused.value.code == code
        assert refused.value.unread.why is WHY.get(code, Why.FAILED)
        assert not message or message not in refused.value.unread.detail


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, ""), (300, ["/services/data/v23.0/sobjects/Whizbang/foo"]), (204, ""), (404, "")],
)
def test_answers_without_an_error_body(tmp_path, status, body):
    query = [("GET", f"{DATA}/query/", status, body)] * ATTEMPTS
    with answering(tmp_path, VERSIONS, *query), pytest.raises(Refused) as refused:
        list(client().pages("SELECT Id FROM Contact", Api.QUERY))
    assert refused.value.unread.detail.startswith("Contact: ")


@pytest.mark.parametrize("name", ["auth_error_response", "refresh_error_response"])
def test_recorded_refusals_of_a_login(tmp_path, name):
    refusal = read(REAL / "restforce" / f"{name}.json")
    token = ("POST", f"{HOST}/services/oauth2/token", 400, refusal)
    with answering(tmp_path, token), pytest.raises(AuthenticationFailed) as failed:
        Client(Jwt("u", lambda: "c", signing_key, HOST), Transport(retry_wait=0.001))
    assert "invalid_grant" in failed.value.message
    assert refusal["error_description"] not in failed.value.message


def test_a_recorded_login(tmp_path):
    granted = read(REAL / "restforce" / "auth_success_response.json")
    host = granted["instance_url"].rstrip("/")
    token = ("POST", f"{HOST}/services/oauth2/token", 200, granted)
    with answering(tmp_path, token, ("GET", f"{host}/services/data/", 200, VERSIONS[3])):
        org = Client(Jwt("u", lambda: "c", signing_key, HOST), Transport(retry_wait=0.001))
    assert f"https://{org.host}" == host


def signing_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
