"""What was trained on a card: every training with its scores, beside what the same network has reached on a CPU.

A record comes from the machine with its scores on maps that were rounded to bytes; `take_in` puts beside them what
`tfkws evaluate` said of its model folder on the clips themselves.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.answers import SPLITS
from benchmarks.profile.gpu.measured import NETWORKS, read_whole
from benchmarks.records import PUBLISHED
from tfkws.intervals import LEVEL
from tfkws.run_folder import read_json, read_record, write_json
from tfkws.units import format_exact, format_interval, format_percent
from tfkws.views.table import Table, number, table_of, text

TRAININGS = "trainings"  # folder of a file a training
NEEDED = ("network", "task", "seed", "steps", "planned_steps", "batch", "policy", "device", "accuracy_on_byte_maps")
KEPT_CHUNKS = 30  # of the losses on the way
SCORES = ("protocol", "words", "manifest", "synthetic_speech", "clips", "speakers", "accuracy", "accuracy_interval",
          "majority_baseline", "f1", "f1_interval")  # fmt: skip
TASKS = {"commands": "eight-words", "wake-word": "happy"}  # as the page of accuracy calls them
Record = Mapping[str, Any]


def take_in(source: Path, models: Path, card: Path) -> list[Path]:
    """Copy the records of trainings into the folder of a card, with the evaluations that lie in their model folders.

    Args:
        source: the folder of trainings that the machine sent back.
        models: where `python -m benchmarks gpu --collect` made a folder of each.

    Returns:
        What was written.

    Raises:
        RunFolderError, BenchmarkError: a file is damaged, or no such record.
    """
    written = []
    for path in sorted(source.glob("*.json")):
        target = card / TRAININGS / path.name
        earlier = read_record(target).get("evaluations", {}) if target.exists() else {}
        write_json(target, with_evaluations(read_whole(path, NEEDED), models / path.stem, earlier))
        written.append(target)
    return written


def with_evaluations(record: Record, folder: Path, earlier: Record) -> dict[str, Any]:
    """Return a record with a few of its losses, and the scores on the clips.

    Args:
        folder: of the model; it need not be there.
        earlier: evaluations that stand in the place of missing ones.
    """
    files = {split: folder / f"evaluation-keras-{split}.json" for split in SPLITS}
    found = {split: read_whole(path, SCORES) for split, path in files.items() if path.exists()}
    chunks = list(record.get("chunks", ()))
    return {
        **record,
        "chunks": chunks[:: -(-len(chunks) // KEPT_CHUNKS) or 1],
        "evaluations": {**earlier, **{split: {key: each[key] for key in SCORES} for split, each in found.items()}},
    }


def trainings_table(folder: Path, published: Path = PUBLISHED) -> Table | None:
    """Lay out the trainings of a card; None where there are none.

    Raises:
        RunFolderError, BenchmarkError: a file is damaged, or no such record.
    """
    records = [read_whole(path, NEEDED) for path in sorted((folder / TRAININGS).glob("*.json"))]
    known = sorted(
        (record for record in records if record["network"] in NETWORKS),
        key=lambda record: (NETWORKS.index(record["network"]), record["task"], record["seed"]),
    )
    if not known:
        return None
    beside = published_scores(published)
    columns = (
        text("network", "network"),
        text("task", lambda record: TASKS.get(record["task"], record["task"])),
        number("seed", "seed"),
        number("steps", "steps", format_exact),
        number("of", "planned_steps", format_exact),
        number("clips seen", lambda record: record["steps"] * record["batch"], format_exact),
        text("computed in", "policy"),
        number("validation", lambda record: _score(record, "validation")),
        number("testing", lambda record: _score(record, "testing")),
        text("scored on", _scored_on),
        text("on a CPU, testing", lambda record: beside.get((record["task"], record["network"]), "")),
    )
    devices = ", ".join(sorted({str(record["device"]) for record in known}))
    note = (
        f"{devices}. Accuracy with {LEVEL} interval over speakers, by `tfkws evaluate` on the clips; where nobody ran "
        "it, the share of right answers on the feature maps that were carried there, rounded to bytes. Selected by "
        "nothing: the averaged weights after the last step. On a CPU: the longest training of `../../../accuracy/`, "
        "by the recipe that is best in validation."
    )
    return table_of("Trained on the card", columns, known, note)


def published_scores(published: Path) -> dict[tuple[str, str], str]:
    """Return the testing score of each task and network on the page of accuracy, in float32.

    It is that of the longest training, by the recipe that is best in validation.
    """
    rows = read_json(published / "accuracy" / "accuracy.json")["rows"]
    by_split = {split: {_training_of(row): row for row in rows if row["split"] == split} for split in SPLITS}
    found = {}
    validation = by_split["validation"]
    for key in sorted(validation, key=lambda key: (validation[key]["clips_seen"], validation[key]["float32"])):
        row = by_split["testing"][key]
        name = f"{row['measure']} " if row["measure"] != "accuracy" else ""
        score = f"{name}{format_percent(row['float32'])} {format_interval(row['float32_interval'])}"
        task = next(key for key, other in TASKS.items() if other == row["task"])
        found[task, row["model"]] = f"{score}, {row['recipe']}, {format_exact(row['clips_seen'])} clips"
    return found


def _training_of(row: Record) -> tuple[str, str, int, str, str]:
    return row["task"], row["model"], row["clips_seen"], row["recipe"], row["front_end"]


def _score(record: Record, split: str) -> str | None:
    evaluation = record.get("evaluations", {}).get(split)
    if evaluation is None:
        share = record["accuracy_on_byte_maps"].get(split)
        return None if share is None else format_percent(share)
    wake = f", F1 {format_percent(evaluation['f1'])}" if record["task"] == "wake-word" else ""
    return f"{format_percent(evaluation['accuracy'])} {format_interval(evaluation['accuracy_interval'])}{wake}"


def _scored_on(record: Record) -> str:
    on_clips = [split for split in SPLITS if split in record.get("evaluations", {})]
    if len(on_clips) == len(SPLITS):
        return "clips"
    return f"maps of bytes, {on_clips[0]} on clips" if on_clips else "maps of bytes"
