"""The live server: the real client, raw requests, logins, refusals, and a log with no writes in it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sandbox_orgs import AUDITOR, DATA, Desk, browser, small_org
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceMalformedRequest

from sandbox.salesforce import Credentials, running

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def org():
    with running(small_org(), batch_size=2) as served:
        yield served


@pytest.fixture(scope="module")
def web(org):
    with browser(org) as session:
        yield session


@pytest.fixture(scope="module")
def client(org, web):
    return Salesforce(instance_url=org.url, session_id=org.token, session=web, version="63.0")


def test_the_real_client_pages_through(client):
    names = [each["Name"] for each in client.query_all_iter("SELECT Name FROM Contact ORDER BY Name")]
    assert names == ["Ada", "bob", "Cyd", "dan"]
    first = client.query("SELECT Name FROM Contact")
    assert (first["totalSize"], first["done"], len(first["records"])) == (4, False, 2)
    assert first["nextRecordsUrl"].startswith(f"{DATA}/query/0r8")
    assert first["nextRecordsUrl"].endswith("-2")
    second = client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert second["done"] is True
    assert "nextRecordsUrl" not in second


def test_the_real_client_describes(client):
    assert {"Contact", "PermissionSet", "User"} <= {each["name"] for each in client.describe()["sobjects"]}
    described = client.Contact.describe()
    assert described["childRelationships"][0]["relationshipName"] == "Visits__r"
    assert {"searchable", "recordTypeInfos", "supportedScopes"} <= described.keys()
    settable = {each["name"]: each for each in client.FieldPermissions.describe()["fields"]}
    values = [each["value"] for each in settable["Field"]["picklistValues"]]
    assert "Contact.MailingAddress" in values
    assert "Contact.MailingCity" not in values
    objects = {each["name"]: each for each in client.ObjectPermissions.describe()["fields"]}
    assert [each["value"] for each in objects["SobjectType"]["picklistValues"]] == [
        "Account",
        "Contact",
        "Visit__c",
    ]


def test_the_real_client_sees_errors_and_limits(client):
    with pytest.raises(SalesforceMalformedRequest) as caught:
        client.query("SELECT Nothing FROM Contact")
    assert caught.value.content[0]["errorCode"] == "INVALID_FIELD"
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000
    assert client.api_usage["api-usage"].used > 0
    assert (
        client.toolingexecute("query", params={"q": "SELECT DeveloperName FROM CustomField LIMIT 1"})["size"]
        == 1
    )
    counted = client.restful("limits/recordCount", params={"sObjects": "Contact,Nothing,Task"})
    assert counted == {"sObjects": [{"count": 4, "name": "Contact"}, {"count": 1, "name": "Task"}]}


def test_bulk_query_through_the_real_client(client):
    pages = list(
        client.bulk2.Contact.query(
            "SELECT Name, Account.Name, IsDeleted FROM Contact", max_records=3, wait=0.01
        )
    )
    assert pages[0].splitlines()[:2] == ['"Name","Account.Name","IsDeleted"', '"Ada","Acme","false"']
    assert [len(page.splitlines()) for page in pages] == [4, 2]


def test_bulk_refuses_what_it_cannot(org, web):
    def job(query):
        body = {"operation": "query", "query": query}
        return web.post(f"{org.url}{DATA}/jobs/query", json=body).json()[0]["errorCode"]

    assert job("SELECT Id FROM FieldPermissions") == "INVALIDENTITY"
    assert job("SELECT COUNT(Id) FROM Contact") == "API_ERROR"
    assert job("SELECT MailingAddress FROM Contact") == "API_ERROR"
    assert job("SELECT Id FROM Contact LIMIT 1") == "API_ERROR"


def test_headers(org, web):
    versions = requests.get(f"{org.url}/services/data/", verify=org.ca_file, timeout=5)
    assert versions.json()[-1] == {"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}
    assert "Sforce-Limit-Info" not in versions.headers
    answer = web.get(f"{org.url}{DATA}/")
    assert answer.headers["Date"] == "Tue, 24 Nov 2026 03:00:00 GMT"
    assert answer.headers["Sforce-Limit-Info"].startswith("api-usage=")
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert answer.json()["queryAll"] == f"{DATA}/queryAll"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{DATA}/nothing", 404, "NOT_FOUND"),
        (f"{DATA}/sobjects/Nothing/describe", 404, "NOT_FOUND"),
        ("/services/data/v68.0/limits", 404, "NOT_FOUND"),
        ("/services/data/v29.0/limits", 410, "GONE"),
        (f"{DATA}/query/0r8000000000000000-2000", 400, "INVALID_QUERY_LOCATOR"),
        (f"{DATA}/search?q=FIND", 400, "MALFORMED_SEARCH"),
        (f"{DATA}/query?q={'x' * 17000}", 414, "URI_TOO_LONG"),
        ("/somewhere/else", 404, "NOT_FOUND"),
    ],
)
def test_refusals(org, web, path, status, code):
    answer = web.get(org.url + path)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


def test_a_wrong_session_is_refused(org, web):
    answer = web.get(f"{org.url}{DATA}/limits", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    with pytest.raises(SalesforceExpiredSession):
        Salesforce(instance_url=org.url, session_id="wrong", session=web, version="63.0").query(
            "SELECT Id FROM User"
        )


def test_every_write_is_refused_and_recorded():
    with running(small_org()) as org, browser(org) as web:
        record = f"{org.url}{DATA}/sobjects/Contact/003x00000000001AAA"
        client = Salesforce(instance_url=org.url, session_id=org.token, session=web, version="63.0")
        client.query("SELECT Id FROM User")
        web.post(f"{org.url}{DATA}/composite", json={"compositeRequest": []})
        assert org.writes() == []
        statuses = [
            web.post(f"{org.url}{DATA}/sobjects/Contact", json={}).status_code,
            web.patch(record, json={}).status_code,
            web.delete(record).status_code,
            web.put(f"{org.url}{DATA}/jobs/ingest/1/batches", data="x").status_code,
            web.post(f"{org.url}{DATA}/jobs/ingest", json={}).status_code,
            web.post(f"{org.url}{DATA}/query?q=SELECT+Id+FROM+User").status_code,
            web.post(f"{org.url}/services/Soap/m/63.0", data="x").status_code,
        ]
        assert statuses == [405] * 7
        inner = [{"method": "PATCH", "url": f"{DATA}/sobjects/Contact/003", "referenceId": "w"}]
        composed = web.post(f"{org.url}{DATA}/composite", json={"compositeRequest": inner}).json()
        assert composed["compositeResponse"][0]["httpStatusCode"] == 405
        unauthorised = {"Authorization": "Bearer wrong"}
        web.delete(record, headers=unauthorised)
        assert [each.method for each in org.writes()] == [
            "POST",
            "PATCH",
            "DELETE",
            "PUT",
            "POST",
            "POST",
            "POST",
            "PATCH",
            "DELETE",
        ]
        assert web.get(record).json()["Name"] == "Ada"


def test_composite_and_batch(org, web):
    soql = "SELECT+Id+FROM+Contact+WHERE+Name='Ada'"
    requests_ = [
        {"method": "GET", "url": f"{DATA}/query?q={soql}", "referenceId": "q1"},
        {"method": "GET", "url": f"{DATA}/sobjects/Contact/@{{q1.records[0].Id}}", "referenceId": "r"},
        {"method": "GET", "url": f"{DATA}/sobjects/Nothing/describe", "referenceId": "n"},
    ]
    parts = web.post(f"{org.url}{DATA}/composite", json={"compositeRequest": requests_}).json()[
        "compositeResponse"
    ]
    assert [part["httpStatusCode"] for part in parts] == [200, 200, 404]
    assert parts[1]["body"]["Name"] == "Ada"
    five = [{"method": "GET", "url": f"{DATA}/query?q={soql}", "referenceId": str(n)} for n in range(6)]
    assert web.post(f"{org.url}{DATA}/composite", json={"compositeRequest": five}).status_code == 400
    batch = {"haltOnError": True, "batchRequests": [{"method": "GET", "url": url} for url in
                                                    ("v63.0/limits", "v63.0/nothing", "v63.0/limits")]}  # fmt: skip
    answer = web.post(f"{org.url}{DATA}/composite/batch", json=batch).json()
    assert (answer["hasErrors"], [each["statusCode"] for each in answer["results"]]) == (
        True,
        [200, 404, 412],
    )
    assert any(each.soql == "SELECT Id FROM Contact WHERE Name='Ada'" for each in org.log)


def test_composite_describe_can_be_switched_off():
    with running(small_org(behaviour={"composite_describe": False})) as org, browser(org) as web:
        inner = [{"method": "GET", "url": f"{DATA}/sobjects/Contact/describe", "referenceId": "d"}]
        answer = web.post(f"{org.url}{DATA}/composite", json={"compositeRequest": inner}).json()
        assert answer["compositeResponse"][0]["httpStatusCode"] == 400


def test_search_and_replication(org, web):
    found = web.get(
        f"{org.url}{DATA}/search", params={"q": "FIND {ada} IN ALL FIELDS RETURNING Contact(Id, Name)"}
    ).json()
    assert [each["Name"] for each in found["searchRecords"]] == ["Ada"]
    span = {"start": "2023-12-31T00:00:00+00:00", "end": "2024-01-02T00:00:00+00:00"}
    gone = web.get(f"{org.url}{DATA}/sobjects/Contact/deleted", params=span).json()
    assert [each["id"] for each in gone["deletedRecords"]] == ["003x00000000005AAA"]
    assert len(web.get(f"{org.url}{DATA}/sobjects/Contact/updated", params=span).json()["ids"]) == 4


def test_batch_size_hint():
    many = [{"Id": f"003x0000000{n:04d}AAA", "Name": f"n{n}"} for n in range(2500)]
    with running(small_org(tables={"Contact": many})) as org, browser(org) as web:

        def size(**headers):
            return len(
                web.get(
                    f"{org.url}{DATA}/query", params={"q": "SELECT Id FROM Contact"}, headers=headers
                ).json()["records"]
            )

        assert size() == 2000
        assert size(**{"Sforce-Query-Options": "batchSize=500"}) == 500
        assert size(**{"Sforce-Query-Options": "batchSize=1"}) == 200


# --- who may see what ---------------------------------------------------------------------------------------


def test_without_view_setup_the_grant_objects_do_not_exist():
    desk = Desk(small_org(running_user={"permissions": ["ApiEnabled"]}))
    for name in ("FieldPermissions", "ObjectPermissions", "PermissionSetGroupComponent", "EntityParticle",
                 "PermissionSetAssignment", "MutingPermissionSet", "UserRole"):  # fmt: skip
        asked = desk.query(f"SELECT Id FROM {name}")
        assert (asked.status, asked.code) == (400, "INVALID_TYPE"), name
        assert desk.get(f"sobjects/{name}/describe").status == 404
    assert desk.query("SELECT Id FROM PermissionSet").body["totalSize"] == 0
    assert (desk.get("limits").status, desk.get("limits").code) == (403, "INSUFFICIENT_ACCESS")
    assert desk.get("limits/recordCount").status == 403
    assert Desk(small_org(running_user={"permissions": ["ApiEnabled"]}), version="48.0").query(
        "SELECT Id FROM FieldPermissions"
    ).status == 200  # fmt: skip


def test_without_api_permission_nothing_answers():
    asked = Desk(small_org(running_user={"permissions": []})).query("SELECT Id FROM User")
    assert (asked.status, asked.code) == (403, "API_DISABLED_FOR_ORG")


def test_hidden_fields_and_objects():
    desk = Desk(
        small_org(running_user={"hidden_fields": ["Contact.Diagnosis__c"], "hidden_objects": ["Task"]})
    )
    assert desk.query("SELECT Diagnosis__c FROM Contact").code == "INVALID_FIELD"
    assert desk.query("SELECT Id FROM Contact WHERE Diagnosis__c = 'x'").code == "INVALID_FIELD"
    names = [each["name"] for each in desk.get("sobjects/Contact/describe").body["fields"]]
    assert "Diagnosis__c" not in names
    catalogue = desk.query(
        "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinitionId = 'Contact'"
    )
    assert "Diagnosis__c" in catalogue.column("QualifiedApiName")
    assert desk.query("SELECT Id FROM Task").code == "INVALID_TYPE"
    assert "Task" not in [each["name"] for each in desk.get("sobjects").body["sobjects"]]


def test_own_records_only():
    desk = Desk(small_org(running_user={"id": "005x00000000003AAA", "records": "own"}))
    assert desk.query("SELECT Name FROM Contact").column("Name") == ["dan"]


def test_version_gates():
    old = Desk(version="58.0")
    assert old.query("SELECT PermissionsViewAllFields FROM ObjectPermissions").code == "INVALID_FIELD"
    fields = [each["name"] for each in old.get("sobjects/PermissionSet/describe").body["fields"]]
    assert "PermissionsViewAllFieldsGlobal" not in fields
    assert "PermissionsRunReports" in fields
    limited = Desk(small_org(api_versions={"min": "31.0", "max": "58.0"}))
    assert limited.get("limits").status == 404
    assert Desk(version="45.0").query("SELECT Id FROM MutingPermissionSet").code == "INVALID_TYPE"


def test_tooling_objects_stay_at_their_endpoint():
    desk = Desk()
    assert desk.query("SELECT Id FROM RestrictionRule").code == "INVALID_TYPE"
    assert desk.query("SELECT Id FROM RestrictionRule", "tooling/query").status == 200
    assert desk.query("SELECT Id FROM Contact", "tooling/query").code == "INVALID_TYPE"


# --- logging in ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def guarded(key):
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    known = Credentials(consumer_key="app", consumer_secret="hush", public_key=public, password="pw")
    with running(small_org(), credentials=known) as org, browser(org) as web:
        yield org, web


def assertion(key, **changes):
    claims = {"iss": "app", "sub": "audit@clinic.example", "aud": "https://login.salesforce.com"}
    claims["exp"] = str(int(time.time()) + 180)  # noqa: TID251
    return jwt.encode({**claims, **changes}, key, algorithm="RS256")


def token(guarded, **form):
    org, web = guarded
    return web.post(
        f"{org.url}/services/oauth2/token", data=form, headers={"Authorization": form.pop("basic", "")}
    )


BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def test_jwt_with_exp_as_text(guarded, key):
    org, web = guarded
    answer = token(guarded, grant_type=BEARER, assertion=assertion(key))
    assert answer.status_code == 200
    body = answer.json()
    assert (body["token_type"], body["instance_url"]) == ("Bearer", org.url)
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert web.get(f"{org.url}{DATA}/limits", headers=headers).status_code == 200
    info = web.get(f"{org.url}/services/oauth2/userinfo", headers=headers).json()
    assert (info["user_id"], info["preferred_username"]) == (AUDITOR, "audit@clinic.example")


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"iss": "other"}, "invalid_client_id", "client identifier invalid"),
        ({"sub": "nobody@x"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"aud": "https://example.org"}, "invalid_grant", "audience is invalid"),
        ({"exp": "1"}, "invalid_grant", "invalid assertion"),
        ({"exp": "soon"}, "invalid_grant", "invalid assertion"),
    ],
)
def test_jwt_refusals(guarded, key, changes, error, description):
    answer = token(guarded, grant_type=BEARER, assertion=assertion(key, **changes))
    assert answer.status_code == 400
    assert answer.json() == {"error": error, "error_description": description}


def test_a_forged_assertion_is_refused(guarded):
    forger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    answer = token(guarded, grant_type=BEARER, assertion=assertion(forger))
    assert answer.json()["error_description"] == "invalid assertion"


def test_client_credentials(guarded):
    good = token(guarded, grant_type="client_credentials", client_id="app", client_secret="hush")
    assert "access_token" in good.json()
    bad = token(guarded, grant_type="client_credentials", client_id="app", client_secret="loud")
    assert (bad.status_code, bad.json()["error"]) == (400, "invalid_client")
    assert token(guarded, grant_type="password").json()["error"] == "unsupported_grant_type"


def soap(guarded, version, password):
    org, web = guarded
    body = f"<x><n1:username>audit@clinic.example</n1:username><n1:password>{password}</n1:password></x>"
    return web.post(f"{org.url}/services/Soap/u/{version}", data=body)


def test_soap_login(guarded):
    good = soap(guarded, "63.0", "pw")
    assert good.status_code == 200
    assert "<sessionId>" in good.text
    assert "INVALID_LOGIN" in soap(guarded, "63.0", "wrong").text
    late = soap(guarded, "65.0", "pw")
    assert late.status_code == 500
    assert "UNSUPPORTED_API_VERSION" in late.text


def test_serving_until_interrupted(tmp_path):
    program = (
        "import sys; from sandbox.salesforce import serve_forever\n"
        "serve_forever(sys.argv[1], '127.0.0.1', 0, sys.argv[2], lambda org: print(org.url, org.token, flush=True))"
    )
    fixture, folder = tmp_path / "small.org.json", tmp_path / "ca"
    fixture.write_text(json.dumps(small_org()), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", program, str(fixture), str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        url, token = process.stdout.readline().split()
        answer = requests.get(f"{url}{DATA}/limits", headers={"Authorization": f"Bearer {token}"},
                              verify=str(folder / "ca.pem"), timeout=5)  # fmt: skip
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)
    assert answer.status_code == 200


def test_starting_and_stopping_is_quick_and_leaves_nothing_behind():
    started = time.perf_counter()
    with running(small_org(), token="mine") as org:
        elapsed = time.perf_counter() - started
        assert org.token == "mine"
        ca_file = org.ca_file
        assert json.loads(requests.get(f"{org.url}/services/data", verify=ca_file, timeout=5).text)
    assert elapsed < 2
    with pytest.raises(OSError, match=r"ca\.pem"):
        open(ca_file).close()  # noqa: PTH123
