"""DataProfiler's comparison of column names, which is fuzzy, and needs no value.

As it comes it knows three names, so it is given the longer list; its own threshold is kept.
"""

from __future__ import annotations

import logging

from benchmarks.tagger.contestants import Guess, Guesser, plain
from benchmarks.tagger.contestants.word_lists import hipaa_words

PACKAGE = "dataprofiler"


def ready() -> Guesser:
    """Build its model of column names alone; the one on values needs values."""
    from dataprofiler.labelers.column_name_model import ColumnNameModel  # type: ignore[import-not-found]

    logging.disable(logging.INFO)
    words = hipaa_words()
    model = ColumnNameModel(
        label_mapping={label: at for at, label in enumerate(dict.fromkeys(words.values()), 1)},
        parameters={
            "true_positive_dict": [{"attribute": word, "label": label} for word, label in words.items()],
            "positive_threshold_config": 85,
            "include_label": True,
        },
    )

    def guess(text: str) -> Guess:
        labels = model.predict([text], verbose=False)["pred"]
        return Guess(str(labels[0])) if len(labels) else Guess()

    return lambda rows: [guess(plain(row["label"] or row["field"])) for row in rows]
