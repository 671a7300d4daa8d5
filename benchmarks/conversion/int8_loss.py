"""What int8 costs each trained network, from feature maps and from audio; where it is too much, after training for it.

    python -m benchmarks conversion/int8_loss RUN ... [--data DIR] [--allowed 0.2] [--iterations 1000]

A network whose int8 file by the default recipe loses more than `--allowed` points is fine-tuned with int8 rounding, and
its int8 file held against the float32 network that it came from. Validation and testing clips are counted together,
because a loss of 0.2 points is four clips in two thousand. One JSON file a network; those that are there are not
measured again. Trainings go to artifacts/int8_loss/ and are resumable.
"""

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.answers import SPLITS, digests_of
from benchmarks.records import ARTIFACTS, NETWORKS, measure_missing, read_records, write_table
from tfkws.config import Compression, ConversionSettings
from tfkws.intervals import LEVEL
from tfkws.pipeline.compress import tune_for_int8
from tfkws.pipeline.parts.progress import StageProgress
from tfkws.pipeline.train import run_name
from tfkws.tflite.convert.parity_gate import ParityReport, parity_report
from tfkws.tflite.convert.whole_detector import whole_detector
from tfkws.tflite.convert.workbench import Workbench
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.recipes import RECIPES
from tfkws.training.model_folder import ModelFolder, open_model_folder
from tfkws.units import format_percent
from tfkws.views.table import Table

FILES = {
    "maps": "int8, default recipe",
    "audio": "the same, front end in the file",
    "tuned": "int8 after fine-tuning with rounding",
    "tuned_itself": "the same against the fine-tuned network",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("runs", type=Path, nargs="*", help="trained model folders")
    parser.add_argument("--data", type=Path, help="folder of clips; default: what each network was trained on")
    parser.add_argument("--allowed", type=float, default=0.2, help="points that int8 may lose without fine-tuning")
    parser.add_argument("--iterations", type=int, default=1_000, help="of fine-tuning")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "int8_loss", help="folder of the trainings")


def measure(options: argparse.Namespace) -> None:
    """Measure the networks that have no record yet."""
    from tfkws.cli.terminal.progress import TerminalProgress

    progress = TerminalProgress()
    sources = [open_model_folder(path) for path in options.runs]
    chosen = partial(
        measure_network, allowed=options.allowed, iterations=options.iterations, work=options.work, progress=progress
    )
    measure_missing(options.out, sources, options.data, progress, chosen)


def write_tables(folder: Path) -> None:
    """Write the table of all records under `folder`."""
    write_table(folder, "int8_loss", table(read_records(folder / NETWORKS)))


def measure_network(
    source: ModelFolder, data: Any, allowed: float, iterations: int, work: Path, progress: StageProgress
) -> dict[str, Any]:
    """Return the record of one network, JSON-ready; it names no path of this machine."""
    before = _bench(source, data, progress)
    file = before.convert(RECIPES["int8"])[0]
    losses = {"maps": hold(file, before, before)}
    losses["audio"] = hold(whole_detector(file, source.config.features), before, before)
    if -100 * losses["maps"].difference > allowed:
        tuned = tune_for_int8(source, Compression(quantization_aware=True, iterations=iterations), data, work, progress)
        after = _bench(tuned, data, progress)
        file = after.convert(RECIPES["int8"])[0]
        losses |= {"tuned": hold(file, after, before), "tuned_itself": hold(file, after, after)}
    run = source.config
    return {
        "network": run_name(run),
        "model": run.model.to_dict(),
        "front_end": run.features.name,
        "words": list(run.task.words),
        "training_iterations": run.train.iterations,
        "fine_tuning_iterations": iterations if "tuned" in losses else None,
        "clips": {split: len(data.splits[split]) for split in SPLITS},
        "manifest": digests_of(data),
        "synthetic_speech": data.synthetic,
        "losses": {name: report.to_dict() for name, report in losses.items()},
    }


def hold(file: TfliteFile, bench: Workbench, reference: Workbench) -> ParityReport:
    """Hold a file made at `bench` against the Keras network of `reference`, on all clips of both splits."""
    sides = [(bench.split(name).answers(file), reference.split(name)) for name in SPLITS]
    keras, answers, labels, speakers = (
        np.concatenate(parts)
        for parts in zip(
            *((side.reference, given, side.clips.labels, np.asarray(side.clips.speakers)) for given, side in sides),
            strict=True,
        )
    )
    return parity_report(keras, answers, labels, speakers)


def _bench(folder: ModelFolder, data: Any, progress: StageProgress) -> Workbench:
    return Workbench(folder, data, ConversionSettings.calibration_clips, 0, progress.say)


def table(records: Sequence[dict[str, Any]]) -> Table:
    """Lay out one row a network and file."""
    rows = tuple(cells for record in records for cells in _rows(record))
    columns = ("network", "front end", "file", "Keras", "file scores", "difference", f"{LEVEL}, paired", "same answer")
    speech = "synthetic speech" if any(record["synthetic_speech"] for record in records) else "recorded speech"
    note = (
        f"Validation and testing clips together, {speech}; difference is file minus Keras network in points, clip by "
        "clip, interval over speakers. The network is the one before fine-tuning, but for the last row of each."
    )
    return Table("What int8 costs", columns, rows, columns[3:], note)


def _rows(record: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, loss in record["losses"].items():
        low, high = (100 * end for end in loss["difference_interval"])
        yield (
            record["network"],
            record["front_end"],
            FILES[name],
            format_percent(loss["reference_accuracy"]),
            format_percent(loss["candidate_accuracy"]),
            f"{100 * loss['difference']:+.2f}",
            f"[{low:+.2f}, {high:+.2f}]",
            format_percent(loss["agreement"]),
        )
