"""Every way to log in other than a token or a JWT: an app's own credentials, the CLI's session, and all addresses."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from auditor.errors import AuditorError, AuthenticationFailed, CollectionError, ConfigError
from connectors.salesforce import cli_session
from connectors.salesforce.catalogue import Api
from connectors.salesforce.client import (
    ATTEMPTS,
    Client,
    ClientCredentials,
    Session,
    highest_version,
)
from connectors.salesforce.hosts import check_alias, instance_of, is_shared_login, login_for, login_of
from connectors.transport import Transport
from sandbox.salesforce import Credentials, Fault, Faults, Kind, running
from tests.connectors.connector_orgs import CANARY, collected, small_org, transport
from tests.connectors.servers import odd_server, org_with

KEY, SECRET = "3MVG9.consumer-key", "hush-hush-consumer-secret"
KNOWN = Credentials(consumer_key=KEY, consumer_secret=SECRET)
TOKEN = "00Dx0000000001A!AQEAQ.v3ry-S3cret-T0ken"
USERS = "SELECT Id, Name FROM User"


def as_app(org, *, key=KEY, secret=SECRET, **changes) -> Client:
    return Client(ClientCredentials(org.url, lambda: key, lambda: secret), transport(org, **changes))


def tokens(org) -> int:
    return sum(each.path == "/services/oauth2/token" for each in org.log)


def told_by(error: AuditorError, *others: object) -> str:
    """Everything an error says, with all that its traceback's frames would show."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join([*trace.format(), error.message, error.hint, *map(str, others)])


# -- client credentials


def test_an_app_logs_in_as_itself():
    with running(small_org(), credentials=KNOWN) as org, capture_logs() as logged:
        client = as_app(org)
        rows = [row for page in client.pages(USERS, Api.QUERY) for row in page.records]
        shown = f"{client!r} {client._login!r} {client._session!r} {logged}"
    assert len(rows) == 4
    assert [each.method for each in org.log] == ["POST", "GET", "GET"]
    assert org.writes() == []
    for secret in (KEY, SECRET, org.token):
        assert secret not in shown


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secret": "loud"}, "invalid_client"),
        ({"key": "another"}, "invalid_client_id"),
        ({"secret": ""}, "inv"),
    ],
)
def test_a_refused_app_says_what_to_check_and_no_secret(change, code):
    with (
        running(small_org(), credentials=KNOWN) as org,
        capture_logs() as logged,
        pytest.raises(AuthenticationFailed) as failed,
    ):
        as_app(org, **change)
    assert code in failed.value.message
    assert "run as" in failed.value.hint
    told = "".join(traceback.format_exception(failed.value)) + failed.value.hint + str(logged)
    assert not any(secret in told for secret in (KEY, SECRET, "loud"))
    assert tokens(org) == 1


def test_an_ended_session_is_renewed_once():
    faults = Faults.of(Fault(Kind.SESSION_REVOKED, after=3))
    with running(small_org(), credentials=KNOWN, faults=faults) as org:
        snapshot = collected(as_app(org))
    assert tokens(org) == 2
    assert "The session ended" not in str([r.unread for r in snapshot.readings.values()])


def test_a_session_that_ends_again_ends_the_questions():
    faults = Faults.of(Fault(Kind.SESSION_EXPIRED, after=3, times=None))
    with running(small_org(), credentials=KNOWN, faults=faults) as org:
        snapshot = collected(as_app(org))
    assert tokens(org) == 2
    assert sum(each.status == 401 for each in org.log) == 2
    assert "The session ended during the run." in str([r.unread for r in snapshot.readings.values()])


@pytest.mark.parametrize("host", ["login", "test", "welcome"])
def test_a_shared_login_host_never_gets_the_secret(host):
    def secret() -> str:
        raise AssertionError("the secret was fetched")

    with pytest.raises(ConfigError, match="does not take client credentials") as failed:
        Client(ClientCredentials(f"https://{host}.salesforce.com", secret, secret), Transport())
    assert "My Domain" in failed.value.hint


def test_the_token_is_asked_of_the_org_and_the_rest_of_where_the_answer_says(tmp_path):
    """The two servers have an authority each, so the second one's answers only count if it is really asked."""
    (tmp_path / "door").mkdir()
    granted = {"access_token": "t"}
    with (
        odd_server(tmp_path, org_with(userinfo=(200, {"user_id": "005"}, {}))) as home,
        odd_server(tmp_path / "door", lambda *_: (200, granted, {})) as door,
    ):
        granted["instance_url"] = f"{home.url}/"
        both = tmp_path / "both.pem"
        both.write_text(Path(home.ca_file).read_text() + Path(door.ca_file).read_text(), encoding="utf-8")
        client = Client(
            ClientCredentials(door.url, lambda: KEY, lambda: SECRET), Transport(ca_bundle=str(both))
        )
        assert client.user_id() == "005"
    assert client.host == home.url.removeprefix("https://")
    assert door.paths == ["/services/oauth2/token"]
    assert home.paths == ["/services/data/", "/services/oauth2/userinfo"]
    assert all("Basic" not in str(headers) for _, _, headers in home.asked)


@pytest.mark.parametrize(
    ("answer", "attempts", "told"),
    [
        ((503, "<html>Service Unavailable</html>", {}), ATTEMPTS, "answered HTTP 503 to the login"),
        ((200, {"token_type": "Bearer"}, {}), 1, "did not answer the login with a token"),
        ((200, {"access_token": "t", "instance_url": "https://u:p@x.example"}, {}), 1, "with a token"),
        ((200, {"access_token": "t", "instance_url": ""}, {}), 1, "with a token"),
        ((200, {"access_token": "t", "instance_url": 5}, {}), 1, "with a token"),
        ((400, {"error": f"{CANARY} x", "error_description": CANARY}, {}), 1, "(unknown error)"),
        ((400, {"error": "invalid_grant"}, {}), 1, "(invalid_grant)"),
    ],
)
def test_an_odd_token_endpoint(tmp_path, answer, attempts, told):
    with odd_server(tmp_path, org_with(token=answer)) as server, pytest.raises(CollectionError) as failed:
        Client(
            ClientCredentials(server.url, lambda: KEY, lambda: SECRET),
            Transport(ca_bundle=server.ca_file, retry_wait=0.001),
        )
    assert told in failed.value.message
    assert CANARY not in failed.value.message + failed.value.hint
    assert len(server.asked) == attempts


# -- addresses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        (" https://ACME.My.Salesforce.com/ ", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com:443", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/lightning/page/home?x=1#y", "https://acme.my.salesforce.com"),
        ("acme.my.salesforce.com/services/data/v67.0", "https://acme.my.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://acme--uat.sandbox.my.salesforce.com"),
        ("https://acme.develop.my.salesforce.com", "https://acme.develop.my.salesforce.com"),
        ("https://acme.scratch.my.salesforce.com", "https://acme.scratch.my.salesforce.com"),
        ("https://acme.trailblaze.my.salesforce.com", "https://acme.trailblaze.my.salesforce.com"),
        ("https://acme.my.salesforce.mil", "https://acme.my.salesforce.mil"),
        ("https://cs12.salesforce.com", "https://cs12.salesforce.com"),
        ("https://na30.salesforce.com/005", "https://na30.salesforce.com"),
        ("https://acme.lightning.force.com/lightning/setup", "https://acme.my.salesforce.com"),
        ("acme.lightning.force.com", "https://acme.my.salesforce.com"),
        ("https://acme--uat.sandbox.lightning.force.com/", "https://acme--uat.sandbox.my.salesforce.com"),
        ("https://acme-dev-ed.develop.lightning.force.com", "https://acme-dev-ed.develop.my.salesforce.com"),
        ("https://acme.my.salesforce-setup.com/lightning", "https://acme.my.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce-setup.com", "https://acme--uat.sandbox.my.salesforce.com"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("https://emulator:8443/", "https://emulator:8443"),
        ("127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://salesforce.proxy.example", "https://salesforce.proxy.example"),
    ],
)
def test_the_address_of_an_org(text, expected):
    assert instance_of(text) == expected
    assert instance_of(expected) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("http://acme.my.salesforce.com", "without TLS"),
        ("http://127.0.0.1:8080", "without TLS"),
        ("http://localhost", "without TLS"),
        ("https://admin:hunter2@acme.my.salesforce.com", "must not carry"),
        ("https://hunter2@acme.my.salesforce.com", "must not carry"),
        ("https://:hunter2@acme.my.salesforce.com", "must not carry"),
        ("admin:hunter2@acme.my.salesforce.com", "must not carry"),
        ("admin:hunter2@acme", "must not carry"),
        ("https://login.salesforce.com", "where people log in"),
        ("test.salesforce.com", "where people log in"),
        ("https://acme--c.vf.force.com/apex/x", "not of the API"),
        ("https://acme.secure.force.com", "not of the API"),
        ("acme", "not a web address"),
        ("", "not a web address"),
        ("https://", "not a web address"),
        ("ftp://acme.my.salesforce.com", "not a web address"),
        ("javascript://acme.my.salesforce.com", "not a web address"),
        ("https://acme.my.salesforce.com:port", "not a web address"),
        ("https://acme.my.salesforce.com:99999", "not a web address"),
        ("https://[acme", "not a web address"),
        ("https://acme my.salesforce.com", "not a web address"),
        ("https://acme.my.salesforce.com\\@evil.example", "must not carry"),
        ("https://acme%2emy.salesforce.com", "not a web address"),
        ("https://аcme.my.salesforce.com", "not a web address"),
        ("https://-acme.my.salesforce.com", "not a web address"),
    ],
)
def test_an_address_that_is_none(text, told):
    with pytest.raises(ConfigError, match=told) as failed:
        instance_of(text)
    assert failed.value.hint
    assert "hunter2" not in "".join(traceback.format_exception(failed.value)) + failed.value.hint


@pytest.mark.parametrize(
    ("instance", "login"),
    [
        ("", "login"),
        ("https://acme.my.salesforce.com", "login"),
        ("https://acme.develop.my.salesforce.com", "login"),
        ("https://acme.trailblaze.my.salesforce.com", "login"),
        ("https://acme--uat.sandbox.my.salesforce.com", "test"),
        ("https://acme--uat.my.salesforce.com", "test"),
        ("https://acme--uat.cs12.my.salesforce.com", "test"),
        ("https://acme.scratch.my.salesforce.com", "test"),
        ("https://cs12.salesforce.com", "test"),
        ("https://test.salesforce.com", "test"),
        ("https://na30.salesforce.com", "login"),
        ("https://cs12.salesforce.com.evil.example", "login"),
        ("https://127.0.0.1:8443", "login"),
    ],
)
def test_where_users_of_an_org_log_in(instance, login):
    assert login_for(instance) == f"https://{login}.salesforce.com"


def test_a_login_host_may_be_shared():
    assert login_of("test.salesforce.com/") == "https://test.salesforce.com"
    assert login_of("https://acme.lightning.force.com") == "https://acme.my.salesforce.com"
    assert is_shared_login("https://login.salesforce.com")
    assert not is_shared_login("https://acme.my.salesforce.com")


@pytest.mark.parametrize(
    ("wanted", "highest"), [("", 67.0), ("67.0", 67.0), ("63.0", 63.0), ("64", 64.0), ("99.0", 67.0)]
)
def test_a_version_to_stay_below(wanted, highest):
    assert highest_version(wanted) == highest


@pytest.mark.parametrize("wanted", ["62.0", "59.0", "31", "10.0"])
def test_a_version_that_hides_a_right(wanted):
    with pytest.raises(ConfigError, match="view all fields") as failed:
        Client(Session("https://acme.my.salesforce.com", lambda: "t"), Transport(), api_version=wanted)
    assert "63.0" in failed.value.hint


@pytest.mark.parametrize(
    "wanted", ["v67.0", "nan", "inf", "1e2", "-67.0", "67,0", "67.5", "newest", " 67.0", "٦٧"]
)
def test_a_version_that_is_none(wanted):
    with pytest.raises(ConfigError, match="is not an API version") as failed:
        highest_version(wanted)
    assert "67.0" in failed.value.hint


# -- the CLI

URL = "https://acme--uat.sandbox.my.salesforce.com"
DISPLAY = {"instanceUrl": URL, "id": "00Dx0000000001AAA", "username": "a@acme.example", "apiVersion": "67.0"}
REDACTED = "[REDACTED] Use 'sf org auth show-access-token' to view"
PRETEND = '''#!{python}
"""Pretends to be the CLI: answers by its first words, and writes down how it was called."""
import json, os, sys, time
answers = {answers!r}
with open({log!r}, "a", encoding="utf-8") as log:
    log.write(json.dumps([sys.argv[1:], dict(os.environ)]) + "\\n")
words = " ".join(sys.argv[1:3])
out, err, code, pause = answers["token" if words == "org auth" else "display"]
sys.stdout.write(out)
sys.stderr.write(err)
sys.stdout.flush()
time.sleep(pause)
sys.exit(code)
'''


class Cli:
    """A pretended `sf` on the PATH, as a program of its own."""

    def __init__(self, folder: Path, monkeypatch) -> None:
        self.folder = folder / "bin"
        self.folder.mkdir()
        self.log = folder / "calls.jsonl"
        monkeypatch.setenv("PATH", str(self.folder))

    def answers(self, display="", token="", *, err="", code=0, token_code=0, pause=0.0) -> None:
        def text(answer) -> str:
            return answer if isinstance(answer, str) else json.dumps(answer)

        answers = {
            "display": (text(display), err, code, pause),
            "token": (text(token), err, token_code, pause),
        }
        program = self.folder / "sf"
        program.write_text(
            PRETEND.format(python=sys.executable, answers=answers, log=str(self.log)), encoding="utf-8"
        )
        program.chmod(0o755)

    def calls(self) -> list:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def cli(tmp_path, monkeypatch) -> Cli:
    return Cli(tmp_path, monkeypatch)


def good(**result) -> dict:
    return {"status": 0, "result": result, "warnings": ["This command shows a secret."]}


def refused(cli: Cli, kind: type[AuditorError], alias: str = "uat", **how) -> str:
    """What the failure says, once it is sure that no token and no output gets out with it."""
    with capture_logs() as logged, pytest.raises(kind) as failed:
        cli_session.session_of(alias, **how)
    assert failed.value.hint
    assert failed.value.__cause__ is None
    told = told_by(failed.value, logged)
    assert TOKEN not in told
    assert CANARY not in told
    return failed.value.message


def test_an_older_cli_gives_the_token_at_once(cli):
    cli.answers(good(**DISPLAY, accessToken=TOKEN))
    session = cli_session.session_of("uat")
    assert (session.instance_url, session.access_token()) == (URL, TOKEN)
    assert TOKEN not in repr(session)
    [(words, environ)] = cli.calls()
    assert words == ["org", "display", "--target-org", "uat", "--json"]
    assert environ["NO_COLOR"] == "1"


@pytest.mark.parametrize("shown", [REDACTED, "[REDACTED]", "", None])
def test_a_newer_cli_keeps_the_token_to_another_command(cli, shown, monkeypatch):
    for name in ("FORCE_COLOR", "SF_ACCESS_TOKEN", "SF_CONSUMER_SECRET"):
        monkeypatch.setenv(name, CANARY)
    cli.answers(good(**DISPLAY, accessToken=shown), good(accessToken=TOKEN))
    session = cli_session.session_of("uat")
    assert (session.instance_url, session.access_token()) == (URL, TOKEN)
    calls = cli.calls()
    assert [words for words, _ in calls] == [
        ["org", "display", "--target-org", "uat", "--json"],
        ["org", "auth", "show-access-token", "--target-org", "uat", "--no-prompt", "--json"],
    ]
    for _, environ in calls:
        assert CANARY not in str(environ)
        assert environ["SF_DISABLE_TELEMETRY"] == "true"
    assert TOKEN not in cli.log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "wrap",
    [
        "\x1b[33m{}\x1b[39m",
        "Warning: an update is available.\n{}\n",
        "\x1b[1m\x1b[34m{}\x1b[0m\nPlease rate us.\n",
    ],
)
def test_colours_and_chatter_around_the_answer(cli, wrap):
    cli.answers(wrap.format(json.dumps(good(**DISPLAY, accessToken=TOKEN), indent=2)))
    assert cli_session.session_of("uat").access_token() == TOKEN


def test_colours_within_the_answer(cli):
    cli.answers(f'{{\x1b[94m"status"\x1b[39m: 0, "result": {{"instanceUrl": \x1b[32m"{URL}"\x1b[39m, '
                f'"accessToken": "{TOKEN}"}}}}')  # fmt: skip
    assert cli_session.session_of("uat").access_token() == TOKEN


def test_there_is_no_cli(cli):
    assert "not on the PATH" in refused(cli, ConfigError)


def test_a_cli_that_cannot_be_started(cli):
    program = cli.folder / "sf"
    program.write_text("#!/no/such/interpreter\n", encoding="utf-8")
    program.chmod(0o755)
    assert "cannot be started" in refused(cli, ConfigError)


def test_an_unknown_alias_is_said_in_the_words_of_the_cli(cli):
    cli.answers(
        {
            "status": 1,
            "name": "NamedOrgNotFoundError",
            "message": "\x1b[31mNo authorization information\n found for uat.\x1b[0m",
            "exitCode": 1,
            "stack": CANARY,
        },
        code=1,
    )
    told = refused(cli, AuthenticationFailed)
    assert told == (
        "“sf org display” failed: NamedOrgNotFoundError: No authorization information found for uat."
    )


@pytest.mark.parametrize(
    "message", [f"bad {TOKEN} token", f"url force://id::{TOKEN}@acme", f"x={TOKEN}", "a" * 5000, f"{TOKEN}"]
)
def test_a_message_that_holds_a_token_is_cleaned(cli, message):
    cli.answers({"status": 1, "name": "Oops", "message": message}, code=1)
    assert len(refused(cli, AuthenticationFailed)) < 300


def test_a_failure_without_a_message(cli):
    cli.answers("", err=CANARY, code=1)
    assert refused(cli, AuthenticationFailed) == "“sf org display” failed."


def test_an_answer_with_an_exit_code_is_no_answer(cli):
    cli.answers(good(**DISPLAY, accessToken=TOKEN), code=1)
    refused(cli, AuthenticationFailed)


@pytest.mark.parametrize(
    ("token", "err"),
    [
        ("", "Warning: org auth show-access-token is not a sf command."),
        ("", "Error: command org:auth:show-access-token not found"),
        ({"status": 127, "name": "CommandNotFound", "message": "no"}, ""),
    ],
)
def test_a_redacted_token_and_no_command_to_show_it(cli, token, err):
    cli.answers(good(**DISPLAY, accessToken=REDACTED), token, err=err, token_code=127)
    told = refused(cli, CollectionError)
    assert told == "The installed CLI does not know “sf org auth show-access-token”."


@pytest.mark.parametrize(
    "shown", [{"accessToken": REDACTED}, {}, {"accessToken": None}, {"accessToken": "a b"}]
)
def test_a_token_that_is_never_shown(cli, shown):
    cli.answers(good(**DISPLAY), good(**shown))
    assert "did not hand out" in refused(cli, CollectionError)


@pytest.mark.parametrize(
    "out", ["", "nonsense", f"Access Token {TOKEN}", f'{{"accessToken": "{TOKEN}"', "[1]", "{" * 5000]
)
def test_an_answer_that_is_not_json(cli, out):
    cli.answers(out)
    assert "did not answer in JSON" in refused(cli, CollectionError)


@pytest.mark.parametrize(
    "out", [{"status": 0}, {"status": 0, "result": [TOKEN]}, {"status": 0, "result": TOKEN}]
)
def test_an_answer_without_a_result(cli, out):
    cli.answers(out)
    assert "has no result" in refused(cli, CollectionError)


@pytest.mark.parametrize(
    "url", [None, "", "acme", "http://acme.my.salesforce.com", f"https://x:{TOKEN}@acme.com"]
)
def test_an_answer_without_an_address(cli, url):
    cli.answers(good(accessToken="t", instanceUrl=url))
    assert "did not tell the address" in refused(cli, CollectionError)


def test_another_org_than_the_one_that_is_meant(cli):
    cli.answers(good(**DISPLAY, accessToken=TOKEN))
    told = refused(cli, ConfigError, instance_url="https://acme.my.salesforce.com")
    assert URL in told
    assert cli_session.session_of("uat", instance_url=f"{URL}/home").instance_url == URL


def test_a_cli_that_hangs_is_stopped_with_its_children(cli):
    program = cli.folder / "sf"
    program.write_text(
        f'#!/bin/sh\n{sys.executable} -c "import time; time.sleep(30)" &\necho $! > {cli.folder}/child\nwait\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    began = time.monotonic()
    assert "within 2 seconds" in refused(cli, CollectionError, timeout=2)
    assert time.monotonic() - began < 15
    child = int((cli.folder / "child").read_text(encoding="utf-8"))
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        state = Path(f"/proc/{child}/stat")
        if state.exists() and state.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z":
            return  # ended, and waiting for whoever adopted it
        time.sleep(0.02)
    pytest.fail("the child lives on")


@pytest.mark.parametrize(
    "alias",
    ["", "-uat", "--json", "uat;id", "u at", "uat\n", "$(id)", "../x", "a" * 200, "uat&calc", '"x"', "ü"],
)
def test_an_alias_that_is_none_never_reaches_a_command_line(cli, alias):
    cli.answers(good(**DISPLAY, accessToken=TOKEN))
    assert "not the alias" in refused(cli, ConfigError, alias)
    assert not cli.log.exists()


@pytest.mark.parametrize(
    "alias", ["uat", "auditor@acme.example.uat", "first.last+x@acme.example", "_x", "Acme-1"]
)
def test_aliases_and_user_names(alias):
    assert check_alias(alias) == alias


def test_only_one_module_starts_programs():
    folder = Path(cli_session.__file__).parents[2]
    found = {
        path.relative_to(folder).as_posix()
        for package in ("auditor", "connectors", "mappings", "reports", "crm_audit")
        for path in (folder / package).rglob("*.py")
        if "subprocess" in path.read_text(encoding="utf-8") or "os.system" in path.read_text(encoding="utf-8")
    }
    assert found == {"connectors/salesforce/cli_session.py"}


def test_the_cli_session_reads_an_org(cli):
    with running(small_org()) as org:
        cli.answers(good(instanceUrl=org.url, accessToken=org.token))
        client = Client(cli_session.session_of("uat"), transport(org))
        assert len([row for page in client.pages(USERS, Api.QUERY) for row in page.records]) == 4
