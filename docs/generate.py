"""Write the generated pages from the rules, the catalogue, the allow-list, the configuration schema and kept figures.

`--check` only compares, and exits 1 when a page is not current.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from auditor.rules import RULES
from benchmarks.tagger.page import kept, tagger_page
from benchmarks.tagger.picture import calibration_picture
from connectors.salesforce import catalogue as cat
from connectors.salesforce.client import ALLOWED
from connectors.sampling import SAMPLES
from crm_audit.config_schema import reference

HERE = Path(__file__).parent
BY_RULE = "## Rule by rule\n"
"""The heading below which the page of limits is generated."""

_OTHERS = (
    (
        "sobjects",
        "GET /sobjects",
        "Names of the objects; not asked for when the tags were decided beforehand.",
    ),
    (
        cat.DESCRIBE,
        "GET /sobjects/OBJECT/describe",
        (
            "Labels, help texts, formulas and picklist entries of the fields this user sees. It only adds: which "
            "fields exist is known from EntityParticle."
        ),
    ),
    (
        cat.SECURABLE_OBJECTS,
        "GET /sobjects/ObjectPermissions/describe",
        "Which objects have object permissions at all.",
    ),
    *(
        (
            cat.aggregates_of(query),
            f"query: {query.sobject}, Id and ParentId, LIMIT 1",
            (
                "Whether the org stores such rows for permission set groups. Asked only where the rows read so far "
                "do not show it."
            ),
        )
        for query in (cat.OBJECT_PERMISSIONS, cat.FIELD_PERMISSIONS)
    ),
    (
        cat.RETENTION,
        "query and queryAll: COUNT(Id), MIN and MAX of the anchor date",
        "One count per policy, date field and place: live, recycle bin, and archived for Task and Event.",
    ),
    (
        cat.RETENTION_MONTHS,
        "query: COUNT(Id) by year and month of the anchor",
        "How the overdue records spread.",
    ),
    (cat.RETENTION_SAMPLE, "query: Id, LIMIT 20", "A few record ids per policy, as evidence."),
    (
        cat.RETENTION_SIGHT,
        "query: COUNT(Id), and GET /limits/recordCount",
        "Whether the auditing user sees every record that is counted.",
    ),
    (
        SAMPLES,
        "query: short custom texts, LIMIT 1 to 200",
        "How many values have the form of a known code. Sent only where a target names the object under `sampling`.",
    ),
)


def rules() -> str:
    """The page of all rules."""
    listed = "\n".join(f"- [{r.id}](#{r.id}): {r.title}" for r in RULES)
    parts = [f"# Rules\n\nGenerated from the rules themselves by `make docs`.\n\n{listed}\n"]
    for rule in RULES:
        page = rule.page.replace("\n## ", "\n### ")
        parts.append(
            f"## {rule.id}\n\n{rule.title}. Control {rule.control}, {rule.severity.label}.\n\n{page}\n"
        )
        parts.append(f"Relevant to: {', '.join(rule.citations)}. NIST SP 800-53: {', '.join(rule.nist)}.\n")
    return "\n".join(parts)


def queries() -> str:
    """The page of everything that is sent to Salesforce."""
    parts = [
        "# What is sent to Salesforce\n",
        (
            "Generated from the catalogue of queries and the allow-list of calls by `make docs`. Whatever is not on "
            "this page cannot be sent.\n"
        ),
        "## Calls that may leave the process\n",
        (
            "Method and path must match a line, the scheme must be https, and the host must be the org or its login "
            "host. Everything else is refused before a socket is opened. The one POST exchanges an assertion or a "
            "secret for a token. An alert, if one is configured, is no call to the CRM and has no part in this list: "
            "see [Alerts](nightly.md#alerts).\n"
        ),
        "```text",
        *(f"{method:<5}{path}" for method, path in ALLOWED),
        "```\n",
        "## Queries\n",
        (
            "Columns marked `?` are asked for only where the org has them. Columns marked `~` may be hidden from the "
            "auditing user, in which case the reading is incomplete and says so.\n"
        ),
    ]
    parts += [_query(query) for query in cat.QUERIES]
    parts.append("## Other readings\n")
    parts.append("| Reading | What is sent | What for |\n| --- | --- | --- |")
    parts += [f"| {name} | {sent} | {purpose} |" for name, sent, purpose in _OTHERS]
    return "\n".join(parts) + "\n"


def _query(query: cat.Query) -> str:
    columns = ", ".join(
        f"`{c.name}`{'?' if c.optional else '~' if c.hideable else ''}" for c in query.columns
    )
    where = f"Rows: `{query.where}`. " if query.where else "Rows: all. "
    described = "The object is described first. " if query.described else ""
    return (
        f"### {query.name}\n\nObject `{query.sobject}`, resource `{query.api.value}`. {where}{described}"
        f"Serves: {query.capability.value}. Right needed: {query.needs}.\n\n{columns}\n\n"
        f"If it cannot be read: {query.remedy or 'see the right needed.'}\n"
    )


def least_privilege() -> str:
    """The page of the permissions that the auditing user needs, and of those it does not get."""
    given = [need for need in cat.NEEDS if not need.withheld]
    withheld = [need for need in cat.NEEDS if need.withheld]
    parts = [
        "# Least privilege\n",
        (
            "Generated from the catalogue of queries by `make docs`. `crm-audit permission-set DIRECTORY` writes the "
            "same as an SFDX project with the permission set `CRM_Audit`, ready to deploy: "
            "[Connect Salesforce](connect-salesforce.md) goes through it step by step.\n"
        ),
        "## What the permission set holds\n",
        "| Permission | API name | Without it |\n| --- | --- | --- |",
        *(f"| {n.label} | `{n.name}` | {n.lost} |" for n in given),
        "",
        (
            "No object, no field, nothing that creates, changes or deletes. View All Data and View All Fields are not "
            "needed, and a credential that has them is [reported](rules.md#credential-exceeds-need). Only "
            "[sampling values](value-sampling.md), which is off unless you ask for it, needs rights to records.\n"
        ),
        "## What it leaves out, though a query asks for it\n",
        "| Permission | API name | Without it | Why it is left out |\n| --- | --- | --- | --- |",
        *(f"| {n.label} | `{n.name}` | {n.lost} | {n.withheld} |" for n in withheld),
        "",
        "## What no permission set of ours can hold\n",
        "| What | For | What to do |\n| --- | --- | --- |",
        *(f"| {q.beyond} | {q.name} | {q.remedy} |" for q in cat.QUERIES if q.beyond),
        f"| Read and View All Records on each object you count | {cat.RETENTION} | {cat.RETENTION_REMEDY} |",
        f"| Read and View All Records on each object with PHI | {cat.RECORDS} | {cat.RECORD_REMEDY} |",
        "",
        (
            "The last two are rights to records, so they are yours to give, object by object. Without them counts "
            "cover what the auditing user sees and say “at least”, and record reach is unknown.\n"
        ),
        "## Which query needs which permission\n",
    ]
    for need in cat.NEEDS:
        users = ", ".join(
            f"[{q.name}](queries.md#{_anchor(q.name)})" for q in cat.QUERIES if need in q.rights
        )
        parts.append(f"- **{need.label}**: {users}.")
    return "\n".join(parts) + "\n"


def _anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def configuration() -> str:
    """The page of every key of a configuration file."""
    return (
        "# Configuration reference\n\nGenerated from the schema of the configuration file by `make docs`; "
        "[Configuration](configuration.md) says what the keys are for. `NAME` stands for a name of your choice, `[]` "
        f"for each item of a list.\n\n{reference()}"
    )


def limits() -> str:
    """The page of blind spots: what people wrote, then the limits each rule states about itself."""
    written = (HERE / "limits.md").read_text(encoding="utf-8").partition(BY_RULE)[0]
    parts = [f"{written}{BY_RULE}\nGenerated from the rules themselves by `make docs`.\n"]
    for rule in RULES:
        own = rule.page.partition("\n## Limits\n")[2].partition("\n## ")[0].strip()
        parts.append(f"### {rule.id}\n\n{own}\n")
    return "\n".join(parts)


def tagger() -> str:
    """The page of the tagger's score: what people wrote, around the figures of the run that was kept."""
    return tagger_page((HERE / "tagger.md").read_text(encoding="utf-8"))


def tagger_picture() -> str:
    """The picture on that page."""
    return calibration_picture(kept()["calibration"])


PAGES: Mapping[str, Callable[[], str]] = {
    "rules.md": rules,
    "queries.md": queries,
    "least-privilege.md": least_privilege,
    "configuration-reference.md": configuration,
    "limits.md": limits,
    "tagger.md": tagger,
    "pictures/tagger-calibration.svg": tagger_picture,
}
"""Every generated page and picture, by file name."""


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(any((HERE / name).read_text(encoding="utf-8") != page() for name, page in PAGES.items()))
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
