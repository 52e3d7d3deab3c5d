"""A secret never shows: not printed, not logged, not pickled, not in an error, not in a traceback."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import traceback
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from pydantic import ValidationError

from auditor.errors import ConfigError
from crm_audit import config, config_entries
from crm_audit.secrets import Secret

CANARY = "00D5g000004CANARY!AQEAQ.v3ryS3cretT0ken"


class Vault(KeyringBackend):
    """A keyring with one entry."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        if service == "locked":
            raise KeyringLocked("closed")
        return CANARY if (service, username) == ("crm-audit", "auditor") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


@pytest.fixture
def vault():
    before = keyring.get_keyring()
    keyring.set_keyring(Vault())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def kept(tmp_path: Path, vault: None) -> dict[str, Secret]:
    path = tmp_path / "token"
    path.write_text(f"{CANARY}\n", encoding="utf-8")
    path.chmod(0o600)
    return {
        "env": Secret.from_environment("SF_ACCESS_TOKEN", {"SF_ACCESS_TOKEN": CANARY}),
        "file": Secret.from_file(path),
        "keyring": Secret.from_keyring("crm-audit", "auditor"),
    }


KINDS = pytest.mark.parametrize("kind", ["env", "file", "keyring"])


@KINDS
def test_reveal_is_the_only_door(kept, kind, caplog):
    secret = kept[kind]
    assert secret.reveal() == CANARY
    logging.getLogger("test").warning("secret %s %r", secret, secret)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r}",
        f"{secret}",
        repr([secret]),
        repr({secret: secret}),
        secret.reference,
        secret.warning,
        caplog.text,
        repr(dataclasses.asdict(config.Session(secret))),
        repr(copy.copy(secret)),
        repr(copy.deepcopy(secret)),
        repr([getattr(secret, name) for name in dir(secret) if not callable(getattr(secret, name))]),
    ]
    assert CANARY not in "".join(shown)
    assert not hasattr(secret, "__dict__")


@KINDS
def test_a_secret_is_not_pickled_or_dumped(kept, kind):
    for dump in (pickle.dumps, json.dumps):
        with pytest.raises(TypeError) as caught:
            dump(kept[kind])
        assert CANARY not in str(caught.value)


@KINDS
def test_a_secret_is_compared_by_where_it_is_kept(kept, kind):
    assert kept[kind] != CANARY
    assert kept[kind] == copy.deepcopy(kept[kind])
    assert len({kept[kind], copy.copy(kept[kind])}) == 1


@KINDS
def test_a_traceback_with_locals_does_not_show_it(kept, kind):
    def fail(secret: Secret) -> None:
        raise RuntimeError(f"no luck with {secret}")

    try:
        fail(kept[kind])
    except RuntimeError as error:
        trace = traceback.TracebackException.from_exception(error, capture_locals=True)
        assert CANARY not in "".join(trace.format())


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda d: Secret.from_environment("GONE", {}, "c.yaml:7:1"),
            "c.yaml:7:1: The secret in env GONE is empty",
        ),
        (
            lambda d: Secret.from_environment("BLANK", {"BLANK": " \n"}),
            "The secret in env BLANK is empty or not set.",
        ),
        (lambda d: Secret.from_file(d / "gone"), "cannot be read (No such file or directory)"),
        (Secret.from_file, "cannot be read"),
        (lambda d: Secret.from_file(Path("\x00")), "cannot be read"),
        (lambda d: Secret.from_file(d / "empty"), "is empty"),
        (lambda d: Secret.from_file(d / "large"), "is far too long"),
        (lambda d: Secret.from_keyring("crm-audit", "nobody"), "keyring crm-audit/nobody is empty"),
        (lambda d: Secret.from_keyring("locked", "auditor"), "The keyring cannot be asked"),
    ],
)
def test_nothing_behind_a_reference(tmp_path, vault, make, sentence):
    (tmp_path / "empty").touch()
    (tmp_path / "large").write_bytes(b"x" * 100_000)
    with pytest.raises(ConfigError) as caught:
        make(tmp_path).reveal()
    assert sentence in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("mode", "readers"),
    [(0o600, ""), (0o400, ""), (0o640, "its group"), (0o604, "everybody"), (0o644, "everybody")],
)
def test_who_else_can_read_a_secret_file(tmp_path, mode, readers):
    path = tmp_path / "key"
    path.write_text(CANARY, encoding="utf-8")
    path.chmod(mode)
    warning = Secret.from_file(path).warning
    assert (readers in warning) if readers else (warning == "")
    assert Secret.from_file(tmp_path / "gone").warning == ""


def test_bytes_that_are_no_text_do_not_end_in_an_exception(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(b"abc\xffdef")
    assert Secret.from_file(path).reveal() == "abc\ufffddef"


# ── A secret in the wrong place ───────────────────────────────────────────────────────────────────

TARGET = """\
version: 1
targets:
  - name: clinic-org
    platform: salesforce
    instance_url: https://acme.my.salesforce.com
    auth: AUTH
"""
MISPLACED = [
    f"{{session: {{access_token: '{CANARY}'}}}}",
    f"{{session: {{access_token: {CANARY}}}}}",
    f"{{session: {{access_token: [{CANARY}]}}}}",
    f"{{session: {{access_token: {{{CANARY}}}}}}}",
    f"{{session: {{access_token: {{env: '{CANARY}'}}}}}}",
    f"{{session: {{access_token: {{file: ['{CANARY}']}}}}}}",
    f"{{session: {{access_token: {{env: X, value: '{CANARY}'}}}}}}",
    f"{{session: {{access_token: {{'{CANARY}': X}}}}}}",
    f"{{session: {{access_token: {{keyring: '{CANARY}'}}}}}}",
    f"{{session: {{access_token: {{keyring: {{service: a, user: b, password: '{CANARY}'}}}}}}}}",
    f"{{session: '{CANARY}'}}",
    f"{{session: {{'{CANARY}': }}}}",
    f"{{session: {{token: '{CANARY}'}}}}",
    f"'{CANARY}'",
    f"{{'{CANARY}': x, '{CANARY}': y}}",
    f"{{session: {{access_token: *{CANARY}}}}}",
    f"{{session: {{access_token: &{CANARY} x}}}}",
    f"{{session: {{access_token: !{CANARY} x}}}}",
    f"{{session: {{access_token: !{CANARY}! x}}}}",
    f"{{session: {{access_token: '{CANARY}}}}}",
    f'{{session: {{access_token: "\\q{CANARY}"}}}}',
    f"{{session: {{access_token: @{CANARY}}}}}",
    f"{{sf_cli: '{CANARY}'}}",
    f"{{sf_cli: '-{CANARY}'}}",
    f"{{client_credentials: {{consumer_key: {{env: X}}, consumer_secret: '{CANARY}'}}}}",
    f"{{client_credentials: '{CANARY}'}}",
    f"{{jwt: {{private_key: {{file: '-----BEGIN PRIVATE KEY----- {CANARY}'}}}}}}",
    f"{{session: {{access_token: {{env: X}}}}}}\n    proxy: https://user:{CANARY}@proxy.example",
    f"{{session: {{access_token: {{env: X}}}}}}\n    api_version: '{CANARY}'",
    f"{{session: {{access_token: {{env: X}}}}}}\n    '{CANARY}': '{CANARY}'",
]


@pytest.mark.parametrize("auth", MISPLACED)
def test_a_secret_in_the_wrong_place_is_not_repeated(tmp_path, auth, caplog):
    path = tmp_path / "crm-audit.yaml"
    path.write_text(TARGET.replace("AUTH", auth), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load(path, {})
    error = caught.value
    logging.getLogger("test").error("refused", exc_info=error)
    seen = [error.message, error.hint, repr(error), "".join(traceback.format_exception(error)), caplog.text]
    context: BaseException | None = error
    while context is not None:
        seen.append(str(context))
        context = context.__context__
    for part in (CANARY, "CANARY", "v3ryS3cret"):
        assert part not in "".join(seen)
    assert f"{path}:" in error.message


@pytest.mark.parametrize("auth", MISPLACED[:13])
def test_not_even_in_the_locals_of_a_traceback(tmp_path, auth):
    path = tmp_path / "crm-audit.yaml"
    path.write_text(TARGET.replace("AUTH", auth), encoding="utf-8")
    try:
        config.load(path, {})
    except ConfigError as error:
        trace = traceback.TracebackException.from_exception(error, capture_locals=True)
        frames = "".join(line for frame in trace.stack for line in map(str, (frame.locals or {}).values()))
        assert "CANARY" not in frames.replace(auth, "")


def test_pydantic_does_not_repeat_it_either():
    with pytest.raises(ValidationError) as caught:
        config_entries.SessionEntry.model_validate({"access_token": CANARY})
    assert CANARY not in str(caught.value)
    with pytest.raises(ValidationError) as caught:
        config_entries.JwtEntry.model_validate({"consumer_key": CANARY, "username": {"a": CANARY}})
    assert CANARY not in str(caught.value)


def test_what_is_shown_of_a_configuration_has_references_only(tmp_path):
    path = tmp_path / "crm-audit.yaml"
    path.write_text(TARGET.replace("AUTH", "{session: {access_token: {env: TOKEN}}}"), encoding="utf-8")
    loaded = config.load(path, {"TOKEN": CANARY})
    assert loaded.targets[0].auth.access_token.reveal() == CANARY
    assert CANARY not in repr(loaded) + repr(config.describe(loaded)) + repr(dataclasses.asdict(loaded))
    assert "env TOKEN" in repr(config.describe(loaded))
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(loaded)


def test_warnings_name_a_readable_secret_file(tmp_path):
    (tmp_path / "token").write_text(CANARY, encoding="utf-8")
    (tmp_path / "token").chmod(0o644)
    path = tmp_path / "crm-audit.yaml"
    path.write_text(TARGET.replace("AUTH", "{session: {access_token: {file: token}}}"), encoding="utf-8")
    [warning, *_] = config.warnings(config.load(path, {}))
    assert "can be read by everybody" in warning
    assert CANARY not in warning
