"""Whatever is wrong with a file: its line and column, one sentence, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from auditor.errors import ConfigError
from crm_audit import config
from crm_audit.config_entries import AudienceEntry, ConfigurationFile, PolicyEntry, TargetEntry

TARGET = """\
version: 1
targets:
  - name: clinic-org
    platform: salesforce
    instance_url: https://acme.my.salesforce.com
    auth:
      session: {access_token: {env: SF_ACCESS_TOKEN}}
"""
SHARED = """\
version: 1
audiences:
  - name: marketing
    marketing: true
    signs: {profile: "^marketing"}
    why: Finds patients.
policy:
  matrix:
    marketing: {clinical: none}
retention:
  - id: lead
    object: Lead
    anchor: LastActivityDate
    period: P24M
    why: Our schedule.
accepted_unknowns:
  - reading: LoginHistory
    reason: Not needed.
    owner: Security
    expires: 2027-03-31
"""

# what to replace, by what, where it is refused, a part of the sentence, a part of the hint
BAD_TARGETS = [
    ("version: 1", "version: 2", "1:10", "not a version", "version: 1"),
    ("version: 1\n", "", "1:1", "“version” is missing", "always 1"),
    ("version: 1", "verson: 1", "1:1", "Unknown key “verson”", "Did you mean “version”?"),
    ("name: clinic-org", "name: clinic/org", "3:11", "not a name", "letters"),
    ("name: clinic-org", "name:", "3:5", "“targets[0].name” is empty", "remove it"),
    ("platform: salesforce", "platform: salesfroce", "4:15", "“salesfroce”", "Did you mean “salesforce”?"),
    ("platform: salesforce", "platform: Salesforce", "4:15", "“Salesforce”", "Did you mean “salesforce”?"),
    ("platform: salesforce", "platform: zoho", "4:15", "“zoho”", "hubspot, salesforce, sfdx, tryton"),
    (
        "platform: salesforce",
        "platform: hubspot",
        "3:5",
        "A HubSpot portal has no “instance_url”",
        "correct the platform",
    ),
    (
        "platform: salesforce",
        "platform: tryton",
        "3:5",
        "A Tryton database has no “instance_url”",
        "correct the platform",
    ),
    ("    instance_url", "    instanceurl", "5:5", "Unknown key “instanceurl”", "“instance_url”"),
    ("https://acme.my", "http://acme.my", "5:19", "without TLS", "https://"),
    ("https://acme.my.salesforce.com", "acme", "5:19", "not a web address", "https://acme.my.salesforce.com"),
    ("https://acme.my", "https://[acme.my", "5:19", "not a web address", "https://acme.my.salesforce.com"),
    ("acme.my.salesforce.com", "acme--c.vf.force.com", "5:19", "a page, not of the API", "My Domain"),
    ("acme.my.salesforce.com", "login.salesforce.com", "5:19", "where people log in", "My Domain"),
    ("https://acme.my", "https://u:p@acme.my", "5:19", "must not carry a user name", "@"),
    (
        "session: {access_token: {env: SF_ACCESS_TOKEN}}",
        "{}",
        "7:7",
        "Exactly one of session, jwt, client_credentials and sf_cli",
        "Keep",
    ),
    ("    auth:", "    auth:\n      sf_cli: acme", "7:7", "Exactly one of session, jwt", "Keep"),
    ("session: {access_token: {env: SF_ACCESS_TOKEN}}", "sf_cli: --json", "7:15", "not the alias", "letters"),
    (
        "session: {access_token: {env: SF_ACCESS_TOKEN}}",
        "client_credentials: {consumer_key: {env: KEY}}",
        "7:27",
        "“consumer_secret” is missing",
        "Consumer secret",
    ),
    (
        "    instance_url: https://acme.my.salesforce.com\n",
        "",
        "3:5",
        "“instance_url” is missing",
        "My Domain",
    ),
    (
        "    auth:\n      session: {access_token: {env: SF_ACCESS_TOKEN}}\n",
        "",
        "3:5",
        "“auth” is missing",
        "session, jwt, client_credentials, sf_cli",
    ),
    ("    auth:", "    project: .\n    auth:", "3:5", "An org has no “project”", "sfdx"),
    ("    auth:", "    project: source\n    auth:", "6:14", "a folder that is not there", "relative"),
    ("platform: salesforce", "platform: sfdx", "3:5", "“project” is missing", "the folder"),
    ("platform: salesforce", "platform: sfdx\n    project: .", "3:5", "has no instance_url", "salesforce"),
    ("session: {", "sesion: {", "7:7", "Unknown key “sesion”", "Did you mean “session”?"),
    ("{access_token", "{acess_token", "7:17", "Unknown key “acess_token”", "“access_token”"),
    ("{env: SF_ACCESS_TOKEN}", "{evn: SF_TOKEN}", "7:31", "exactly one of the keys env, file", "{env: NAME}"),
    ("{env: SF_ACCESS_TOKEN}", "{env: sf token}", "7:37", "not the name of an environment", "capitals"),
    ("{env: SF_ACCESS_TOKEN}", "{file: 5, env: X}", "7:31", "exactly one", "{file: PATH}"),
    ("{env: SF_ACCESS_TOKEN}", "{keyring: crm}", "7:41", "must be a mapping", "key: value"),
    ("    auth:", "    api_version: 62.0\n    auth:", "6:18", "before 63.0", "63.0 or later"),
    ("    auth:", "    api_version: v67\n    auth:", "6:18", "not an API version", "67.0"),
    ("    auth:", "    ca_bundle: ca.pem\n    auth:", "6:16", "a file that is not there", "relative"),
    ("    auth:", "    proxy: https://u:p@proxy\n    auth:", "6:12", "must not carry a user name", "@"),
    ("    auth:", "    timeouts: {conect: 1}\n    auth:", "6:16", "Unknown key “conect”", "“connect”"),
    ("    auth:", "    timeouts: {read: soon}\n    auth:", "6:22", "must be a valid number", ""),
    ("    auth:", "    timeouts: {read: 0}\n    auth:", "6:22", "must be greater than 0", ""),
    ("    auth:", "    timeouts: {read: .inf}\n    auth:", "6:22", "must be a valid number", ""),
    ("    auth:", "    objects: {include: Lead}\n    auth:", "6:24", "must be a list", "[one, two]"),
    ("    auth:", "    objects: Lead\n    auth:", "6:14", "must be a mapping", "key: value"),
    ("    auth:", "    sampling: {}\n    auth:", "6:15", "“objects” is missing", "one by one"),
    ("    auth:", "    sampling: {objects: []}\n    auth:", "6:25", "No object is named", "remove"),
    ("    auth:", "    sampling: {objects: ['*']}\n    auth:", "6:26", "by name, one by one", "Intake__c"),
    ("    auth:", "    sampling: {objects: [A, Care*]}\n    auth:", "6:29", "by name, one by one", "2-310"),
    (
        "    auth:",
        "    sampling: {objects: [Lead], rows: 0}\n    auth:",
        "6:39",
        "greater than or equal to 1",
        "",
    ),
    (
        "    auth:",
        "    sampling: {objects: [Lead], rows: 201}\n    auth:",
        "6:39",
        "less than or equal to 200",
        "",
    ),
]
BAD_SHARED = [
    ("    why: Finds patients.\n", "", "3:5", "“why” is missing in audiences[0]", "Why these people"),
    ("signs: {profile", "signs: {profil", "5:13", "Unknown key “profil”", "Did you mean “profile”?"),
    ("signs: {profile", "signs: {license", "5:13", "Unknown key “license”", "Did you mean “licence”?"),
    ('"^marketing"', '"("', "5:22", "not a regular expression: missing )", "single quotes"),
    ('"^marketing"', '"[[a]"', "5:22", "Python is sure about", "simply"),
    ('"^marketing"', '"sales|"', "5:22", "matches everything", "empty alternative"),
    ('signs: {profile: "^marketing"}', "signs: {}", "3:5", "nobody can belong", "signs or kinds"),
    ('{profile: "^marketing"}', "{team: '('}", "5:19", "not a regular expression: missing )", "quotes"),
    ('{profile: "^marketing"}', "{teams: [x]}", "5:13", "Unknown key “teams”", "Did you mean “team”?"),
    ('{profile: "^marketing"}', "{team_ids: 55}", "5:23", "must be a list", "[one, two]"),
    ('{profile: "^marketing"}', "{permission_set_ids: ['']}", "5:34", "", ""),
    ('{profile: "^marketing"}', "{emails: [a, b@c.de]}", "5:22", "not an e-mail address", "whole"),
    ("marketing: true", "marketing: perhaps", "4:16", "must be true or false", ""),
    ("marketing: true", "kinds: [gest]", "4:13", "cannot be “gest”", "Did you mean “guest”?"),
    ("name: marketing", "name: unclassified", "3:11", "everybody without an audience", "another name"),
    ("    marketing: {clin", "    marketng: {clin", "9:5", "unknown audience, “marketng”", "“marketing”"),
    ("{clinical: none}", "{clinicl: none}", "9:17", "unknown PHI class, “clinicl”", "“clinical”"),
    ("{clinical: none}", "{none: read}", "9:17", "unknown PHI class, “none”", "*, clinical"),
    ("{clinical: none}", "{clinical: raed}", "9:27", "cannot be “raed”", "Did you mean “read”?"),
    ("{clinical: none}", "{clinical: write}", "9:27", "cannot be “write”", "edit, none, read"),
    (
        "{clinical: none}",
        "{clinical: {level: read}}",
        "9:27",
        "“why” is missing",
        "required in the long form",
    ),
    ("{clinical: none}", "{clinical: {why: x}}", "9:27", "“level” is missing", "none, read or edit"),
    (
        "{clinical: none}",
        "{clinical: {level: read, why: x, approver: A}}",
        "9:27",
        "approver and date",
        "both",
    ),
    ("{clinical: none}", "{clinical: [none]}", "9:27", "must be a mapping", ""),
    ("{clinical: none}", "none", "9:16", "must be a mapping", ""),
    ("  matrix:", "  approved_by: Me\n  matrix:", "8:3", "both approved_by and approved_on", "draft"),
    ("  matrix:", "  approved_on: 2027-1-5\n  matrix:", "8:16", "not a day", "2027-03-31"),
    ("  matrix:", "  approved_on: 2027-02-29\n  matrix:", "8:16", "not a day of the calendar", "2027-03-31"),
    ("period: P24M", "period: 24 months", "14:13", "not an ISO 8601 duration", "Did you mean “P24M”?"),
    ("period: P24M", "period: 7y", "14:13", "not an ISO 8601 duration", "Did you mean “P7Y”?"),
    ("period: P24M", "period: P", "14:13", "not an ISO 8601 duration", "P7Y seven years"),
    ("period: P24M", "period: -P1Y", "14:13", "not an ISO 8601 duration", "P7Y seven years"),
    ("period: P24M", "period: P0D", "14:13", "A period of nothing", "P7Y"),
    ("period: P24M", "period: P9999Y", "14:13", "longer than the calendar", "P7Y"),
    ("period: P24M", "perid: P24M", "14:5", "Unknown key “perid”", "Did you mean “period”?"),
    ("object: Lead", "object: Lead Source", "12:13", "not an API name", "API name"),
    ("    why: Our schedule.\n", "", "11:5", "“why” is missing in retention[0]", "this period"),
    ("expires: 2027-03-31", "expires: soon", "20:14", "not a day", "2027-03-31"),
    ("    reason: Not needed.\n", "", "17:5", "“reason” is missing", "acceptable"),
    ("    owner: Security", "    owner: true", "19:12", "must be text", "quotes"),
    ("version: 1\n", "version: 1\nmappings: [map.yaml]\n", "2:12", "a file that is not there", "map.yaml"),
    ("version: 1\n", "version: 1\nstrict_credential: perhaps\n", "2:20", "must be true or false", ""),
    ("version: 1\n", "version: 1\nreport: {directory: ''}\n", "2:21", "is empty", "Give it a value"),
]
NOT_PLAIN_YAML = [
    ("", "1:1", "The file is empty.", ""),
    ("# nothing\n", "1:1", "The file is empty.", ""),
    ("~\n", "1:1", "The file is empty.", "Give it a value"),
    ("- 1\n", "1:1", "must be a mapping", "key: value"),
    ("version: 1\nversion: 1\n", "2:1", "The key “version” is given twice.", "line 1"),
    ("version: 1\nreport: {directory: a, directory: b}\n", "2:24", "given twice", "line 2"),
    ("version: &v 1\n", "1:10", "anchors (&name) are not accepted", "each value"),
    ("version: 1\ntargets: &t [*t]\n", "2:10", "anchors (&name) are not accepted", "each value"),
    ("version: 1\nreport: *v\n", "2:9", "not valid YAML: found undefined alias", ""),
    ("version: 1\nreport: !mine x\n", "2:9", "tags (!name) are not accepted", "quote"),
    ("version: 1\nreport: !!set {a, b}\n", "2:9", "tags (!name) are not accepted", "quote"),
    ("version: !!python/object/apply:os.system [x]\n", "1:10", "tags (!name) are not accepted", ""),
    ("version: 1\n---\nversion: 1\n", "2:1", "not valid YAML: found another document", ""),
    ("? [a, b]\n: 1\n", "1:3", "Expected a word as the key", ""),
    ("version: 1\n<<: {report: x}\n", "2:1", "Unknown key “<<”", ""),
    ("version: 1\n  report: x\n", "2:9", "not valid YAML", "indentation"),
    ("version: 1\n\treport: x\n", "2:1", "not valid YAML", "indentation"),
    ("version: [1\n", "2:1", "not valid YAML", "quotes"),
    ("version: 'a\n", "2:1", "not valid YAML", "quotes"),
    ("version: 1\nreport: a\x07b\n", "1:1", "not valid YAML: there is a control character on line 2", ""),
    ('version: 1\nreport: {directory: "a\\eb"}\n', "2:21", "A control character", "Remove it"),
    ('version: 1\nreport: {directory: "\\ud800"}\n', "2:21", "A control character", "Remove it"),
    ("version: " + "[" * 30, "1:40", "not valid YAML", ""),
]


def load(tmp_path: Path, text: str) -> config.Config:
    path = tmp_path / "crm-audit.yaml"
    path.write_text(text, encoding="utf-8")
    return config.load(path, {})


def refusal(tmp_path: Path, text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return caught.value


def check(error: ConfigError, path: Path, place: str, sentence: str, hint: str) -> None:
    assert error.message.startswith(f"{path}:{place}: ")
    assert sentence in error.message
    assert "\n" not in error.message
    assert hint in error.hint.split("\n")[0]
    assert error.exit_code == 2


@pytest.mark.parametrize(("old", "new", "place", "sentence", "hint"), BAD_TARGETS)
def test_bad_targets(tmp_path, old, new, place, sentence, hint):
    assert TARGET.count(old) == 1
    error = refusal(tmp_path, TARGET.replace(old, new))
    check(error, tmp_path / "crm-audit.yaml", place, sentence, hint)


@pytest.mark.parametrize(("old", "new", "place", "sentence", "hint"), BAD_SHARED)
def test_bad_shared_sections(tmp_path, old, new, place, sentence, hint):
    assert SHARED.count(old) == 1
    error = refusal(tmp_path, SHARED.replace(old, new))
    check(error, tmp_path / "crm-audit.yaml", place, sentence, hint)


@pytest.mark.parametrize(("text", "place", "sentence", "hint"), NOT_PLAIN_YAML)
def test_not_plain_yaml(tmp_path, text, place, sentence, hint):
    check(refusal(tmp_path, text), tmp_path / "crm-audit.yaml", place, sentence, hint)


@pytest.mark.parametrize("text", [TARGET, SHARED])
def test_what_the_tables_start_from_is_good(tmp_path, text):
    assert load(tmp_path, text)


def test_every_error_is_reported_at_once(tmp_path):
    error = refusal(
        tmp_path,
        SHARED.replace("P24M", "2y")
        .replace("marketing: {", "marketng: {")
        .replace("    why: Finds patients.\n", "")
        + "version: 1\nreprot: {}\n",
    )
    places = [error.message, *error.hint.split("\n")[1:]]
    assert [p.split(": ")[0].rsplit("yaml:", 1)[1] for p in places] == ["3:5", "8:5", "13:13", "20:1", "21:1"]


def test_no_audiences_are_no_default_audiences(tmp_path):
    with pytest.raises(ConfigError, match="unknown audience, “marketing”"):
        load(tmp_path, "version: 1\naudiences: []\npolicy: {matrix: {marketing: {clinical: none}}}\n")


def test_names_are_used_once(tmp_path):
    twice = TARGET + TARGET.split("targets:\n")[1]
    error = refusal(tmp_path, twice)
    check(error, tmp_path / "crm-audit.yaml", "8:11", "The name “clinic-org” is used twice", "line 3")


def test_a_cell_may_name_a_class_of_the_taxonomy_when_it_is_given(tmp_path):
    path = tmp_path / "crm-audit.yaml"
    path.write_text(SHARED.replace("{clinical:", "{sogi:"), encoding="utf-8")
    with pytest.raises(ConfigError, match="unknown PHI class, “sogi”"):
        config.load(path, {})
    assert "sogi" in config.load(path, {}, classes={"sogi"}).policy.matrix["marketing"]


def test_the_default_audiences_are_known_to_a_policy_without_audiences(tmp_path):
    head, tail = "version: 1\npolicy: {matrix: {", ": {clinical: none}}}\n"
    assert load(tmp_path, f"{head}front-desk{tail}")
    check(
        refusal(tmp_path, f"{head}frontdesk{tail}"),
        tmp_path / "crm-audit.yaml",
        "2:19",
        "unknown",
        "“front-desk”",
    )


def test_a_missing_file_suggests_its_neighbour(tmp_path):
    (tmp_path / "crm-audit.yaml").write_text(TARGET, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path / "crm_audit.yaml", {})
    assert "crm_audit.yaml: The file cannot be read" in caught.value.message
    assert f'Did you mean "{tmp_path / "crm-audit.yaml"}"?' == caught.value.hint


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"version: 1\nreport: \xff\xfe\n", ":2:9: The file is not UTF-8 text."),
        (b"#" * (300 * 1024), ": The file is larger than 256 KiB."),
    ],
)
def test_not_a_text_of_this_size(tmp_path, content, sentence):
    path = tmp_path / "crm-audit.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        config.load(path, {})
    assert sentence in caught.value.message


@pytest.mark.parametrize("path", ["", "\x00", "/dev/null/x"])
def test_a_path_that_is_none(path):
    with pytest.raises(ConfigError):
        config.load(Path(path), {})


def test_a_bad_override_names_its_origin(tmp_path):
    path = tmp_path / "crm-audit.yaml"
    path.write_text(TARGET, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load(path, {"CRM_AUDIT_STRICT_CREDENTIAL": "perhaps"})
    assert caught.value.message == (
        "environment CRM_AUDIT_STRICT_CREDENTIAL: “strict_credential” must be true or false."
    )


# ── Whatever is in a file, the answer is a configuration or a ConfigError ─────────────────────────

models = (ConfigurationFile, TargetEntry, AudienceEntry, PolicyEntry)
words = st.sampled_from([key for model in models for key in model.model_fields]) | st.sampled_from(
    ["session", "jwt", "access_token", "env", "file", "keyring", "care", "clinical", "none", "*"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=20)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=25,
)
relaxed = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def survives(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(content)
    try:
        result = config.load(path, {})
    except ConfigError as error:
        text = f"{error.message}\n{error.hint}"
    else:
        text = repr(config.describe(result)) + str(path)
    assert str(path) in text
    assert text.encode()


@relaxed
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_arbitrary_bytes(tmp_path, content):
    survives(tmp_path, content)


@relaxed
@given(
    st.lists(
        st.sampled_from([*"{}[]:,-?|>&*!%@#'\"\\ \n\t", "a", "1", "\n  ", "- ", ": ", "---\n"]), max_size=60
    )
)
def test_arbitrary_punctuation(tmp_path, pieces):
    survives(tmp_path, "".join(pieces).encode())


@relaxed
@given(trees)
def test_arbitrary_trees(tmp_path, tree):
    path = tmp_path / "tree.yaml"
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        YAML(typ="safe", pure=True).dump(tree, file)
    survives(tmp_path, path.read_bytes())


@relaxed
@given(st.sampled_from([TARGET, SHARED]), st.data())
def test_a_good_file_with_a_bad_spot(tmp_path, text, data):
    at = data.draw(st.integers(0, len(text) - 1))
    gone = data.draw(st.integers(0, 12))
    put = data.draw(st.text(max_size=8) | words)
    survives(tmp_path, (text[:at] + put + text[at + gone :]).encode("utf-8", "surrogatepass"))
