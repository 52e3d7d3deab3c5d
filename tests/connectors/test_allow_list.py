"""Nothing leaves the process that is not on the list of methods and paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import RefusedCall
from connectors.salesforce import catalogue
from connectors.salesforce.client import ReadOnlySession, Transport, refuse_unless_allowed

HOST = "acme.my.salesforce.com"
DATA = f"https://{HOST}/services/data/v63.0"


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", f"https://{HOST}/services/data/"),
        ("GET", f"{DATA}/query/?q=SELECT+Id+FROM+User"),
        ("GET", f"{DATA}/query/0r8xx0000004C92AAE-2000"),
        ("GET", f"{DATA}/sobjects/Visit__c/describe"),
        ("POST", f"https://{HOST}/services/oauth2/token"),
    ],
)
def test_reading_is_allowed(method, url):
    assert refuse_unless_allowed(method, url, {HOST}) is None


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", f"{DATA}/sobjects/Contact"),
        ("PATCH", f"{DATA}/sobjects/Contact/003000000000001AAA"),
        ("DELETE", f"{DATA}/sobjects/Contact/003000000000001AAA"),
        ("GET", f"{DATA}/sobjects/Contact/003000000000001AAA"),
        ("POST", f"{DATA}/composite"),
        ("POST", f"{DATA}/jobs/ingest"),
        ("POST", f"https://{HOST}/services/Soap/u/63.0"),
        ("GET", f"https://{HOST}/services/apexrest/x"),
        ("GET", f"http://{HOST}/services/data/"),
        ("GET", "https://evil.example/services/data/"),
        ("GET", f"https://{HOST}@evil.example/services/data/"),
        ("GET", f"https://{HOST}:444/services/data/"),
        ("GET", f"{DATA}/query/../sobjects/Contact/003000000000001AAA"),
    ],
)
def test_everything_else_is_refused_before_a_socket_opens(method, url):
    with pytest.raises(RefusedCall):
        refuse_unless_allowed(method, url, {HOST})
    with pytest.raises(RefusedCall):
        ReadOnlySession(Transport(), {HOST}).request(method, url)


@given(st.sampled_from(["PUT", "PATCH", "DELETE", "POST", "get", ""]), st.text(max_size=60))
def test_no_other_method_reaches_any_data_path(method, path):
    with pytest.raises(RefusedCall):
        refuse_unless_allowed(method, f"{DATA}/{path}", {HOST})


def test_no_column_holds_a_token_or_a_value():
    columns = {c.name for query in catalogue.QUERIES for c in query.columns}
    secret = {
        "AccessToken",
        "RequestToken",
        "DeleteToken",
        "SessionId",
        "Body",
        "OldValue",
        "NewValue",
        "Email",
    }
    assert not columns & secret
    assert len({q.name for q in catalogue.QUERIES}) == len(catalogue.QUERIES)
