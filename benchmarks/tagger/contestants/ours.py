"""The tagger of this project; the fields of one repository are one org."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from benchmarks.tagger.contestants import Guess, Guesser

PACKAGE = ""


def ready() -> Guesser:
    """Load the vocabulary and the taxonomy."""
    from mappings import Tagger, load_taxonomy, load_vocabulary

    tagger = Tagger(load_taxonomy(), load_vocabulary())

    def guess(rows: Sequence[Mapping[str, str]]) -> list[Guess]:
        from auditor.phi import FieldFacts

        orgs: dict[str, list[FieldFacts]] = defaultdict(list)
        keys = []
        for row in rows:
            facts = FieldFacts(
                object=row["object"],
                name=row["field"],
                label=row["label"],
                type=row["type"],
                description=row["description"],
                help_text=row["help_text"],
                picklist=tuple(value.strip() for value in row["picklist_sample"].split(";") if value.strip()),
            )
            orgs[row["source_repo"]].append(facts)
            keys.append((row["source_repo"], facts.key))
        tags = {(org, tag.field): tag for org, fields in orgs.items() for tag in tagger.tag_all(fields)}
        return [
            Guess(tag.phi_class, tag.confidence.value) if (tag := tags.get(key)) else Guess() for key in keys
        ]

    return guess
