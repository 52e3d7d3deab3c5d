"""One big org, tagged in a process of its own: processor seconds and peak memory as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time


def main(count: int) -> None:
    """Make the org, then tag it; only the tagging is timed, the peak is that of the whole process."""
    from benchmarks.tagger.big_org import org
    from mappings import Tagger, load_taxonomy, load_vocabulary

    fields = list(org(count))
    before = time.process_time()
    tagger = Tagger(load_taxonomy(), load_vocabulary())
    tags = tagger.tag_all(fields)
    taken = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump({"fields": len(fields), "tagged": len(tags), "cpu": taken, "mb": peak}, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
