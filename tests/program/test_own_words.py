"""Words of a privacy officer's own, named under `vocabulary` in the configuration."""

from functools import partial

import pytest

from sandbox.salesforce import running
from sandbox.salesforce.clinic import clinic_org
from tests.program.programs import door, inside

CONFIGURATION = """\
version: 1
targets:
  - name: clinic
    platform: salesforce
    instance_url: {url}
    ca_bundle: {ca}
    auth: {{session: {{access_token: {{env: SF_ACCESS_TOKEN}}}}}}
vocabulary: [words.yaml]
"""
WORDS = """\
version: 1
terms:
  - class: quiz_result
    why: is what we call the stage of a patient
    words: ["newslett*"]
"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    with running(clinic_org()) as org:
        text = CONFIGURATION.format(url=org.url, ca=org.ca_file)
        (folder / "clinic.yaml").write_text(text, encoding="utf-8")
        yield folder, partial(inside, folder, **door(org))


def test_own_words_tag_fields_and_are_quoted(clinic):
    folder, run = clinic
    (folder / "words.yaml").write_text(WORDS, encoding="utf-8")
    said = run("tags", "explain", "Contact.Loyalty_Tier__c", "clinic", "-c", "clinic.yaml")
    assert "which is what we call the stage of a patient." in said.out
    assert "quiz_result" in said.out


def test_a_mistake_in_own_words_is_told_with_its_line(clinic):
    folder, run = clinic
    (folder / "words.yaml").write_text(WORDS.replace("quiz_result", "quizz_result"), encoding="utf-8")
    said = run("tags", "explain", "Contact.Loyalty_Tier__c", "clinic", "-c", "clinic.yaml")
    assert said.code == 2
    assert "words.yaml:3" in said.err


def test_a_file_of_words_that_is_not_there_is_told(clinic):
    folder, run = clinic
    (folder / "words.yaml").unlink(missing_ok=True)
    said = run("tags", "explain", "Contact.Loyalty_Tier__c", "clinic", "-c", "clinic.yaml")
    assert said.code == 2
    assert "words.yaml" in said.err
