"""What an auditor is told of a HubSpot portal in one JSON file, `hubspot-scenario/1`, given through `--tags`.

Secrets in it are left alone; they come from the environment or a configuration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from auditor.people import Audience, Sign
from auditor.retention import RetentionPolicy
from connectors.hubspot.evidence import OBJECTS, Granted, Stated, UsersExport
from crm_audit.config_entries import Entry
from crm_audit.config_problems import refused, shown
from crm_audit.config_values import (
    Edition,
    HubSpotField,
    HubSpotObject,
    HubSpotProperty,
    Moment,
    ReachLevel,
    Text,
)

FORMAT = "hubspot-scenario/1"


@dataclass(frozen=True, slots=True)
class Given:
    """What is stated of a portal, and how its users export is written."""

    stated: Stated
    users_export: UsersExport | None = None


class _Given(Entry):
    """Keys as the format spells them: in camel case, and others are left alone."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, populate_by_name=False)


class MarketingEntry(_Given):
    """Who is marketing, by what was mapped and never by guess (hubspot R20)."""

    role_ids: tuple[Text, ...] = Field(default=(), description="Ids of permission sets.")
    role_names: tuple[Text, ...] = Field(default=(), description="Names of permission sets, whole.")
    team_ids: tuple[Text, ...] = Field(default=(), description="Ids of teams.")
    team_names: tuple[Text, ...] = Field(default=(), description="Names of teams, whole.")
    job_titles: tuple[Text, ...] = Field(default=(), description="Job titles, whole, in any case.")
    emails: tuple[Text, ...] = Field(default=(), description="E-mail addresses in any case.")

    def audiences(self) -> tuple[Audience, ...]:
        """One audience of everybody with one of the signs; everybody else stays unclassified."""
        signs = (
            *(Sign("memberships", f"role:{role}") for role in self.role_ids),
            *(Sign("sets", _exactly(name)) for name in self.role_names),
            *(Sign("memberships", f"team:{team}") for team in self.team_ids),
            *(Sign("teams", _exactly(name)) for name in self.team_names),
            *(Sign("title", _whole(title)) for title in self.job_titles),
            *(Sign("email", email) for email in self.emails),
        )
        return (Audience("marketing", signs, "What was given with the tags names them.", marketing=True),)


def _whole(text: str) -> str:
    """A pattern for just this text, in any case."""
    return rf"\A{re.escape(text)}\Z"


def _exactly(text: str) -> str:
    """A pattern for just this text in this case."""
    return rf"\A(?-i:{re.escape(text)})\Z"


class MeaningEntry(_Given):
    """What one permission word of the users export gives."""

    object: HubSpotObject = Field(description="Object type.")
    view: ReachLevel | Literal[""] | None = Field(default="", description="Which records may be viewed.")
    edit: ReachLevel | Literal[""] | None = Field(default="", description="Which records may be edited.")


class ExportEntry(_Given):
    """How the users export is written."""

    columns: dict[str, Text] = Field(
        default={}, description="Headers by id, email, role, teams, permissions."
    )
    permissions: dict[Text, MeaningEntry] = Field(default={}, description="Meanings of permission words.")

    def export(self) -> UsersExport:
        """Say the same as the connector does."""
        words = {word: Granted(m.object, m.view or "", m.edit or "") for word, m in self.permissions.items()}
        return UsersExport(self.columns, words) if self.columns else UsersExport(permissions=words)


class GivenPolicyEntry(_Given):
    """Records that are overdue: those whose first date that is set lies further back than some days."""

    policy: Text = Field(description="What reports call the policy.")
    object: HubSpotObject = Field(description="Object type.")
    anchors: Annotated[tuple[HubSpotProperty, ...], Field(min_length=1)] = Field(
        description="Date properties; the first that is set counts."
    )
    older_than_days: Annotated[int, Field(ge=0, le=36_600)] = Field(description="Days of 24 hours.")
    having: HubSpotProperty | Literal[""] | None = Field(
        default=None, description="Only records count in which this property is set."
    )

    def decided(self, source: str) -> RetentionPolicy:
        """Make a retention policy of it. Its cut-off follows from the moment that is judged at."""
        anchor, *further = self.anchors
        return RetentionPolicy(
            id=self.policy,
            object=self.object,
            anchor=anchor,
            period=f"P{self.older_than_days}D",
            source=source,
            why="The period was given with the tags.",
            further=tuple(further),
            having=self.having or "",
        )


def _nothing(value: object) -> object:
    return {} if value is None else value


class GivenFile(_Given):
    """What an auditor is told of a portal."""

    phi: dict[HubSpotField, Text] = Field(
        default={},
        description='it maps properties to kinds, as in {"contacts.primary_diagnosis": "diagnosis"}.',
    )
    as_of: Moment | None = Field(default=None, description="The moment to judge at.")
    objects: tuple[HubSpotObject, ...] = Field(
        default=OBJECTS, description="Object types beside custom ones."
    )
    edition: Edition | None = Field(default=None, description="The edition that somebody stated.")
    marketing: Annotated[MarketingEntry, BeforeValidator(_nothing)] = Field(
        default=MarketingEntry(), description="Who is marketing."
    )
    evidence_max_age_days: Annotated[int, Field(ge=0, le=36_600)] = Field(
        default=90, description="How old evidence may be."
    )
    record_sample: Annotated[int, Field(ge=0, le=10_000)] = Field(
        default=20, description="Of how many records per property viewers are asked for."
    )
    exceptions: dict[HubSpotObject, tuple[HubSpotProperty, ...]] | None = Field(
        default=None, description="Properties that cannot be restricted, instead of the built-in list."
    )
    users_export: ExportEntry | None = Field(default=None, description="How the users export is written.")
    retention: tuple[GivenPolicyEntry, ...] = Field(default=(), description="Records that are overdue.")

    @model_validator(mode="before")
    @classmethod
    def _no_slip_of_the_pen(cls, value: object) -> object:
        """Refuse keys that differ from known ones in case or a plural only, which would switch a section off."""
        known = {name: to_camel(name) for name in cls.model_fields}
        for key in value if isinstance(value, dict) else ():
            plain = str(key).casefold().replace("_", "").rstrip("s")
            for meant in known.values():
                if key != meant and plain == meant.casefold().rstrip("s"):
                    raise refused(f"Unknown key {shown(key)}.", f"Did you mean “{meant}”?")
        return value

    @model_validator(mode="after")
    def _told_apart(self) -> GivenFile:
        names = [entry.policy for entry in self.retention]
        if twice := [name for index, name in enumerate(names) if name in names[:index]]:
            raise refused(f"The policy {shown(twice[0])} is there twice.", "Reports need to tell them apart.")
        return self

    def given(self) -> Given:
        """Say the same as the connector does."""
        stated = Stated(
            self.edition or "", self.evidence_max_age_days, self.exceptions, self.record_sample, self.objects
        )
        return Given(stated, self.users_export.export() if self.users_export else None)
