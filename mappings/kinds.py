"""What sort of value a field holds, in one word, whichever system's type names describe it."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Kind(StrEnum):
    """The sort of value; `any` when the type is not known."""

    ANY = "any"
    TEXT = "text"
    LONG_TEXT = "long_text"
    FLAG = "flag"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    ADDRESS = "address"
    PLACE = "place"
    LINK = "link"
    FILE = "file"
    KEY = "key"
    COUNT = "count"


_KINDS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: (
        "text", "string", "varchar", "varchar2", "char", "nvarchar", "data", "str", "encryptedtext",
        "encryptedstring",
        "character",
    ),
    Kind.LONG_TEXT: (
        "longtextarea", "textarea", "smalltext", "texteditor", "clob", "ntext", "jsonb", "html",
        "richtextarea", "richtext", "longtext", "mediumtext", "tinytext",
    ),
    Kind.FLAG: ("boolean", "bool", "checkbox", "check", "booleancheckbox", "bit"),
    Kind.NUMBER: (
        "number", "double", "int", "integer", "long", "percent", "decimal", "float", "bigint", "smallint",
        "mediumint", "tinyint", "numeric", "real",
    ),
    Kind.MONEY: ("currency", "money"),
    Kind.DATE: ("date", "datetime", "time", "timestamp"),
    Kind.CHOICE: (
        "picklist", "multipicklist", "multiselectpicklist", "enumeration", "enum", "select", "radio",
        "combobox",
    ),
    Kind.EMAIL: ("email",),
    Kind.PHONE: ("phone", "phonenumber"),
    Kind.URL: ("url",),
    Kind.ADDRESS: ("address",),
    Kind.PLACE: ("location", "geolocation"),
    Kind.LINK: (
        "reference", "lookup", "link", "dynamiclink", "table", "many2one", "one2many", "many2many",
        "masterdetail", "hierarchy", "externallookup", "indirectlookup",
        "metadatarelationship", "lookuprelationship", "masterdetailrelationship",
    ),
    Kind.FILE: ("base64", "file", "attach", "attachimage", "image", "blob", "longblob", "mediumblob", "binary"),
    Kind.KEY: ("id", "autonumber", "uuid"),
    Kind.COUNT: ("summary", "rollup", "rollupsummary"),
}  # fmt: skip
_BY_TYPE = {word: kind for kind, names in _KINDS.items() for word in names}
_TYPE = re.compile(r"^(?:formula\s*\((?P<of>[^)]*)\)|(?P<name>[^(]*))(?P<size>\(.*\))?$", re.DOTALL)


@lru_cache(maxsize=4096)
def kind_of(type_name: str, length: int = 0) -> Kind:
    """Translate a vendor's type name; a text area of at most 255 characters is an ordinary text."""
    found = _TYPE.match(type_name.strip().lower())
    if not found:
        return Kind.ANY
    bare = re.sub(r"[\s_\-/]+", "", found["of"] or found["name"] or "")
    kind = _BY_TYPE.get(bare, Kind.ANY)
    if bare == "tinyint" and found["size"] == "(1)":
        return Kind.FLAG
    if kind is Kind.TEXT and length > 255:
        return Kind.LONG_TEXT
    if bare == "textarea" and 0 < length <= 255:
        return Kind.TEXT
    return kind
