"""Paper A's over-the-air test, simulated, on trained detectors of the word "happy".

    python -m benchmarks over-air/simulation --runs MODEL_FOLDERS --data SPEECH_COMMANDS [--response measured.flac]

Every bundle under --runs, float32 and int8, in several rooms and on two devices; F1 on the clips of the testing split
stands beside it. The threshold is the bundle's own. A bundle that has a record is kept, so the same command goes on.
"""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.over_air.paper_a import TABLE_1
from benchmarks.records import read_records, say, write_table
from tfkws.config.hearing.simulation import AcousticsConfig, DeviceConfig, TrialsConfig
from tfkws.data.task_data import load_task
from tfkws.detect.over_air.voices import recorded_subjects
from tfkws.pipeline.evaluate import evaluate
from tfkws.pipeline.over_air.simulate import Simulation, simulate_bundle
from tfkws.pipeline.parts.detector import open_detector
from tfkws.run_folder import write_json
from tfkws.units import format_interval, format_percent, format_us
from tfkws.views.table import Table

TRIALS = TrialsConfig(subjects=8, trials=2)
SLOW_MS = 1e3 * next(row.pi_s for row in TABLE_1 if row.name == "effnetv2_xl")
ROOM = AcousticsConfig()
HERE, SLOW = DeviceConfig(), DeviceConfig(latency_ms=round(SLOW_MS, 1))
CONDITIONS: dict[str, tuple[AcousticsConfig, DeviceConfig]] = {
    "1 m, 20 dB": (ROOM, HERE),
    "1 m, 10 dB": (replace(ROOM, snr_db=10.0), HERE),
    "3 m, 20 dB, echo of 0.8 s": (replace(ROOM, distance_m=3.0, reverberation_s=0.8), HERE),
    "1 m, 20 dB, small loudspeaker": (replace(ROOM, loudspeaker_low_hz=300.0, loudspeaker_high_hz=5_000.0), HERE),
    f"1 m, 20 dB, {SLOW.latency_ms:g} ms": (ROOM, SLOW),
    f"1 m, 20 dB, {SLOW.latency_ms:g} ms, buffered": (ROOM, replace(SLOW, capture="buffered")),
    "1 m, 20 dB, sliding windows, buffered": (ROOM, replace(HERE, chunk_ms=0.0, capture="buffered")),
}
MEASURED_ROOM = "1 m, 20 dB, measured room"
KEPT = ("mean_f1", "interval", "by_answers", "lost_share", "median_delay_s", "dropped_windows", "latency_s", "response")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("--runs", type=Path, help="folder of model folders, each with its bundles")
    parser.add_argument("--data", type=Path, help="Speech Commands")
    parser.add_argument("--response", type=Path, help="a measured room response, for one condition more")


def measure(options: argparse.Namespace) -> None:
    """Simulate the bundles that have no record yet."""
    if options.runs is None or options.data is None:
        raise SystemExit("Give --runs and --data, or --tables to write the table from the records.")
    for bundle in sorted(options.runs.glob("*/*.kws")):
        record = options.out / f"{bundle.stem}.json"
        if not record.exists():
            say(bundle.stem)
            write_json(record, simulate_all(bundle, options.data, options.response))


def simulate_all(bundle: Path, data: Path, response: Path | None) -> dict[str, Any]:
    """Return one bundle's F1 on clips and over the air, JSON-ready."""
    detector = open_detector(bundle)
    task = detector.task
    if task is None:
        raise SystemExit(f"{bundle} does not say what it was trained for.")
    evaluation, _ = evaluate(detector, load_task(data, task, ("testing",)), task, "testing")
    plans = {name: Simulation(TRIALS, room, device, data=data) for name, (room, device) in CONDITIONS.items()}
    if response is not None:
        plans[MEASURED_ROOM] = Simulation(TRIALS, ROOM, HERE, data=data, response=response)
    subjects = recorded_subjects(data, task.words[0], TRIALS)
    found = {name: simulate_bundle(bundle, plan, subjects=subjects)[0] for name, plan in plans.items()}
    first = next(iter(found.values()))
    return {
        "bundle": first["bundle"],
        "digest": first["digest"],
        "threshold": first["detector"]["threshold"],
        "speech": first["speech"],
        "carriers": first["carriers"],
        "trials": TRIALS.to_dict(),
        "clips": {"f1": evaluation.scores.f1, "interval": evaluation.scores.f1_interval},
        "conditions": {name: {key: each[key] for key in KEPT} for name, each in found.items()},
    }


def write_tables(folder: Path) -> None:
    """Write the table from the records."""
    records = read_records(folder)
    names = list(records[0]["conditions"])
    columns = ("bundle", "latency", "clips", *names)
    rows = tuple(
        (
            record["bundle"].removesuffix(".kws"),
            format_us(1e6 * record["conditions"][names[0]]["latency_s"]),
            _score(record["clips"], "f1"),
            *(_score(record["conditions"][name], "mean_f1") for name in names),
        )
        for record in records
    )
    trials = records[0]["trials"]
    note = (
        f"Mean F1 with its interval over {trials['subjects']} subjects and {trials['trials']} trials each, of "
        f"{trials['utterances']} sentences every {trials['period_s']:g} s; chunks of 1 s and blocking capture unless "
        "said otherwise. Latency: front end and network, here and in the first condition. Clips: testing split, "
        "answers by the larger probability; over the air the bundle's own threshold counts."
    )
    write_table(folder, "simulation", Table("Over the air, simulated: F1", columns, rows, columns[1:], note))


def _score(record: Mapping[str, Any], key: str) -> str:
    return f"{format_percent(record[key])} {format_interval(record['interval'])}"
