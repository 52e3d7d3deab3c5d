"""Write the page of examples of leak paths, with their pictures, from the report of the embedded demo.

`--check` only compares, and exits 1 when a file is not current.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from auditor.audit import Audit
from auditor.findings import Finding
from auditor.leaks import Hop
from crm_audit.commands.demo import audited
from crm_audit.session import Given
from reports import chains, outline, words
from reports.pictures import picture

HERE = Path(__file__).parent
MOST = 10
_INTRO = """# Examples of leak paths

Generated from the report of `crm-audit demo` by `make docs`. The clinic, its forms, lists and messages are invented.
[Leak paths](leak-paths.md) says how such paths are found, [Reading a report](report.md#a-leak-path) how they are read.
"""


def examples(audits: Sequence[Audit]) -> Mapping[str, str]:
    """The page and the pictures it shows, by file name: the worst path of each rule, and then the worst of the rest."""
    page = [_INTRO]
    files: dict[str, str] = {}
    for number, (audit, finding) in enumerate(_chosen(audits), 1):
        name = f"leak-path-{number}.svg"
        chain = finding.seen.chain
        said = chains.sentence(chain)
        files[f"pictures/{name}"] = f"{picture(audit, chain, alone=True)}\n"
        page.append(f"## {number}. {finding.title}\n\n{said}\n\n![{said}](pictures/{name})\n")
        page += [f"{step}. {line}" for step, line in enumerate(chains.steps(audit, chain).lines, 1)]
        page.append(
            f"\nWhat passes on: {chains.passes(chain) or 'nothing'}. Consent on the form: "
            f"{chains.consent(audit, chain)}. Rated {words.severity(finding.severity).text}.\n"
        )
    return {"leak-path-examples.md": "\n".join(page), **files}


def _chosen(audits: Sequence[Audit]) -> list[tuple[Audit, Finding]]:
    """At most so many different chains, in the order of the report."""
    once: dict[tuple[Hop, ...], tuple[Audit, Finding]] = {}
    first: dict[str, str] = {}
    for audit, finding in outline.leak_paths(audits):
        once.setdefault(finding.seen.chain, (audit, finding))
    for _, finding in once.values():
        first.setdefault(finding.rule, finding.id)
    rest = [finding.id for _, finding in once.values() if finding.id not in first.values()]
    chosen = [*first.values(), *rest][:MOST]
    return [(audit, finding) for audit, finding in once.values() if finding.id in chosen]


def of_demo() -> Mapping[str, str]:
    """The examples of the embedded clinic, which is served and audited for it."""
    with audited(Given(quiet=True, out=HERE)) as (_, audits):
        return examples(audits)


if __name__ == "__main__":
    files = of_demo()
    if "--check" in sys.argv:
        sys.exit(any((HERE / name).read_text(encoding="utf-8") != made for name, made in files.items()))
    for name, made in files.items():
        (HERE / name).write_text(made, encoding="utf-8")
