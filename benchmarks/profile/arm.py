"""Instructions per inference of paper A's eight networks and paper B's thirteen on emulated ARM cores.

    python -m benchmarks profile/arm [--models kws10,dscnn]

Needs `tfkws target setup qemu-aarch64`. Counts depend neither on this machine's speed nor on its load. Each result is
written when it is there, and what is there is not counted again, so that an interrupted run goes on. The largest
networks take an hour each and come last.
"""

import argparse
import hashlib
from pathlib import Path
from typing import Any

from benchmarks.records import csv_of, say
from benchmarks.zoo_files import COMMANDS, RECIPES, WAKE_WORD, task_of, zoo_file
from tfkws.config import CountSettings
from tfkws.run_folder import read_json, write_json, write_text
from tfkws.tflite.benchmark.instructions import count_instructions
from tfkws.tflite.targets.emulated.qemu import CORES, read_setup
from tfkws.tflite.targets.open import open_target
from tfkws.units import format_count

RECORD = "instructions.json"
BY_OPERATOR = ("seed_cnn", "kws1", "kws10")
LARGE_MACS = 1e9  # above, fewer inferences: one takes minutes under emulation
NUMBERS = {"none": "float32", "int8": "int8"}
ORDER = (*COMMANDS[::-1], *WAKE_WORD)
MIX = ("vector_arithmetic", "vector_memory", "scalar_memory", "other")

ONCE = CountSettings(repeats=1, compared_outputs=0)
Key = tuple[str, str, str]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of counting."""
    parser.add_argument("--models", default=",".join(ORDER), help="names, separated by commas")


def measure(options: argparse.Namespace) -> None:
    """Count what has no record yet."""
    measure_all(options.models.split(","), options.out)


def load(path: Path) -> dict[Key, dict[str, Any]]:
    """Read the results so far, by network, recipe and core."""
    records = read_json(path)["results"] if path.exists() else []
    return {(record["network"], record["recipe"], record["core"]): record for record in records}


def save(path: Path, results: dict[Key, dict[str, Any]]) -> None:
    """Write all results, in the order of the tables."""
    keys = sorted(results, key=lambda key: ((*COMMANDS, *WAKE_WORD).index(key[0]), *key[1:]))
    write_json(path, {"unit": "instructions per inference; never a time", "results": [results[key] for key in keys]})


def is_current(record: dict[str, Any] | None, digest: str, version: str) -> bool:
    """Return whether a result is of this file under this runtime."""
    return record is not None and (record["model_sha256"], record["runtime_version"]) == (digest, version)


def measure_file(name: str, recipe: str, core: str, file: Path) -> dict[str, Any]:
    """Count in one process, and once more in a fresh one, which shows how far counts repeat."""
    with open_target(f"qemu-aarch64:{core}") as session:
        first = count_instructions(
            file, session, CountSettings(operators=name in BY_OPERATOR, repeats=2, compared_outputs=2)
        )
        large = (first.macs or 0) > LARGE_MACS
        again = None if large else count_instructions(file, session, ONCE).mix.all
    origin = read_json(file.with_suffix(".json"))["origin"]
    return {
        "network": name, "recipe": recipe, "core": core, "calibration": origin["calibration"],
        "weights": origin["weights"], "input_shape": list(task_of(name).input_shape),
        "second_process": again, **first.to_dict(),
    }  # fmt: skip


def measure_all(names: list[str], out: Path) -> None:
    """Count what is not there yet, network by network."""
    path = out / RECORD
    version = read_setup()["ai_edge_litert"]
    for name in names:
        for recipe in RECIPES:
            file = zoo_file(name, recipe)
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            for core in CORES:
                if is_current(load(path).get((name, recipe, core)), digest, version):
                    continue
                record = measure_file(name, recipe, core, file)
                save(path, load(path) | {(name, recipe, core): record})
                say(f"{name} {NUMBERS[recipe]} {core}: {format_count(record['mix']['all'])}")
                write_tables(out)


def write_tables(out: Path) -> None:
    """Write README.md, instructions.csv and operators.csv from the counts under `out`."""
    results = load(out / RECORD)
    write_text(out / "instructions.csv", csv_of([_flat(record, results) for record in results.values()]))
    write_text(out / "operators.csv", csv_of([row for record in results.values() for row in _operators(record)]))
    write_text(out / "README.md", _page(results))


def _flat(record: dict[str, Any], results: dict[Key, dict[str, Any]]) -> dict[str, Any]:
    seed, outputs = results.get(("seed_cnn", record["recipe"], record["core"])), record["outputs"]
    return {
        "network": record["network"], "numbers": NUMBERS[record["recipe"]], "core": record["core"],
        "macs": record["macs"], "instructions": record["mix"]["all"],
        "instructions_per_mac": round(record["instructions_per_mac"], 4),
        "ratio_to_seed_cnn": round(record["mix"]["all"] / seed["mix"]["all"], 4) if seed else "",
        **{name: record["mix"][name] for name in MIX},
        "second_process": record["second_process"], "outputs_identical_with_x86": outputs["identical"],
        "largest_output_difference": outputs["largest_difference"],
    }  # fmt: skip


def _operators(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "network": record["network"], "numbers": NUMBERS[record["recipe"]], "core": record["core"],
            "index": row["index"], "operator": row["opcode"], "layer": row["name"], "macs": row["macs"],
            "instructions": row["mix"]["all"], "share": round(row["share"], 4),
            **{name: row["mix"][name] for name in MIX},
        }
        for row in record["operators"]
    ]  # fmt: skip


def _page(results: dict[Key, dict[str, Any]]) -> str:
    columns = [(recipe, core) for recipe in RECIPES for core in CORES]
    names = [name for name in (*COMMANDS, *WAKE_WORD) if any((name, *column) in results for column in columns)]
    named = " | ".join(f"{NUMBERS[recipe]} {core.removeprefix('cortex-').upper()}" for recipe, core in columns)
    head = [f"| network | MACs | {named} |", f"|---|--:|{'--:|' * len(columns)}"]
    lines = [
        "# Instructions per inference on emulated ARM cores", "",
        "Written by `python -m benchmarks profile/arm`. Counts of executed instructions, **never times**: see "
        "`docs/targets.md`.",
        "", *_facts(list(results.values())), "", *head,
        *(_row(name, columns, results, _instructions) for name in names), "",
        "Instructions per multiply-accumulate, and in brackets the ratio to `seed_cnn`:", "",
        *head,
        *(_row(name, columns, results, _per_mac) for name in names), "",
        "`instructions.csv` holds the classes of instructions (vector arithmetic, vector and scalar loads and stores, "
        "other), `operators.csv` the operators of some networks, `instructions.json` everything.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _row(name: str, columns: list[tuple[str, str]], results: dict[Key, dict[str, Any]], cell: Any) -> str:
    found = [results.get((name, *column)) for column in columns]
    macs = next(record["macs"] for record in found if record)
    seeds = [results.get(("seed_cnn", *column)) for column in columns]
    cells = [cell(record, seed) if record else "" for record, seed in zip(found, seeds, strict=True)]
    return f"| {name} | {format_count(macs)} | {' | '.join(cells)} |"


def _instructions(record: dict[str, Any], seed: dict[str, Any] | None) -> str:
    return format_count(record["mix"]["all"])


def _per_mac(record: dict[str, Any], seed: dict[str, Any] | None) -> str:
    ratio = f" ({record['mix']['all'] / seed['mix']['all']:.3f})" if seed else ""
    return f"{record['instructions_per_mac']:.3f}{ratio}"


def _facts(records: list[dict[str, Any]]) -> list[str]:
    """Return sentences on all results, computed from them."""
    if not records:
        return []
    int8 = [record["outputs"]["identical"] for record in records if record["recipe"] == "int8"]
    floats = [record["outputs"]["largest_difference"] for record in records if record["recipe"] == "none"]
    twice = [record for record in records if record["second_process"]]
    between = [abs(record["second_process"] / record["mix"]["all"] - 1) for record in twice]
    sums = [abs(record["difference"]) for record in records if record["difference"] is not None]
    most = 100 * max(sums, default=0)
    return [
        f"- {records[0]['emulator']}, ai-edge-litert {records[0]['runtime_version']}, XNNPACK kernels, one thread; "
        "random weights of one seed.",
        f"- int8 outputs are bit-identical with {records[0]['outputs']['reference_architecture']} in {sum(int8)} of "
        f"{len(int8)} files and cores; float32 outputs (probabilities) differ by {max(floats, default=0):.1e} at most.",
        f"- Counted inferences of one process differ by {100 * max(r['spread'] for r in records):.4f} % at most, two "
        f"processes ({len(between)} files and cores) by {100 * max(between, default=0):.4f} %.",
        f"- Operators counted one by one sum to the whole within {most:.2f} %, in the {len(sums)} "
        "files and cores that were split.",
    ]
