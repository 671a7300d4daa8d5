"""False accepts an hour against missed words, of detectors of one word, on composed and on recorded audio.

    python -m benchmarks over-air/false_accepts DATA --bundles RUNS/*/*.kws --phrases PHRASES

DATA is a folder in Speech Commands' layout, PHRASES one of recordings without the word, with its sentences in
`sentences/` (default: the folder that TFKWS_PHRASES names). Thresholds are set on a timeline of the validation split's
speakers, for so many false accepts an hour, and judged on timelines of the testing split's and on the recordings.
Sentences are halved by name: one half is heard where thresholds are set, the other where they are judged.
"""

import argparse
import multiprocessing
import os
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.over_air.false_accept_tables import write_tables
from benchmarks.records import ARTIFACTS, say
from tfkws.child_processes import end_with_parent
from tfkws.config.hearing.over_air import CountingConfig, TimelineConfig
from tfkws.data.audio.blocks import file_digest
from tfkws.data.audio.decoder import SUFFIXES
from tfkws.detect.breakdown import by_scene, room_of, snr_of, triggers, whole
from tfkws.detect.detector import Detector
from tfkws.detect.long_audio import HeardAudio, count, hear
from tfkws.detect.threshold_curve import CurvePoint, check_hours, curve, threshold_for_rate
from tfkws.detect.timeline.recordings import gather, sentences_of
from tfkws.errors import DataError
from tfkws.pipeline.over_air.compose import compose_folder
from tfkws.pipeline.over_air.labelled_audio import open_audio
from tfkws.run_folder import write_json

__all__ = ["add_options", "measure", "write_tables"]
RATES = (2.0, 10.0)  # false accepts an hour that thresholds are set for
CURVE_POINTS = 120
TIMELINES = {
    "validation": TimelineConfig(("happy",), hours=3.0, split="validation", seed=0),
    "negatives": TimelineConfig(("happy",), hours=10.0, split="testing", without_word=True, seed=1),
    "words": TimelineConfig(("happy",), hours=1.0, split="testing", words_per_hour=400.0, seed=2),
}
GROUPS = {  # what thresholds are judged on
    "composed": ("negatives", "words"),
    "recorded": ("recorded",),
    "recorded, heard where thresholds were set": ("recorded for validation",),
}
Files = dict[str, list[Path]]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("data", type=Path, nargs="?", help="folder of clips")
    parser.add_argument("--bundles", type=Path, nargs="+", help=".kws files of one word, scored in this order")
    parser.add_argument("--phrases", type=Path, default=os.environ.get("TFKWS_PHRASES"), help="folder of recordings")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "over-air", help="where timelines are composed")
    parser.add_argument("--jobs", type=int, default=2, help="detectors at a time")


def measure(options: argparse.Namespace) -> None:
    """Score every bundle that has no record yet."""
    if options.data is None or options.bundles is None or options.phrases is None:
        raise SystemExit("Give the folder of clips, --bundles and --phrases, or --tables.")
    files = compose_all(options.data, Path(options.phrases), options.work) | recorded_files(Path(options.phrases))
    wanted = [(bundle, files, options.out) for bundle in options.bundles]
    with multiprocessing.get_context("spawn").Pool(options.jobs, maxtasksperchild=1) as pool:
        for line in pool.imap_unordered(score_one, wanted, chunksize=1):
            say(line)


def compose_all(data: Path, phrases: Path, work: Path) -> Files:
    """Compose the timelines that are not there yet."""
    files: Files = {}
    for name, settings in TIMELINES.items():
        material = gather(data, settings, phrases / "sentences")
        composed = compose_folder(material, work / name, settings)
        files[name] = list(composed.files)
        say(f"{name}: {settings.hours:g} h, {composed.utterances} words")
    return files


def recorded_files(phrases: Path) -> Files:
    """Return the recordings without the word: those that no threshold was set on, and the others."""
    halves = {
        split: [phrases / "sentences" / each.file for each in sentences_of(phrases / "sentences", split)]
        for split in ("validation", "testing")
    }
    every = {path for path in phrases.rglob("*") if path.suffix in SUFFIXES}
    return {
        "recorded": sorted(every - set(halves["validation"])),
        "recorded for validation": sorted(halves["validation"]),
    }


def score_one(job: tuple[Path, Files, Path]) -> str:
    """Score one bundle and write its record; returns a line about it. A failure is told and ends nothing else."""
    bundle, files, out = job
    path = out / "detectors" / f"{bundle.stem}.json"
    if path.exists():
        return f"{bundle.stem} has a record"
    end_with_parent()
    try:
        write_json(path, record_of(bundle, files))
    except Exception:  # noqa: BLE001
        return f"{bundle.stem} failed:\n{traceback.format_exc()}"
    return f"{bundle.stem} scored"


def record_of(bundle: Path, files: Files) -> dict[str, Any]:
    """Let a detector hear everything; return thresholds set on validation and what they give elsewhere."""
    detector = Detector(bundle)
    latency_s = CountingConfig().latency_ms / 1_000
    heard = {name: [hear_one(detector, path) for path in paths] for name, paths in files.items()}
    validation = curve(heard["validation"], detector.settings, latency_s)
    groups = {group: [each for name in names for each in heard[name]] for group, names in GROUPS.items()}
    return {
        "bundle": bundle.stem,
        "bundle_digest": detector.bundle.digest,
        "words": list(detector.words),
        "settings": detector.settings.to_dict(),
        "counting": CountingConfig().to_dict(),
        "timelines": {name: settings.to_dict() for name, settings in TIMELINES.items()},
        "audio_digests": {name: [each.digest for each in heard[name]] for name in TIMELINES},
        "validation_hours": validation[0].hours,
        "operating_points": [operating_point(detector, validation, groups, rate, latency_s) for rate in RATES],
        "curves": {group: thinned(curve(each, detector.settings, latency_s)) for group, each in groups.items()},
    }


def hear_one(detector: Detector, path: Path) -> HeardAudio:
    """Let a detector hear one file."""
    opened = open_audio(path, None, detector.words)
    ends, scores = hear(detector, path)
    return HeardAudio(path.name, file_digest(path), opened.timeline, detector.labels, ends, scores)


def operating_point(
    detector: Detector,
    validation: Sequence[CurvePoint],
    groups: dict[str, list[HeardAudio]],
    rate: float,
    latency_s: float,
) -> dict[str, Any]:
    """Set a threshold for a rate on validation and return what it gives on every group."""
    check_hours(validation[0].hours, rate)
    try:
        found = threshold_for_rate(validation, rate)
    except DataError as error:
        return {"wanted_per_hour": rate, "none": str(error)}
    settings = replace(detector.settings, threshold=found.threshold)
    counted = {group: [count(each, settings, latency_s) for each in heard] for group, heard in groups.items()}
    composed = counted["composed"]
    return {
        "wanted_per_hour": rate,
        "validation": found.to_dict(),
        "rows": [whole(group, each, latency_s).to_dict() for group, each in counted.items()],
        "by_snr": [row.to_dict() for row in by_scene(composed, latency_s, snr_of)],
        "by_room": [row.to_dict() for row in by_scene(composed, latency_s, room_of)],
        "triggers": [list(each) for each in triggers(composed, latency_s)],
    }


def thinned(points: Sequence[CurvePoint]) -> dict[str, Any]:
    """Return a curve as columns, of at most so many thresholds."""
    step = max(1, -(-len(points) // CURVE_POINTS))
    kept = points[::step]
    return {
        "hours": round(kept[0].hours, 6),
        "utterances": kept[0].utterances,
        "threshold": [round(point.threshold, 6) for point in kept],
        "false_accepts": [point.false_accepts for point in kept],
        "misses": [point.misses for point in kept],
    }
