"""What the connected user may see of the org: objects, fields and rows (salesforce 1.2, org-fixture 1.1).

The platform does not say "forbidden" here: an object a user may not see does not exist, nor does a field.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sandbox.salesforce.ids import short_id
from sandbox.salesforce.setup_objects import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.salesforce.fields import Field
    from sandbox.salesforce.fixture import Entity, Org, Row

_SETUP = ("ViewSetup",)

OBJECT_GATES: dict[str, tuple[str, ...]] = {
    "FieldPermissions": _SETUP,
    "ObjectPermissions": _SETUP,
    "PermissionSetGroupComponent": _SETUP,
    "PermissionDependency": _SETUP,
    "EntityParticle": _SETUP,
    "PermissionSetAssignment": ("ViewSetup", "AssignPermissionSets", "ManageUsers"),
    "MutingPermissionSet": ("ViewSetup", "ManageSessionPermissionSets", "AssignPermissionSets"),
    "UserRole": ("ViewRoles",),
}
"""Any one of these permissions makes the object exist."""

GATED_SINCE = {"FieldPermissions": 49.0, "ObjectPermissions": 49.0}

PERMISSION_SET_READERS = (
    "ViewSetup",
    "ManageSessionPermissionSets",
    "AssignPermissionSets",
    "ManageProfilesPermissionsets",
)
"""Without any of these the PermissionSet object exists but shows no rows."""

OWN_ROWS = {
    "LoginHistory": ("UserId", ("ManageUsers", "MonitorLoginHistory")),
    "OauthToken": ("UserId", ("CustomizeApplication",)),
}
"""The column that says whose row it is, and the permissions that lift the restriction."""


@dataclass(frozen=True)
class Visibility:
    """One user's view of the org in one API version, at one endpoint."""

    org: Org
    version: float
    hidden_fields: frozenset[str]
    tooling: bool = False

    @property
    def base_path(self) -> str:
        """Where the resources of this version and endpoint live."""
        return f"/services/data/v{self.version:.1f}{'/tooling' if self.tooling else ''}"

    @cached_property
    def _hidden(self) -> frozenset[str]:
        return frozenset(name.lower() for name in self.hidden_fields)

    @cached_property
    def _hidden_objects(self) -> frozenset[str]:
        return frozenset(name.lower() for name in self.org.running_user.hidden_objects)

    def entity(self, name: str) -> Entity | None:
        """The object of that name, or nothing if this user cannot see it here."""
        entity = self.org.entity(name)
        return entity if entity is not None and self.sees(entity) else None

    def sees(self, entity: Entity) -> bool:
        """Whether the object exists for this user, version and endpoint."""
        if entity.name.lower() in self._hidden_objects or self.version < entity.min_version:
            return False
        if entity.endpoint is Endpoint.TOOLING and not self.tooling:
            return False
        if entity.is_record and self.tooling:
            return False
        gate = OBJECT_GATES.get(entity.name)
        if gate is None or self.version < GATED_SINCE.get(entity.name, 0.0):
            return True
        return self.org.running_user.has_any(*gate)

    def sees_field(self, entity: Entity, column: Field) -> bool:
        """Whether the column exists for this user in this version."""
        if self.version < column.min_version:
            return False
        return f"{entity.name}.{column.name}".lower() not in self._hidden

    def fields(self, entity: Entity) -> list[Field]:
        """The columns describe shows."""
        return [column for column in entity.fields if self.sees_field(entity, column)]

    def row_filter(self, entity: Entity) -> Callable[[Row], bool] | None:
        """Which rows this user gets; None means all of them."""
        user = self.org.running_user
        if entity.name == "PermissionSet" and not user.has_any(*PERMISSION_SET_READERS):
            return _nobody
        if entity.is_record and user.records == "own":
            return _owned_by(entity, "OwnerId", user.id)
        if self.org.behaviour.own_rows_only and entity.name in OWN_ROWS:
            column, lifting = OWN_ROWS[entity.name]
            if not user.has_any(*lifting):
                return _owned_by(entity, column, user.id)
        return None


def _nobody(_row: Row) -> bool:
    """No rows at all."""
    return False


def _owned_by(entity: Entity, column: str, user_id: str | None) -> Callable[[Row], bool]:
    """Rows whose column names this user; an object without the column has none."""
    place = entity.positions.get(column.lower())
    if place is None or user_id is None:
        return _nobody
    owner = short_id(user_id)
    return lambda row: row[place] is not None and short_id(row[place]) == owner
