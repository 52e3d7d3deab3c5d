"""Reads a `salesforce-org/1` fixture into an org that can be asked questions (org-fixture, part 1).

The loader fills in everything a fixture may leave out, and refuses what it does not know: an unknown column
or field attribute is a `FixtureError` that names the file and the place in the document.
"""

# ruff: noqa: SIM905 - long lists of names read better as words than as quoted items

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from sandbox.salesforce.fields import (
    DESCRIBE_KEYS,
    FIELD_TYPES,
    NUMBER_TYPES,
    SETUP_KEYS,
    Field,
    label_from,
    make_field,
    setup_field,
)
from sandbox.salesforce.ids import numbered_id, short_id, to_18
from sandbox.salesforce.setup_objects import (
    NO_NAME_FIELD,
    NO_OBJECT_PERMISSIONS,
    PERMISSION_COLUMNS,
    PERMISSION_MIN_VERSION,
    RECORD_KEY_PREFIXES,
    SETUP_OBJECTS,
    Endpoint,
    SetupColumn,
    SetupObject,
    companion_object,
)

FORMAT = "salesforce-org/1"
DEFAULT_STAMP = "2024-01-01T00:00:00.000+0000"
STAMPED = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
CATALOGUE_KEY = "DurableId"

Row: TypeAlias = tuple[Any, ...]


class FixtureError(ValueError):
    """The fixture cannot be served; the message is one sentence with the file and the place in it."""


@dataclass(frozen=True)
class Child:
    """A way down: the rows of `entity` whose `field` points at this one."""

    relationship: str
    entity: str
    field: str
    cascade: bool = False


@dataclass(frozen=True)
class Entity:
    """One object of the org: a record object of the fixture, or a setup object every org has."""

    name: str
    label: str
    label_plural: str
    fields: tuple[Field, ...]
    key_prefix: str | None = None
    custom: bool = False
    durable_id: str = ""
    internal_sharing: str = "ReadWrite"
    external_sharing: str = "Private"
    custom_setting: bool = False
    has_object_permissions: bool = False
    associate_type: str | None = None
    associate_parent: str | None = None
    is_record: bool = False
    endpoint: Endpoint = Endpoint.BOTH
    catalogue: bool = False
    min_version: float = 0.0
    setup_children: tuple[Child, ...] = ()

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each column sits in a row, by lower-case name: SOQL does not mind case."""
        return {column.name.lower(): place for place, column in enumerate(self.fields)}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The column names in row order."""
        return tuple(column.name for column in self.fields)

    def field(self, name: str) -> Field | None:
        """The field of that name, in any case."""
        place = self.positions.get(name.lower())
        return None if place is None else self.fields[place]

    @cached_property
    def relationships(self) -> dict[str, int]:
        """Which column each parent relationship goes through, by lower-case relationship name."""
        return {
            column.relationship.lower(): place
            for place, column in enumerate(self.fields)
            if column.relationship
        }

    @property
    def key_column(self) -> str:
        """The column other tables point at."""
        return CATALOGUE_KEY if self.catalogue else "Id"


@dataclass(frozen=True)
class Table:
    """The rows of one object, in column order, and a way to find one by its key."""

    entity: Entity
    rows: list[Row]

    @cached_property
    def by_key(self) -> dict[str, Row]:
        """Rows by the short form of their key."""
        place = self.entity.positions[self.entity.key_column.lower()]
        if self.entity.catalogue:
            return {row[place]: row for row in self.rows}
        return {short_id(row[place]): row for row in self.rows if row[place]}

    def get(self, key: str | None) -> Row | None:
        """The row with that key, whichever form of the id is given."""
        if key is None:
            return None
        return self.by_key.get(key if self.entity.catalogue else short_id(key))

    def column(self, name: str) -> Callable[[Row], Any]:
        """A reader of one column."""
        place = self.entity.positions[name.lower()]
        return lambda row: row[place]

    def dicts(self) -> list[dict[str, Any]]:
        """The rows with their column names, for code that prefers to be read."""
        return [dict(zip(self.entity.names, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class RunningUser:
    """The connected user: who it is, and what the API lets it do (org-fixture 1.1)."""

    id: str | None
    permissions: frozenset[str]
    hidden_fields: frozenset[str]
    hidden_objects: frozenset[str]
    records: str
    computed: bool

    def has_any(self, *permissions: str) -> bool:
        """Whether the API finds at least one of these permissions."""
        return not self.permissions.isdisjoint(permissions)


@dataclass(frozen=True)
class Behaviour:
    """Switches for what is unverified about the platform (org-fixture 1.5)."""

    expired_assignments: str = "visible"
    muting_rows: str = "unfiltered"
    synthetic_object_rows: bool = True
    null_parents: tuple[str, ...] = ()
    hidden_totals: Mapping[str, int] = field(default_factory=dict)
    filler_entities: int = 0
    reified_error: str = "MALFORMED_QUERY"
    bulk_permission_objects: bool = False
    composite_describe: bool = True
    own_rows_only: bool = False
    """Beyond the format: LoginHistory and OauthToken hide other people's rows without the permission."""


@dataclass(frozen=True)
class Org:
    """A whole org in memory."""

    name: str
    now: datetime
    versions: tuple[str, ...]
    running_user: RunningUser
    permission_columns: tuple[str, ...]
    entities: Mapping[str, Entity]
    tables: Mapping[str, Table]
    behaviour: Behaviour

    @cached_property
    def _by_lower_name(self) -> dict[str, Entity]:
        return {name.lower(): entity for name, entity in self.entities.items()}

    def entity(self, name: str) -> Entity | None:
        """The object of that name, in any case."""
        return self._by_lower_name.get(name.lower())

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a listed table as dictionaries; empty if the org has none."""
        table = self.tables.get(name)
        return table.dicts() if table else []

    @cached_property
    def record_objects(self) -> tuple[Entity, ...]:
        """The objects the fixture describes."""
        return tuple(entity for entity in self.entities.values() if entity.is_record)

    @cached_property
    def children(self) -> dict[str, tuple[Child, ...]]:
        """The child relationships of every object."""
        found: dict[str, list[Child]] = {
            name: list(entity.setup_children) for name, entity in self.entities.items()
        }
        for entity in self.entities.values():
            for column in entity.fields:
                relationship = column.setup.get("childRelationshipName")
                if not relationship:
                    continue
                walked = f"{relationship}__r" if column.custom else relationship
                for target in column.reference_to:
                    cascade = bool(column.setup.get("masterDetail"))
                    found.setdefault(target, []).append(Child(walked, entity.name, column.name, cascade))
        return {name: tuple(each) for name, each in found.items()}

    @property
    def max_version(self) -> float:
        """The newest API version the org answers."""
        return max(float(version) for version in self.versions)

    @cached_property
    def organization_id(self) -> str:
        """The id of the org itself."""
        return str(self.rows("Organization")[0]["Id"])

    def user(self, user_id: str | None) -> dict[str, Any] | None:
        """One user by id."""
        row = self.tables["User"].get(user_id)
        return None if row is None else dict(zip(self.tables["User"].entity.names, row, strict=True))


def load_fixture(source: str | Path | Mapping[str, Any]) -> Org:
    """The org a fixture describes: a `.json` or `.json.gz` file, or the parsed document."""
    if isinstance(source, Mapping):
        return _Loader(source, "fixture").org()
    path = Path(source)
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
        document = json.loads(raw)
    except FileNotFoundError:
        raise FixtureError(f"{path}: there is no such file") from None
    except OSError as problem:
        raise FixtureError(f"{path}: cannot be read: {problem.strerror or problem}") from problem
    except (EOFError, ValueError) as problem:
        raise FixtureError(f"{path}: cannot be read as JSON ({problem})") from problem
    if not isinstance(document, dict):
        raise FixtureError(f"{path}: the document is not a JSON object")
    return _Loader(document, str(path)).org()


_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def canonical_datetime(text: str) -> str:
    """A datetime in UTC the way the API writes it, so that text order is time order."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def _read_boolean(value: Any) -> bool:
    if value is not None and not isinstance(value, bool):
        raise TypeError
    return bool(value)


def _read_number(value: Any) -> int | float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise TypeError
    return value


def _read_id(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value


def _read_datetime(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and _DATETIME.fullmatch(value)):
        return value
    return canonical_datetime(value)


def _read_date(value: Any) -> str | None:
    if value is not None and not _DATE.fullmatch(value):
        raise ValueError
    return value  # type: ignore[no-any-return]


_READERS: dict[str, Callable[[Any], Any]] = {
    "boolean": _read_boolean,
    "id": _read_id,
    "reference": _read_id,
    "date": _read_date,
    "datetime": _read_datetime,
    **dict.fromkeys(NUMBER_TYPES, _read_number),
}
"""How a value of a column type gets into a table; what cannot be read is an error of the fixture."""

_OBJECT_KEYS = frozenset(
    "fields label labelPlural custom id keyPrefix internalSharingModel externalSharingModel customSetting "
    "hasObjectPermissions owner nameField associateEntityType associateParentEntity".split()
)


class _Loader:
    """Walks one document and remembers where it is, so that an error can say so."""

    def __init__(self, document: Mapping[str, Any], source: str) -> None:
        self.document = document
        self.source = source

    def fail(self, path: str, problem: str) -> FixtureError:
        """The error for one place in the document."""
        return FixtureError(f"{self.source}: {path}: {problem}")

    def org(self) -> Org:
        """Build the whole org."""
        if self.document.get("format") != FORMAT:
            raise self.fail("format", f"expected {FORMAT!r}, found {self.document.get('format')!r}")
        permission_columns = tuple(self.document.get("permission_columns", PERMISSION_COLUMNS))
        listed = self.mapping("tables")
        entities = self.entities(permission_columns, listed)
        tables = {name: self.table(entities[name], listed.get(name, [])) for name in entities}
        behaviour = self.behaviour()
        tables["Organization"] = self.organization(tables["Organization"])
        tables["Profile"] = _profile_permissions(
            tables["Profile"], tables["PermissionSet"], permission_columns
        )
        return Org(
            name=str(self.document.get("name", "")),
            now=self.now(),
            versions=self.versions(),
            running_user=self.running_user(),
            permission_columns=permission_columns,
            entities=entities,
            tables=tables,
            behaviour=behaviour,
        )

    def mapping(self, key: str) -> Mapping[str, Any]:
        """A top-level object, empty if it is left out."""
        value = self.document.get(key, {})
        if not isinstance(value, Mapping):
            raise self.fail(key, "expected an object")
        return value

    def now(self) -> datetime:
        """The org's clock."""
        try:
            moment = datetime.fromisoformat(self.document["now"])
        except KeyError:
            raise self.fail("now", "is required") from None
        except (TypeError, ValueError):
            raise self.fail("now", f"{self.document['now']!r} is not an ISO 8601 time") from None
        if moment.tzinfo is None:
            raise self.fail("now", "needs an offset")
        return moment.astimezone(UTC)

    def versions(self) -> tuple[str, ...]:
        """The API versions the org answers, ascending."""
        given = self.document.get("api_versions", {})
        if isinstance(given, Mapping):
            first, last = float(given.get("min", "31.0")), float(given.get("max", "67.0"))
            return tuple(f"{version}.0" for version in range(int(first), int(last) + 1))
        return tuple(sorted((str(version) for version in given), key=float))

    def running_user(self) -> RunningUser:
        """The connected user."""
        given = self.mapping("running_user")
        known = {"id", "permissions", "hidden_fields", "hidden_objects", "records", "computed"}
        for key in given.keys() - known:
            raise self.fail(f"running_user.{key}", "is not a known key")
        records = given.get("records", "all")
        if records not in {"all", "own"}:
            raise self.fail("running_user.records", f"expected 'all' or 'own', found {records!r}")
        return RunningUser(
            id=given.get("id"),
            permissions=frozenset(
                given.get("permissions", ("ApiEnabled", "ViewSetup", "ViewRoles", "ViewAllData"))
            ),
            hidden_fields=frozenset(given.get("hidden_fields", ())),
            hidden_objects=frozenset(given.get("hidden_objects", ())),
            records=records,
            computed=bool(given.get("computed", False)),
        )

    def behaviour(self) -> Behaviour:
        """The switches, each known by name."""
        given = dict(self.mapping("behaviour"))
        for key in given.keys() - Behaviour.__dataclass_fields__.keys():
            raise self.fail(f"behaviour.{key}", "is not a known switch")
        if "null_parents" in given:
            given["null_parents"] = tuple(short_id(parent) for parent in given["null_parents"])
        return Behaviour(**given)

    def organization(self, table: Table) -> Table:
        """The single Organization row."""
        given = {"Id": to_18("00D000000000001"), "OrganizationType": "Enterprise Edition", "Name": "Sandbox"}
        given.update(self.mapping("organization"))
        return self.table(table.entity, [given], "organization")

    # --- objects --------------------------------------------------------------------------------------------

    def entities(self, permission_columns: Iterable[str], listed: Mapping[str, Any]) -> dict[str, Entity]:
        """Every object of the org: the setup objects, then those of the fixture, then listed companions."""
        described = self.mapping("objects")
        entities: dict[str, Entity] = {}
        for name, setup in SETUP_OBJECTS.items():
            extra = described.get(name, {}).get("fields", []) if name in described else []
            entities[name] = self.setup_entity(setup, extra, permission_columns, listed.get(name, []))
        custom_objects = 0
        for position, (name, given) in enumerate(described.items()):
            if not isinstance(given, Mapping):
                raise self.fail(f"objects.{name}", "expected an object")
            for key in given.keys() - _OBJECT_KEYS:
                raise self.fail(f"objects.{name}.{key}", "is not a known object key")
            if name in SETUP_OBJECTS:
                entities[name] = self.with_setup_given(entities[name], given, position)
                continue
            custom = bool(given.get("custom", name.endswith("__c")))
            custom_objects += custom
            entities[name] = self.record_entity(name, given, position, custom_objects if custom else None)
        for table in listed:
            if table not in entities:
                entities[table] = self.companion(table, entities)
        return entities

    def companion(self, table: str, entities: Mapping[str, Entity]) -> Entity:
        """The share or history object a listed table belongs to."""
        for ending in ("__Share", "__History", "Share", "History"):
            kind = ending.lstrip("_")
            base = table.removesuffix(ending) + ("__c" if ending.startswith("_") else "")
            if table.endswith(ending) and base in entities:
                entity = self.setup_entity(companion_object(table, base, kind), [], (), [])
                return replace(entity, associate_type=kind, associate_parent=base)
        raise self.fail(f"tables.{table}", "belongs to no object of this org")

    def setup_entity(
        self,
        setup: SetupObject,
        extra: list[Mapping[str, Any]],
        permission_columns: Iterable[str],
        listed: Any,
    ) -> Entity:
        """A setup object with the columns this org has of it."""
        columns = list(setup.columns)
        if setup.name in {"PermissionSet", "MutingPermissionSet", "Profile", "UserPermissionAccess"}:
            columns += [
                SetupColumn(name, "boolean", (), PERMISSION_MIN_VERSION.get(name, 0.0))
                for name in (f"Permissions{permission}" for permission in permission_columns)
            ]
        mentioned = _mentioned_columns(listed)
        if setup.open_columns:
            known = {column.name for column in columns}
            for name in sorted(mentioned - known):
                if setup.open_columns.fullmatch(name):
                    columns.append(SetupColumn(name, "boolean"))
        if setup.name == "PermissionSetAssignment" and "IsRevoked" not in mentioned:
            columns = [column for column in columns if column.name != "IsRevoked"]
        fields = {column.name: setup_field(column, setup.name) for column in columns}
        for place, given in enumerate(extra):
            made = self.field(given, f"objects.{setup.name}.fields[{place}]")
            fields[made.name] = made
        return Entity(
            name=setup.name,
            label=_spaced(setup.name),
            label_plural=_spaced(setup.name) + "s",
            fields=tuple(fields.values()),
            key_prefix=setup.key_prefix,
            durable_id=setup.name,
            endpoint=setup.endpoint,
            catalogue=setup.catalogue,
            min_version=setup.min_version,
            setup_children=tuple(Child(*child) for child in setup.child_relationships),
        )

    def with_setup_given(self, entity: Entity, given: Mapping[str, Any], position: int) -> Entity:
        """A setup object with what the fixture says of it beyond its columns."""
        fields = tuple(
            replace(column, id=numbered_id("00N", 1000 * position + place + 1)) if column.custom else column
            for place, column in enumerate(entity.fields)
        )
        label = given.get("label", entity.label)
        return replace(
            entity,
            fields=fields,
            label=label,
            label_plural=given.get("labelPlural", f"{label}s"),
            internal_sharing=given.get("internalSharingModel", entity.internal_sharing),
            external_sharing=given.get("externalSharingModel", entity.external_sharing),
            has_object_permissions=given.get("hasObjectPermissions", False),
        )

    def record_entity(
        self, name: str, given: Mapping[str, Any], position: int, custom_number: int | None
    ) -> Entity:
        """A record object with its automatic fields."""
        listed = given.get("fields", [])
        custom_setting = bool(given.get("customSetting", False))
        has_master = any(each.get("masterDetail") for each in listed if isinstance(each, Mapping))
        owned = bool(given.get("owner", not (custom_setting or has_master)))
        specs: dict[str, Mapping[str, Any]] = {
            each["name"]: each
            for each in _automatic_fields(name, owned=owned, name_field=given.get("nameField", True))
        }
        for place, each in enumerate(listed):
            checked = self.field(each, f"objects.{name}.fields[{place}]")
            specs[checked.name] = each
        fields = []
        for place, each in enumerate(specs.values()):
            made = make_field(each)
            if made.custom:
                made = replace(made, id=numbered_id("00N", 1000 * position + place + 1))
            fields.append(made)
        label = given.get("label", label_from(name))
        durable_id = given.get("id") or (name if custom_number is None else f"01I{custom_number:012d}")
        opens = name not in NO_OBJECT_PERMISSIONS and not custom_setting
        return Entity(
            name=name,
            label=label,
            label_plural=given.get("labelPlural", f"{label}s"),
            fields=tuple(fields),
            key_prefix=given.get("keyPrefix") or RECORD_KEY_PREFIXES.get(name) or f"a{position:02d}",
            custom=custom_number is not None,
            durable_id=durable_id,
            internal_sharing=given.get("internalSharingModel", "ReadWrite"),
            external_sharing=given.get("externalSharingModel", "Private"),
            custom_setting=custom_setting,
            has_object_permissions=bool(given.get("hasObjectPermissions", opens)),
            associate_type=given.get("associateEntityType"),
            associate_parent=given.get("associateParentEntity"),
            is_record=True,
        )

    def field(self, given: Any, path: str) -> Field:
        """One listed field, with its attributes checked."""
        if not isinstance(given, Mapping) or not isinstance(given.get("name"), str):
            raise self.fail(path, "a field needs a name")
        for key in given.keys() - SETUP_KEYS - set(DESCRIBE_KEYS):
            raise self.fail(f"{path}.{key}", f"is not a known attribute of field {given['name']!r}")
        if given.get("type", "string") not in FIELD_TYPES:
            raise self.fail(f"{path}.type", f"{given['type']!r} is not a field type")
        return make_field(given)

    # --- tables ---------------------------------------------------------------------------------------------

    def table(self, entity: Entity, listed: Any, path: str | None = None) -> Table:
        """The rows of one object in column order, whichever of the two forms they come in."""
        path = path or f"tables.{entity.name}"
        names = entity.names
        defaults = [_default(column) for column in entity.fields]
        if isinstance(listed, Mapping):
            rows = self.rows_of_columns(entity, listed, defaults, path)
        elif isinstance(listed, list):
            known = frozenset(names)
            rows = []
            for place, given in enumerate(listed):
                if not isinstance(given, Mapping):
                    raise self.fail(f"{path}[{place}]", "expected an object")
                if not known.issuperset(given):
                    unknown = min(given.keys() - known)
                    raise self.fail(f"{path}[{place}].{unknown}", f"is not a column of {entity.name}")
                rows.append(list(map(given.get, names, defaults)))
        else:
            raise self.fail(path, "expected a list of rows, or columns and rows")
        self.normalise(entity, rows, path)
        return Table(entity, [tuple(row) for row in rows])

    def rows_of_columns(
        self, entity: Entity, listed: Mapping[str, Any], defaults: list[Any], path: str
    ) -> list[list[Any]]:
        """Rows of the compact form, put into column order."""
        columns = listed.get("columns")
        given_rows = listed.get("rows")
        if not isinstance(columns, list) or not isinstance(given_rows, list):
            raise self.fail(path, "the compact form needs 'columns' and 'rows'")
        places = []
        exact = {name: place for place, name in enumerate(entity.names)}
        for place, name in enumerate(columns):
            if name not in exact:
                raise self.fail(f"{path}.columns[{place}]", f"{name!r} is not a column of {entity.name}")
            places.append(exact[name])
        rows = []
        for number, given in enumerate(given_rows):
            if len(given) != len(places):
                raise self.fail(
                    f"{path}.rows[{number}]", f"has {len(given)} values for {len(places)} columns"
                )
            row = defaults.copy()
            for place, value in zip(places, given, strict=True):
                row[place] = value
            rows.append(row)
        return rows

    def normalise(self, entity: Entity, rows: list[list[Any]], path: str) -> None:
        """Fill generated ids and stamps, and write every time the one way."""
        id_place = entity.positions["id"]
        prefix = f"{entity.key_prefix or '0zz'}g"
        for number, row in enumerate(rows):
            if row[id_place] is None:
                row[id_place] = to_18(numbered_id(prefix, number + 1))
        for place, column in enumerate(entity.fields):
            read = _READERS.get(column.type)
            if read is None:
                continue
            for number, row in enumerate(rows):
                try:
                    row[place] = read(row[place])
                except (TypeError, ValueError):
                    where = f"{path}[{number}].{column.name}"
                    raise self.fail(where, f"{row[place]!r} is no {column.type} value") from None


def _mentioned_columns(listed: Any) -> set[str]:
    """The columns at least one row of a table mentions."""
    if isinstance(listed, Mapping):
        return set(listed.get("columns", ()))
    mentioned: set[str] = set()
    for row in listed:
        if isinstance(row, Mapping):
            mentioned.update(row)
    return mentioned


def _spaced(name: str) -> str:
    """`PermissionSetGroup` for people: `Permission Set Group`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def _default(column: Field) -> Any:
    """What a row that does not mention a column has in it."""
    if column.type == "boolean":
        return False
    if column.name in STAMPED and column.type == "datetime":
        return DEFAULT_STAMP
    return None


def _automatic_fields(name: str, *, owned: bool, name_field: Any) -> list[dict[str, Any]]:
    """The fields every record object has without being told (org-fixture 1.2)."""
    fixed = {"permissionable": False, "createable": False, "updateable": False}
    fields: list[dict[str, Any]] = [
        {"name": "Id", "type": "id", "nillable": False, "defaultedOnCreate": True, **fixed},
        {"name": "IsDeleted", "type": "boolean", "defaultedOnCreate": True, **fixed},
    ]
    if owned:
        fields.append(
            {
                "name": "OwnerId",
                "type": "reference",
                "referenceTo": ["User", "Group"],
                "nillable": False,
                "permissionable": False,
            }
        )
    if name_field is not None and not (name_field is True and name in NO_NAME_FIELD):
        named: dict[str, Any] = {
            "name": "Name",
            "nameField": True,
            "permissionable": False,
            "nillable": False,
        }
        if isinstance(name_field, str):
            named["name"] = name_field
        elif isinstance(name_field, Mapping):
            named.update(name_field)
        fields.append(named)
    for stamp, kind in (("Created", "By"), ("LastModified", "By")):
        fields.append({"name": f"{stamp}Date", "type": "datetime", "nillable": False, **fixed})
        by = {"name": f"{stamp}{kind}Id", "type": "reference", "referenceTo": ["User"], "nillable": False}
        fields.append({**by, **fixed})
    fields.append({"name": "SystemModstamp", "type": "datetime", "nillable": False, **fixed})
    fields.append({"name": "LastViewedDate", "type": "datetime", **fixed})
    fields.append({"name": "LastReferencedDate", "type": "datetime", **fixed})
    if name in {"Task", "Event"}:
        fields.append({"name": "IsArchived", "type": "boolean", **fixed})
    return fields


def _profile_permissions(profiles: Table, sets: Table, permission_columns: Iterable[str]) -> Table:
    """`Profile.Permissions*` repeats the columns of the permission set the profile owns."""
    profile_id, owned_set = sets.column("ProfileId"), {}
    for row in sets.rows:
        if profile_id(row):
            owned_set[short_id(profile_id(row))] = row
    pairs = [
        (profiles.entity.positions[name.lower()], sets.entity.positions[name.lower()])
        for name in (f"Permissions{permission}" for permission in permission_columns)
    ]
    rows = []
    key = profiles.column("Id")
    for row in profiles.rows:
        owner = owned_set.get(short_id(key(row)))
        filled = list(row)
        if owner is not None:
            for there, here in pairs:
                filled[there] = owner[here]
        rows.append(tuple(filled))
    return Table(profiles.entity, rows)
