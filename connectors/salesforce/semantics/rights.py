"""System permissions that rules ask about: escalation (E1), extraction (E2), overrides (F6, R1), decryption (F18)."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.rights import Right, Use

_ESCALATION = {
    "AssignPermissionSets": "Assign Permission Sets",
    "AuthorApex": "Author Apex",
    "CanDoActAsUser": "Act as another user",
    "CustomizeApplication": "Customize Application",
    "DelegatedPortalUserAdmin": "Delegated External User Administrator",
    "InstallPackaging": "Download AppExchange Packages",
    "ManageAuthProviders": "Manage Auth. Providers",
    "ManageInternalUsers": "Manage Internal Users",
    "ManageProfilesPermissionsets": "Manage Profiles and Permission Sets",
    "ManageRemoteAccess": "Manage Connected Apps",
    "ManageSessionPermissionSets": "Manage Session Permission Set Activations",
    "ManageUsers": "Manage Users",
    "ModifyAllData": "Modify All Data",
    "ModifyMetadata": "Modify Metadata Through Metadata API Functions",
}
_EXTRACTION = {
    "ApiEnabled": "API Enabled",
    "BulkApiHardDelete": "Bulk API Hard Delete",
    "DataExport": "Weekly Data Export",
    "EmailMass": "Mass Email",
    "ExportReport": "Export Reports",
    "RunReports": "Run Reports",
    "ScheduleReports": "Schedule Reports",
    "SubscribeDashboardToOtherUsers": "Subscribe to Dashboards: Add Recipients",
    "SubscribeReportToOtherUsers": "Subscribe to Reports: Add Recipients",
    "SubscribeReportsRunAsUser": "Subscribe to Reports: Set Running User",
    "ViewEventLogFiles": "View Event Log Files",
}
_OVERRIDE = {
    "ModifyAllData": "Modify All Data",
    "ViewAllData": "View All Data",
    "ViewAllFieldsGlobal": "View All Fields (Global)",
}
_EXPORT = {"ExportReport": ("RunReports",), "DataExport": (), "ScheduleReports": ("RunReports",)}
_OTHER = {"QueryAllFiles": "Query All Files", "ViewEncryptedData": "View Encrypted Data"}
_PER_OBJECT = {
    "ViewAllFields": "View All Fields",
    "ViewAllRecords": "View All",
    "ModifyAllRecords": "Modify All",
}


def _system() -> dict[str, Right]:
    found = {}
    for name, label in {**_ESCALATION, **_EXTRACTION, **_OVERRIDE, **_OTHER}.items():
        uses = {use for use, names in _USES.items() if name in names}
        found[name] = Right(name, label, frozenset(uses), needs=_EXPORT.get(name, ()))
    return found


_USES: dict[Use, Mapping[str, object]] = {
    Use.ESCALATION: _ESCALATION,
    Use.EXTRACTION: _EXTRACTION,
    Use.EXPORT: _EXPORT,
    Use.API: {"ApiEnabled": ()},
    Use.OVERRIDE: _OVERRIDE,
    Use.DECRYPT: {"ViewEncryptedData": ()},
}
SYSTEM_RIGHTS = _system()
"""Every system permission that means something here, by its column without `Permissions`."""


def on_object(name: str, owner: str) -> Right:
    """A right over everything of one object: `ViewAllFields`, `ViewAllRecords` or `ModifyAllRecords`."""
    return Right(name, f"{_PER_OBJECT[name]} on {owner}", frozenset({Use.OVERRIDE}), owner)
