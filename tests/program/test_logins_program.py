"""Every way to log in, through the program itself: out of the environment, or out of a configuration."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from auditor.errors import ConfigError
from crm_audit.config import ClientCredentials, Jwt, Org, Project, Session, SfCli
from crm_audit.targets import ENVIRONMENT, from_environment
from sandbox.salesforce import Credentials, running
from tests.program.planted_org import planted
from tests.program.programs import Ran, inside

KEY, SECRET = "3MVG9.consumer-key", "hush-hush-consumer-secret"
INSTANCE = {"SF_INSTANCE_URL": "https://acme.my.salesforce.com"}
TOKEN = {**INSTANCE, "SF_ACCESS_TOKEN": "t"}
JWT = {"SF_USERNAME": "auditor@acme.example", "SF_CONSUMER_KEY": KEY, "SF_PRIVATE_KEY_FILE": "/run/key"}
APP = {**INSTANCE, "SF_CONSUMER_KEY": KEY, "SF_CONSUMER_SECRET": SECRET}
CLI = {"SF_CLI_ALIAS": "acme-uat"}
TAGS = '{"phi": {"Contact.Diagnosis__c": "diagnosis"}}'


# -- what the environment says


def org(**environ: str) -> Org:
    found = from_environment("salesforce", environ)
    assert isinstance(found, Org)
    return found


def test_four_ways_to_log_in():
    assert isinstance(org(**TOKEN).auth, Session)
    assert isinstance(org(**JWT).auth, Jwt)
    app = org(**APP)
    assert isinstance(app.auth, ClientCredentials)
    assert (app.auth.consumer_key.reveal(), app.auth.consumer_secret.reveal()) == (KEY, SECRET)
    assert app.instance_url == INSTANCE["SF_INSTANCE_URL"]
    assert (org(**CLI).auth, org(**CLI).instance_url) == (SfCli("acme-uat"), "")
    assert org(**CLI, **INSTANCE).instance_url == INSTANCE["SF_INSTANCE_URL"]
    assert SECRET not in repr(app)


def test_a_secret_in_a_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    environ = {**INSTANCE, "SF_CONSUMER_KEY": KEY, "SF_CONSUMER_SECRET_FILE": str(path)}
    assert org(**environ).auth.consumer_secret.reveal() == SECRET
    with pytest.raises(ConfigError, match="both set"):
        org(**environ, SF_CONSUMER_SECRET=SECRET)


@pytest.mark.parametrize(
    ("environ", "login"),
    [
        ({}, "https://login.salesforce.com"),
        ({"SF_INSTANCE_URL": "acme.lightning.force.com"}, "https://login.salesforce.com"),
        ({"SF_INSTANCE_URL": "https://acme--uat.sandbox.my.salesforce.com"}, "https://test.salesforce.com"),
        ({"SF_LOGIN_URL": "test.salesforce.com/"}, "https://test.salesforce.com"),
        ({"SF_LOGIN_URL": "https://127.0.0.1:8443"}, "https://127.0.0.1:8443"),
        ({**INSTANCE, "SF_LOGIN_URL": INSTANCE["SF_INSTANCE_URL"]}, "https://acme.my.salesforce.com"),
    ],
)
def test_the_token_host_of_a_jwt(environ, login):
    assert org(**JWT, **environ).auth.audience == login


@pytest.mark.parametrize(
    "ways", [(TOKEN, JWT), (TOKEN, APP), (TOKEN, CLI), (JWT, APP), (JWT, CLI), (APP, CLI)]
)
def test_two_ways_to_log_in_are_refused(ways):
    environ = {**ways[0], **ways[1]}
    with pytest.raises(ConfigError, match="several ways to log in") as failed:
        org(**environ)
    signs = ("SF_ACCESS_TOKEN", "SF_PRIVATE_KEY_FILE", "SF_CONSUMER_SECRET", "SF_CLI_ALIAS")
    assert sum(sign in failed.value.hint for sign in signs) == 2
    assert SECRET not in failed.value.message + failed.value.hint


def test_a_user_name_does_not_go_with_an_apps_secret():
    """Whoever sets both means to run as that user, and the app would run as its own."""
    with pytest.raises(ConfigError, match="a JWT login and client credentials"):
        org(**APP, SF_USERNAME="auditor@acme.example")


@pytest.mark.parametrize(
    ("environ", "gone", "told"),
    [
        (TOKEN, "SF_INSTANCE_URL", "SF_ACCESS_TOKEN is set, but SF_INSTANCE_URL is not"),
        (TOKEN, "SF_ACCESS_TOKEN", "no way to log in"),
        (APP, "SF_INSTANCE_URL", "SF_CONSUMER_SECRET is set, but SF_INSTANCE_URL is not"),
        (APP, "SF_CONSUMER_KEY", "SF_CONSUMER_SECRET is set, but SF_CONSUMER_KEY is not"),
        (APP, "SF_CONSUMER_SECRET", "no way to log in"),
        (JWT, "SF_USERNAME", "SF_PRIVATE_KEY_FILE is set, but SF_USERNAME is not"),
        (JWT, "SF_PRIVATE_KEY_FILE", "SF_USERNAME is set, but SF_PRIVATE_KEY_FILE is not"),
        (JWT, "SF_CONSUMER_KEY", "SF_USERNAME is set, but SF_CONSUMER_KEY is not"),
        ({"SF_USERNAME": "a"}, "", "SF_CONSUMER_KEY and SF_PRIVATE_KEY_FILE are not"),
        ({}, "", "no way to log in"),
    ],
)
def test_what_is_missing_is_named(environ, gone, told):
    with pytest.raises(ConfigError, match=told) as failed:
        org(**{**environ, gone or "X": ""})
    assert "SF_CLI_ALIAS" in failed.value.hint


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"SF_INSTANCE_URL": "http://acme.my.salesforce.com"}, "SF_INSTANCE_URL: A CRM is never"),
        ({"SF_INSTANCE_URL": "https://u:hunter2@acme.example"}, "SF_INSTANCE_URL: An address must not"),
        ({"SF_INSTANCE_URL": "https://login.salesforce.com"}, "SF_INSTANCE_URL: This is where people log in"),
        ({"SF_API_VERSION": "62.0"}, "SF_API_VERSION: API versions before 63.0"),
        ({"SF_API_VERSION": "newest"}, "SF_API_VERSION: “newest” is not an API version"),
    ],
)
def test_what_cannot_be_used_is_named(environ, told):
    with pytest.raises(ConfigError, match=told) as failed:
        org(**{**TOKEN, **environ})
    assert "hunter2" not in failed.value.message + failed.value.hint


def test_an_alias_that_is_an_option():
    with pytest.raises(ConfigError, match="SF_CLI_ALIAS: This is not the alias"):
        org(SF_CLI_ALIAS="--json")


def test_every_variable_is_read_by_something():
    """Whatever is promised in the list has an effect here, or is one of the library's own."""
    source = Path(from_environment.__code__.co_filename).read_text(encoding="utf-8")
    for name in ENVIRONMENT.keys() - {"REQUESTS_CA_BUNDLE", "HTTPS_PROXY"}:
        assert source.count(f'"{name}"') > 1, name


# -- a folder with source


def test_a_folder_instead_of_an_org(tmp_path):
    assert from_environment("sfdx", {}, tmp_path) == Project("sfdx", tmp_path)
    assert from_environment("", TOKEN, tmp_path) == Project("sfdx", tmp_path)


@pytest.mark.parametrize(
    ("platform", "project", "told"),
    [
        ("sfdx", None, "not said where the source is"),
        ("sfdx", "gone", "is not a folder"),
        ("salesforce", ".", "not read from a folder"),
        ("hubspot", ".", "not read from a folder"),
        ("tryton", ".", "not read from a folder"),
        ("dynamics", None, "no platform “dynamics”"),
        ("dynamics", ".", "no platform “dynamics”"),
    ],
)
def test_a_folder_that_does_not_fit(tmp_path, platform, project, told):
    with pytest.raises(ConfigError, match=told) as failed:
        from_environment(platform, TOKEN, tmp_path / project if project else None)
    assert failed.value.hint


def test_a_folder_beside_a_configuration(tmp_path):
    (tmp_path / "c.yaml").write_text("version: 1\n", encoding="utf-8")
    ran = inside(tmp_path, "run", "sfdx", "--project", ".", "--config", "c.yaml")
    assert ran.code == 2
    assert "Leave out --project" in ran.err


# -- the program


def says_no_secret(ran: Ran, *secrets: str) -> None:
    assert "Traceback" not in ran.err
    for secret in secrets:
        assert secret not in ran.out + ran.err


def test_client_credentials_from_the_environment(tmp_path):
    (tmp_path / "tags.json").write_text(TAGS, encoding="utf-8")
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    (tmp_path / "loud").write_text("loud-secret", encoding="utf-8")
    codes = []
    with running(planted(), credentials=Credentials(consumer_key=KEY, consumer_secret=SECRET)) as served:
        common = {
            "SF_INSTANCE_URL": f"{served.url}/lightning/page/home",
            "REQUESTS_CA_BUNDLE": served.ca_file,
        }
        for secret in (
            {"SF_CONSUMER_SECRET": SECRET},
            {"SF_CONSUMER_SECRET_FILE": str(tmp_path / "secret")},
            {"SF_CONSUMER_SECRET_FILE": str(tmp_path / "loud")},
        ):
            words = ("check", "salesforce", "--tags", "tags.json")
            ran = inside(tmp_path, *words, SF_CONSUMER_KEY=KEY, **common, **secret)
            codes.append(ran.code)
            says_no_secret(ran, SECRET, "loud-secret", KEY, served.token)
    assert codes[:2] in ([0, 0], [4, 4])
    assert codes[2] == 3
    assert "invalid_client" in ran.err
    assert served.writes() == []


def test_a_recorded_login_holds_no_secret(tmp_path):
    (tmp_path / "tags.json").write_text(TAGS, encoding="utf-8")
    with running(planted(), credentials=Credentials(consumer_key=KEY, consumer_secret=SECRET)) as served:
        environ = {
            "SF_INSTANCE_URL": served.url,
            "REQUESTS_CA_BUNDLE": served.ca_file,
            "SF_CONSUMER_KEY": KEY,
        }
        words = ("check", "salesforce", "--tags", "tags.json", "--record", "check.yaml")
        ran = inside(tmp_path, *words, SF_CONSUMER_SECRET=SECRET, **environ)
    assert ran.code in {0, 4}, ran.err
    text = (tmp_path / "check.yaml").read_text(encoding="utf-8")
    assert "/services/oauth2/token" in text
    for secret in (KEY, SECRET, served.token, "Basic"):
        assert secret not in text


def cli(folder: Path, served, *, redacted: bool) -> str:
    """A pretended `sf` that is logged in to a served org, on a PATH of its own."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    shown = "[REDACTED] Use 'sf org auth show-access-token' to view" if redacted else served.token
    answers = {
        "org display": {"instanceUrl": served.url, "accessToken": shown},
        "org auth": {"accessToken": served.token},
    }
    (programs / "sf").write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        f"answer = {answers!r}[' '.join(sys.argv[1:3])]\n"
        "ok = 'acme-uat' in sys.argv\n"
        "told = {'status': 0, 'result': answer} if ok else {'status': 1, 'name': 'NoOrg', 'message': 'Unknown.'}\n"
        "print(json.dumps(told))\nsys.exit(not ok)\n",
        encoding="utf-8",
    )
    (programs / "sf").chmod(0o755)
    return os.pathsep.join([str(programs), os.environ["PATH"]])


@pytest.mark.parametrize("redacted", [False, True])
def test_the_session_of_the_cli_from_the_environment(tmp_path, redacted):
    (tmp_path / "tags.json").write_text(TAGS, encoding="utf-8")
    with running(planted()) as served:
        environ = {"PATH": cli(tmp_path, served, redacted=redacted), "REQUESTS_CA_BUNDLE": served.ca_file}
        words = ("run", "salesforce", "--tags", "tags.json", "--out", "out", "--log-json")
        ran = inside(tmp_path, *words, SF_CLI_ALIAS="acme-uat", **environ)
        unknown = inside(tmp_path, *words, SF_CLI_ALIAS="acme-prod", **environ)
        elsewhere = inside(tmp_path, *words, SF_CLI_ALIAS="acme-uat", **INSTANCE, **environ)
    assert ran.code not in {1, 2, 3}, ran.err
    assert ran.document()
    says_no_secret(ran, served.token)
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or served.token.encode() not in path.read_bytes()
    assert unknown.code == 3
    assert "NoOrg: Unknown." in unknown.err
    assert elsewhere.code == 2
    assert "leave the address out" in elsewhere.err
    says_no_secret(elsewhere, served.token)


def test_without_a_cli(tmp_path):
    ran = inside(tmp_path, "check", "salesforce", SF_CLI_ALIAS="acme-uat", PATH=str(tmp_path))
    assert ran.code == 2
    assert "not on the PATH" in ran.err
    says_no_secret(ran)


CONFIGURED = """\
version: 1
strict_credential: false
targets:
  - name: app
    platform: salesforce
    instance_url: {url}
    ca_bundle: {ca}
    auth:
      client_credentials:
        consumer_key: {{env: KEY}}
        consumer_secret: {{file: secret}}
  - name: cli
    platform: salesforce
    ca_bundle: {ca}
    auth: {{sf_cli: acme-uat}}
"""


def test_both_from_a_configuration(tmp_path):
    (tmp_path / "tags.json").write_text(TAGS, encoding="utf-8")
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    (tmp_path / "secret").chmod(0o600)
    with running(planted(), credentials=Credentials(consumer_key=KEY, consumer_secret=SECRET)) as served:
        text = CONFIGURED.format(url=served.url, ca=served.ca_file)
        (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
        environ = {"PATH": cli(tmp_path, served, redacted=True), "KEY": KEY}
        words = ("run", "--config", "c.yaml", "--tags", "tags.json", "--out", "out")
        ran = inside(tmp_path, *words, **environ)
        shown = inside(tmp_path, "config", "show", "--config", "c.yaml", **environ)
    assert ran.code not in {1, 2, 3}, ran.err
    says_no_secret(ran, SECRET, KEY, served.token)
    assert "app" in json.dumps(ran.document())
    assert "acme-uat" in shown.out
    says_no_secret(shown, SECRET, KEY, served.token)
    assert [each.path for each in served.log].count("/services/oauth2/token") == 1
