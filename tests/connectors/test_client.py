"""The client against a served org: logging in, versions, patience, paging, and keeping quiet about what it saw."""

from __future__ import annotations

import traceback

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from structlog.testing import capture_logs

from auditor.errors import AuthenticationFailed, CollectionError, ConfigError
from auditor.snapshot import Why
from connectors.protocol import Scope
from connectors.salesforce import catalogue as cat
from connectors.salesforce.catalogue import Api
from connectors.salesforce.client import ATTEMPTS, Budget, Client, Jwt, Refused, Session
from connectors.salesforce.reading import Reader
from connectors.transport import Transport
from sandbox.salesforce import Credentials, Fault, Faults, Kind, running
from tests.connectors.connector_orgs import CANARY, collected, connected, connector, small_org, transport
from tests.connectors.servers import odd_server, org_with

USERNAME = "konstanze@clinic.example"
CONSUMER = "3MVG9.consumer-key"
USERS = "SELECT Id, Name FROM User"


def pem(key) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.fixture(scope="module")
def keys() -> tuple[str, str, Credentials]:
    """The key that the org knows, a stranger's, and what the org accepts."""
    known, strange = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = known.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    return pem(known), pem(strange), Credentials(consumer_key=CONSUMER, public_key=public)


def signed_in(org, key, *, username=USERNAME, consumer=CONSUMER, **changes):
    return Client(
        Jwt(username, lambda: consumer, lambda: key, org.url), transport(org, **changes), api_version=""
    )


def asked(org, words) -> int:
    """How often something was asked, answered or not."""
    return sum(words in f"{each.method} {each.path} {each.soql or ''}" for each in org.log)


def users(client, soql=USERS) -> list[str]:
    return [row["Id"] for page in client.pages(soql, Api.QUERY) for row in page.records]


# -- logging in


def test_a_session_id_is_enough():
    with running(small_org()) as org:
        client = connected(org)
        assert client.user_id() == org.org.running_user.id
        assert client.api_version == "67.0"
        assert client.usage == ""
        assert len(users(client)) == 4
        assert client.usage == "1/100000"
    assert asked(org, "/oauth2/token") == 0


def test_a_token_nobody_knows_is_an_authentication_failure():
    with running(small_org()) as org:
        client = Client(Session(org.url, lambda: "00D-wrong-token"), transport(org))
        with pytest.raises(AuthenticationFailed) as failed:
            connector(client).schema(Scope(objects=("Contact",)))
    assert "00D-wrong-token" not in failed.value.message
    assert "JWT" in failed.value.hint


def test_a_jwt_login(keys):
    known, _, credentials = keys
    with running(small_org(), credentials=credentials) as org:
        client = signed_in(org, known)
        assert len(users(client)) == 4
    assert [e.method for e in org.log] == ["POST", "GET", "GET"]
    assert org.writes() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "strange"}, "invalid_grant"),
        ({"username": "nobody@clinic.example"}, "invalid_grant"),
        ({"consumer": "another-consumer-key"}, "invalid_client_id"),
    ],
)
def test_a_refused_login_says_what_to_check_and_no_secret(keys, change, code):
    """The user that did not approve the app makes the library warn with the consumer key: that must not be seen."""
    known, strange, credentials = keys
    key = strange if change.get("key") else known
    with (
        running(small_org(), credentials=credentials) as org,
        capture_logs() as logged,
        pytest.raises(AuthenticationFailed) as failed,
    ):
        signed_in(org, **{**change, "key": key})
    told = "".join(traceback.format_exception(failed.value)) + str(logged) + failed.value.hint
    assert code in failed.value.message
    assert "pre-authorised" in failed.value.hint
    for secret in (key, key.splitlines()[1], CONSUMER, "another-consumer-key"):
        assert secret not in told
    assert asked(org, "/oauth2/token") == 1


@pytest.mark.parametrize(
    "key", ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----", "elliptic"]
)
def test_a_key_that_cannot_sign_never_reaches_the_network(key):
    if key == "elliptic":
        key = pem(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(ConfigError) as failed:
        Client(Jwt(USERNAME, lambda: CONSUMER, lambda: key, "https://login.salesforce.com"), Transport())
    assert "RSA private key" in failed.value.hint
    assert not key or key not in "".join(traceback.format_exception(failed.value))


@pytest.mark.parametrize(
    ("answer", "attempts", "told"),
    [
        ((503, "<html>Service Unavailable</html>", {}), ATTEMPTS, "answered HTTP 503 to the login"),
        ((200, "<html>Sign in</html>", {}), 1, "answered HTTP 200 to the login"),
        ((200, {"token_type": "Bearer"}, {}), 1, "did not answer the login with a token"),
        ((200, {"access_token": "t"}, {}), 1, "did not answer the login with a token"),
        ((400, {"error": f"{CANARY} x"}, {}), 1, "refused the login (unknown error)"),
    ],
)
def test_an_odd_token_host(tmp_path, keys, answer, attempts, told):
    with odd_server(tmp_path, org_with(token=answer)) as server, pytest.raises(CollectionError) as failed:
        signed_in(server, keys[0])
    assert told in failed.value.message
    assert CANARY not in failed.value.message
    assert failed.value.hint
    assert len(server.asked) == attempts


@pytest.mark.parametrize(
    "address",
    [
        "http://acme.my.salesforce.com",
        "acme.my.salesforce.com",
        "",
        "https://",
        "https://acme.my.salesforce.com:port",
        "https://[acme",
        "https://admin:hunter2@acme.my.salesforce.com",
        "admin:hunter2@acme.my.salesforce.com",
    ],
)
def test_an_address_that_is_none(address):
    for login in (Session(address, lambda: "t"), Jwt(USERNAME, lambda: "c", lambda: "k", address)):
        with pytest.raises(ConfigError) as failed:
            Client(login, Transport())
        assert "https" in failed.value.message
        assert "hunter2" not in failed.value.message


def test_capital_letters_and_a_default_port_in_the_address(keys):
    with running(small_org(), credentials=keys[2]) as org:
        shouted = org.url.replace("127.0.0.1", "LocalHost") + "/lightning/page/home"
        client = Client(Jwt(USERNAME, lambda: CONSUMER, lambda: keys[0], shouted), transport(org))
        assert len(users(client)) == 4
        client = Client(Session(shouted, lambda: org.token), transport(org))
        assert len(users(client)) == 4


def test_nothing_shows_a_secret(keys):
    with running(small_org(), credentials=keys[2]) as org, capture_logs() as logged:
        client = signed_in(org, keys[0])
        users(client)
        with pytest.raises(Refused):
            client.get("sobjects/Nothing/describe")
        logins = (Session(org.url, lambda: org.token), Jwt(USERNAME, lambda: CONSUMER, lambda: keys[0]))
        shown = " ".join(f"{x!r} {x}" for x in (*logins, client, client._session, logged))
    for secret in (org.token, CONSUMER, keys[0].splitlines()[1], "Bearer"):
        assert secret not in shown


# -- versions


@pytest.mark.parametrize(
    ("offered", "wanted", "chosen"),
    [
        ({"min": "31.0", "max": "67.0"}, "", "67.0"),
        ({"min": "31.0", "max": "58.0"}, "", "58.0"),
        ({"min": "31.0", "max": "58.0"}, "65.0", "58.0"),
        ({"min": "31.0", "max": "70.0"}, "", f"{cat.HIGHEST_TESTED:.1f}"),
        ({"min": "31.0", "max": "70.0"}, "69.0", f"{cat.HIGHEST_TESTED:.1f}"),
        ({"min": "31.0", "max": "67.0"}, "64.0", "64.0"),
        (["68.0", "69.0"], "", "68.0"),
    ],
)
def test_the_version_is_the_highest_that_both_sides_know(offered, wanted, chosen):
    with running(small_org(api_versions=offered)) as org:
        client = connected(org, api_version=wanted)
        assert client.api_version == chosen
        assert len(users(client)) == 4
    assert f"/services/data/v{chosen}/query" in org.log[-1].path


def test_an_old_org_is_read_without_the_columns_it_lacks():
    with running(small_org(api_versions={"min": "31.0", "max": "58.0"})) as org:
        snapshot = collected(connected(org))
    assert [r.name for r in snapshot.readings.values() if not r.complete] == []
    table = snapshot.table("ObjectPermissions")
    assert table.num_rows == 3
    assert table.column("PermissionsViewAllFields").null_count == 3


def test_a_version_that_is_none():
    with pytest.raises(ConfigError, match="not an API version"):
        Client(Session("https://acme.my.salesforce.com", lambda: "t"), Transport(), api_version="newest")


@pytest.mark.parametrize(
    ("answer", "attempts", "told"),
    [
        ((503, "busy", {}), ATTEMPTS, "answered HTTP 503"),
        ((404, "no", {}), 1, "answered HTTP 404"),
        ((302, "", {"Location": "/login"}), 1, "answered HTTP 302"),
        ((200, "<html>Hello</html>", {}), ATTEMPTS, "does not list API versions"),
        ((200, {"versions": []}, {}), ATTEMPTS, "does not list API versions"),
        ((200, [{"label": "x"}], {}), 1, "does not list API versions"),
        ((200, [], {}), 1, "offers no API version"),
    ],
)
def test_an_address_that_is_no_org(tmp_path, answer, attempts, told):
    with (
        odd_server(tmp_path, lambda _method, _path: answer) as server,
        pytest.raises(CollectionError) as failed,
    ):
        connected_to(server)
    assert told in failed.value.message
    assert len(server.asked) <= attempts


def connected_to(server) -> Client:
    return Client(Session(server.url, lambda: "token"), Transport(ca_bundle=server.ca_file, retry_wait=0.001))


def test_nobody_is_there():
    with pytest.raises(CollectionError, match="could not be reached"):
        Client(Session("https://127.0.0.1:9", lambda: "t"), Transport(retry_wait=0.001))


def test_a_slow_host(tmp_path):
    slow = Faults.of(Fault(Kind.SLOW, times=None))
    with running(small_org(), faults=slow) as org, pytest.raises(CollectionError, match="in time"):
        Client(Session(org.url, lambda: org.token), transport(org, read_timeout=0.02))


# -- sessions that end


def test_an_ended_session_is_renewed_once_with_a_jwt(keys):
    faults = Faults.of(Fault(Kind.SESSION_REVOKED, after=3))
    with running(small_org(), credentials=keys[2], faults=faults) as org:
        snapshot = collected(signed_in(org, keys[0]))
    assert asked(org, "/oauth2/token") == 2
    assert [r.name for r in snapshot.readings.values() if not r.complete] == []


def test_a_session_that_cannot_be_renewed_ends_the_questions(keys):
    faults = Faults.of(Fault(Kind.SESSION_EXPIRED, after=3, times=None))
    with running(small_org(), credentials=keys[2], faults=faults) as org:
        snapshot = collected(signed_in(org, keys[0]))
    assert asked(org, "/oauth2/token") == 2
    assert sum(each.status == 401 for each in org.log) == 2
    assert org.log[-1].status == 401
    assert {r.unread.detail for r in snapshot.readings.values() if r.unread} == {
        "The session ended during the run."
    }


def test_a_refused_renewal_ends_the_questions(keys):
    faults = Faults.of(Fault(Kind.SESSION_REVOKED, after=3), Fault(Kind.LOGIN_REFUSED, after=1, times=None))
    with running(small_org(), credentials=keys[2], faults=faults) as org:
        snapshot = collected(signed_in(org, keys[0]))
    assert asked(org, "/oauth2/token") == 2
    assert org.log[-1].path == "/services/oauth2/token"
    assert snapshot.unread("FieldPermissions").why is Why.FAILED


def test_a_session_id_is_never_renewed():
    with running(small_org(), faults=Faults.of(Fault(Kind.SESSION_REVOKED, after=3))) as org:
        snapshot = collected(connected(org))
    assert asked(org, "/oauth2/token") == 0
    assert [each.status for each in org.log].count(401) == 1
    assert org.log[-1].status == 401
    assert snapshot.unread("FieldPermissions").remedy == "Log in again and run once more."


# -- patience

PASSING = (
    Kind.TOO_MANY_REQUESTS,
    Kind.UNAVAILABLE,
    Kind.BAD_GATEWAY,
    Kind.SERVER_ERROR,
    Kind.QUERY_TIMEOUT,
    Kind.TRUNCATED_JSON,
    Kind.CLOSED_EARLY,
    Kind.DROPPED_BODY,
)


@pytest.mark.parametrize("kind", PASSING, ids=lambda kind: kind.name)
def test_trouble_that_passes(kind):
    fault = Fault(kind, times=ATTEMPTS - 1, on=r"\bUser\b")
    with running(small_org(), faults=Faults.of(fault)) as org:
        assert len(users(connected(org))) == 4
    assert asked(org, "FROM User") == ATTEMPTS


@pytest.mark.parametrize("kind", PASSING, ids=lambda kind: kind.name)
def test_trouble_that_lasts(kind):
    fault = Fault(kind, times=None, on=r"\bUser\b")
    with running(small_org(), faults=Faults.of(fault)) as org, pytest.raises(Refused) as refused:
        users(connected(org))
    assert asked(org, "FROM User") == ATTEMPTS
    assert refused.value.unread.why is Why.FAILED
    assert refused.value.unread.detail.startswith("User: ")


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Kind.OBJECT_REFUSED, Why.FORBIDDEN),
        (Kind.OBJECT_FORBIDDEN, Why.FORBIDDEN),
        (Kind.WRONG_SHAPE, Why.FAILED),
    ],
)
def test_refusals_are_asked_once(kind, why):
    lasting = Faults.of(Fault(kind, times=None, on=r"\bUser\b"))
    with running(small_org(), faults=lasting) as org, pytest.raises(Refused) as refused:
        users(connected(org))
    assert asked(org, "FROM User") == 1
    assert refused.value.unread.why is why


@pytest.mark.parametrize("kind", [Kind.UNAVAILABLE, Kind.TRUNCATED_JSON, Kind.CLOSED_EARLY])
def test_even_the_list_of_versions_is_asked_again(kind):
    with running(small_org(), faults=Faults.of(Fault(kind, times=2, on="^/services/data/ "))) as org:
        assert connected(org).api_version == "67.0"
    assert len(org.log) == 3


def test_a_used_up_limit_stops_everything():
    with running(small_org(), faults=Faults.of(Fault(Kind.REQUEST_LIMIT, after=10, times=None))) as org:
        client = connected(org)
        snapshot = collected(client)
        calls = client.calls
        with pytest.raises(Refused) as refused:
            users(client)
        assert client.calls == calls
    assert [each.status for each in org.log].count(403) == 1
    assert org.log[-1].status == 403
    assert refused.value.unread.remedy == "Run again later."
    unread = snapshot.unread("FieldPermissions")
    assert (unread.why, unread.remedy) == (Why.FAILED, "Run again later.")


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (Budget(12, 1.0), "The budget of 12 calls for one run is used up, so nothing more was asked."),
        (Budget(0, 0.00012), "12 of the 100,000 calls that the org has for 24 hours are used"),
    ],
)
def test_a_budget_ends_the_run_and_says_so(budget, said):
    with running(small_org()) as org:
        client = Client(Session(org.url, lambda: org.token), transport(org), budget=budget)
        snapshot = collected(client)
        assert 12 <= len(org.log) <= 14  # login and versions among them
    unread = snapshot.unread("FieldPermissions")
    assert unread.why is Why.TRUNCATED
    assert said in unread.detail
    assert "api_budget" in unread.remedy


# -- pages

ON_USERS = r"FROM User$"


@pytest.mark.parametrize(
    ("fault", "why", "queries"),
    [
        (Fault(Kind.LOST_PAGE, on=ON_USERS), None, 2),
        (Fault(Kind.LOST_PAGE, times=None, on=ON_USERS), Why.TRUNCATED, 2),
        (Fault(Kind.DONE_TOO_EARLY, on=ON_USERS), None, 2),
        (Fault(Kind.DONE_TOO_EARLY, times=None, on=ON_USERS), Why.TRUNCATED, 2),
        (Fault(Kind.CURSOR_EXPIRED), None, 2),
        (Fault(Kind.CURSOR_EXPIRED, times=None), Why.TRUNCATED, 2),
        (Fault(Kind.REPEATED_PAGE, times=None), Why.TRUNCATED, 1),
        (Fault(Kind.NO_NEXT_URL, times=None), Why.FAILED, 1),
        (Fault(Kind.DUPLICATED_ROWS, times=None), None, 1),
        (Fault(Kind.SHORT_BATCHES, times=None, size=1), None, 1),
    ],
    ids=lambda value: f"{value.kind.name}-{value.times}" if isinstance(value, Fault) else "",
)
def test_pages_that_do_not_add_up(fault, why, queries):
    """A reading is whole, or says that it is not; it is asked for a second time at most."""
    with running(small_org(), batch_size=2, faults=Faults.of(fault)) as org:
        reading, _ = Reader(connected(org)).read(cat.USERS)
    assert (reading.unread.why if reading.unread else None) is why
    if why is None:
        assert reading.table.column("Id").to_pylist() == [u["Id"] for u in org.org.rows("User")]
    else:
        assert reading.table.num_rows < 4
        assert reading.unread.remedy
    assert asked(org, "FROM User") == queries


def test_a_row_that_comes_twice_does_not_stand_in_for_a_lost_one(tmp_path):
    first, second = ({"Id": "100000000000001AAA"}, {"Id": "100000000000002AAA"})
    rows = [{**row, "Name": "n", "MasterLabel": "m", "Status": "Active"} for row in (first, second, second)]
    page = {"totalSize": 3, "done": True, "records": rows}
    with odd_server(tmp_path, org_with(query=(200, page, {}))) as server:
        reading, _ = Reader(connected_to(server)).read(cat.LICENCES)
    assert reading.table.num_rows == 2
    assert reading.unread.why is Why.TRUNCATED
    assert reading.unread.detail == "UserLicense: 2 of 3 rows arrived."


@pytest.mark.parametrize(
    "page",
    [
        [],
        "text",
        {"records": []},
        {"totalSize": 1, "done": False, "records": []},
        {"totalSize": 1, "done": False, "records": [], "nextRecordsUrl": None},
        {"totalSize": "1", "done": True, "records": []},
        {"totalSize": 1, "done": 1, "records": []},
        {"totalSize": 1, "done": True, "records": {"value": []}},
        {"totalSize": 1, "done": True, "records": [{"Id": "1"}]},
        {"totalSize": 1, "done": True, "records": [{"Id": 1, "Name": 2, "MasterLabel": [], "Status": {}}]},
        {"totalSize": 1, "done": True, "records": ["x"]},
        {"totalSize": 1, "done": True, "records": [None]},
    ],
    ids=str,
)
def test_an_answer_that_is_no_page_is_never_an_empty_one(tmp_path, page):
    with odd_server(tmp_path, org_with(query=(200, page, {}))) as server:
        reading, _ = Reader(connected_to(server)).read(cat.LICENCES)
    assert reading.unread.why is Why.FAILED
    assert reading.table.num_rows == 0


def test_totals_that_count_hidden_rows():
    """Only FieldPermissions may have rows that nobody is shown; anywhere else a missing row is a missing row."""
    hidden = {"FieldPermissions": 4, "PermissionSetAssignment": 1}
    with running(small_org(behaviour={"hidden_totals": hidden})) as org:
        snapshot = collected(connected(org))
    fields, assignments = (snapshot.readings[n] for n in ("FieldPermissions", "PermissionSetAssignment"))
    assert fields.complete
    assert "4 rows counted by the platform are shown to nobody" in fields.note
    assert fields.table.num_rows == 5
    assert assignments.unread.why is Why.TRUNCATED
    assert assignments.unread.detail == "PermissionSetAssignment: 3 of 4 rows arrived."
    assert assignments.table.num_rows == 3


# -- discretion


@pytest.mark.parametrize("status", [300, 400, 401, 403, 404, 405, 410, 500])
@pytest.mark.parametrize(
    "body",
    [
        [{"message": f"row has {CANARY}", "errorCode": "MALFORMED_QUERY"}],
        [{"message": f"No such column '{CANARY}", "errorCode": f"{CANARY} in a code"}],
        {"error": CANARY, "error_description": CANARY},
        f"<html>{CANARY}</html>",
        [CANARY],
        [],
    ],
    ids=["message", "code", "oauth", "html", "text", "empty"],
)
def test_what_a_server_says_is_never_repeated(tmp_path, status, body):
    answers = {"query": (status, body, {}), "describe": (status, body, {})}
    with odd_server(tmp_path, org_with(**answers)) as server, capture_logs() as logged:
        client = connected_to(server)
        told = []
        for ask in (
            lambda: list(client.pages(f"SELECT Id FROM User WHERE Name = '{CANARY}'", Api.QUERY)),
            lambda: client.get("sobjects/Contact/describe", {"x": CANARY}),
        ):
            with pytest.raises(Refused) as refused:
                ask()
            told += [
                *traceback.format_exception(refused.value),
                str(refused.value.unread),
                refused.value.code,
            ]
    assert CANARY not in " ".join(map(str, (told, logged)))


def test_a_column_that_is_unknown_is_named():
    with running(small_org()) as org, pytest.raises(Refused) as refused:
        users(connected(org), "SELECT Id, Nonsense__c FROM User")
    assert refused.value.column == "Nonsense__c"
    assert refused.value.unread.why is Why.FORBIDDEN
    assert "Nonsense__c" in refused.value.unread.detail


def test_user_info_without_a_user(tmp_path):
    answers = org_with(userinfo=(200, {"sub": "x"}, {}))
    with odd_server(tmp_path, answers) as server, pytest.raises(Refused, match="did not name the connected"):
        connected_to(server).user_id()
