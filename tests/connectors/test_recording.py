"""A recording holds the shape of an org and nothing of its content, and is enough to replay what happened.

`python -m tests.connectors.test_recording` makes the committed cassette again, out of the sandbox.
"""

from __future__ import annotations

import os
import re
import socket
import urllib.parse
from pathlib import Path

import pytest
import vcr
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from auditor.errors import ConfigError
from auditor.snapshot import Why
from connectors.protocol import Plan, Scope
from connectors.salesforce.catalogue import Api
from connectors.salesforce.client import Client, Jwt, Refused, Session
from connectors.salesforce.preflight import preflight
from connectors.salesforce.recording import HOST, MATCH_ON, Scrubber, recording
from connectors.transport import Transport
from sandbox.salesforce import running
from tests.connectors.connector_orgs import CANARY, connected, connector, rows, small_org, transport

CASSETTE = Path(__file__).parent / "cassettes" / "check.yaml"
ID = re.compile(r"\b(?=[A-Za-z]*\d)(?!ID0)[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?\b")
SCOPE = Scope(objects=("Clinic_Settings__c", "Contact"))
PLAN = Plan(("Clinic_Settings__c", "Contact"), "digest")


def talkative_org():
    """Content wherever a text may be, also in places whose name sounds like metadata."""
    org = small_org(
        api_versions=["66.0", "67.0"],
        running_user={"hidden_fields": ["User.Title"], "hidden_objects": ["UserRole"]},
    )
    org["tables"]["User"][0]["Name"] = "Konstanze"
    org["objects"]["Contact"]["label"] = CANARY
    for field in org["objects"]["Contact"]["fields"]:
        field |= {"label": CANARY, "inlineHelpText": CANARY, "description": f"About {CANARY}"}
    org["objects"]["Contact"]["fields"][-1]["picklistValues"][0] |= {"value": CANARY, "label": CANARY}
    return org


def check(client):
    """What `crm-audit check` asks."""
    snapshot = connector(client).schema(SCOPE)
    return snapshot, preflight(client, snapshot, PLAN)


def replaying(path):
    recorder = vcr.VCR(record_mode="none", before_record_request=Scrubber().request, match_on=MATCH_ON)
    return recorder.use_cassette(str(path))


def offline():
    """A client of the host that a recording names; nothing but the recording answers."""
    return Client(Session(f"https://{HOST}", lambda: "nothing"), Transport(retry_wait=0.001))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    path = tmp_path_factory.mktemp("recording") / "check.yaml"
    with running(talkative_org(), batch_size=2) as served, recording(path):
        client = connected(served)
        found = check(client)
        paged = [page.total for page in client.pages("SELECT Id FROM UserLogin", Api.QUERY)]
    return path, served, found, paged


@pytest.fixture
def unplugged(monkeypatch):
    def connect(*_):
        raise AssertionError("a replay opened a socket")

    monkeypatch.setattr(socket.socket, "connect", connect)


def test_no_content_reaches_the_disk(recorded):
    path, served, _, _ = recorded
    text = path.read_text(encoding="utf-8")
    content = [
        served.token,
        served.url.removeprefix("https://"),
        "127.0.0.1",
        CANARY,
        "Lindenhof",
        "Konstanze",
        "clinic.example",
        "Authorization",
        "Bearer",
        *(str(row["Id"])[:15] for name in small_org()["tables"] for row in served.org.rows(name)),
    ]
    assert [word for word in content if word in text] == []
    assert ID.findall(urllib.parse.unquote(text)) == []
    assert oct(path.stat().st_mode & 0o777) == "0o600" or os.name != "posix"


def test_what_helps_is_kept(recorded):
    text = recorded[0].read_text(encoding="utf-8")
    for word in (
        "Diagnosis__c",
        "EntityParticle",
        "INVALID_TYPE",
        "totalSize",
        "api-usage",
        f"https://{HOST}/",
    ):
        assert word in text
    document = yaml.safe_load(text)
    assert {i["request"]["method"] for i in document["interactions"]} == {"GET"}
    assert all(i["request"]["headers"] == {} for i in document["interactions"])
    assert all(i["request"]["body"] is None for i in document["interactions"])


def test_a_recording_replays_as_it_was(recorded, unplugged):
    path, _, (snapshot, probes), paged = recorded
    with replaying(path):
        client = offline()
        again, probed = check(client)
        assert [page.total for page in client.pages("SELECT Id FROM UserLogin", Api.QUERY)] == paged == [4, 4]
    assert client.api_version == "67.0"
    assert probed == probes
    assert again.readings.keys() == snapshot.readings.keys()
    for name, reading in snapshot.readings.items():
        assert again.table(name).num_rows == reading.table.num_rows, name
        assert again.unread(name) == reading.unread, name
    kept = {
        "describe": ["object", "name", "type", "length", "custom"],
        "FieldDefinition": ["QualifiedApiName"],
    }
    for name, columns in kept.items():
        assert rows(again.table(name).select(columns)) == rows(snapshot.table(name).select(columns))


def test_a_replay_answers_nothing_else(recorded, unplugged):
    with replaying(recorded[0]):
        client = offline()
        with pytest.raises(Exception, match=r"(?i)cassette|FROM Case"):
            list(client.pages("SELECT Id FROM Case", Api.QUERY))


def test_the_committed_check_still_replays(unplugged):
    with replaying(CASSETTE):
        client = offline()
        snapshot, probes = check(client)
    assert client.api_version == "67.0"
    missing = {p.name: p.unread.why for p in probes if p.unread}
    assert missing == {"User": Why.FORBIDDEN, "UserRole": Why.FORBIDDEN}
    found = {p.name: p.rows for p in probes}
    assert (found["User"], found["FieldPermissions"], found["PermissionSetAssignment"]) == (4, 5, 3)
    fields = snapshot.table("EntityParticle").column("QualifiedApiName").to_pylist()
    assert {"Diagnosis__c", "Api_Notes__c", "Birthdate"} <= set(fields)
    assert len(fields) == len(set(snapshot.table("EntityParticle").column("DurableId").to_pylist()))
    assert snapshot.manifest.connected_user.startswith("ID0")


def test_the_committed_check_holds_no_content():
    text = CASSETTE.read_text(encoding="utf-8")
    words = (CANARY, "Lindenhof", "Konstanze", "127.0.0.1", "clinic.example", "Bearer")
    assert [word for word in words if word in text] == []
    assert ID.findall(urllib.parse.unquote(text)) == []


def test_a_jwt_login_leaves_no_assertion(tmp_path):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    path = tmp_path / "login.yaml"
    with running(small_org()) as served, recording(path):
        login = Jwt("konstanze@clinic.example", lambda: "consumer-key", lambda: pem, served.url)
        Client(login, transport(served)).user_id()
    text = path.read_text(encoding="utf-8")
    assert "/services/oauth2/token" in text
    words = ("assertion", "jwt-bearer", "eyJ", "konstanze", "Konstanze", "consumer-key", "127.0.0.1", "AQ")
    assert [word for word in words if word in text] == []


def test_nothing_is_overwritten(tmp_path):
    path = tmp_path / "check.yaml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="already exists"), recording(path):
        pass
    assert path.read_text(encoding="utf-8") == "mine"


def test_what_happened_before_a_failure_is_kept(tmp_path):
    path = tmp_path / "check.yaml"
    with running(small_org()) as served, pytest.raises(Refused), recording(path):
        connected(served).get("sobjects/Nothing/describe")
    assert "NOT_FOUND" in path.read_text(encoding="utf-8")
    assert oct(path.stat().st_mode & 0o777) == "0o600" or os.name != "posix"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"name": "Diagnosis__c", "soapType": "xsd:string", "label": CANARY}, "Diagnosis__c"),
        ({"name": "Contact", "keyPrefix": "003", "label": CANARY}, "Contact"),
        ({"name": "Contact", "count": 3}, "Contact"),
        ({"name": "Konstanze", "user_id": "005x00000000001AAA"}, ""),
        ({"name": "Oncology", "recordTypeId": "012x00000000001AAA", "master": False}, ""),
        ({"name": "Anna Auditor", "soapType": "xsd:string"}, ""),
        ({"Name": "Konstanze"}, ""),
        ({"DataType": "Formula (Text)"}, "Formula (Text)"),
        ({"DataType": "Picklist"}, "Picklist"),
        ({"DataType": "“free text”"}, ""),
        ({"errorCode": "INVALID_FIELD"}, "INVALID_FIELD"),
        ({"errorCode": "patient Müller"}, ""),
        (
            {"message": f"\nSELECT {CANARY}\n^\nNo such column 'Title' on entity 'User'."},
            "No such column 'Title'",
        ),
        ({"message": f"row {CANARY}"}, ""),
        ({"SobjectType": "Contact", "Field": "Contact.Diagnosis__c"}, "Contact Contact.Diagnosis__c"),
        ({"DurableId": "Contact.Email"}, "Contact.Email"),
        ({"access_token": "00Dx!AQ.secret", "token_type": "Bearer"}, ""),
        ({"version": "67.0", "label": "Summer '26"}, "67.0"),
        ([["free", {"value": "words"}], "more"], ""),
    ],
)
def test_texts(value, kept):
    def texts(found):
        match found:
            case dict():
                return [t for v in found.values() for t in texts(v)]
            case list():
                return [t for v in found for t in texts(v)]
            case str():
                return [found]
            case _:
                return []

    left = [
        t for t in texts(Scrubber().value(value)) if t != "scrubbed" and not re.fullmatch(r"ID\d{13}DAA", t)
    ]
    assert " ".join(left) == kept


def test_numbers_flags_and_shape_stay():
    value = {"totalSize": 3, "done": True, "records": [{"custom": False, "length": 1.5, "mask": None}]}
    assert Scrubber().value(value) == value


def test_equal_ids_get_equal_placeholders():
    scrubber, set_id = Scrubber(), "0PSx00000000001GAA"
    first, again, short, other, place = (
        scrubber.value({"Id": i})["Id"]
        for i in (set_id, set_id, set_id[:15], "0PSx00000000002GAA", "ID0000000000001DAA")
    )
    assert first == again == short == place == "ID0000000000001DAA"
    assert other == "ID0000000000002DAA"
    assert scrubber.value({"DurableId": "01I0000000ZZ001.00N000000000001"})["DurableId"].count("ID0") == 2


def write_cassette() -> None:
    """Make the committed cassette again."""
    CASSETTE.unlink(missing_ok=True)
    with running(talkative_org()) as served, recording(CASSETTE):
        check(connected(served))
    CASSETTE.chmod(0o644)


if __name__ == "__main__":
    write_cassette()
