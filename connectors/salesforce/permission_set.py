"""The auditing user's permission set as an SFDX project, made of the catalogue of queries and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from connectors.salesforce import catalogue as cat

NAME = "CRM_Audit"
PROJECT = "sfdx-project.json"
PERMISSION_SET = f"force-app/main/default/permissionsets/{NAME}.permissionset-meta.xml"
_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"


def held() -> tuple[cat.Need, ...]:
    """The system permissions of the set, by API name: those some query needs, less those withheld."""
    needed = {need for query in cat.QUERIES for need in query.rights}
    return tuple(sorted((need for need in needed if not need.withheld), key=lambda need: need.name))


def files() -> Mapping[str, bytes]:
    """Every file of the project, by its path with forward slashes."""
    return {PROJECT: _project(), PERMISSION_SET: _permission_set()}


def _project() -> bytes:
    project = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "namespace": "",
        "sourceApiVersion": f"{cat.LOWEST_VERSION:.1f}",
    }
    return (json.dumps(project, indent=2) + "\n").encode()


def _permission_set() -> bytes:
    root = etree.Element("PermissionSet", nsmap={None: _NAMESPACE})
    _add(root, "description", "What crm-audit needs to read about access, and no more. Made by crm-audit.")
    _add(root, "hasActivationRequired", "false")
    _add(root, "label", "CRM Audit")
    for need in held():
        permission = etree.SubElement(root, "userPermissions")
        _add(permission, "enabled", "true")
        _add(permission, "name", need.name)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add(parent: Any, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = text
