"""A Salesforce project on disk as a `Connector`: files in, the readings of a live org out, nothing over a network."""

from __future__ import annotations

import fnmatch
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from auditor.snapshot import Capability, Manifest, Reading, Snapshot, Unread, Why
from auditor.wording import several
from connectors.protocol import Plan, Scope, Step, Watch, unwatched
from connectors.salesforce import catalogue as cat
from connectors.sfdx import grants, schema
from connectors.sfdx import standard_fields as standard
from connectors.sfdx.project import Project, load
from connectors.sfdx.tree import Tree, find

SOURCE_FILES = "source files"
"""The reading of which files were read, and which could not be."""

SOURCE_SCHEMA = pa.schema(
    [
        ("path", pa.string()),
        ("kind", pa.string()),
        ("component", pa.string()),
        ("package_directory", pa.string()),
        ("api_version", pa.string()),
        ("line", pa.int64()),
        ("problem", pa.string()),
    ]
)
CREDENTIAL = "credential"

_SKIPPED = ("__mdt", "__e", "__ka", "__Feed", "__History", "__Share", "__Tag")
_SHOWN = 5


class Sfdx:
    """One project directory as a `Connector`; it is read once, when its schema is first asked for."""

    platform = "sfdx"

    def __init__(
        self, project: Path, *, target: str, taken_at: datetime, tool_version: str, watch: Watch = unwatched
    ) -> None:
        self._directory = project
        self._target = target
        self._taken_at = taken_at
        self._tool_version = tool_version
        self._watch = watch
        self._loaded: tuple[Tree, Project] | None = None

    def schema(self, scope: Scope) -> Snapshot:
        """The schema of the objects in scope, and which files it comes from.

        Raises ConfigError when the directory is missing, cannot be read, or holds no metadata.
        """
        tree, project = self._project()
        names = sorted(_scanned(project, scope))
        credential = Reading(
            CREDENTIAL,
            Capability.CREDENTIAL,
            pa.table({"right": pa.array([], pa.string())}),
            note="Files were read; there is no credential that could hold too much.",
        )
        readings = [_files(tree, project), credential, *schema.readings(project, names)]
        manifest = Manifest(
            platform=self.platform,
            target=self._target,
            org_id=_identity(tree, self._target),
            org_name=tree.name or self._target,
            taken_at=self._taken_at,
            api_version=tree.version,
            tool_version=self._tool_version,
            notes=tuple(_notes(tree, project)),
        )
        return Snapshot(manifest, {r.name: r for r in readings})

    def collect(self, snapshot: Snapshot, plan: Plan) -> Snapshot:
        """Holders, containers and grants for the plan's objects; source has no records to count."""
        _, project = self._project()
        readings = dict(snapshot.readings)
        found = grants.readings(project, plan.objects)
        if plan.retention:
            missing = Unread(Why.NOT_COLLECTED, "A project's source holds no records to count.")
            found.append(Reading.missing(cat.RETENTION, Capability.RETENTION, cat.RETENTION_SCHEMA, missing))
        found.append(_settled(readings[cat.SECURABLE_OBJECTS], project, plan))
        for reading in found:
            readings[reading.name] = reading
            self._watch(Step(reading.name, reading.table.num_rows, reading.table.num_rows, 0, done=True))
        manifest = replace(snapshot.manifest, objects=tuple(sorted(plan.objects)), tag_digest=plan.tag_digest)
        return Snapshot(manifest, readings)

    def _project(self) -> tuple[Tree, Project]:
        if self._loaded is None:
            tree = find(self._directory)

            def watch(done: int, total: int) -> None:
                self._watch(Step(SOURCE_FILES, done, total, 0, done=done == total))

            self._loaded = tree, load(tree, watch)
        return self._loaded


def _scanned(project: Project, scope: Scope) -> Iterator[str]:
    """The objects whose schema is read; with decided tags also those with computed fields, which may show them."""
    known = schema.known_objects(project)
    if scope.objects is not None:
        computed = {o for (o, _), f in project.fields.items() if f.formula or f.type == "Summary"}
        yield from known & {*scope.objects, *computed}
        return
    for name in known:
        wanted = any(fnmatch.fnmatchcase(name, p) for p in scope.include)
        if (
            wanted
            and not name.endswith(_SKIPPED)
            and not any(fnmatch.fnmatchcase(name, p) for p in scope.exclude)
        ):
            yield name


def _identity(tree: Tree, target: str) -> str:
    """What the project is called across machines and commits: never where it lies, never what its files say."""
    folders = tree.packages or tuple(sorted({f.path.split("/")[0] for f in tree.files if "/" in f.path}))
    text = json.dumps([target, tree.name, folders])
    return f"sfdx-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _files(tree: Tree, project: Project) -> Reading:
    """Every file that was read or should have been; incomplete when one could not be used, naming it."""
    rows: list[dict[str, Any]] = [
        {
            "path": file.path,
            "kind": file.kind.value,
            "component": f"{file.object}.{file.component}" if file.object else file.component,
            "package_directory": tree.packages[file.rank] if tree.packages else None,
            "api_version": f"{file.version:.1f}" if file.version else None,
        }
        for file, _ in project.read
    ]
    problems = sorted(project.problems, key=lambda p: (p.path, p.line))
    rows += [
        {
            "path": p.path,
            "kind": str(p.kind),
            "component": p.component,
            "line": p.line or None,
            "problem": p.problem,
        }
        for p in problems
    ]
    table = pa.Table.from_pylist(rows, schema=SOURCE_SCHEMA)
    unread = None
    if problems:
        shown = "; ".join(str(p) for p in problems[:_SHOWN])
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        unread = Unread(Why.FAILED, f"{shown}{more}.", "Correct or retrieve these files again.")
    return Reading(SOURCE_FILES, Capability.SCHEMA, table, unread, len(rows), "the project directory")


def _settled(reading: Reading, project: Project, plan: Plan) -> Reading:
    """Incomplete when an object of the plan may or may not have object permissions: source has no list of them."""
    listed = set(reading.table.column("SobjectType").to_pylist()) | schema.settings(project)
    open_questions = sorted(set(plan.objects) - listed - standard.FOLLOWING)
    if not open_questions:
        return reading
    names = ", ".join(open_questions[:_SHOWN])
    more = f" and {len(open_questions) - _SHOWN} more" if len(open_questions) > _SHOWN else ""
    detail = (
        f"No profile or permission set of the project names {names}{more} as an object, and no file that can be used "
        "tells of it as a custom one."
    )
    return replace(reading, unread=Unread(Why.NOT_COLLECTED, detail))


def _notes(tree: Tree, project: Project) -> Iterator[str]:
    """What a reader should know before the findings."""
    yield (
        "Read from source: people, assignments, licences, sessions and records are not in it. Each profile, permission "
        "set and group is judged as whoever holds it and nothing else."
    )
    if project.profiles:
        yield (
            "Profiles in source hold only what was retrieved with them: what a profile gives is proven, what it does "
            "not give is unknown."
        )
    repeated = [c for c in project.containers if len(c.files) > 1]
    if repeated:
        order = "in the order of the package directories, a later one overriding"
        side = "whatever any of the files gives counts, as nothing says their order"
        yield (
            f"Made of several files: {several(len(repeated), 'profile or permission set', 'profiles and sets')}, "
            f"{order if tree.packages else side}."
        )
    if tree.outside:
        yield f"{several(tree.outside, 'metadata file')} outside the package directories were not read."
    if tree.ignore_file:
        yield "The project's .forceignore was not applied: what it leaves out of a deployment is judged too."
    if project.tokens:
        yield "Namespace tokens such as %%%NAMESPACE%%% were taken as no namespace."
    if not tree.version and not any(f.version for f, _ in project.read):
        yield "Nothing in the project states the API version it was retrieved with."
