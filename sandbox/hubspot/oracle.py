"""Who sees what in a portal, read off the fixture in the plainest way (portal-fixture 5).

A second reading of the rules, from the document and the evidence alone: no HTTP, no cleverness, no speed.
It says what a truth file says, but for the surfaces.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.hubspot.fixture import load_fixture
from sandbox.hubspot.moments import read
from sandbox.hubspot.object_types import PERMITTED_USERS_TYPES, ObjectType
from sandbox.hubspot.portal import Row, User
from sandbox.hubspot.records import Record

ALLOW, DENY, UNKNOWN = "ALLOW", "DENY", "UNKNOWN"
WIDTH = {"NONE": 0, "OWNED": 1, "TEAM": 2, "ALL": 3}
RANK = {DENY: 0, UNKNOWN: 1, ALLOW: 2}

EXCEPTIONS = {
    "contacts": ["email", "firstname", "lastname", "lifecyclestage"],
    "companies": ["name", "domain", "lifecyclestage"],
    "tickets": ["subject", "hs_pipeline", "hs_pipeline_stage", "createdate"],
    "deals": ["dealname", "dealstage", "pipeline", "createdate", "closedate"],
    "line_items": ["name", "price"],
}
"""Properties that cannot be restricted (hubspot 4.1); custom objects have theirs by rule."""

BRANCHES = {
    "OR", "AND", "NOT_ALL", "NOT_ANY", "RESTRICTED", "UNIFIED_EVENTS", "ASSOCIATION", "PROPERTY_ASSOCIATION",
}  # fmt: skip
FILTERS = {
    "PROPERTY", "ASSOCIATION", "PAGE_VIEW", "CTA", "EVENT", "FORM_SUBMISSION", "FORM_SUBMISSION_ON_PAGE",
    "INTEGRATION_EVENT", "EMAIL_SUBSCRIPTION", "COMMUNICATION_SUBSCRIPTION", "CAMPAIGN_INFLUENCED",
    "SURVEY_MONKEY", "SURVEY_MONKEY_VALUE", "WEBINAR", "EMAIL_EVENT", "PRIVACY", "ADS_SEARCH", "ADS_TIME",
    "IN_LIST", "NUM_ASSOCIATIONS", "UNIFIED_EVENTS", "PROPERTY_ASSOCIATION", "CONSTANT",
}  # fmt: skip

Evidence = Mapping[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Verdict:
    """What is said about one person and one property."""

    view: str
    edit: str
    rule: str
    reach: str = ""


@dataclass(frozen=True)
class Reach:
    """How far somebody's permission for an object goes: at least `level`, more if there is `doubt`."""

    level: str | None
    doubt: bool

    @property
    def word(self) -> str:
        """The reach as a truth file writes it."""
        if self.level is None or (self.level == "NONE" and self.doubt):
            return "UNKNOWN"
        return self.level

    @property
    def verdict(self) -> str:
        """Whether that is enough for some record."""
        return {"UNKNOWN": UNKNOWN, "NONE": DENY}.get(self.word, ALLOW)


def conjunction(*verdicts: str) -> str:
    """AND in three values (R17)."""
    if DENY in verdicts:
        return DENY
    return UNKNOWN if UNKNOWN in verdicts else ALLOW


def read_evidence(folder: Path) -> dict[str, list[dict[str, str]]]:
    """The evidence files of a scenario, by name without ending; those that are there."""
    found = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            found[path.stem] = list(csv.DictReader(lines))
    return found


def truth(portal: Mapping[str, Any], given: Mapping[str, Any], evidence: Evidence) -> dict[str, Any]:
    """The sections of a truth file that follow from the rules.

    Returns phi, archived_phi, marketing, absent, expect, republishes, retention, coverage, as in portal-fixture 4.
    """
    return Oracle(portal, given, evidence).truth()


class Oracle:
    """One portal, what the auditor was told about it, and the evidence."""

    def __init__(self, document: Mapping[str, Any], given: Mapping[str, Any], evidence: Evidence) -> None:
        self.portal = load_fixture(document)
        self.given = given
        self.evidence = evidence
        self.now = read(given["asOf"])
        self.token = next(each for each in self.portal.tokens if each.token == given["token"])
        self.users = [user for user in self.portal.users if user.listed] if self.reads_users else []
        self.ids = {user.id for user in self.users}
        self.roles = (
            {str(role["id"]): str(role["name"]) for role in self.portal.roles} if self.reads_roles else {}
        )
        self.teams = {str(team["id"]): team for team in self.portal.teams} if self.reads_teams else {}
        self.phi = {name: kind for name, kind in self._listed() if not self.definition(name)["archived"]}
        self.archived_phi = [name for name, _ in self._listed() if self.definition(name)["archived"]]

    def truth(self) -> dict[str, Any]:
        """Everything it has to say."""
        return {
            "phi": self.phi,
            "archived_phi": self.archived_phi,
            "marketing": [user.id for user in self.users if self.is_marketing(user)],
            "absent": self.absent(),
            "expect": list(self.expect()),
            "republishes": list(self.republishes()),
            "retention": [self.retention(policy) for policy in self.given.get("retention", [])],
            "coverage": sorted(self.coverage(), key=lambda row: str(row["area"])),
        }

    # --- what the token can read ----------------------------------------------------------------------------

    def has(self, *alternatives: str) -> bool:
        """Whether the token has one of the scopes."""
        return self.token.opens(alternatives)

    @property
    def reads_users(self) -> bool:
        """Whether users can be read."""
        return self.has("settings.users.read", "crm.objects.users.read")

    @property
    def reads_roles(self) -> bool:
        """Whether roles can be read, and exist."""
        return self.reads_users and self.portal.switches.roles_on_tier

    @property
    def reads_teams(self) -> bool:
        """Whether teams and their members can be read."""
        return self.has("settings.users.teams.read")

    @property
    def reads_tree(self) -> bool:
        """Whether it can be read which team is above which."""
        return self.reads_teams and self.portal.switches.team_tree

    def objects(self) -> list[ObjectType]:
        """The objects to audit: those named, and the custom ones that can be seen."""
        named = self.given.get("objects", ["contacts", "companies", "deals", "tickets"])
        custom = [row["objectTypeId"] for row in self.portal.schemas] if self._sees_schemas() else []
        return [self.portal.types[key] for key in dict.fromkeys([*named, *custom])]

    def _sees_schemas(self) -> bool:
        return self.has(
            "crm.schemas.custom.read",
            "crm.objects.custom.read",
            "crm.objects.custom.sensitive.read",
            "crm.objects.custom.highly_sensitive.read",
        )

    def _listed(self) -> Iterator[tuple[str, str]]:
        """The listed PHI properties that are there and can be seen, with their kinds."""
        seen = {kind.key for kind in self.objects() if self.has(*kind.definition_scopes)}
        for name, kind in self.given.get("phi", {}).items():
            key, _, prop = name.partition(".")
            if key in seen and prop in self.portal.properties[key]:
                yield name, kind

    def definition(self, name: str) -> Row:
        """The definition of `object.property`."""
        key, _, prop = name.partition(".")
        return self.portal.properties[key][prop]

    # --- people ---------------------------------------------------------------------------------------------

    def teams_of(self, user: User) -> set[str]:
        """Somebody's teams: what the user says, and what the teams say."""
        own = {str(user.row.get("primaryTeamId") or ""), *map(str, user.row.get("secondaryTeamIds") or [])}
        listed = {
            team_id
            for team_id, team in self.teams.items()
            if user.id in {*map(str, team["userIds"]), *map(str, team["secondaryUserIds"])}
        }
        return (own | listed) - {""}

    def is_marketing(self, user: User) -> bool:
        """Whether configuration calls somebody marketing (R20)."""
        told = self.given.get("marketing", {})
        if is_app(user):
            return False
        roles, teams = set(role_ids(user)), self.teams_of(user)
        title = (user.job or {}).get("jobTitle") or "" if self.has("crm.objects.users.read") else ""
        return bool(
            roles & set(told.get("roleIds", []))
            or {self.roles.get(role) for role in roles} & set(told.get("roleNames", []))
            or teams & set(told.get("teamIds", []))
            or {self.teams[team]["name"] for team in teams if team in self.teams}
            & set(told.get("teamNames", []))
            or (title and title.lower() in {each.lower() for each in told.get("jobTitles", [])})
            or user.row["email"].lower() in {each.lower() for each in told.get("emails", [])}
        )

    def absent(self) -> list[str]:
        """The settings ids of people that are known only as owners."""
        if not self.reads_users or not self.has("crm.objects.owners.read", "automation"):
            return []
        owners = [owner.get("userId") or owner.get("userIdIncludingInactive") for owner in self.portal.owners]
        return [str(each) for each in dict.fromkeys(owners) if each is not None and str(each) not in self.ids]

    # --- evidence -------------------------------------------------------------------------------------------

    def is_recent(self, row: Mapping[str, str]) -> bool:
        """Whether a row was observed recently enough; exactly the age that is allowed is recent."""
        age = timedelta(days=self.given.get("evidenceMaxAgeDays", 90))
        observed = observed_at(row)
        return observed is not None and self.now - observed <= age

    def role_row(self, role: str, key: str) -> Mapping[str, str] | None:
        """The newest fresh row about a role and an object."""
        rows = [
            row
            for row in self.evidence.get("permission-sets", [])
            if row["role_name"] == role and row["object_type"] == key and self.is_recent(row)
        ]
        return newest(rows)

    def access_row(self, name: str) -> Mapping[str, str] | None:
        """The newest fresh row about who may see a property."""
        key, _, prop = name.partition(".")
        changed = read(self.definition(name)["updatedAt"])
        rows = []
        for row in self.evidence.get("property-access", []):
            observed = observed_at(row)
            if (row["object_type"], row["property_name"]) != (key, prop) or not self.is_recent(row):
                continue
            if observed is None or observed < changed or self.names_the_gone(row):
                continue
            rows.append(row)
        return newest(rows)

    def names_the_gone(self, row: Mapping[str, str]) -> bool:
        """Whether a row names a user or team that is not there; teams nobody could read are not gone."""
        users = [each for column in ("owner_user", "view_users", "edit_users") for each in cell(row, column)]
        teams = [each for column in ("view_teams", "edit_teams") for each in cell(row, column)]
        if any(not any(is_called(user, each) for user in self.users) for each in users):
            return True
        known = {*self.teams, *(team["name"] for team in self.teams.values())}
        return self.reads_teams and any(each not in known for each in teams)

    # --- reach (R4) -----------------------------------------------------------------------------------------

    def reach(self, user: User, key: str, column: str) -> Reach:
        """The widest permission for an object; `column` is view or edit."""
        levels: list[str] = []
        doubt = False
        for role in role_ids(user):
            row = self.role_row(self.roles[role], key) if role in self.roles else None
            level = (row or {}).get(column, "").strip().upper()
            if level in WIDTH:
                levels.append(level)
            else:
                doubt = True
        for words in self.direct_permissions(user):
            if words is None:
                doubt = True
            elif words["object"] == key:
                level = str(words.get(column) or "").upper()
                if level in WIDTH:
                    levels.append(level)
                else:
                    doubt = True
        return Reach(max(levels, key=WIDTH.__getitem__, default=None), doubt)

    def direct_permissions(self, user: User) -> Iterator[Mapping[str, str] | None]:
        """What the users export says somebody may do; None for words nobody mapped."""
        export = self.given.get("usersExport", {})
        columns, mapped = export.get("columns", {}), export.get("permissions", {})
        for row in self.evidence.get("users", []):
            by_id = row.get(columns.get("id", ""), "").strip() == user.id
            by_mail = row.get(columns.get("email", ""), "").strip().lower() == user.row["email"].lower()
            if not by_id and not by_mail:
                continue
            for words in split(row.get(columns.get("permissions", ""), "")):
                yield mapped.get(words)

    def sampled(self, user: User, name: str) -> tuple[int, int]:
        """In how many sampled records the user may be, of how many that were answered for."""
        key, _, prop = name.partition(".")
        if self._reach_reason(self.portal.types[key]) or not self._searchable(name):
            return 0, 0
        held = [each for each in self.portal.tables[key] if each.indexed and each.values.get(prop)]
        asked = held[: self.given.get("recordSample", 20)]
        answers = [self.portal.permitted.get(f"{key}/{each.id}") for each in asked]
        answered = [each for each in answers if each is not None]
        return sum(user.id in each.get("VIEW", ()) for each in answered), len(answered)

    def _searchable(self, name: str) -> bool:
        level = self.definition(name)["dataSensitivity"]
        kind = self.portal.types[name.partition(".")[0]]
        denied = self.portal.switches.filter_denied and not self.has(*kind.level_scopes(level))
        return level != "highly_sensitive" and not denied

    # --- the property's own rule (R5 to R13) ----------------------------------------------------------------

    def is_exception(self, name: str) -> bool:
        """Whether a property cannot be restricted (R5)."""
        key, _, prop = name.partition(".")
        for schema in self.portal.schemas:
            if schema["objectTypeId"] == key and prop == schema["primaryDisplayProperty"]:
                return True
        if self.portal.types[key].custom and prop in {"hs_pipeline", "hs_pipeline_stage"}:
            return True
        return prop in self.given.get("exceptions", EXCEPTIONS).get(key, [])

    def property_rule(self, user: User, name: str) -> Verdict:
        """What restriction says, whatever the reach."""
        row = self.access_row(name)
        mode = (row or {}).get("mode", "").strip().upper()
        if self.is_exception(name) and mode not in {"RESTRICTED", "PRIVATE"}:
            return Verdict(ALLOW, ALLOW, "R5")
        if self.given.get("edition", "ENTERPRISE") != "ENTERPRISE":
            return Verdict(ALLOW, ALLOW, "R6")
        if row is None or mode not in {"EVERYONE", "RESTRICTED", "PRIVATE"}:
            return Verdict(UNKNOWN, UNKNOWN, "R7")
        if mode == "EVERYONE":
            return Verdict(ALLOW, ALLOW, "R8")
        if mode == "PRIVATE":
            mine = any(is_called(user, each) for each in cell(row, "owner_user"))
            return Verdict(ALLOW, ALLOW, "R9") if mine else Verdict(DENY, DENY, "R9")
        return self.restricted(user, row)

    def restricted(self, user: User, row: Mapping[str, str]) -> Verdict:
        """A property for chosen people and teams (R10 to R13)."""
        if any(is_called(user, each) for each in cell(row, "edit_users")):
            return Verdict(ALLOW, ALLOW, "R10")
        if any(is_called(user, each) for each in cell(row, "view_users")):
            return Verdict(ALLOW, DENY, "R10")
        mine = self.teams_of(user)
        editing = {self.team_id(each) for each in cell(row, "edit_teams")}
        viewing = {self.team_id(each) for each in cell(row, "view_teams")}
        if mine & editing:
            return Verdict(ALLOW, ALLOW, "R11")
        if mine & viewing:
            return Verdict(ALLOW, DENY, "R11")
        if self.may_be_related(mine, editing | viewing):
            return Verdict(UNKNOWN, UNKNOWN, "R12")
        return Verdict(DENY, DENY, "R13")

    def team_id(self, text: str) -> str:
        """The id of a team that evidence calls by id or by name."""
        if text in self.teams:
            return text
        return next((key for key, team in self.teams.items() if team["name"] == text), text)

    def may_be_related(self, mine: set[str], granted: set[str]) -> bool:
        """Whether one of somebody's teams may be above or below a granted one, at any depth."""
        if not granted:
            return False
        if not self.reads_teams:
            return True
        if not self.reads_tree:
            return bool(mine)
        return any(own in self.above(team) or team in self.above(own) for own in mine for team in granted)

    def above(self, team_id: str) -> set[str]:
        """All teams above a team."""
        found: set[str] = set()
        parent = self.teams.get(team_id, {}).get("parentTeamId")
        while parent is not None and str(parent) not in found:
            found.add(str(parent))
            parent = self.teams.get(str(parent), {}).get("parentTeamId")
        return found

    # --- verdicts -------------------------------------------------------------------------------------------

    def verdict(self, user: User, name: str) -> Verdict:
        """Whether somebody may see and change a property."""
        key = name.partition(".")[0]
        changeable = DENY if self.definition(name)["modificationMetadata"].get("readOnlyValue") else ALLOW
        if is_app(user):
            return Verdict(UNKNOWN, conjunction(UNKNOWN, changeable), "R14")
        if user.row.get("superAdmin"):
            return Verdict(ALLOW, changeable, "R3")
        reach, editing = self.reach(user, key, "view"), self.reach(user, key, "edit").verdict
        own = self.property_rule(user, name)
        word, reaching = reach.word, reach.verdict
        if reaching == UNKNOWN:
            here, asked = self.sampled(user, name)
            if here:
                word, reaching = f"SAMPLED {here}/{asked}", ALLOW
        if reaching == DENY:
            rule = "R4"
        elif own.view != ALLOW:
            rule = own.rule
        elif reaching == UNKNOWN:
            rule = "R17"
        else:
            rule = "R4" if word.startswith("SAMPLED") else own.rule
        # A sample shows who may look, never who may change.
        firm = conjunction(reach.verdict, own.view)
        edit = conjunction(firm, editing, own.edit, changeable)
        return Verdict(conjunction(reaching, own.view), edit, rule, word)

    def token_verdict(self, name: str) -> Verdict:
        """What the auditor's own token may do (R14)."""
        kind, definition = self.portal.types[name.partition(".")[0]], self.definition(name)
        level = definition["dataSensitivity"]
        sees = self.has(*kind.read_scopes) and self.has(*kind.level_scopes(level))
        changes = (
            sees
            and self.has(*map(writing, kind.read_scopes))
            and self.has(*map(writing, kind.level_scopes(level)))
            and not definition["modificationMetadata"].get("readOnlyValue")
        )
        return Verdict(ALLOW if sees else DENY, ALLOW if changes else DENY, "R14")

    def expect(self) -> Iterator[Row]:
        """One row for every person and property, and one for the token."""
        for name in self.phi:
            key, _, prop = name.partition(".")
            for user in self.users:
                yield {"user": user.id, "object": key, "property": prop, **vars(self.verdict(user, name))}
            yield {"user": "token", "object": key, "property": prop, **vars(self.token_verdict(name))}

    def republishes(self) -> Iterator[Row]:
        """Calculated properties that show PHI to somebody who may not see it (R19)."""
        for key, definitions in self.portal.properties.items():
            for prop, definition in definitions.items():
                name = f"{key}.{prop}"
                formula = str(definition.get("calculationFormula") or "")
                if (
                    not formula
                    or definition["archived"]
                    or not self.has(*self.portal.types[key].definition_scopes)
                ):
                    continue
                for source in named_in(formula):
                    origin = f"{key}.{source}"
                    if origin in self.phi and origin != name and self.is_wider(name, origin):
                        yield {"property": name, "from": origin}

    def is_wider(self, name: str, origin: str) -> bool:
        """Whether somebody sees more of one property than of another."""
        return any(
            RANK[self.verdict(user, name).view] > RANK[self.verdict(user, origin).view] for user in self.users
        )

    # --- retention ------------------------------------------------------------------------------------------

    def retention(self, policy: Mapping[str, Any]) -> Row:
        """How many records are older than a policy allows; None where that cannot be known."""
        if self._retention_reason(policy):
            return {"policy": policy["policy"], "total": None, "undatable": None, "archived": None}
        table = self.portal.tables[policy["object"]]
        having = policy.get("having")
        live = [each for each in table if not having or each.values.get(having)]
        old = None if having else sum(self.is_old(each, policy) is True for each in table.archived)
        return {
            "policy": policy["policy"],
            "total": sum(self.is_old(each, policy) is True for each in live),
            "undatable": sum(self.is_old(each, policy) is None for each in live),
            "archived": old,
        }

    def is_old(self, record: Record, policy: Mapping[str, Any]) -> bool | None:
        """Whether a record's first anchor that is set lies before the cutoff; None if none is set."""
        known = self.portal.properties[policy["object"]]
        anchors = [record.values.get(anchor) for anchor in policy["anchors"] if anchor in known]
        anchor = next((each for each in anchors if each), None)
        if anchor is None:
            return None
        return read(anchor) < self.now - timedelta(hours=24 * policy["olderThanDays"])

    def _retention_reason(self, policy: Mapping[str, Any]) -> str:
        kind, having = self.portal.types[policy["object"]], policy.get("having")
        if not self.has(*kind.read_scopes):
            return "MISSING_SCOPES"
        if having and having in self.portal.properties[kind.key]:
            name = f"{kind.key}.{having}"
            if self.definition(name)["dataSensitivity"] == "highly_sensitive":
                return "NOT_SEARCHABLE"
            return "" if self._searchable(name) else "MISSING_SCOPES"
        return ""

    # --- coverage -------------------------------------------------------------------------------------------

    def coverage(self) -> Iterator[Row]:
        """Every area that cannot be read in full, and why."""
        for area, reason in self._unread():
            if reason:
                yield {"area": area, "status": "not_audited", "reason": reason}
        if self.has("crm.lists.read"):
            for row in self.portal.lists:
                if not row.get("deletedAt") and has_odd_filter(row.get("filterBranch")):
                    yield {"area": f"list:{row['listId']}", "status": "partial", "reason": "UNPARSED_FILTER"}
        if self.has("automation"):
            for row in self.portal.flows:
                if self._hidden(row):
                    yield {"area": f"flow:{row['id']}", "status": "not_audited", "reason": "SENSITIVE_FLOW"}
                elif has_odd_filter(row):
                    yield {"area": f"flow:{row['id']}", "status": "partial", "reason": "UNPARSED_FILTER"}

    def _unread(self) -> Iterator[tuple[str, str]]:
        yield "users", self._scoped(self.reads_users)
        yield "roles", self._scoped(self.reads_users) or ("" if self.reads_roles else "NOT_ON_TIER")
        yield "teams", self._scoped(self.reads_teams)
        yield "team_tree", self._scoped(self.reads_teams) or ("" if self.reads_tree else "NOT_AVAILABLE")
        yield "crm_users", self._scoped(self.has("crm.objects.users.read"))
        yield "owners", self._scoped(self.has("crm.objects.owners.read", "automation"))
        yield "schemas", self._scoped(self._sees_schemas())
        for kind in self.objects():
            yield f"properties:{kind.key}", self._scoped(self.has(*kind.definition_scopes))
        for key in dict.fromkeys(name.partition(".")[0] for name in self.phi):
            kind = self.portal.types[key]
            yield f"records:{key}", self._scoped(self.has(*kind.read_scopes))
            yield f"record_reach:{key}", self._reach_reason(kind)
        yield "lists", self._scoped(self.has("crm.lists.read"))
        yield "forms", self._scoped(self.has("forms"))
        yield "flows", self._scoped(self.has("automation"))
        yield "emails", self._scoped(self.has("content", "marketing.email.read", "marketing.email.write"))
        yield "audit_log", self._audit_log_reason()
        consent = ("communication_preferences.read", "communication_preferences.read_write")
        yield "subscriptions", self._scoped(self.has(*consent))
        for policy in self.given.get("retention", []):
            yield f"retention:{policy['policy']}", self._retention_reason(policy)

    @staticmethod
    def _scoped(there: bool) -> str:  # noqa: FBT001 - a plain yes or no
        return "" if there else "MISSING_SCOPES"

    def _reach_reason(self, kind: ObjectType) -> str:
        if kind.type_id not in PERMITTED_USERS_TYPES or not self.portal.switches.permitted_users:
            return "NOT_AVAILABLE"
        return self._scoped(self.has(*kind.read_scopes) and self.reads_users)

    def _audit_log_reason(self) -> str:
        if not self.has("account-info.security.read"):
            return "MISSING_SCOPES"
        return "" if self.portal.tier == "ENTERPRISE" else "NOT_ON_TIER"

    def _hidden(self, flow: Row) -> bool:
        kinds = [self.portal.type(text) for text in flow.get("requiresSensitive", [])]
        return any(kind is not None and not self.has(*kind.level_scopes("sensitive")) for kind in kinds)


def is_app(user: User) -> bool:
    """Whether a user is an app's account: its mail domain says so (R2)."""
    return str(user.row["email"]).rpartition("@")[2].lower().startswith("appserviceaccount.")


def role_ids(user: User) -> list[str]:
    """Somebody's roles, in either spelling."""
    many = [str(role) for role in user.row.get("roleIds") or []]
    one = user.row.get("roleId")
    return many or ([str(one)] if one else [])


def is_called(user: User, text: str) -> bool:
    """Whether evidence that says `text` means this user: by id, or by e-mail in any case."""
    return text == user.id or text.lower() == str(user.row["email"]).lower()


def split(text: str | None) -> list[str]:
    """The entries of a cell with several."""
    return [part.strip() for part in (text or "").split(";") if part.strip()]


def cell(row: Mapping[str, str], column: str) -> list[str]:
    """The entries of one cell of a row."""
    return split(row.get(column))


def observed_at(row: Mapping[str, str]) -> datetime | None:
    """When a row was observed, if it says so."""
    try:
        return read(row["observed_at"].strip())
    except (KeyError, ValueError):
        return None


def newest(rows: Iterable[Mapping[str, str]]) -> Mapping[str, str] | None:
    """The row observed last."""
    return max(rows, key=lambda row: read(row["observed_at"].strip()), default=None)


def writing(scope: str) -> str:
    """The scope to write what a scope reads; the old ticket scopes do both."""
    return f"{scope.removesuffix('.read')}.write" if scope.endswith(".read") else scope


def named_in(formula: str) -> list[str]:
    """The names in a formula, outside of quoted text."""
    bare = re.sub(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", " ", formula)
    return list(dict.fromkeys(re.findall(r"[A-Za-z_]\w*", bare)))


def has_odd_filter(tree: object) -> bool:
    """Whether a branch or filter of a kind nobody knows is anywhere in it."""
    if isinstance(tree, list):
        return any(has_odd_filter(each) for each in tree)
    if not isinstance(tree, dict):
        return False
    if (
        tree.get("filterBranchType", "AND") not in BRANCHES
        or tree.get("filterType", "PROPERTY") not in FILTERS
    ):
        return True
    return any(has_odd_filter(each) for each in tree.values())
