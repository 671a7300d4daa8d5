"""What hearing costs: share of one core for front end, network and decision, sliding windows beside streaming networks.

    python -m benchmarks over-air/stream_cost [--seconds 60] [--rounds 5]

Weights are random, which costs the same. A detector takes noise in blocks of its hop, in turns with the others; CPU
time of the process over the time of the audio is its share. The network has one thread.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.records import write_table
from tfkws.config import DetectorConfig, FeatureConfig, ModelConfig, TaskConfig
from tfkws.detect.detector import Detector
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.run_folder import read_json, write_json
from tfkws.streaming.network import StreamingNetwork
from tfkws.tflite.bundle.archive import write_bundle
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.convert.stream_to_tflite import convert_stream, stream_config
from tfkws.tflite.convert.stream_workbench import network_of_step
from tfkws.tflite.file.metadata import FileMetadata
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.quantize_network import quantize_network
from tfkws.tflite.recipes import RECIPES
from tfkws.units import format_percent
from tfkws.views.table import Record, Table, number, table_of, text

LABELS = ("_other_", "happy")
CALIBRATION = 64  # maps, or steps of a stream; more change no time
STEP_MS = 20.0
RECORD = "stream_cost.json"


@dataclass(frozen=True)
class Setup:
    """A detector whose cost is wanted.

    Attributes:
        hop_ms: from one answer to the next, and length of the blocks in which audio comes.
        limit: largest share of one core that it is meant to take.
    """

    network: str
    front_end: str
    streaming: bool
    hop_ms: float
    limit: float | None = None

    @property
    def name(self) -> str:
        """What it is, for people."""
        return f"{self.network} int8, {'stream' if self.streaming else 'sliding window'}, hop {self.hop_ms:g} ms"


SETUPS = (
    Setup("kws10", "mfcc-40x32", streaming=False, hop_ms=100.0, limit=0.03),
    Setup("kws10", "mfcc-40x32", streaming=True, hop_ms=64.0),
    Setup("matchboxnet_3x1x64", "logmel-40x98", streaming=False, hop_ms=20.0),
    Setup("matchboxnet_3x1x64", "logmel-40x98", streaming=True, hop_ms=20.0, limit=0.05),
    Setup("mlperf_ds_cnn", "mfcc-49x10", streaming=False, hop_ms=40.0),
    Setup("mlperf_ds_cnn", "mfcc-49x10", streaming=True, hop_ms=40.0),
    Setup("tc_resnet8", "logmel-40x98", streaming=True, hop_ms=80.0),
    Setup("bc_resnet_1", "logmel-40x98", streaming=True, hop_ms=20.0),
)


def measure_costs(setups: Sequence[Setup] = SETUPS, seconds: float = 60.0, rounds: int = 5) -> list[dict[str, Any]]:
    """Measure detectors in turns.

    Args:
        seconds: of audio that each takes a round.

    Returns:
        One JSON-ready record a setup: its fields, `shares` of one core by round, their median `share`, `answers` a
        round, and `within_limit` (None where there is no limit).
    """
    with tempfile.TemporaryDirectory() as folder:
        detectors = [Detector(_bundle(setup, Path(folder) / f"{i}.kws")) for i, setup in enumerate(setups)]
    audio = np.random.default_rng(0).normal(0, 1_000, round(16_000 * seconds)).astype(np.int16)
    shares: list[list[float]] = [[] for _ in setups]
    answers = [0] * len(setups)
    for _ in range(rounds):
        for index, (setup, detector) in enumerate(zip(setups, detectors, strict=True)):
            detector.reset()
            share, answers[index] = _share(detector, audio, round(16 * setup.hop_ms))
            shares[index].append(share)
    return [_record(*each) for each in zip(setups, shares, answers, strict=True)]


def _share(detector: Detector, audio: np.ndarray, block: int) -> tuple[float, int]:
    """CPU time over audio time, and the number of answers."""
    started, answers = time.process_time(), 0
    for first in range(0, len(audio), block):
        answers += len(detector.answers(audio[first : first + block]))
    return (time.process_time() - started) * detector.sample_rate_hz / len(audio), answers


def _record(setup: Setup, shares: list[float], answers: int) -> dict[str, Any]:
    share = median(shares)
    within = None if setup.limit is None else share < setup.limit
    return {**asdict(setup), "shares": shares, "share": share, "answers": answers, "within_limit": within}


def _bundle(setup: Setup, path: Path) -> Path:
    """Write the bundle of an untrained network."""
    import keras

    from tfkws.models import build_model

    keras.utils.set_random_seed(0)
    features = FRONT_ENDS[setup.front_end]
    model = build_model(setup.network, features.input_shape, len(LABELS))
    network = network_of_step(model, features, STEP_MS) if setup.streaming else None
    file = _stream_file(network) if network else convert(model, RECIPES["int8"], _noise(features.input_shape))
    settings = DetectorConfig(hop_ms=setup.hop_ms)
    about = _metadata(setup, features, settings, network)
    write_bundle(path, file.with_metadata(about), features, LABELS, settings, {})
    return path


def _stream_file(network: StreamingNetwork) -> TfliteFile:
    float_file = convert_stream(network, RECIPES["none"])
    return quantize_network(float_file, RECIPES["int8"], _noise(network.plan.input_shape)).file


def _metadata(
    setup: Setup, features: FeatureConfig, settings: DetectorConfig, network: StreamingNetwork | None
) -> FileMetadata:
    return FileMetadata(
        labels=LABELS,
        input="features",
        features=features,
        task=TaskConfig("wake-word", LABELS[1:]),
        model=ModelConfig(setup.network, {}),
        detector=settings,
        conversion=RECIPES["int8"],
        synthetic_speech=False,
        streaming=stream_config(network) if network else None,
    )


def _noise(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(CALIBRATION, *shape)).astype(np.float32)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("--seconds", type=float, default=60.0, help="audio that each takes a round")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")


def measure(options: argparse.Namespace) -> None:
    """Measure all detectors in turns and replace the record."""
    records = measure_costs(seconds=options.seconds, rounds=options.rounds)
    write_json(
        options.out / RECORD,
        {"machine": f"{platform.machine()}, {os.cpu_count()} cores", "seconds": options.seconds, "detectors": records},
    )


def write_tables(folder: Path) -> None:
    """Write the table from the record; measures nothing."""
    write_table(folder, "stream_cost", table(read_json(folder / RECORD)))


def table(record: Record) -> Table:
    """Return the share of a core of each detector."""
    columns = (
        text("network, int8", "network"),
        text("front end", "front_end"),
        text("form", "streaming", lambda streaming: "stream" if streaming else "sliding window"),
        number("an answer every", "hop_ms", lambda hop: f"{hop:g} ms"),
        number("of one core", "share", lambda share: format_percent(share, 2)),
        number("rounds, from and to", "shares", lambda shares: f"{min(shares):.2%} to {max(shares):.2%}"),
        number("limit", "limit", lambda limit: "" if limit is None else format_percent(limit, 0)),
    )
    rounds, seconds = len(record["detectors"][0]["shares"]), record["seconds"]
    note = (
        f"Front end, network and decision on {seconds:g} s of noise, one thread, median of {rounds} rounds in turns; "
        f"{record['machine']}, others at work on them."
    )
    return table_of("What hearing costs", columns, record["detectors"], note=note)
