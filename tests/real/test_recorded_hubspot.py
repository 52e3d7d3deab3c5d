"""HubSpot's real answers, as others recorded them: errors, limits, schemas and properties of real size."""

from __future__ import annotations

import json
import warnings

import pytest
import yaml

from connectors.hubspot import rows
from connectors.hubspot.answers import read_refusal
from connectors.hubspot.records import found_by
from tests.conftest import SHARED

REAL = SHARED / "data" / "real" / "hubspot"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="../shared is absent")


def recorded():
    """Every exchange as (name, status, headers, body)."""
    for path in sorted(REAL.rglob("*.json")):
        exchange = json.loads(path.read_text("utf-8"))
        found = exchange.get("response", exchange)
        status = found.get("status", exchange.get("status"))
        yield path.name, status, found.get("headers", {}), found.get("body")
    for path in sorted(REAL.rglob("*.yml")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cassette = yaml.safe_load(path.read_text("utf-8"))
        for at, one in enumerate(cassette["http_interactions"]):
            answer = one["response"]
            yield (
                f"{path.name}#{at}",
                answer["status"]["code"],
                answer["headers"],
                answer["body"].get("string"),
            )


def content(body):
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


EXCHANGES = list(recorded()) if REAL.is_dir() else []


def test_there_are_errors_of_many_kinds():
    assert {400, 401, 404, 409, 429} & {status for _, status, _, _ in EXCHANGES} >= {400, 404, 429}


@pytest.mark.parametrize(
    ("status", "body"),
    [pytest.param(s, b, id=n) for n, s, _, b in EXCHANGES if isinstance(s, int) and s >= 400],
)
def test_every_recorded_error_is_read(status, body):
    found = read_refusal(status, {}, content(body))
    assert found.status == status
    if status == 429:
        assert found.policy in {"SECONDLY", "TEN_SECONDLY_ROLLING", "DAILY"}
        assert found.pause >= 1


def _body(name):
    body = next(b for n, _, _, b in EXCHANGES if n == name)
    return json.loads(body) if isinstance(body, str) else body


@pytest.mark.parametrize("name", ["GET__crm_v3_schemas_200.json", "GET__crm_v3_schemas_2-3604285_200.json"])
def test_recorded_schemas_are_read(name):
    body = _body(name)
    for raw in body.get("results", [body]):
        row = rows.schema(raw)
        assert row["object"].startswith("2-")
        assert row["label"]


@pytest.mark.parametrize("name", ["GET__crm_v3_schemas_200.json", "GET__crm_v3_schemas_CONTACT_200.json"])
def test_recorded_properties_of_real_size_are_read(name):
    body = _body(name)
    raws = [p for schema in body.get("results", [body]) for p in schema["properties"]]
    read = [rows.property_row("contacts", "non_sensitive", raw) for raw in raws]
    assert len({row["name"] for row in read}) > 5
    assert all(row["type"] and row["sensitivity"] == "non_sensitive" for row in read)


@pytest.mark.parametrize(
    "name", [n for n, s, _, _ in EXCHANGES if "crm_v3" in n and "_search_" in n and s == 200]
)
def test_recorded_searches_are_read(name):
    total, ids = found_by(_body(name), "search")
    assert total >= len(ids) >= 0
