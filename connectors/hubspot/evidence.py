"""Read what a super admin attests: three CSV files, and what a configuration states (hubspot 3.6; portal-fixture 3).

Whatever cannot be understood is an error with its line. A row is never left out: one that nobody filled in stays, and
is no evidence.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from auditor.errors import ConfigError
from connectors.hubspot import tables as t
from connectors.hubspot.semantics.moments import moment

LARGEST = 64 * 1024 * 1024
OBJECTS = ("contacts", "companies", "deals", "tickets")
MODES = ("EVERYONE", "PRIVATE", "RESTRICTED")
LEVELS = ("ALL", "TEAM", "OWNED", "NONE")
"""Of which records a permission is; an empty cell says that it is not known."""

FILES = (t.PROPERTY_ACCESS, t.PERMISSION_SETS, t.USERS_EXPORT)

HEADERS: Mapping[str, tuple[str, ...]] = {
    t.PROPERTY_ACCESS: (
        "object_type",
        "property_name",
        "mode",
        "owner_user",
        "view_users",
        "view_teams",
        "edit_users",
        "edit_teams",
        "observed_at",
        "observed_by",
    ),
    t.PERMISSION_SETS: (
        "role_name",
        "object_type",
        "view",
        "view_unassigned",
        "edit",
        "export",
        "lists_view",
        "workflows_view",
        "reports_view",
        "marketing_access",
        "add_users",
        "observed_at",
        "observed_by",
    ),
}
"""The columns of our own two files, in the order of the template (hubspot 3.6)."""

_SPARE = frozenset(
    {
        "view_unassigned",
        "export",
        "lists_view",
        "workflows_view",
        "reports_view",
        "marketing_access",
        "add_users",
    }
)
"""Columns that decide no verdict on a property, so that a file may do without them."""

_LISTS = ("view_users", "view_teams", "edit_users", "edit_teams")
_NAMED_OTHERWISE = {
    "contact": "contacts",
    "0-1": "contacts",
    "company": "companies",
    "0-2": "companies",
    "deal": "deals",
    "0-3": "deals",
    "ticket": "tickets",
    "0-5": "tickets",
}
_SEPARATORS = ",;\t"
_SPREADSHEETS = (".xlsx", ".xls", ".ods", ".numbers", ".csv.txt", ".csv.csv", ".tsv", ".txt")


@dataclass(frozen=True, slots=True)
class Granted:
    """What one permission word of the users export means: of an object, which records may be viewed and edited."""

    object: str
    view: str = ""
    edit: str = ""


_ENGLISH = MappingProxyType({"id": "User ID", "email": "Email address", "permissions": "Permissions"})


@dataclass(frozen=True, slots=True)
class UsersExport:
    """How HubSpot's users export is written, which differs by the language of the interface.

    `columns` maps id, email and permissions to headers, `permissions` words of a permissions cell to what they give.
    """

    columns: Mapping[str, str] = field(default_factory=lambda: _ENGLISH)
    permissions: Mapping[str, Granted] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stated:
    """What somebody configured about a portal: an edition, how old evidence may be, and what cannot be restricted.

    `exceptions` replaces the built-in list (hubspot R5); `record_sample` bounds the records per property whose viewers
    are asked for; `objects` are read beside custom objects.
    """

    edition: str = ""
    evidence_max_age_days: int = 90
    exceptions: Mapping[str, tuple[str, ...]] | None = None
    record_sample: int = 20
    objects: tuple[str, ...] = OBJECTS


@dataclass(frozen=True, slots=True)
class Evidence:
    """The tables of the files that were given, and where each was read, by reading name."""

    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    paths: Mapping[str, Path] = field(default_factory=dict)


def load(folder: Path, users_export: UsersExport | None = None) -> Evidence:
    """Read the evidence files that a folder has.

    Raises ConfigError with file and line for whatever is not as it should be.
    """
    paths = _present(folder)
    export = users_export or UsersExport()
    tables = {name: parse(name, _text(path), path, export) for name, path in paths.items()}
    return Evidence(tables, paths)


def parse(name: str, text: str, path: Path, users_export: UsersExport | None = None) -> pa.Table:
    """Read the text of one evidence file into the table of its reading. Raises ConfigError with file and line."""
    export = users_export or UsersExport()
    if name == t.USERS_EXPORT:
        rows = list(_export_rows(text, path, export))
    else:
        read = _property_row if name == t.PROPERTY_ACCESS else _set_row
        needed = [h for h in HEADERS[name] if h not in _SPARE]
        rows = [read(cells) for cells in _rows(text, path, needed, HEADERS[name])]
    return pa.Table.from_pylist(rows, schema=t.schema(name))


# ── The folder ────────────────────────────────────────────────────────────────────────────────────


def _present(folder: Path) -> dict[str, Path]:
    """The evidence files of a folder; a name or format that is nearly one's is refused, not passed over."""
    try:
        entries = sorted(folder.iterdir())
    except NotADirectoryError:
        raise ConfigError(
            f"{folder} is not a folder.", hint="Give the folder that holds the evidence files."
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The evidence folder {folder} cannot be read: {_reason(error)}.",
            hint="Give the folder that holds " + ", ".join(FILES) + ", or some of them.",
        ) from None
    found: dict[str, Path] = {}
    for path in entries:
        plain = path.name.casefold().replace("_", "-").replace(" ", "-")
        if plain in FILES and plain == path.name:
            found[plain] = path
        elif meant := _meant(plain):
            raise ConfigError(
                f"{path}: This looks like {meant}, but is not named or saved so.",
                hint=f"Save it as {meant} (CSV, UTF-8), or move it out of the folder.",
            )
    return found


def _meant(plain: str) -> str:
    """The evidence file that a name nearly is; empty for any other file."""
    for name in FILES:
        stem = name.removesuffix(".csv")
        if plain == name or plain in {f"{stem}{suffix}" for suffix in _SPREADSHEETS}:
            return name
    return ""


def _text(path: Path) -> str:
    """The text of a file of limited size, in UTF-8 with or without a byte order mark."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path}: The file cannot be read: {_reason(error)}.", hint="Put the file itself there."
        ) from None
    if len(content) > LARGEST:
        raise ConfigError(
            f"{path}: The file is larger than {LARGEST >> 20} MiB.",
            hint="Is this the file you meant to give?",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
    # Out here, so that the error does not keep Python's one, which holds the whole content.
    raise ConfigError(f"{path}:{line}: This is not UTF-8 text.", hint="Save the file as “CSV UTF-8”.")


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or "not a usable path"


# ── Lines and cells ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Cells:
    """One row: where it begins, and the cells of the columns that are read."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, header: str) -> str:
        return self.cells.get(header, "")

    def refuse(self, sentence: str, hint: str) -> ConfigError:
        return ConfigError(f"{self.path}:{self.line}: {sentence}", hint=hint)

    def needed(self, header: str) -> str:
        """A cell that must say something."""
        if not self[header]:
            raise self.refuse(f"“{header}” is empty.", "Fill it in, or remove the line.")
        return self[header]

    def word(self, header: str, known: Sequence[str]) -> str:
        """One of a few words in any case, or nothing."""
        word = self[header].upper()
        if word and word not in known:
            raise self.refuse(
                f"“{header}” cannot be “{_shown(self[header])}”.",
                f"Write {', '.join(known[:-1])} or {known[-1]}; leave it empty if you do not know.",
            )
        return word

    def listed(self, header: str) -> list[str]:
        """The parts of a cell between semicolons."""
        return [written(part) for part in self[header].split(";") if part.strip()]

    def day(self, header: str) -> str:
        """A day or moment, or nothing."""
        if self[header] and (self[header].isdigit() or moment(self[header]) is None):
            raise self.refuse(
                f"“{header}” is not a date: “{_shown(self[header])}”.",
                "Write it as in 2026-11-24 or 2026-11-24T09:00:00Z.",
            )
        return self[header]

    def object(self) -> str:
        """The object type as readings name it: plural, lower case, or the id of a custom object."""
        name = self.needed("object_type").lower()
        return _NAMED_OTHERWISE.get(name, name)


def written(cell: str) -> str:
    """A cell as it was meant: the apostrophe that keeps a spreadsheet from calculating it is not part of it."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:].lstrip()[:1] in tuple("=+-@＝＋－＠") else cell


def _shown(cell: str) -> str:
    """A cell as a message may repeat it."""
    return "".join(c if c.isprintable() else "·" for c in cell[:40]) + ("…" if len(cell) > 40 else "")


def _plain(header: str) -> str:
    """A header as it is compared: case and blanks are no difference."""
    return " ".join(header.replace("_", " ").split()).casefold()


def _rows(text: str, path: Path, needed: Sequence[str], known: Sequence[str]) -> Iterator[_Cells]:
    """Every line that has a cell, by the names of the columns in `known`; those in `needed` must be there.

    Raises ConfigError for what is not a table of these columns.
    """
    lines = _records(text, path)
    try:
        first, headers = next(lines)
    except StopIteration:
        raise ConfigError(f"{path}:1: The file is empty.", hint=_headers(needed)) from None
    columns: dict[str, int] = {}
    names = {_plain(name): name for name in known}
    for index, header in enumerate(headers):
        name = names.get(_plain(header))
        if name in columns:
            raise ConfigError(
                f"{path}:{first}: The header “{name}” is there twice.", hint="Keep one of the two columns."
            )
        if name is not None:
            columns[name] = index
    if missing := [name for name in needed if name not in columns]:
        verb = "are" if len(missing) > 1 else "is"
        raise ConfigError(
            f"{path}:{first}: The header{'s' if len(missing) > 1 else ''} "
            f"{', '.join(f'“{name}”' for name in missing)} {verb} missing.",
            hint=_headers(needed),
        )
    for line, row in lines:
        if len(row) != len(headers):
            raise ConfigError(
                f"{path}:{line}: The line has {len(row)} cells, and the header {len(headers)}.",
                hint="A cell with a comma needs quotes around it; several names in a cell are joined with “;”.",
            )
        yield _Cells(path, line, {name: written(row[index]) for name, index in columns.items()})


def _records(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Every line with its number that has something in it, split at the separator that the header uses."""
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ConfigError(
            f"{path}:{line}: A NUL byte cannot stand here.", hint="Save the file as “CSV UTF-8”."
        )
    header = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield begins, row
            begins = reader.line_num + 1
    except csv.Error as error:
        raise ConfigError(
            f"{path}:{begins}: This line is not CSV: {error}.", hint="Look at the quotes here."
        ) from None


def _headers(needed: Sequence[str]) -> str:
    return f"The first line names the columns: {','.join(needed)}."


# ── The three files ───────────────────────────────────────────────────────────────────────────────


def _property_row(cells: _Cells) -> dict[str, Any]:
    mode = cells.word("mode", MODES)
    said = [h for h in HEADERS[t.PROPERTY_ACCESS][3:9] if cells[h]]
    if not mode and said:
        raise cells.refuse(
            f"“mode” is empty, but “{said[0]}” is not.", f"Write {', '.join(MODES)}, or leave both empty."
        )
    return {
        "line": cells.line,
        "object": cells.object(),
        "property": cells.needed("property_name"),
        "mode": mode,
        "owner_user": cells["owner_user"],
        **{header: cells.listed(header) for header in _LISTS},
        "observed_at": cells.day("observed_at"),
        "observed_by": cells["observed_by"],
    }


def _set_row(cells: _Cells) -> dict[str, Any]:
    return {
        **{header: cells[header] for header in HEADERS[t.PERMISSION_SETS] if header != "object_type"},
        "line": cells.line,
        "object": cells.object(),
        "role_name": cells.needed("role_name"),
        "view": cells.word("view", LEVELS),
        "edit": cells.word("edit", LEVELS),
        "observed_at": cells.day("observed_at"),
    }


def _export_rows(text: str, path: Path, export: UsersExport) -> Iterator[dict[str, Any]]:
    """A row for each user and word; one with an empty word for a user who has none."""
    headers = {key: export.columns[key] for key in ("id", "email", "permissions") if export.columns.get(key)}
    if "permissions" not in headers or len(headers) < 2:
        raise ConfigError(
            f"{path}: It is not said which columns of the users export have the user and the permissions.",
            hint="Map permissions, and id or email, to headers of the file: users_export.columns.",
        )
    meanings = {_plain(word): meaning for word, meaning in export.permissions.items()}
    for cells in _rows(text, path, list(headers.values()), list(headers.values())):
        user = {key: cells[headers[key]] if key in headers else "" for key in ("id", "email")}
        if not any(user.values()):
            raise cells.refuse("This line names no user.", "Fill in the id or the e-mail address.")
        for word in cells.listed(headers["permissions"]) or [""]:
            meaning = meanings.get(_plain(word))
            yield {
                "line": cells.line,
                "user_id": user["id"],
                "email": user["email"],
                "word": word,
                "object": meaning.object if meaning else None,
                "view": meaning.view if meaning else None,
                "edit": meaning.edit if meaning else None,
            }
