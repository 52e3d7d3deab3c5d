"""Small projects written for one test, in either layout, and their verdicts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from auditor.access import Access, effective_access
from auditor.lineage import derive
from auditor.planes import Verb
from auditor.snapshot import Snapshot
from connectors.protocol import Plan, Scope
from connectors.salesforce.semantics import SEMANTICS
from connectors.sfdx.connector import Sfdx
from tests.semantics.direct import tags_of

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
SOURCE = "force-app/main/default"
MDAPI = "src"


def document(root: str, *inner: str) -> str:
    body = "\n  ".join(inner)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n  {body}\n</{root}>\n'


def element(tag: str, /, **children: object) -> str:
    inner = "".join(f"<{k}>{escape(_text(v))}</{k}>" for k, v in children.items())
    return f"<{tag}>{inner}</{tag}>"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def fls(field: str, read: object = True, edit: object = False) -> str:
    return element("fieldPermissions", editable=edit, field=field, readable=read)


def right(name: str, **more: object) -> str:
    allowed = {"allowCreate": False, "allowDelete": False, "allowEdit": False, "allowRead": True}
    rest = {"modifyAllRecords": False, "object": name, "viewAllRecords": False}
    return element("objectPermissions", **{**allowed, **rest, **more})


def system(name: str, enabled: object = True) -> str:
    return element("userPermissions", enabled=enabled, name=name)


def permission_set(*inner: str, label: str = "Care") -> str:
    return document("PermissionSet", f"<label>{escape(label)}</label>", *inner)


def profile(*inner: str) -> str:
    return document("Profile", "<custom>true</custom>", "<userLicense>Salesforce</userLicense>", *inner)


def muting(*inner: str) -> str:
    return document("MutingPermissionSet", "<label>Quiet</label>", *inner)


def group(
    sets: Sequence[str], mutes: Sequence[str] = (), label: str = "Team", status: str = "Outdated"
) -> str:
    return document(
        "PermissionSetGroup",
        f"<label>{escape(label)}</label>",
        *(f"<permissionSets>{escape(s)}</permissionSets>" for s in sets),
        *(f"<mutingPermissionSets>{escape(m)}</mutingPermissionSets>" for m in mutes),
        f"<status>{status}</status>",
    )


def field(name: str, kind: str = "Text", **more: object) -> str:
    children = {"fullName": name, "label": name, "type": kind, **more}
    return document("CustomField", *(f"<{k}>{escape(_text(v))}</{k}>" for k, v in children.items()))


def project(
    root: Path,
    files: Mapping[str, str | bytes],
    packages: Sequence[str] = ("force-app",),
    version: str = "63.0",
) -> Path:
    """Files at their paths in SFDX source format, with a project file."""
    settings = {"packageDirectories": [{"path": p} for p in packages], "sourceApiVersion": version}
    return write(root, {"sfdx-project.json": json.dumps(settings), **files})


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def package(version: str) -> str:
    return document("Package", f"<version>{version}</version>")


def mdapi(root: Path, files: Mapping[str, str], version: str = "63.0") -> Path:
    """The same files as Metadata API retrieves them: fields inside their object, no `-meta.xml`."""
    found: dict[str, str] = {f"{MDAPI}/package.xml": package(version)} if version else {}
    fields: dict[str, list[str]] = {}
    for name, text in files.items():
        short = name.removeprefix(f"{SOURCE}/").removesuffix("-meta.xml")
        if short.endswith(".field"):
            inner = text.partition(f'xmlns="{NAMESPACE}">')[2].rpartition("</CustomField>")[0]
            fields.setdefault(short.split("/")[1], []).append(f"<fields>{inner}</fields>")
        else:
            found[f"{MDAPI}/{short}"] = text
    for owner, inner in fields.items():
        found[f"{MDAPI}/objects/{owner}.object"] = document("CustomObject", *inner)
    return write(root, found)


@dataclass
class Judged:
    """A project, compiled: verdict words and paths by the name of the container."""

    snapshot: Snapshot
    access: Access

    def person(self, container: str) -> str:
        wanted = f"“{container}”"
        return next(p.id for p in self.access.grants.people if p.name.endswith(wanted))

    def word(self, container: str, field: str, verb: Verb = Verb.READ) -> str:
        return self.access.word(self.person(container), field, verb).value

    def path(self, container: str, field: str) -> tuple[list[str], list[str]]:
        """Labels of what opens the object and of what opens the field."""
        who = self.person(container)
        found = self.access.path(self.access.signature_of(who), self.access.field_index(field))
        assert found is not None
        return sorted({g.label for gate in found.objects for g in gate}), sorted(
            g.label for g in found.fields
        )

    def doubt(self, container: str, field: str) -> str:
        people = [p.id for p in self.access.grants.people]
        return self.access.doubt(people.index(self.person(container)), self.access.field_index(field))


def schema_of(root: Path, scope: Scope | None = None) -> Snapshot:
    return Sfdx(root, target="project", taken_at=NOW, tool_version="test").schema(scope or Scope())


def judge(root: Path, *names: str) -> Judged:
    """Collect as the front door does and compile the verdicts over these fields."""
    connector = Sfdx(root, target="project", taken_at=NOW, tool_version="test")
    given = tags_of(list(names))
    objects = SEMANTICS.related(sorted({t.object for t in given}))
    snapshot = connector.schema(Scope(objects=tuple(objects)))
    tags, _ = derive(given, SEMANTICS.lineage(snapshot))
    needed = SEMANTICS.needed(sorted({t.object for t in tags}))
    snapshot = connector.collect(snapshot, Plan(needed, "given"))
    compiled = SEMANTICS.compile(snapshot, {t.field: t for t in tags}, NOW)
    return Judged(snapshot, effective_access(compiled))
