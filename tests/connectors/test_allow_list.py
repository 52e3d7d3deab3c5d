"""Nothing leaves the process that is not on the list of methods and paths, and what leaves goes where it should."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from requests.adapters import HTTPAdapter

from auditor.errors import CollectionError, RefusedCall
from connectors.salesforce.catalogue import Api
from connectors.salesforce.client import (
    Client,
    ReadOnlySession,
    Refused,
    Session,
    refuse_unless_allowed,
)
from connectors.transport import Transport
from sandbox.salesforce import running
from tests.connectors.connector_orgs import LONG_AGO, collected, connected, small_org
from tests.connectors.servers import odd_server, org_with

HOST = "acme.my.salesforce.com"
ROOT = f"https://{HOST}"
DATA = f"{ROOT}/services/data/v63.0"


def refused(method, url):
    """Whether the call is stopped, both by the check and by the session, which must not open a socket."""
    try:
        refuse_unless_allowed(method, url, {HOST})
    except RefusedCall:
        with pytest.raises(RefusedCall):
            ReadOnlySession(Transport(), {HOST}).request(method, url)
        return True
    return False


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", f"{ROOT}/services/data/"),
        ("GET", f"{DATA}/query/?q=SELECT+Id+FROM+User"),
        ("GET", f"{DATA}/queryAll/?q=SELECT+Id+FROM+Task"),
        ("GET", f"{DATA}/tooling/query?q=SELECT+Id+FROM+EntityDefinition"),
        ("GET", f"{DATA}/query/0r8xx0000004C92AAE-2000"),
        ("GET", f"{DATA}/tooling/query/0r8xx0000004C92-2000"),
        ("GET", f"{DATA}/sobjects"),
        ("GET", f"{DATA}/sobjects/Visit__c/describe"),
        ("GET", f"{DATA}/limits/recordCount?sObjects=Task"),
        ("GET", f"{ROOT}/services/oauth2/userinfo"),
        ("POST", f"{ROOT}/services/oauth2/token"),
    ],
)
def test_what_the_catalogue_asks_is_allowed(method, url):
    assert not refused(method, url)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", f"{DATA}/sobjects/Contact"),
        ("PUT", f"{DATA}/sobjects/Contact/003000000000001AAA"),
        ("PATCH", f"{DATA}/sobjects/Contact/003000000000001AAA"),
        ("DELETE", f"{DATA}/sobjects/Contact/003000000000001AAA"),
        ("GET", f"{DATA}/sobjects/Contact/003000000000001AAA"),
        ("GET", f"{DATA}/sobjects/Contact/describe/layouts"),
        ("GET", f"{DATA}/sobjects/ContentVersion/068000000000001AAA/VersionData"),
        ("POST", f"{DATA}/sobjects/Contact/describe"),
        ("POST", f"{DATA}/query/?q=SELECT+Id+FROM+User"),
        ("POST", f"{DATA}/composite"),
        ("POST", f"{DATA}/composite/batch"),
        ("POST", f"{DATA}/jobs/ingest"),
        ("POST", f"{DATA}/jobs/query"),
        ("GET", f"{DATA}/search?q=FIND"),
        ("GET", f"{DATA}/tooling/executeAnonymous"),
        ("POST", f"{ROOT}/services/Soap/u/63.0"),
        ("POST", f"{ROOT}/services/Soap/m/63.0"),
        ("GET", f"{ROOT}/services/apexrest/x"),
        ("GET", f"{ROOT}/services/async/63.0/job"),
        ("GET", f"{ROOT}/services/oauth2/token"),
        ("POST", f"{ROOT}/services/oauth2/revoke"),
        ("POST", f"{ROOT}/services/oauth2/userinfo"),
        ("GET", f"http://{HOST}/services/data/"),
        ("GET", "https://evil.example/services/data/"),
        ("GET", f"https://{HOST}@evil.example/services/data/"),
        ("GET", f"https://{HOST}%40evil.example/services/data/"),
        ("GET", f"https://user@{HOST}/services/data/"),
        ("GET", f"https://{HOST}.evil.example/services/data/"),
        ("GET", f"https://evil.example\\@{HOST}/services/data/"),
        ("GET", f"https://{HOST}:444/services/data/"),
        ("GET", f"{DATA}/query/../sobjects/Contact/003000000000001AAA"),
        ("GET", f"{DATA}/query/%2e%2e/sobjects/Contact/003000000000001AAA"),
        ("GET", f"{DATA}/query;x=/../sobjects/Contact"),
        ("GET", f"{DATA}/query/x/y"),
    ],
)
def test_everything_else_is_refused_before_a_socket_opens(method, url):
    assert refused(method, url)


LOCATOR = "0r8xx0000004C92AAE-2000"
PLACES = [
    "query",
    "queryAll",
    "tooling",
    "sobjects",
    "describe",
    "limits",
    "recordCount",
    "composite",
    "jobs",
]
words = st.sampled_from(
    ["services", "data", "v63.0", "v9.0", "oauth2", "token", "userinfo", *PLACES, "Soap", LOCATOR]
)
methods = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get", "Post"])


def listed(method: str, steps: list[str]) -> bool:
    """The list once more, said step by step."""
    match method, steps:
        case "POST", ["services", "oauth2", "token"]:
            return True
        case "GET", ["services", "data"] | ["services", "oauth2", "userinfo"]:
            return True
        case "GET", ["services", "data", "v63.0", *rest]:
            match rest:
                case (
                    ["query"] | ["queryAll"] | ["tooling", "query"] | ["sobjects"] | ["limits", "recordCount"]
                ):
                    return True
                case ["sobjects", name, "describe"]:
                    return name.isalnum() and name[0].isalpha()
                case ["query" | "queryAll", locator] | ["tooling", "query" | "queryAll", locator]:
                    return locator.startswith("0r8")
    return False


@given(methods, st.lists(words, max_size=7))
@example("GET", ["services", "data", "v63.0", "sobjects", "Contact", "describe"])
@example("GET", ["services", "data", "v63.0", "tooling", "query", LOCATOR])
def test_only_the_list_passes(method, steps):
    assert refused(method, f"{ROOT}/{'/'.join(steps)}") is not listed(method, steps)


@given(st.sampled_from(["PUT", "PATCH", "DELETE", "POST", "get", ""]), st.text(max_size=60))
def test_no_other_method_reaches_any_data_path(method, path):
    with pytest.raises(RefusedCall):
        refuse_unless_allowed(method, f"{DATA}/{path}", {HOST})


def client_of(server, **changes):
    return Client(
        Session(server.url, lambda: "token"),
        Transport(**{"ca_bundle": server.ca_file, "retry_wait": 0.001, **changes}),
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(tmp_path, status):
    elsewhere = {"Location": "/services/data/v67.0/sobjects/Account/describe"}
    with odd_server(tmp_path, org_with(Contact=(status, "", elsewhere))) as server:
        client = client_of(server)
        with pytest.raises(Refused, match=f"HTTP {status}"):
            client.get("sobjects/Contact/describe")
    assert server.paths == ["/services/data/", "/services/data/v67.0/sobjects/Contact/describe"]


@pytest.mark.parametrize(
    ("link", "stopped"),
    [
        ("https://evil.example/services/data/v67.0/query/0r8xx0000004C92AAE-1", Refused),
        ("//evil.example/services/data/v67.0/query/0r8xx0000004C92AAE-1", Refused),
        ("@evil.example/services/data/", Refused),
        ("/services/apexrest/anything", Refused),
        ("/services/data/v67.0/sobjects/Contact/003000000000001AAA", RefusedCall),
        ("/services/data/v67.0/query/../sobjects/Contact/003000000000001AAA", RefusedCall),
        ("/services/data/v67.0/query/0r8xx0000004C92AAE-1@evil.example", RefusedCall),
    ],
)
def test_a_link_to_the_next_page_leads_nowhere_else(tmp_path, link, stopped):
    page = {"totalSize": 2, "done": False, "nextRecordsUrl": link, "records": [{"Id": "1"}]}
    with odd_server(tmp_path, org_with(query=(200, page, {}))) as server:
        client = client_of(server)
        with pytest.raises(stopped):
            list(client.pages("SELECT Id FROM User", Api.QUERY))
    assert len(server.asked) == 2


def test_a_netrc_entry_does_not_replace_the_token(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with odd_server(
        tmp_path, org_with(query=(200, {"totalSize": 0, "done": True, "records": []}, {}))
    ) as server:
        list(client_of(server).pages("SELECT Id FROM User", Api.QUERY))
    sent = [headers.get("Authorization") for _, _, headers in server.asked]
    assert sent == [None, "Bearer token"]


def test_certificates(tmp_path, monkeypatch):
    """REQUESTS_CA_BUNDLE is enough, ca_bundle wins over it, and without either nobody is trusted."""
    other = tmp_path / "other"
    other.mkdir()
    with odd_server(other, org_with()) as stranger, odd_server(tmp_path, org_with()) as server:
        with pytest.raises(CollectionError) as failed:
            client_of(server, ca_bundle="")
        assert "not trusted" in failed.value.message
        assert "REQUESTS_CA_BUNDLE" in failed.value.hint
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", server.ca_file)
        assert client_of(server, ca_bundle="").api_version == "67.0"
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", stranger.ca_file)
        assert client_of(server).api_version == "67.0"
        with pytest.raises(CollectionError, match="not trusted"):
            client_of(server, ca_bundle="")


@contextmanager
def refusing_proxy():
    """A proxy that notes where it should connect to, and does not."""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)

        def serve():
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                with peer:
                    asked.append(peer.recv(4096).split(b"\r\n")[0].decode())
                    peer.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_proxies(monkeypatch):
    """HTTPS_PROXY is used, a configured proxy wins over it, and a failure names the proxy, not the org."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    login = Session(ROOT, lambda: "token")
    with refusing_proxy() as (of_environment, first), refusing_proxy() as (configured, second):
        monkeypatch.setenv("HTTPS_PROXY", of_environment)
        for transport in (Transport(), Transport(proxy=configured)):
            with pytest.raises(CollectionError) as failed:
                Client(login, transport)
            assert "through the proxy" in failed.value.message
    assert [asked.split()[:2] for asked in (*first, *second)] == [["CONNECT", f"{HOST}:443"]] * 2


def test_every_call_has_a_time_out(monkeypatch):
    given_timeouts = []

    def send(_self, _request, **how):
        given_timeouts.append(how["timeout"])
        raise CollectionError("enough")

    monkeypatch.setattr(HTTPAdapter, "send", send)
    session = ReadOnlySession(Transport(connect_timeout=1, read_timeout=2), {HOST})
    for method, url in (("GET", f"{ROOT}/services/data/"), ("POST", f"{ROOT}/services/oauth2/token")):
        with pytest.raises(CollectionError):
            session.request(method, url)
    assert given_timeouts == [(1, 2), (1, 2)]


def test_a_whole_collection_only_reads():
    with running(small_org()) as org:
        client = connected(org)
        collected(client, retention=[LONG_AGO])
    assert org.writes() == []
    assert {each.method for each in org.log} == {"GET"}
    assert len(org.log) == client.calls
    secret = re.compile(
        r"(Access|Request|Delete)Token|\bSessionId|Password|\bBody\b|Diagnosis__c\b.*FROM Contact"
    )
    assert [q for q in org.log.queries() if secret.search(q)] == []
