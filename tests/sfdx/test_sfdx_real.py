"""Four real projects, with their recorded counts: everything is found, nothing twice, and what is broken is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from auditor import phi
from auditor.access import Word, effective_access
from auditor.lineage import derive
from auditor.snapshot import Snapshot, Why
from connectors.protocol import Plan, Scope
from connectors.salesforce import catalogue as cat
from connectors.salesforce.semantics import SEMANTICS
from connectors.sfdx.connector import SOURCE_FILES, Sfdx
from connectors.sfdx.parse import ContainerFact, FieldFact, GroupFact, ObjectFact
from connectors.sfdx.project import Project, load
from connectors.sfdx.tree import Kind, find
from tests.conftest import SHARED
from tests.semantics.direct import tags_of

REAL = SHARED / "data" / "real"
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
TREES = ("bcgov-moh-sat", "ita-sfdcci", "npsp", "ombudsman-cloudcare")

pytestmark = pytest.mark.skipif(not (REAL / "sfdx").is_dir(), reason="../shared is absent")


@cache
def truth(tree: str) -> dict[str, Any]:
    items = json.loads((REAL / "manifest.json").read_text(encoding="utf-8"))["items"]
    return next(i["ground_truth"] for i in items if i["path"] == f"sfdx/{tree}")


@cache
def project(tree: str) -> Project:
    return load(find(REAL / "sfdx" / tree), lambda _done, _total: None)


@cache
def collected(tree: str) -> Snapshot:
    connector = Sfdx(REAL / "sfdx" / tree, target=tree, taken_at=NOW, tool_version="test")
    snapshot = connector.schema(Scope())
    objects = snapshot.table(cat.ENTITIES.name).column("QualifiedApiName").to_pylist()
    return connector.collect(snapshot, Plan(SEMANTICS.needed(objects), "all"))


def facts(tree: str) -> list[Any]:
    return [fact for _, fact in project(tree).read]


def fields(tree: str) -> list[FieldFact]:
    alone = [f for f in facts(tree) if isinstance(f, FieldFact)]
    return alone + [inner for f in facts(tree) if isinstance(f, ObjectFact) for inner in f.fields]


def holders(tree: str, kind: Kind) -> list[ContainerFact]:
    return [f for f in facts(tree) if isinstance(f, ContainerFact) and f.kind is kind]


@pytest.mark.parametrize("tree", TREES)
def test_every_object_and_field_is_found(tree):
    expected = truth(tree)["field_definitions"]
    defined = fields(tree)
    objects = {f.name for f in facts(tree) if isinstance(f, ObjectFact)} | {f.object for f in defined}
    assert len(objects) == truth(tree)["objects"]["total"]
    assert len({(f.object, f.name) for f in defined}) == expected["total"]
    assert len(defined) == expected["total"] + expected["duplicate_definitions"]
    assert sum(bool(f.formula) for f in defined) == expected["formula_fields"]
    assert sum(bool(f.description) for f in defined) == expected["with_description"]
    assert sum(bool(f.help_text) for f in defined) == expected["with_inline_help"]
    assert sum(bool(f.encrypted) for f in defined) == expected["encryption_scheme_values"].get(
        "ProbabilisticEncryption", 0
    )
    labelled = {(f.object, f.name) for f in defined if f.security or f.compliance}
    assert len(labelled) == sum(expected["security_classification_values"].values())
    types: dict[str, int] = {}
    for field in {(f.object, f.name): f for f in reversed(defined)}.values():
        name = field.type or "(standard: no type element)"
        types[name] = types.get(name, 0) + 1
    assert sum(types.values()) == expected["total"]
    if not expected["duplicate_definitions"]:
        assert types == expected["by_type"]


@pytest.mark.parametrize("tree", TREES)
def test_every_container_is_found(tree):
    expected = truth(tree)
    for kind, name in ((Kind.PROFILE, "profiles"), (Kind.PERMISSION_SET, "permission_sets")):
        found = holders(tree, kind)
        assert len(found) == expected[name]["files"]
        assert len({f.name for f in found}) == expected[name]["unique_names"]
        assert sum(any(r.read for r in f.fields) for f in found) == expected[name]["with_any_readable_true"]
    groups = [f for f in facts(tree) if isinstance(f, GroupFact)]
    about = expected["permission_set_groups"]
    assert len(groups) == about["files"]
    assert sum(len(g.sets) for g in groups) == about["members_total"]
    missing = [name for g in project(tree).groups.values() for name in g.missing]
    assert len(missing) == about["members_total"] - about.get("members_resolved_in_tree", 0)
    assert sorted(set(missing)) == about["members_unresolved"]
    assert len(holders(tree, Kind.MUTING)) == expected["muting_permission_sets"]
    assert sum(file.kind is Kind.ROLE for file, _ in project(tree).read) == expected["roles"]["files"]


@pytest.mark.parametrize("tree", TREES)
def test_every_field_and_object_permission_is_found(tree):
    expected = truth(tree)["field_permissions"]
    both = [*holders(tree, Kind.PROFILE), *holders(tree, Kind.PERMISSION_SET)]
    entries = [r for c in both for r in c.fields]
    assert len(entries) == expected["entries_total"]
    assert sum(r.read for r in entries) == expected["readable_true_total"]
    assert sum(r.edit for r in entries) == expected["editable_true_total"]
    assert len({r.field for r in entries if r.read}) == expected["distinct_fields_readable"]
    rights = [r for c in both for r in c.objects]
    about = truth(tree)["object_permissions"]
    assert len(rights) == about["entries"]
    assert sum(r.read for r in rights) == about["allow_read"]
    assert sum(r.view_all for r in rights) == about["view_all_records"]
    assert sum(r.modify_all for r in rights) == about["modify_all_records"]
    for name in ("ViewAllData", "ModifyAllData", "ViewEncryptedData"):
        kinds = {Kind.PROFILE: "profile", Kind.PERMISSION_SET: "permissionset"}
        found = [f"{kinds[c.kind]}:{c.name}" for c in both if (name, True) in c.system]
        assert sorted(found) == sorted(truth(tree)[f"containers_with_{name}"])


@pytest.mark.parametrize("tree", TREES)
def test_what_cannot_be_parsed_is_named_and_the_rest_goes_on(tree):
    broken = truth(tree)["unparseable_xml"]
    assert [p.path for p in project(tree).problems] == broken
    reading = collected(tree).readings[SOURCE_FILES]
    rows = reading.table.to_pylist()
    assert [r["path"] for r in rows if r["problem"]] == broken
    if broken:
        assert reading.unread is not None
        assert reading.unread.why is Why.FAILED
        assert f"{broken[0]}, line 12, is not well-formed XML" in reading.unread.detail
    else:
        assert reading.complete


@pytest.mark.parametrize("tree", TREES)
def test_distinct_grants_arrive_as_rows(tree):
    """As many pairs of container and field as the files give, each container counted once however many files it has."""
    snapshot = collected(tree)
    scanned = set(snapshot.manifest.objects)
    expected = {
        (c.kind, c.name, key)
        for c in project(tree).containers
        for key, right in c.fields.items()
        if right.read and key.partition(".")[0] in scanned
    }
    rows = snapshot.table(cat.FIELD_PERMISSIONS.name).to_pylist()
    assert len({(r["ParentId"], r["Field"]) for r in rows}) == len(rows)
    assert len([r for r in rows if r["PermissionsRead"]]) == len(expected)


@pytest.mark.parametrize("tree", TREES)
def test_every_profile_is_partial_and_every_right_it_gives_is_proven(tree):
    """Judged over every field a permission names: no profile ever gets a “no”, complete sets get nothing else."""
    snapshot = collected(tree)
    names = sorted({f.key for f in SEMANTICS.facts(snapshot)})
    tags, _ = derive(tags_of(names), SEMANTICS.lineage(snapshot))
    access = effective_access(SEMANTICS.compile(snapshot, {t.field: t for t in tags}, NOW))
    partial = set(snapshot.table(cat.PARTIAL_CONTAINERS).column("ParentId").to_pylist())
    profiles = [
        r["Id"] for r in snapshot.table(cat.PERMISSION_SETS.name).to_pylist() if r["IsOwnedByProfile"]
    ]
    assert set(profiles) <= partial
    for person in access.grants.people:
        read, _ = access.words(access.signature_of(person.id))
        words = {tuple(Word)[code] for code in read}
        assert Word.DORMANT not in words
        if person.profile:
            assert words <= {Word.YES, Word.UNKNOWN}
    assert access.read_counts[Word.YES] > 0
    assert phi.digest(tags)
