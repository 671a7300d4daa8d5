from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_bundles import LABELS, loudness_bundle, write_loudness_bundle

from tfkws.config import DetectorConfig
from tfkws.config.detector import ListenConfig
from tfkws.detect.decision import Detection
from tfkws.detect.detector import Detector
from tfkws.detect.live.ear import Chunk, EarState, Heard
from tfkws.detect.live.listening import Source, Status
from tfkws.errors import ConfigError
from tfkws.pipeline.listen import event_record, open_detectors, open_source, summary_of
from tfkws.tflite.bundle.archive import write_bundle


def same(settings: DetectorConfig) -> DetectorConfig:
    return settings


def test_detectors_have_the_names_of_their_files_and_changed_settings(tmp_path: Path) -> None:
    path = write_loudness_bundle(tmp_path / "mine.kws", DetectorConfig(threshold=0.7, refractory_ms=500.0))
    (name, detector), *_ = open_detectors([path], lambda settings: replace(settings, threshold=0.9)).items()
    assert (name, detector.settings.threshold, detector.settings.refractory_ms) == ("mine", 0.9, 500.0)


def test_two_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must differ in name. Received a twice"):
        open_detectors([tmp_path / "x" / "a.kws", tmp_path / "a.kws"], same)


def test_a_bundle_without_a_word(tmp_path: Path) -> None:
    bundle = loudness_bundle()
    path = tmp_path / "a.kws"
    write_bundle(path, bundle.model, bundle.features, ("_other_", "_silence_"), DetectorConfig(), {})
    with pytest.raises(ConfigError, match="no word to listen for; its labels are _other_, _silence_"):
        open_detectors([path], same)


def test_two_sources() -> None:
    with pytest.raises(ConfigError, match="give one of them"):
        open_source({"a": Detector(loudness_bundle())}, ListenConfig(), wav=Path("a.wav"), stdin=object())  # type: ignore[arg-type]


def test_records_of_events() -> None:
    heard = Heard("kws10", Detection("happy", 0.91239, 32_000, 2.0), True, 3.14159)
    assert event_record(heard) == {
        "event": "near-miss", "detector": "kws10", "label": "happy", "score": 0.9124, "time_s": 2.0, "latency_ms": 3.14
    }  # fmt: skip
    assert event_record(Chunk("kws10", 2.0, ("happy",)))["words"] == ["happy"]


def test_the_summary_counts_by_detector() -> None:
    detector = Detector(loudness_bundle())
    ear = EarState(answered=91, dropped=3, lost_samples=8_000, busy_s=0.5)
    source = Source("a.wav", iter([np.zeros(1)]), False)
    summary = summary_of(Status(10.0, -20.0, 0.06, 2, {"l": ear}, 1), source, {"l": detector})
    (row,) = summary["detectors"]
    assert (row["answered"], row["dropped"], row["lost_s"], row["busy_share"]) == (91, 3, 0.5, 0.05)
    assert (summary["seconds"], summary["recorded"], detector.labels) == (10.0, 1, LABELS)
