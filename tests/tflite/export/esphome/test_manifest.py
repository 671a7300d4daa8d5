"""The manifest: ESPHome's schema of version 2, and a cutoff that is the threshold."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import DetectorConfig, ExportSettings
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.tflite.export.esphome.manifest import manifest, probability_cutoff, sliding_window_size, slug

FEATURES = FRONT_ENDS["micro-40x98"]


def made(told: ExportSettings) -> dict[str, Any]:
    return manifest("hey you", DetectorConfig(window_ms=150, threshold=0.9), FEATURES, 3, 20_000, told)


def test_keys_and_types_are_those_of_microwakewords_own() -> None:
    package = pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed")
    theirs = json.loads((Path(package.__file__).parent / "models" / "alexa.json").read_text())
    ours = made(ExportSettings(to="esphome", author="Ada", website="https://example.org", language="en"))
    assert {key: type(value) for key, value in ours.items()} == {key: type(value) for key, value in theirs.items()}
    assert {k: type(v) for k, v in ours["micro"].items()} == {k: type(v) for k, v in theirs["micro"].items()}
    assert ours["micro"]["sliding_window_size"] == theirs["micro"]["sliding_window_size"]
    assert ours["micro"]["minimum_esphome_version"] == theirs["micro"]["minimum_esphome_version"]


def test_what_is_not_told_is_left_out_or_said_to_be_unknown() -> None:
    plain = made(ExportSettings(to="esphome"))
    assert "website" not in plain and plain["author"] == "unknown" and plain["trained_languages"] == []
    assert ExportSettings(to="esphome").to_dict() == {"to": "esphome", "max_arena_kib": None}


@pytest.mark.parametrize("window", [1, 3, 5, 10])
def test_an_average_exceeds_the_cutoff_where_it_reaches_the_threshold(window: int) -> None:
    averages = np.arange(255 * window + 1) / (256 * window)
    for threshold in (0.004, 0.25, 0.5, 0.83, 0.9, 0.995):
        np.testing.assert_array_equal(averages > probability_cutoff(threshold, window), averages >= threshold)


@pytest.mark.parametrize(("window_ms", "step", "count"), [(150, 3, 5), (151, 3, 6), (300, 3, 10), (100, 12, 1)])
def test_as_many_answers_are_averaged_as_lie_in_the_window(window_ms: float, step: int, count: int) -> None:
    assert sliding_window_size(DetectorConfig(window_ms=window_ms), FEATURES, step) == count


@pytest.mark.parametrize(
    ("word", "name"), [("computer", "computer"), ("../etc", "etc"), ("A  B", "a_b"), ("", "wake_word")]
)
def test_names_of_files_are_plain(word: str, name: str) -> None:
    assert slug(word) == name and len(slug("x" * 500)) == 60
