"""Write the generated pages: `docs/rules.md` from the rules' own docstrings. `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

from auditor.rules import RULES

PAGE = Path(__file__).parent / "rules.md"


def rules() -> str:
    """The page of all rules."""
    parts = ["# Rules\n\nGenerated from the rules themselves by `make docs`.\n"]
    for rule in RULES:
        page = rule.page.replace("\n## ", "\n### ")
        parts.append(
            f"## {rule.id}\n\n{rule.title}. Control {rule.control}, {rule.severity.label}.\n\n{page}\n"
        )
        parts.append(f"Relevant to: {', '.join(rule.citations)}. NIST SP 800-53: {', '.join(rule.nist)}.\n")
    return "\n".join(parts)


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != rules())
    PAGE.write_text(rules(), encoding="utf-8")
