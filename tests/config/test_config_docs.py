"""What is published about the configuration is what the program accepts."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from crm_audit import config
from crm_audit.config_schema import reference

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
SCHEMA = ROOT / "crm_audit" / "config-v1.schema.json"
REFRESH = "Run: crm-audit config schema > crm_audit/config-v1.schema.json"


def plain(text: str) -> object:
    """What an editor's YAML reader makes of a text: dates are words to it."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(io.StringIO(text)), default=str))


def test_the_schema_is_current():
    assert (
        SCHEMA.read_text(encoding="utf-8")
        == json.dumps(config.json_schema(), indent=2, ensure_ascii=False) + "\n"
    ), REFRESH


def every_key(node: dict[str, object], schema: dict[str, object]) -> set[str]:
    """All property names of the schema, found without the code that writes the page."""
    return {
        name
        for definition in [schema, *schema["$defs"].values()]
        for shape in [definition, *definition.get("anyOf", [])]
        for name in shape.get("properties", {})
    }


def test_every_key_is_documented():
    schema = config.json_schema()
    written = set(re.findall(r"[a-z_0-9]+", " ".join(re.findall(r"`([^`\n]*)`", PAGE + reference()))))
    assert every_key(schema, schema) - written == set()


def test_every_key_has_a_meaning():
    assert not re.search(r"\|\s*\|$", reference(), re.MULTILINE)
    assert len(reference().splitlines()) > 60


def test_every_variable_is_documented():
    for key, variable in config.ENVIRONMENT.items():
        assert f"| `{key}` | `{variable}` |" in PAGE


@pytest.mark.parametrize(
    "text",
    [
        re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1],
        (ROOT / "crm_audit" / "defaults.yaml").read_text(encoding="utf-8"),
        "{version: 1, targets: [{name: a, platform: salesforce, auth: {sf_cli: acme}}]}",
        "{version: 1, targets: [{name: a, platform: sfdx, project: source, objects: {include: [Lead]}}]}",
    ],
    ids=["example", "defaults", "cli", "source"],
)
def test_the_schema_accepts_what_the_program_accepts(text):
    jsonschema.validate(plain(text), config.json_schema(), cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    "text",
    [
        "targets: []",
        "{version: 2}",
        "{version: 1, reprot: {}}",
        "{version: 1, policy: {matrix: {care: {clinical: write}}}}",
        "{version: 1, policy: {matrix: {care: {clinical: {level: read}}}}}",
        "{version: 1, audiences: [{name: x}]}",
        "{version: 1, targets: [{name: a, platform: salesforce, instance_url: b, auth: {}}]}",
        "{version: 1, targets: [{name: a, platform: salesforce, instance_url: b, auth: {jwt: {}}}]}",
        "{version: 1, targets: [{name: a, platform: salesforce, auth: {session: {access_token: x}}}]}",
        "{version: 1, targets: [{name: a, platform: salesforce, auth: {jwt: {}, sf_cli: x}}]}",
        "{version: 1, targets: [{name: a, platform: salesforce, auth: {session: {access_token: {env: X}}}}]}",
        "{version: 1, targets: [{name: a, platform: salesforce, instance_url: b}]}",
        "{version: 1, targets: [{name: a, platform: salesforce, auth: {sf_cli: x}, project: .}]}",
        "{version: 1, targets: [{name: a, platform: sfdx}]}",
        "{version: 1, targets: [{name: a, platform: sfdx, project: ., sampling: {objects: [Lead]}}]}",
        "{version: 1, targets: [{name: a, platform: salesforce, auth: {sf_cli: x}, sampling: {objects: []}}]}",
        "{version: 1, targets: [{name: a, platform: sfdx, project: ., auth: {sf_cli: x}}]}",
    ],
)
def test_the_schema_refuses_what_the_program_refuses(text):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain(text), config.json_schema(), cls=jsonschema.Draft202012Validator)


def test_the_tags_example_of_the_page(tmp_path):
    path = tmp_path / "tags.json"
    path.write_text(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1], encoding="utf-8")
    assert len(config.load_decided(path).retention) == 1
