"""Reads a `hubspot-portal/1` fixture into a portal that can be served (portal-fixture 1).

The loader fills in everything a fixture may leave out, and refuses what it cannot serve with a `FixtureError`
that names the file and the place in the document.
"""

# ruff: noqa: SIM905 - long lists of names read better as words than as quoted items

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sandbox.hubspot.moments import milliseconds, read, written
from sandbox.hubspot.object_types import (
    CUSTOM,
    ObjectType,
    custom_type,
    find_type,
    standard_types,
    type_of_built_in,
)
from sandbox.hubspot.portal import Limits, Portal, Refresh, Row, Switches, Token, User
from sandbox.hubspot.records import Bulk, Listed, Progression, Record, Table

FORMAT = "hubspot-portal/1"
DEFAULT_NOW = "2026-11-24T09:00:00.000Z"
DEFAULT_MOMENT = "2025-01-01T00:00:00.000Z"
TIERS = ("FREE", "STARTER", "PROFESSIONAL", "ENTERPRISE")
LEVELS = ("non_sensitive", "sensitive", "highly_sensitive")
KINDS = ("private_app", "service_key", "oauth")

_KEYS = frozenset(
    "format name about now tier account tokens properties groups schemas users roles teams owners lists listIdMap "
    "forms flows emails subscriptions files imports records bulk permittedUsers associationLabels activity limits "
    "switches".split()
)
_SWITCHES: dict[str, tuple[Any, ...]] = {
    "rolesOnTier": (None, True, False),
    "scopeBody": ("granular", "bare"),
    "singleSensitive": ("404", "200"),
    "sensitiveValues": ("deny", "omit"),
    "sensitiveFilter": ("allow", "deny"),
    "highlySearch": (400, 403),
    "searchTotal": ("exact", "capped"),
    "emptyCategories": (False, True),
    "permittedUsers": ("on", "off"),
    "teamTree": ("on", "off"),
}
"""The values each switch may have, its default first."""

_ACCOUNT = {
    "portalId": 4455001,
    "accountType": "STANDARD",
    "timeZone": "US/Eastern",
    "companyCurrency": "USD",
    "additionalCurrencies": [],
    "utcOffset": "-05:00",
    "utcOffsetMilliseconds": -18_000_000,
    "uiDomain": "app.hubspot.com",
    "dataHostingLocation": "na1",
}
_FIELD_TYPES = {
    "bool": "booleancheckbox",
    "enumeration": "select",
    "date": "date",
    "datetime": "date",
    "number": "number",
    "phone_number": "phonenumber",
}
_NOT_SERVED = frozenset({"crm", "lag", "ghost"})
_T = TypeVar("_T")


class FixtureError(ValueError):
    """The fixture cannot be served; the message is one sentence with the file and the place in it."""


def load_fixture(source: str | Path | Mapping[str, Any]) -> Portal:
    """The portal a fixture describes: a `.json` file, or the parsed document. Raises FixtureError."""
    if isinstance(source, Mapping):
        return _Loader(source, "fixture").portal()
    path = Path(source)
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise FixtureError(f"{path}: there is no such file") from None
    except OSError as problem:
        raise FixtureError(f"{path}: cannot be read: {problem.strerror or problem}") from problem
    except ValueError as problem:
        raise FixtureError(f"{path}: cannot be read as JSON ({problem})") from problem
    if not isinstance(document, dict):
        raise FixtureError(f"{path}: the document is not a JSON object")
    return _Loader(document, str(path)).portal()


class _Loader:
    """Walks one document and remembers where it is, so that an error can say so."""

    def __init__(self, document: Mapping[str, Any], source: str) -> None:
        self.document = document
        self.source = source
        self.types: dict[str, ObjectType] = {}
        self.portal_id = 0

    def fail(self, place: str, problem: str) -> FixtureError:
        """The error for one place in the document."""
        return FixtureError(f"{self.source}: {place}: {problem}")

    def portal(self) -> Portal:
        """Build the whole portal."""
        if self.document.get("format") != FORMAT:
            raise self.fail("format", f"expected {FORMAT!r}, found {self.document.get('format')!r}")
        for key in self.document.keys() - _KEYS:
            raise self.fail(key, "is not a known key")
        tier = self.choice("tier", self.document.get("tier", "ENTERPRISE"), TIERS)
        switches = self.switches(tier)
        account = self.account()
        self.portal_id = int(account["portalId"])
        self.types = self.object_types()
        users = self.users()
        properties = self.properties(switches)
        return Portal(
            source=self.source,
            now=self.moment("now", self.document.get("now", DEFAULT_NOW)),
            tier=tier,
            account=account,
            tokens=self.tokens(),
            types=self.types,
            properties=properties,
            groups=self.groups(properties),
            schemas=self.schemas(properties),
            users=users,
            roles=self.roles(),
            teams=self.teams(users),
            owners=self.owners(users),
            lists=self.lists(),
            list_id_map={
                str(row["legacyListId"]): str(row["listId"])
                for _, row in self.rows("listIdMap", "legacyListId", "listId")
            },
            forms=self.forms(),
            flows=self.flows(),
            emails=self.emails(),
            subscriptions=self.plain("subscriptions"),
            files=self.plain("files"),
            imports=self.plain("imports"),
            tables=self.tables(users, properties),
            permitted=self.permitted(),
            association_labels=self.association_labels(),
            activity=self.activity(),
            limits=self.limits(tier),
            switches=switches,
        )

    # --- reading the document -------------------------------------------------------------------------------

    def mapping(self, key: str) -> Mapping[str, Any]:
        """A top-level object, empty if it is left out."""
        return self.as_mapping(key, self.document.get(key, {}))

    def as_mapping(self, place: str, value: Any) -> Mapping[str, Any]:
        """An object at some place."""
        if not isinstance(value, Mapping):
            raise self.fail(place, "expected an object")
        return value

    def as_list(self, place: str, value: Any) -> list[Any]:
        """An array at some place."""
        if not isinstance(value, list):
            raise self.fail(place, "expected an array")
        return value

    def rows(self, key: str, *required: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """The objects of a top-level array, each with its place."""
        return self.rows_of(key, self.document.get(key, []), *required)

    def rows_of(self, place: str, value: Any, *required: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """The objects of an array, each with its place; the required keys are there."""
        for number, row in enumerate(self.as_list(place, value)):
            here = f"{place}[{number}]"
            self.as_mapping(here, row)
            for name in required:
                if row.get(name) in (None, ""):
                    raise self.fail(f"{here}.{name}", "is required")
            yield here, row

    def plain(self, key: str) -> tuple[Row, ...]:
        """Rows that are served as they are."""
        return tuple(dict(row) for _, row in self.rows(key))

    def choice(self, place: str, value: _T, known: Iterable[_T]) -> _T:
        """One of a few known values; true is not 1 here."""
        if not any(value == each and type(value) is type(each) for each in known):
            raise self.fail(place, f"{value!r} is not one of {', '.join(map(repr, known))}")
        return value

    def moment(self, place: str, value: Any) -> datetime:
        """A time."""
        return self.told(place, value, read, "is not an ISO 8601 time")

    def told(self, place: str, value: Any, reader: Callable[[str], _T], problem: str) -> _T:
        """A text that has to be readable in some way."""
        try:
            if isinstance(value, str):
                return reader(value)
        except ValueError:
            pass
        raise self.fail(place, f"{value!r} {problem}")

    def whole(self, place: str, value: Any, least: int = 0) -> int:
        """A whole number."""
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.fail(place, f"{value!r} is not a whole number of at least {least}")
        return value

    def type_at(self, place: str, text: Any) -> ObjectType:
        """The object type named at some place."""
        found = find_type(self.types, self.portal_id, text) if isinstance(text, str) else None
        if found is None:
            raise self.fail(place, f"{text!r} is not an object type of this portal")
        return found

    # --- the portal itself ----------------------------------------------------------------------------------

    def account(self) -> Row:
        """The account details."""
        account = {**_ACCOUNT, **self.mapping("account")}
        try:
            int(account["portalId"])
        except (TypeError, ValueError):
            raise self.fail("account.portalId", f"{account['portalId']!r} is not a number") from None
        return account

    def switches(self, tier: str) -> Switches:
        """The switches, each known by name and value."""
        given = self.mapping("switches")
        for name in given.keys() - _SWITCHES.keys() - {"maxUrl"}:
            raise self.fail(f"switches.{name}", "is not a known switch")
        value = {
            name: self.choice(f"switches.{name}", given.get(name, known[0]), known)
            for name, known in _SWITCHES.items()
        }
        roles = value["rolesOnTier"]
        return Switches(
            roles_on_tier=tier == "ENTERPRISE" if roles is None else roles,
            names_scopes=value["scopeBody"] == "granular",
            single_hides_sensitive=value["singleSensitive"] == "404",
            values_denied=value["sensitiveValues"] == "deny",
            filter_denied=value["sensitiveFilter"] == "deny",
            highly_search=value["highlySearch"],
            total_capped=value["searchTotal"] == "capped",
            empty_categories=value["emptyCategories"],
            permitted_users=value["permittedUsers"] == "on",
            team_tree=value["teamTree"] == "on",
            max_url=self.whole("switches.maxUrl", given.get("maxUrl", 8192), 1),
        )

    def limits(self, tier: str) -> Limits:
        """How often may be asked."""
        given = self.mapping("limits")
        daily = {"PROFESSIONAL": 625_000, "ENTERPRISE": 1_000_000}.get(tier, 250_000)
        usual = {
            "tenSecondly": 100 if tier in {"FREE", "STARTER"} else 190,
            "daily": daily,
            "dailyUsed": 0,
        }
        for name in given.keys() - usual.keys():
            raise self.fail(f"limits.{name}", "is not a known limit")
        found = {
            name: self.whole(f"limits.{name}", given.get(name, default)) for name, default in usual.items()
        }
        return Limits(found["tenSecondly"], found["daily"], found["dailyUsed"])

    def tokens(self) -> tuple[Token, ...]:
        """The credentials."""
        if "tokens" not in self.document:
            raise self.fail("tokens", "is required")
        return tuple(self.token(place, row) for place, row in self.rows("tokens", "token"))

    def token(self, place: str, row: Mapping[str, Any]) -> Token:
        """One credential."""
        refresh = row.get("refresh")
        return Token(
            token=str(row["token"]),
            kind=self.choice(f"{place}.kind", row.get("kind", "private_app"), KINDS),
            scopes=tuple(dict.fromkeys(["oauth", *self.as_list(f"{place}.scopes", row.get("scopes", []))])),
            expired=bool(row.get("expired", False)),
            user_id=row.get("userId"),
            app_id=row.get("appId"),
            refresh=None if refresh is None else self.refresh(f"{place}.refresh", refresh),
        )

    def refresh(self, place: str, given: Any) -> Refresh:
        """What a client shows to get a new token."""
        row = self.as_mapping(place, given)
        for name in ("clientId", "clientSecret", "refreshToken"):
            if not row.get(name):
                raise self.fail(f"{place}.{name}", "is required")
        return Refresh(row["clientId"], row["clientSecret"], row["refreshToken"])

    # --- objects and properties -----------------------------------------------------------------------------

    def object_types(self) -> dict[str, ObjectType]:
        """HubSpot's own types, those of the schemas, and custom ones mentioned only by their id."""
        types = standard_types()
        for place, row in self.rows("schemas", "objectTypeId", "name"):
            key = row["objectTypeId"]
            if not CUSTOM.fullmatch(key):
                raise self.fail(f"{place}.objectTypeId", f"{key!r} is not like '2-310'")
            types[key] = custom_type(key, row["name"])
        for section in ("properties", "records", "groups"):
            for key in self.mapping(section):
                if CUSTOM.fullmatch(key) and key not in types:
                    types[key] = custom_type(key, f"object_{key[2:]}")
                if key not in types:
                    raise self.fail(f"{section}.{key}", "is not an object type of this portal")
        return types

    def properties(self, switches: Switches) -> dict[str, dict[str, Row]]:
        """The definitions of every type by name, HubSpot's own first."""
        given = self.mapping("properties")
        found: dict[str, dict[str, Row]] = {}
        for key, kind in self.types.items():
            definitions = {name: _built_in(kind, name) for name in kind.built_in}
            for place, row in self.rows_of(f"properties.{key}", given.get(key, []), "name"):
                name = row["name"]
                usual = definitions.get(name) or _usual(kind, name, str(row.get("type", "string")))
                definitions[name] = self.definition(place, usual, row, switches)
            found[key] = definitions
        return found

    def definition(self, place: str, usual: Row, row: Mapping[str, Any], switches: Switches) -> Row:
        """One property definition, complete."""
        options = self.as_list(f"{place}.options", row.get("options", usual["options"]))
        full = {**usual, **row, "options": [_option(each, number) for number, each in enumerate(options)]}
        full["modificationMetadata"] = {
            **usual["modificationMetadata"],
            **self.as_mapping(f"{place}.modificationMetadata", row.get("modificationMetadata", {})),
        }
        self.choice(f"{place}.dataSensitivity", full["dataSensitivity"], LEVELS)
        if switches.empty_categories:
            full.setdefault("sensitiveDataCategories", [])
        elif not full.get("sensitiveDataCategories", True):
            del full["sensitiveDataCategories"]
        return full

    def groups(self, properties: Mapping[str, Mapping[str, Row]]) -> dict[str, tuple[Row, ...]]:
        """The property groups of every type: those given, and those the properties name."""
        given = self.mapping("groups")
        found: dict[str, tuple[Row, ...]] = {}
        for key in self.types:
            groups = {
                row["name"]: {"label": row["name"], "displayOrder": -1, "archived": False, **row}
                for _, row in self.rows_of(f"groups.{key}", given.get(key, []), "name")
            }
            for definition in properties[key].values():
                name = definition["groupName"]
                groups.setdefault(name, {"name": name, "label": name, "displayOrder": -1, "archived": False})
            found[key] = tuple(groups.values())
        return found

    def schemas(self, properties: Mapping[str, Mapping[str, Row]]) -> tuple[Row, ...]:
        """The custom objects."""
        return tuple(
            self.schema(place, row, properties[row["objectTypeId"]]) for place, row in self.rows("schemas")
        )

    def schema(self, place: str, row: Mapping[str, Any], properties: Mapping[str, Row]) -> Row:
        """One custom object as the schema calls serve it."""
        name, type_id = row["name"], row["objectTypeId"]
        plain = [each for each in properties.values() if each["dataSensitivity"] == "non_sensitive"]
        usual = {
            "id": type_id[2:],
            "labels": {"singular": name, "plural": f"{name}s"},
            "description": None,
            "allowsSensitiveProperties": True,
            "primaryDisplayProperty": "hs_object_id",
            "secondaryDisplayProperties": [],
            "requiredProperties": [],
            "searchableProperties": [],
            "fullyQualifiedName": f"p{self.portal_id}_{name}",
            "properties": [each for each in plain if not each["archived"]],
            "associations": [],
            "archived": False,
            "createdAt": DEFAULT_MOMENT,
            "updatedAt": DEFAULT_MOMENT,
        }
        self.as_mapping(f"{place}.labels", row.get("labels", {}))
        return {**usual, **row}

    # --- people ---------------------------------------------------------------------------------------------

    def users(self) -> tuple[User, ...]:
        """The people and apps of the settings API."""
        users = []
        for place, row in self.rows("users", "id", "email"):
            job = row.get("crm")
            if job is not None:
                self.as_mapping(f"{place}.crm", job)
            served = {key: value for key, value in row.items() if key not in _NOT_SERVED}
            users.append(
                User(
                    row={"roleIds": [], "superAdmin": False, **served},
                    job=job,
                    listed=not row.get("lag", False),
                    readable=not row.get("ghost", False),
                )
            )
        return tuple(users)

    def roles(self) -> tuple[Row, ...]:
        """The permission sets: their names, and never what they grant."""
        return tuple({"requiresBillingWrite": False, **row} for _, row in self.rows("roles", "id", "name"))

    def teams(self, users: Iterable[User]) -> tuple[Row, ...]:
        """The teams with their members, as the users say unless the fixture says otherwise."""
        teams = []
        for _, row in self.rows("teams", "id", "name"):
            main = [user.id for user in users if user.row.get("primaryTeamId") == row["id"]]
            extra = [user.id for user in users if row["id"] in (user.row.get("secondaryTeamIds") or ())]
            teams.append({"userIds": main, "secondaryUserIds": extra, **row})
        return tuple(teams)

    def owners(self, users: Iterable[User]) -> tuple[Row, ...]:
        """The owners; one without an active user shows only who it was (hubspot 3.2)."""
        people = {user.id: user.row for user in users}
        owners = []
        for _, row in self.rows("owners", "id"):
            user_id = row.get("userId")
            archived = bool(row.get("archived", False))
            person = people.get(str(user_id), {})
            earlier = row.get("userIdIncludingInactive", user_id)
            owner: Row = {
                "type": "PERSON",
                "createdAt": DEFAULT_MOMENT,
                "updatedAt": DEFAULT_MOMENT,
                **{name: person[name] for name in ("email", "firstName", "lastName") if name in person},
                **row,
                "archived": archived,
            }
            owner.pop("userId", None)
            if user_id is not None and not archived:
                owner["userId"] = _number(user_id)
            if earlier is not None:
                owner["userIdIncludingInactive"] = _number(earlier)
            owners.append(owner)
        return tuple(owners)

    # --- what marketing has ---------------------------------------------------------------------------------

    def lists(self) -> tuple[Row, ...]:
        """The lists; a manual one has no filters (hubspot 5.3)."""
        usual = {
            "objectTypeId": "0-1",
            "processingType": "DYNAMIC",
            "processingStatus": "COMPLETE",
            "listVersion": 1,
            "createdAt": DEFAULT_MOMENT,
            "updatedAt": DEFAULT_MOMENT,
            "filtersUpdatedAt": DEFAULT_MOMENT,
            "listPermissions": {"teamsWithEditAccess": [], "usersWithEditAccess": []},
        }
        found = []
        for place, row in self.rows("lists", "listId", "name"):
            full = {**usual, **row}
            full["objectTypeId"] = self.type_at(f"{place}.objectTypeId", full["objectTypeId"]).type_id
            full.setdefault("size", len(self.as_list(f"{place}.members", row.get("members", []))))
            if full["processingType"] == "MANUAL":
                full.pop("filterBranch", None)
            found.append(full)
        return tuple(found)

    def forms(self) -> tuple[Row, ...]:
        """The forms with every field complete, dependent ones too."""
        usual = {
            "formType": "hubspot",
            "createdAt": DEFAULT_MOMENT,
            "updatedAt": DEFAULT_MOMENT,
            "archived": False,
            "displayOptions": {},
            "legalConsentOptions": {"type": "none"},
        }
        configuration = {
            "language": "en",
            "cloneable": True,
            "editable": True,
            "archivable": True,
            "recaptchaEnabled": False,
            "notifyContactOwner": False,
            "notifyRecipients": [],
            "createNewContactForNewEmail": False,
            "prePopulateKnownValues": True,
            "allowLinkToResetKnownValues": False,
            "lifecycleStages": [],
        }
        found = []
        for place, row in self.rows("forms", "id", "name"):
            groups = [
                {
                    "groupType": "default_group",
                    "richTextType": "text",
                    **group,
                    "fields": self.form_fields(f"{here}.fields", group.get("fields", [])),
                }
                for here, group in self.rows_of(f"{place}.fieldGroups", row.get("fieldGroups", []))
            ]
            given = self.as_mapping(f"{place}.configuration", row.get("configuration", {}))
            found.append({**usual, **row, "fieldGroups": groups, "configuration": {**configuration, **given}})
        return tuple(found)

    def form_fields(self, place: str, given: Any) -> list[Row]:
        """The fields of a group."""
        return [self.form_field(here, row) for here, row in self.rows_of(place, given, "name")]

    def form_field(self, place: str, row: Mapping[str, Any]) -> Row:
        """One field, and the fields that depend on its answer."""
        dependents = []
        given = row.get("dependentFields", [])
        for here, dependent in self.rows_of(f"{place}.dependentFields", given, "dependentField"):
            condition = {"operator": "set_any", "value": "", "values": [], "rangeStart": "", "rangeEnd": ""}
            inner = self.as_mapping(f"{here}.dependentField", dependent["dependentField"])
            if not inner.get("name"):
                raise self.fail(f"{here}.dependentField.name", "is required")
            dependents.append(
                {
                    "dependentCondition": {**condition, **dependent.get("dependentCondition", {})},
                    "dependentField": self.form_field(f"{here}.dependentField", inner),
                }
            )
        usual = {
            "objectTypeId": "0-1",
            "label": row["name"],
            "required": False,
            "hidden": False,
            "fieldType": "single_line_text",
        }
        return {**usual, **row, "dependentFields": dependents}

    def flows(self) -> tuple[Row, ...]:
        """The workflows; `requiresSensitive` stays for the server to look at."""
        usual = {
            "isEnabled": True,
            "flowType": "WORKFLOW",
            "objectTypeId": "0-1",
            "revisionId": "1",
            "createdAt": DEFAULT_MOMENT,
            "updatedAt": DEFAULT_MOMENT,
            "crmObjectCreationStatus": "COMPLETE",
            "enrollmentCriteria": {"type": "MANUAL", "shouldReEnroll": False},
            "actions": [],
            "timeWindows": [],
            "blockedDates": [],
            "customProperties": {},
            "dataSources": [],
            "suppressionListIds": [],
            "canEnrollFromSalesforce": False,
        }
        found = []
        for place, row in self.rows("flows", "id"):
            full = {"name": f"Workflow {row['id']}", **usual, **row}
            full["objectTypeId"] = self.type_at(f"{place}.objectTypeId", full["objectTypeId"]).type_id
            full.setdefault("type", "CONTACT_FLOW" if full["objectTypeId"] == "0-1" else "PLATFORM_FLOW")
            for number, text in enumerate(row.get("requiresSensitive", [])):
                self.type_at(f"{place}.requiresSensitive[{number}]", text)
            found.append(full)
        return tuple(found)

    def emails(self) -> tuple[Row, ...]:
        """The marketing e-mails."""
        nobody: Row = {"include": [], "exclude": []}
        usual = {
            "subject": "",
            "state": "PUBLISHED",
            "type": "BATCH_EMAIL",
            "isPublished": True,
            "archived": False,
            "from": {},
            "to": {"contactIlsLists": nobody, "contactLists": nobody, "contactIds": nobody},
            "content": {"widgets": {}, "widgetContainers": {}, "flexAreas": {}, "plainTextVersion": ""},
            "createdAt": DEFAULT_MOMENT,
            "updatedAt": DEFAULT_MOMENT,
        }
        return tuple({"name": f"E-mail {row['id']}", **usual, **row} for _, row in self.rows("emails", "id"))

    # --- records --------------------------------------------------------------------------------------------

    def tables(self, users: Iterable[User], properties: Mapping[str, Mapping[str, Row]]) -> dict[str, Table]:
        """The records of every type; those of users come from the users."""
        given = self.mapping("records")
        bulks: dict[str, list[Bulk]] = {key: [] for key in self.types}
        for place, row in self.rows("bulk", "object"):
            kind = self.type_at(f"{place}.object", row["object"])
            bulks[kind.key].append(self.bulk(place, row, kind, properties[kind.key]))
        tables = {}
        for key, kind in self.types.items():
            rows = list(self.rows_of(f"records.{key}", given.get(key, []), "id"))
            if key == "users":
                rows += [("users", _user_record(user)) for user in users if user.job and user.job.get("id")]
            records = [self.record(place, row, kind) for place, row in rows]
            live = Listed(tuple(sorted((each for each in records if not each.archived), key=_by_id)))
            tables[key] = Table([live, *bulks[key]], [each for each in records if each.archived])
        return tables

    def record(self, place: str, row: Mapping[str, Any], kind: ObjectType) -> Record:
        """One record; what is stamped on it and what its properties say agree."""
        given = self.as_mapping(f"{place}.properties", row.get("properties", {}))
        values = {name: _text(value) for name, value in given.items()}
        created = row.get("createdAt") or values.get(kind.created) or DEFAULT_MOMENT
        changed = row.get("updatedAt") or values.get(kind.changed) or created
        values = {kind.created: created, kind.changed: changed, **values}
        archived = bool(row.get("archived", False))
        return Record(
            id=self.told(f"{place}.id", row["id"], int, "is not a number written as text"),
            values={**values, "hs_object_id": str(row["id"])},
            created_at=written(self.moment(f"{place}.createdAt", created)),
            updated_at=written(self.moment(f"{place}.updatedAt", changed)),
            archived_at=(row.get("archivedAt") or changed) if archived else None,
            history=self.as_mapping(f"{place}.history", row.get("history", {})),
            indexed=not row.get("unindexed", False),
        )

    def bulk(
        self, place: str, row: Mapping[str, Any], kind: ObjectType, definitions: Mapping[str, Row]
    ) -> Bulk:
        """Records that are only counted."""
        given = self.as_mapping(f"{place}.properties", row.get("properties", {}))
        return Bulk(
            kind=kind,
            count=self.whole(f"{place}.count", row.get("count", 0)),
            first_id=self.whole(f"{place}.firstId", row.get("firstId", 1)),
            properties={
                name: self.bulk_values(f"{place}.properties.{name}", value) for name, value in given.items()
            },
            dates=frozenset(name for name in given if definitions.get(name, {}).get("type") == "date"),
            default_moment=DEFAULT_MOMENT,
        )

    def bulk_values(self, place: str, value: Any) -> tuple[str | None, ...] | Progression:
        """What a property of a bulk holds: a constant, values in turn, or an even progression of times."""
        if isinstance(value, list):
            return tuple(_text(each) for each in value) or (None,)
        if not isinstance(value, Mapping):
            return (_text(value),)
        start = self.told(f"{place}.start", value.get("start"), milliseconds, "is not an ISO 8601 time")
        step = value.get("stepSeconds", 0)
        if isinstance(step, bool) or not isinstance(step, int | float):
            raise self.fail(f"{place}.stepSeconds", f"{step!r} is not a number")
        return Progression(start, round(step * 1000))

    def permitted(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Who may do what with which record."""
        found = {}
        for record, actions in self.mapping("permittedUsers").items():
            place = f"permittedUsers.{record}"
            kind, _, record_id = record.partition("/")
            key = f"{self.type_at(place, kind).key}/{record_id}"
            found[key] = {
                action: tuple(str(user) for user in self.as_list(f"{place}.{action}", users))
                for action, users in self.as_mapping(place, actions).items()
            }
        return found

    def association_labels(self) -> dict[tuple[str, str], tuple[Row, ...]]:
        """The labels between two types."""
        found = {}
        for place, row in self.rows("associationLabels", "from", "to"):
            pair = (self.type_at(f"{place}.from", row["from"]), self.type_at(f"{place}.to", row["to"]))
            results = self.rows_of(f"{place}.results", row.get("results", []))
            found[pair[0].key, pair[1].key] = tuple(dict(each) for _, each in results)
        return found

    def activity(self) -> dict[str, tuple[Row, ...]]:
        """Audit, login and security events."""
        given = self.mapping("activity")
        for name in given.keys() - {"auditLogs", "logins", "security"}:
            raise self.fail(f"activity.{name}", "is not a known kind of event")
        return {
            name: tuple(dict(row) for _, row in self.rows_of(f"activity.{name}", given.get(name, [])))
            for name in ("auditLogs", "logins", "security")
        }


def _usual(kind: ObjectType, name: str, data_type: str) -> Row:
    """A property definition nobody said much about."""
    return {
        "updatedAt": DEFAULT_MOMENT,
        "createdAt": DEFAULT_MOMENT,
        "name": name,
        "label": name,
        "type": data_type,
        "fieldType": _FIELD_TYPES.get(data_type, "text"),
        "description": "",
        "groupName": f"{kind.name.replace('_', '')}information",
        "options": [],
        "displayOrder": -1,
        "calculated": False,
        "externalOptions": False,
        "archived": False,
        "hasUniqueValue": False,
        "hidden": False,
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": False},
        "formField": True,
        "dataSensitivity": "non_sensitive",
    }


def _built_in(kind: ObjectType, name: str) -> Row:
    """The definition of a property every portal has."""
    kept_by_hubspot = name in kind.forced
    return {
        **_usual(kind, name, type_of_built_in(name)),
        "hubspotDefined": True,
        "formField": not kept_by_hubspot,
        "modificationMetadata": {
            "archivable": True,
            "readOnlyDefinition": True,
            "readOnlyValue": kept_by_hubspot,
        },
    }


def _option(given: Any, number: int) -> Row:
    """A choice of an enumeration; a fixture may give only its value."""
    row = given if isinstance(given, Mapping) else {"label": str(given), "value": str(given)}
    return {"description": "", "displayOrder": number, "hidden": False, **row}


def _text(value: Any) -> str | None:
    """A value the way the API writes all values."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _number(user_id: Any) -> Any:
    """A user id where the API has a number."""
    return int(user_id) if str(user_id).isdigit() else user_id


def _by_id(record: Record) -> int:
    return record.id


def _user_record(user: User) -> Row:
    """The CRM's record of a person (hubspot 3.2)."""
    row, job = user.row, user.job or {}
    return {
        "id": job["id"],
        "properties": {
            "hs_internal_user_id": user.id,
            "hs_email": row["email"],
            "hs_given_name": row.get("firstName"),
            "hs_family_name": row.get("lastName"),
            "hs_job_title": job.get("jobTitle"),
        },
    }
