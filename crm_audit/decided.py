"""What was decided beforehand: the JSON file of `--tags`, which suits a test or a second opinion."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, Field, StrictBool, model_validator

from auditor.errors import ConfigError
from auditor.people import EXTERNAL, GUEST, Audience, Kind, Sign
from auditor.retention import RetentionPolicy
from crm_audit.config_entries import Entry
from crm_audit.config_problems import refused, shown
from crm_audit.config_source import Source
from crm_audit.config_validation import validated
from crm_audit.config_values import ApiName, ExactPattern, FieldName, Moment, Text
from crm_audit.hubspot_given import FORMAT, Given, GivenFile
from mappings.located import text_of

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Decided:
    """What a `--tags` file decides: which fields are PHI, who is marketing, which records are overdue.

    `audiences` is None when the file says nothing about people. `as_of` is the moment to judge at, and `portal` what is
    stated of a HubSpot portal, where the file says so.
    """

    phi: dict[str, str]
    audiences: tuple[Audience, ...] | None = None
    classifier: dict[str, bool | str] | None = None
    retention: tuple[RetentionPolicy, ...] = ()
    as_of: dt.datetime | None = None
    portal: Given | None = None


def load_decided(path: Path) -> Decided:
    """Read a JSON file of decided tags. A scenario's truth file will do: its other keys are left alone.

    What is given of a HubSpot portal is told by its `format`.
    """
    source = Source(str(path), value=_json(path))
    if isinstance(source.value, dict) and source.value.get("format") == FORMAT:
        return _of_portal(validated(source, GivenFile), path.name)
    file = validated(source, TagsFile)
    retention = [entry.policy(path.name) for entry in file.retention or ()]
    for index, policy in enumerate(retention):
        if policy.id in {earlier.id for earlier in retention[:index]}:
            raise ConfigError(
                f"{path}: “retention[{index}]” repeats an earlier entry.", hint="Remove one of them."
            )
    who = file.classifier
    return Decided(
        phi=file.phi,
        audiences=who.audiences() if who else None,
        classifier=who.model_dump(exclude_unset=True, exclude_none=True) if who else None,
        retention=tuple(retention),
    )


def _of_portal(file: GivenFile, name: str) -> Decided:
    return Decided(
        phi=file.phi,
        audiences=file.marketing.audiences(),
        retention=tuple(entry.decided(name) for entry in file.retention),
        as_of=file.as_of,
        portal=file.given(),
    )


def _json(path: Path) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise ConfigError(f"{path}: The key {shown(key)} is given twice.", hint="Remove one of them.")
            found[key] = value
        return found

    try:
        return json.loads(text_of(path), object_pairs_hook=once)
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise ConfigError(
            f"{place}: This is not valid JSON: {error.msg}.", hint="Look at the commas and quotes here."
        ) from None
    except (RecursionError, ValueError):
        raise ConfigError(
            f"{path}: This is not JSON that can be read.", hint="Is this the file you meant to give?"
        ) from None


# ── The file, as it may be written ────────────────────────────────────────────────────────────────


class ClassifierEntry(Entry):
    """Who is marketing: whoever shows one of these signs. Patterns are searched, case ignored."""

    feature_licence: StrictBool = Field(default=False, description="Whether the Marketing User flag counts.")
    profile: ExactPattern | None = Field(default=None, description="Pattern for the profile's name.")
    role: ExactPattern | None = Field(default=None, description="Pattern for the role's name.")
    department: ExactPattern | None = Field(default=None, description="Pattern for the department.")
    title: ExactPattern | None = Field(default=None, description="Pattern for the job title.")

    def audiences(self) -> tuple[Audience, ...]:
        """Make audiences of it. First marketing: exactly whom it finds, guests and partners included."""
        patterns = self.model_dump(include={"profile", "role", "department", "title"}, exclude_none=True)
        signs = [Sign("marketing_flag")] if self.feature_licence else []
        signs += [Sign(attribute, pattern) for attribute, pattern in patterns.items()]
        why = "The classifier given with the tags finds them."
        return (
            Audience("marketing", tuple(signs), why, marketing=True),
            Audience(GUEST, (), "Anybody on the internet uses this account.", kinds=frozenset({Kind.GUEST})),
            Audience(EXTERNAL, (), "Works for somebody else.", kinds=frozenset({Kind.EXTERNAL})),
        )


class CutoffEntry(Entry):
    """Records that are overdue: those of an object whose date is before a moment."""

    model_config = ConfigDict(extra="ignore")

    object: ApiName = Field(description="API name of the object.")
    date_field: ApiName = Field(description="Date field that is compared.")
    cutoff: Moment = Field(description="The moment.")
    null_dates: ApiName = Field(default="skip", description="skip, or the date field to use instead.")

    def policy(self, source: str) -> RetentionPolicy:
        """Make a retention policy of it."""
        moment = self.cutoff.isoformat().removesuffix("+00:00").removesuffix("T00:00:00")
        return RetentionPolicy(
            id=re.sub(r"[^a-z0-9_-]", "", f"{self.object}-{self.date_field}-{moment}".lower()),
            object=self.object,
            anchor=self.date_field,
            cutoff=self.cutoff,
            fallback="" if self.null_dates == "skip" else self.null_dates,
            source=source,
            why="The cut-off was given with the tags.",
        )


class TagsFile(Entry):
    """A file of decided tags."""

    model_config = ConfigDict(extra="ignore")

    phi: dict[FieldName, Text] = Field(
        description='it maps fields to classes, as in {"Contact.MRN__c": "mrn"}.'
    )
    classifier: ClassifierEntry | None = Field(default=None, description="Who is marketing.")
    retention: tuple[CutoffEntry, ...] | None = Field(default=None, description="Records that are overdue.")

    @model_validator(mode="before")
    @classmethod
    def _no_slip_of_the_pen(cls, value: object) -> object:
        """Refuse near misses. Other keys are ignored, so one would silently switch a section off."""
        for key in value if isinstance(value, dict) else ():
            for meant in cls.model_fields:
                if key != meant and key.casefold().rstrip("s") == meant:
                    raise refused(f"Unknown key {shown(key)}.", f"Did you mean “{meant}”?")
        return value
