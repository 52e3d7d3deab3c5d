"""Effective access on the reference engine's presets, beside that engine, each in a fresh process, paired.

Both sides of the comparison start from the same tables and end with the same four numbers. Ours computes both gates for
read and edit; the reference one plane. A field's object gate is opened by whatever opens any field of that object, so
that the answers must agree.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TOOL = Path(__file__).resolve().parents[2] / "shared" / "tools" / "bench_effective_access.py"
PLANES = 4
RUNS = 3


def tool() -> Any:
    """The reference engines, where they are at hand."""
    spec = importlib.util.spec_from_file_location("bench_effective_access", TOOL)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{TOOL} is not there.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def ours(reference: Any, tables: Any) -> dict[str, int]:
    """Planes from rows, access through the function that `run` calls, and the four numbers out of its verdicts."""
    import numpy as np

    from auditor.access import effective_access
    from auditor.people import Person
    from auditor.planes import Bits, FieldColumn, Gate, Grantor, Grants, Holdings, ObjectGate, Strength, Verb

    held, granted, users, fields = tables
    width = 50
    gates = -(-len(fields) // width)
    row = granted["container_id"].to_numpy().astype(np.int64)
    column = granted["field_id"].to_numpy().astype(np.int64)
    containers = int(max(row.max(), held["container_id"].max())) + 1
    planes = {}
    for verb in Verb:
        planes[Gate.OBJECT, verb, Strength.LIVE] = Bits.build(containers, gates, row, column // width)
        planes[Gate.FIELD, verb, Strength.LIVE] = Bits.build(containers, len(fields), row, column)
    holdings = Holdings(
        held["user_id"].to_numpy().astype(np.int64),
        held["container_id"].to_numpy().astype(np.int64),
        np.zeros(len(held), dtype=np.uint8),
    )
    access = effective_access(
        Grants(
            people=tuple(Person(f"p{i}", "") for i in range(len(users))),
            grantors=tuple(Grantor(f"c{i}", f"c{i}") for i in range(containers)),
            gates=tuple(ObjectGate(f"O{i}") for i in range(gates)),
            fields=tuple(FieldColumn(f"O{i // width}.f{i}", (i // width,)) for i in range(len(fields))),
            planes=planes,
            holdings=holdings,
        )
    )
    signature = access.signatures.of
    count = len(access.signatures)
    weight = np.bincount(signature, minlength=count)
    marketing = np.bincount(signature[users["is_marketing"].to_numpy()], minlength=count)
    phi = Bits.pack(fields["is_phi"].to_numpy()[None, :]).words[0]
    per_signature, per_field, phi_pairs = np.zeros(count, dtype=np.int64), np.zeros(len(fields)), 0
    for start, bits in access.blocks(Verb.READ, Strength.LIVE):
        stop = start + len(bits.words)
        per_signature[start:stop] = np.bitwise_count(bits.words).sum(axis=1)
        phi_pairs += int(np.bitwise_count(bits.words & phi).sum(axis=1) @ marketing[start:stop])
        per_field += weight[start:stop].astype(np.float32) @ bits.unpack().astype(np.float32)
    return reference.result(per_signature[signature], per_field.astype("int64"), phi_pairs)


def work(kind: str, folder: Path) -> None:
    """One engine on prepared tables; prints its numbers, processor seconds and peak memory."""
    reference = tool()
    tables = reference.pandas_tables(folder)
    cpu, wall = time.process_time(), time.perf_counter()
    answer = ours(reference, tables) if kind == "ours" else reference.numpy_bits_sig(tables)
    taken = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    print(json.dumps({**taken, "mb": reference.memory_mb("self", "VmHWM"), "answer": answer}))


def main(names: list[str]) -> None:
    """Print the table."""
    reference = tool()
    print(
        "\n| preset | people × containers × fields | grants | reference, one plane, CPU s "
        f"| ours, {PLANES} planes, CPU s | per plane | memory, MB | same answers |"
    )
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |")
    for name in names or list(reference.PRESETS):
        with tempfile.TemporaryDirectory() as folder:
            shape = reference.PRESETS[name]
            made = reference.write_tables(Path(folder), shape)
            found: dict[str, list[dict[str, Any]]] = {"reference": [], "ours": []}
            for _ in range(RUNS):
                for kind, taken in found.items():
                    done = subprocess.run(
                        [sys.executable, "-m", "benchmarks.presets", kind, folder],
                        env={**os.environ, "OMP_NUM_THREADS": "1"},
                        check=True,
                        stdout=subprocess.PIPE,
                        text=True,
                    )
                    taken.append(json.loads(done.stdout))
        theirs, mine = (
            {m: statistics.median(t[m] for t in found[k]) for m in ("cpu", "mb")}
            for k in ("reference", "ours")
        )
        pairs = [o["cpu"] / r["cpu"] for o, r in zip(found["ours"], found["reference"], strict=True)]
        same = all(o["answer"] == r["answer"] for o, r in zip(found["ours"], found["reference"], strict=True))
        print(
            f"| {name} | {shape.users:,} × {shape.containers:,} × {shape.fields:,} | {made['grant_rows']:,} "
            f"| {theirs['cpu']:.2f} | {mine['cpu']:.2f} | {statistics.median(pairs) / PLANES:.2f} × | "
            f"{theirs['mb']:.0f} → {mine['mb']:.0f} ({mine['mb'] / theirs['mb']:.2f} ×) | {'yes' if same else 'NO'} |"
        )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["reference" | "ours" as engine, where]:
            work(engine, Path(where))
        case wanted:
            main(wanted)
