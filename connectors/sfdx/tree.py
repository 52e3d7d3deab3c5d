"""Which files of a project hold metadata we read, in which order, and which cannot be looked at."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from auditor.errors import ConfigError
from connectors.sfdx.markup import LARGEST, Unusable, parse

PROJECT_FILE = "sfdx-project.json"
PACKAGE_FILE = "package.xml"
ALONE = "-meta.xml"
"""How the files of source format end, where an object's fields have files of their own."""

_MOST_PACKAGES = 1000
_LONGEST = 100
_LINK = "is a link to a folder and is not followed"
_LINK_OUT = "is a link that leads out of the project"


class Kind(StrEnum):
    """What a file describes; the value is its suffix in both layouts."""

    PROFILE = "profile"
    PERMISSION_SET = "permissionset"
    GROUP = "permissionsetgroup"
    MUTING = "mutingpermissionset"
    OBJECT = "object"
    FIELD = "field"
    ROLE = "role"


_SUFFIX = re.compile(rf"\.({'|'.join(Kind)})(-meta\.xml)?$")
_SKIPPED = frozenset({"node_modules", "__pycache__", "staticresources"})


@dataclass(frozen=True, slots=True)
class File:
    """One metadata file: `path` in the project, the component it describes, and `rank`, its package directory.

    A component of several files is read in the order of ranks. `source_format` says which of the two layouts the file
    is in, `version` which API version it was retrieved with (0 when nothing says so).
    """

    path: str
    kind: Kind
    component: str
    object: str = ""
    rank: int = 0
    source_format: bool = False
    version: float = 0.0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the project that could not be used: where, and why in words that hold nothing of its content."""

    path: str
    kind: str
    component: str
    problem: str
    line: int = 0
    object: str = ""

    def __str__(self) -> str:
        where = f"{self.path}, line {self.line}," if self.line else self.path
        return f"{where} {self.problem}"


@dataclass(slots=True)
class Tree:
    """A project's files in the order in which they are read, and what stood in the way."""

    root: Path
    name: str = ""
    version: str = ""
    namespace: str = ""
    packages: tuple[str, ...] = ()
    files: list[File] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    outside: int = 0
    ignore_file: bool = False

    def read(self, file: File) -> bytes:
        """The bytes of one file. Raises Unusable for what is not a plain file of an allowed size inside the project."""
        return _read(self.root, file.path)


def _read(root: Path, name: str) -> bytes:
    try:
        real = (root / name).resolve(strict=True)
        if not real.is_relative_to(root):
            raise Unusable(_LINK_OUT)
        if not real.is_file():
            raise Unusable("is not a plain file")
        if real.stat().st_size > LARGEST:
            raise Unusable(f"is larger than {LARGEST >> 20} MB")
        return real.read_bytes()
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror or type(error).__name__})") from None
    except RuntimeError:  # a link that leads to itself
        raise Unusable("is a link that leads to itself") from None


def find(project: Path) -> Tree:
    """Look through a project directory.

    Raises ConfigError if it is missing, cannot be read, or holds no metadata at all.
    """
    try:
        root = project.resolve(strict=True)
        os.scandir(root).close()
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigError(
            f"The project {project} cannot be read: {reason}.",
            hint="Give the folder that holds sfdx-project.json, or a folder of retrieved metadata.",
        ) from None
    tree = Tree(root)
    _settings(tree)
    versions: dict[str, float] = {}
    for path in _walk(tree, root):
        if path.name == PACKAGE_FILE:
            versions[path.parent.relative_to(root).as_posix()] = _package_version(path)
        elif path.name == ".forceignore":
            tree.ignore_file = True
        else:
            _add(tree, path.relative_to(root).as_posix(), path)
    tree.files = sorted(
        (_dated(file, tree, versions) for file in tree.files), key=lambda f: (f.rank, f.path, f.kind)
    )
    if not tree.files:
        why = f" that can be read: {tree.problems[0]}" if tree.problems else ""
        raise ConfigError(
            f"{project} holds no Salesforce metadata{why}.",
            hint="Expected objects, profiles or permission sets in SFDX source format or as retrieved by Metadata API.",
        )
    return tree


def _settings(tree: Tree) -> None:
    """Package directories, name, namespace and version out of the project file, where there is one."""
    path = tree.root / PROJECT_FILE
    if not os.path.lexists(path):
        return
    try:
        found = json.loads(_read(tree.root, PROJECT_FILE).decode("utf-8-sig"))
        packages = [str(entry["path"]) for entry in found["packageDirectories"]]
        tree.name, version = _short(str(found.get("name") or "")), str(found.get("sourceApiVersion") or "")
        namespace = str(found.get("namespace") or "")
    except Unusable as error:
        raise ConfigError(
            f"{path} {error.problem}.", hint="Put the project file itself there, or take it away."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ConfigError(
            f"{path} is not a project file: it needs packageDirectories, each with a path.",
            hint="Correct it, or give a folder of metadata without a project file.",
        ) from None
    names = dict.fromkeys(PurePosixPath(os.path.normpath(p.replace("\\", "/"))).as_posix() for p in packages)
    if len(names) > _MOST_PACKAGES:
        raise ConfigError(
            f"{path} names {len(names):,} package directories; {_MOST_PACKAGES:,} are the most that are read.",
            hint="Name the folders that hold them.",
        )
    tree.version = version if _number(version) else ""
    tree.namespace = namespace if re.fullmatch(r"[A-Za-z]\w{0,14}", namespace, re.ASCII) else ""
    tree.packages = tuple(names)
    for name in names:
        reason = _out_of_reach(tree.root, name)
        if reason:
            tree.problems.append(Problem(_short(name), "package directory", "", reason))


def _out_of_reach(root: Path, name: str) -> str:
    """Why a package directory cannot be looked through, or empty; a link is met on the way through the project."""
    try:
        if name.startswith("/") or not (root / name).resolve().is_relative_to(root):
            return "lies outside the project and is not read"
        return "" if (root / name).is_dir() else "is not there"
    except (OSError, ValueError, RuntimeError):  # too long, no text, or a link that leads to itself
        return "is no path that can be read"


def _walk(tree: Tree, root: Path) -> Iterator[Path]:
    """Every file, in a stable order; hidden folders are left out, folders behind links named as a problem."""

    def refused(error: OSError) -> None:
        name = Path(error.filename).relative_to(root).as_posix()
        _closed(tree, name, f"cannot be read ({error.strerror or type(error).__name__})")

    for folder, folders, files in os.walk(root, onerror=refused, followlinks=False):
        here = Path(folder)
        kept = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED)
        for link in (here / f for f in (*kept, *sorted(files)) if not f.startswith(".")):
            if link.is_symlink():
                _linked(tree, link, folder=link.name in kept)
        folders[:] = [f for f in kept if not (here / f).is_symlink()]
        yield from (here / name for name in sorted(files))


def _linked(tree: Tree, link: Path, *, folder: bool) -> None:
    """Note a link behind which there is a folder, or nothing at all; metadata speaks for itself when it is read."""
    name = link.relative_to(tree.root).as_posix()
    if not folder and recognised(name):
        return
    try:
        real = link.resolve(strict=True)
        if folder:
            _closed(tree, name, _LINK if real.is_relative_to(tree.root) else _LINK_OUT)
    except (OSError, RuntimeError):
        _closed(tree, name, "is a link to something that is not there")


def _closed(tree: Tree, name: str, reason: str) -> None:
    """Note a folder that is not looked into, as part of the component it may tell of."""
    below = f"{name}/"
    if _rank(tree, below) >= 0 or any(package.startswith(below) for package in tree.packages):
        kind, component = _behind(PurePosixPath(name))
        tree.problems.append(Problem(printable(name), kind, printable(component), reason))


def _behind(where: PurePosixPath) -> tuple[str, str]:
    """The permission set of which a folder may hold parts, or the object of which it may hold fields."""
    above = where.parent
    for kind, folder, parts in (
        (Kind.PERMISSION_SET, "permissionsets", "objectSettings"),
        (Kind.OBJECT, "objects", "fields"),
    ):
        if folder in above.parts:
            inner = where.name == parts and above.name != folder
            return kind, unquote(above.name if inner else where.name.split(".")[0])
    return "folder", ""


def _add(tree: Tree, name: str, path: Path) -> None:
    file = recognised(name)
    if file is None:
        return
    rank = _rank(tree, name)
    if rank < 0:
        tree.outside += 1
        return
    if name != printable(name):
        tree.problems.append(Problem(printable(name), file.kind, "", "has a name that is not UTF-8"))
        return
    if path.is_dir():
        return
    tree.files.append(_ranked(file, rank))


def _rank(tree: Tree, name: str) -> int:
    """The position of the innermost package directory a file is in; -1 for none, 0 where there are none."""
    if not tree.packages:
        return 0
    holds = [
        (len(package), i)
        for i, package in enumerate(tree.packages)
        if package == "." or name.startswith(f"{package}/")
    ]
    return max(holds)[1] if holds else -1


def _ranked(file: File, rank: int) -> File:
    return File(file.path, file.kind, file.component, file.object, rank, file.source_format)


def recognised(path: str) -> File | None:
    """What a file describes, from its name alone; folders above are conventional and prove nothing."""
    where = PurePosixPath(path)
    folders = where.parent.parts
    found = _SUFFIX.search(where.name)
    if found is None:
        return _part(path, where.name, folders)
    kind, stem = Kind(found[1]), unquote(where.name[: found.start()])
    if not stem:
        return None
    owner = ""
    if kind is Kind.FIELD:
        owner = unquote(folders[-2]) if len(folders) > 1 and folders[-1] == "fields" else ""
        if not owner:
            return None
    return File(path, kind, stem, owner, source_format=bool(found[2]))


def _part(path: str, name: str, folders: tuple[str, ...]) -> File | None:
    """A part of a decomposed permission set, which is called as the folder that holds its parts (salesforce 7.1)."""
    if not name.endswith("-meta.xml") or "permissionsets" not in folders[:-1]:
        return None
    owner = folders[-2] if folders[-1] == "objectSettings" else folders[-1]
    if owner == "permissionsets":
        return None
    return File(path, Kind.PERMISSION_SET, unquote(owner), source_format=True)


def _package_version(path: Path) -> float:
    """The API version a manifest beside the files names, 0 if none can be made out."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            return 0.0
        return _number(parse(path.read_bytes()).get("version"))
    except (OSError, Unusable):
        return 0.0


def _dated(file: File, tree: Tree, versions: dict[str, float]) -> File:
    """With the API version: the project's, or that of the nearest manifest above a Metadata API file."""
    version = _number(tree.version)
    if not file.source_format or not version:
        above = (parent.as_posix() for parent in PurePosixPath(file.path).parents)
        version = next((versions[folder] for folder in above if folder in versions), version)
    return File(file.path, file.kind, file.component, file.object, file.rank, file.source_format, version)


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,3}(\.\d)?", text.strip()) else 0.0


def printable(name: str) -> str:
    """A path in characters that can be written anywhere."""
    return name.encode("utf-8", "replace").decode("utf-8")


def _short(name: str) -> str:
    """A path out of a file, whatever it holds, in characters that fit a sentence."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in printable(name))
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
