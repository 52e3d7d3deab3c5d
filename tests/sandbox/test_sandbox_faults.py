"""Trouble on order: each kind does what it says, transient kinds pass, and nothing breaks the server."""

import pytest
import requests
from sandbox_orgs import DATA, browser, small_org

from sandbox.salesforce import Fault, Faults, Kind, running

USERS = {"q": "SELECT Id FROM User"}
CONTACTS = {"q": "SELECT Id, Name FROM Contact ORDER BY Id"}


class Shaken:
    """A session with a server in trouble."""

    def __init__(self, org, web):
        self.org, self.web = org, web

    def get(self, path="/query", params=None):
        params = params or (CONTACTS if path == "/query" else None)
        return self.web.get(f"{self.org.url}{DATA}{path}", params=params, timeout=5)

    def pages(self, limit=8):
        page = self.get().json()
        found = [page]
        while "nextRecordsUrl" in page and len(found) < limit:
            page = self.web.get(self.org.url + page["nextRecordsUrl"], timeout=5).json()
            found.append(page)
        return found

    def names(self):
        return [each["Name"] for page in self.pages() for each in page["records"]]


@pytest.fixture
def shaken(request):
    faults = request.param if isinstance(request.param, Faults) else Faults.of(request.param)
    with running(small_org(), batch_size=1, faults=faults) as org, browser(org) as web:
        yield Shaken(org, web)


@pytest.mark.parametrize(
    ("shaken", "status", "code"),
    [
        (Kind.SESSION_EXPIRED, 401, "INVALID_SESSION_ID"),
        (Kind.REQUEST_LIMIT, 403, "REQUEST_LIMIT_EXCEEDED"),
        (Kind.QUERY_TIMEOUT, 400, "QUERY_TIMEOUT"),
        (Kind.OBJECT_REFUSED, 400, "INVALID_TYPE"),
        (Kind.OBJECT_FORBIDDEN, 403, "INSUFFICIENT_ACCESS"),
        (Kind.SERVER_ERROR, 500, "UNKNOWN_EXCEPTION"),
        (Kind.TOO_MANY_REQUESTS, 429, "TOO_MANY_REQUESTS"),
    ],
    indirect=["shaken"],
)
def test_refusals_happen_once(shaken, status, code):
    answer = shaken.get()
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)
    assert shaken.get().status_code == 200


@pytest.mark.parametrize(
    ("shaken", "status"), [(Kind.BAD_GATEWAY, 502), (Kind.UNAVAILABLE, 503)], indirect=["shaken"]
)
def test_pages_of_html(shaken, status):
    answer = shaken.get()
    assert (answer.status_code, answer.text[:6]) == (status, "<html>")
    assert shaken.get().status_code == 200


@pytest.mark.parametrize("shaken", [Kind.CLOSED_EARLY, Kind.DROPPED_BODY], indirect=True)
def test_lost_connections(shaken):
    with pytest.raises(requests.RequestException, match=r"Connection (aborted|broken)"):
        shaken.get()
    assert shaken.get().status_code == 200


@pytest.mark.parametrize("shaken", [Kind.TRUNCATED_JSON], indirect=True)
def test_truncated_json(shaken):
    answer = shaken.get()
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert shaken.names() == ["Ada", "bob", "Cyd", "dan"]


@pytest.mark.parametrize("shaken", [Kind.WRONG_SHAPE], indirect=True)
def test_wrong_shape(shaken):
    assert isinstance(shaken.get().json()["records"], dict)
    assert isinstance(shaken.get().json()["records"], list)


@pytest.mark.parametrize("shaken", [Kind.SLOW], indirect=True)
def test_slow(shaken):
    assert 0.04 < shaken.get().elapsed.total_seconds() < 2


@pytest.mark.parametrize("shaken", [Kind.DESCRIBE_FAILS], indirect=True)
def test_describe_fails(shaken):
    assert shaken.get().status_code == 200
    assert shaken.get("/sobjects/Contact/describe").status_code == 500
    assert shaken.get("/sobjects/Contact/describe").status_code == 200


@pytest.mark.parametrize("shaken", [Kind.CURSOR_EXPIRED], indirect=True)
def test_cursor_expiry(shaken):
    following = shaken.org.url + shaken.get().json()["nextRecordsUrl"]
    assert shaken.web.get(following, timeout=5).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
    assert shaken.web.get(following, timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("shaken", "names"),
    [
        (Kind.LOST_PAGE, ["Ada", "Cyd", "dan"]),
        (Kind.DONE_TOO_EARLY, ["Ada"]),
        (Kind.NO_NEXT_URL, ["Ada"]),
        (Kind.REPEATED_PAGE, ["Ada", "Ada", "bob", "Cyd", "dan"]),
    ],
    indirect=["shaken"],
)
def test_pages_that_lie(shaken, names):
    pages = shaken.pages()
    assert [each["Name"] for page in pages for each in page["records"]] == names
    assert pages[0]["totalSize"] == 4
    assert pages[0]["done"] is (shaken.org.server.faults.faults[0].kind is Kind.DONE_TOO_EARLY)


@pytest.mark.parametrize("shaken", [Faults.of(Fault(Kind.REPEATED_PAGE, times=None))], indirect=True)
def test_a_loop_never_ends(shaken):
    assert shaken.names() == ["Ada"] * 8


def test_duplicated_rows():
    with (
        running(small_org(), batch_size=2, faults=Faults.of(Kind.DUPLICATED_ROWS)) as org,
        browser(org) as web,
    ):
        assert Shaken(org, web).names() == ["Ada", "bob", "bob", "Cyd", "dan"]


def test_short_batches():
    faults = Faults.of(Fault(Kind.SHORT_BATCHES, times=None, size=3))
    with running(small_org(), faults=faults) as org, browser(org) as web:
        assert [len(page["records"]) for page in Shaken(org, web).pages()] == [3, 1]


@pytest.mark.parametrize(
    "shaken", [Faults.of(Fault(Kind.OBJECT_REFUSED, times=None, on=r"\bUser\b"))], indirect=True
)
def test_trouble_is_aimed(shaken):
    assert shaken.get(params=USERS).json()[0]["errorCode"] == "INVALID_TYPE"
    assert shaken.get(params=USERS).status_code == 400
    assert shaken.get().status_code == 200
    assert shaken.get("/sobjects/User/describe").status_code == 404
    body = {
        "compositeRequest": [{"method": "GET", "url": f"{DATA}/sobjects/User/describe", "referenceId": "u"}]
    }
    inner = shaken.web.post(f"{shaken.org.url}{DATA}/composite", json=body, timeout=5).json()
    assert inner["compositeResponse"][0]["httpStatusCode"] == 404


@pytest.mark.parametrize(
    "shaken", [Faults.of(Fault(Kind.SESSION_EXPIRED, after=2, times=None))], indirect=True
)
def test_a_session_expires_after_a_while_and_for_ever(shaken):
    assert [shaken.get().status_code for _ in range(5)] == [200, 200, 401, 401, 401]


@pytest.mark.parametrize("shaken", [Faults.of(Fault(Kind.SESSION_REVOKED, after=1))], indirect=True)
def test_a_revoked_session_needs_a_new_login(shaken):
    assert [shaken.get().status_code for _ in range(3)] == [200, 401, 401]
    form = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}
    token = shaken.web.post(f"{shaken.org.url}/services/oauth2/token", data=form, timeout=5).json()[
        "access_token"
    ]
    shaken.web.headers["Authorization"] = f"Bearer {token}"
    assert shaken.get().status_code == 200


@pytest.mark.parametrize("shaken", [Kind.LOGIN_REFUSED], indirect=True)
def test_login_refused(shaken):
    form = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}
    answers = [
        shaken.web.post(f"{shaken.org.url}/services/oauth2/token", data=form, timeout=5) for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [400, 200]


def outcomes(seed):
    found = []
    with running(small_org(), batch_size=2, faults=Faults.random(seed)) as org, browser(org) as web:
        for turn in range(14):
            path = "/sobjects/Contact/describe" if turn % 5 == 4 else "/query"
            params = USERS if turn % 3 else CONTACTS
            try:
                answer = web.get(f"{org.url}{DATA}{path}", params=params, timeout=5)
                found.append((answer.status_code, len(answer.content)))
            except requests.RequestException as problem:
                found.append((0, type(problem).__name__))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_seed_is_a_story_that_can_be_told_twice(seed):
    assert Faults.random(seed) == Faults.random(seed)
    assert outcomes(seed) == outcomes(seed)


def test_seeds_differ():
    assert len({Faults.random(seed) for seed in range(20)}) == 20
