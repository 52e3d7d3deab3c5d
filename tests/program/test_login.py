"""A JWT login and a recorded check, through the program itself."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.salesforce import Credentials, running
from tests.program.planted_org import planted
from tests.program.programs import door, inside


def test_a_jwt_login_audits_and_a_foreign_key_does_not(tmp_path):
    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
    pem = serialization.Encoding.PEM
    public = keys[0].public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    codes = []
    (tmp_path / "tags.json").write_text('{"phi": {"Contact.Diagnosis__c": "diagnosis"}}', encoding="utf-8")
    with running(planted(), credentials=Credentials(consumer_key="consumer", public_key=public)) as served:
        for number, key in enumerate(keys):
            path = tmp_path / f"key{number}.pem"
            form = serialization.PrivateFormat.PKCS8
            path.write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
            environ = {
                "SF_USERNAME": "auditor@clinic.example",
                "SF_CONSUMER_KEY": "consumer",
                "SF_PRIVATE_KEY_FILE": str(path),
                "SF_LOGIN_URL": served.url,
                "REQUESTS_CA_BUNDLE": str(served.ca_file),
            }
            ran = inside(tmp_path, "check", "salesforce", "--tags", "tags.json", **environ)
            codes.append(ran.code)
            assert "Traceback" not in ran.err
            assert "PRIVATE KEY" not in ran.err + ran.out
    assert codes[1] == 3, ran.err
    assert codes[0] in {0, 4}, codes


def test_a_recorded_check_holds_no_text_of_the_org(tmp_path):
    (tmp_path / "tags.json").write_text('{"phi": {"Contact.Diagnosis__c": "diagnosis"}}', encoding="utf-8")
    with running(planted()) as served:
        words = ("check", "salesforce", "--tags", "tags.json", "--record", "check.yaml")
        ran = inside(tmp_path, *words, **door(served))
        token, host = served.token, served.url.removeprefix("https://")
    assert ran.code in {0, 4}, ran.err
    text = (tmp_path / "check.yaml").read_text(encoding="utf-8")
    assert "FieldPermissions" in text
    for secret in (token, host, "a@clinic.example"):
        assert secret not in text
