"""Engines with fakes in place of the packages of others: what is fed, when a word counts, who cannot take part."""

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_bundles import write_loudness_bundle

from benchmarks.detectors.engines import MicroEngine, OurEngine, PorcupineEngine, Rival, rivals

RATE = 16_000
LOUD = 8_000


class FakePorcupine:
    """Hears the second keyword in a frame that begins loud, and the first in none."""

    frame_length = 512

    def __init__(self) -> None:
        self.frames: list[np.ndarray] = []

    def process(self, frame: np.ndarray) -> int:
        assert frame.shape == (512,) and frame.dtype == np.int16
        self.frames.append(frame)
        return 1 if frame[0] == LOUD else -1


class FakeFeatures:
    """Yields the first sample of every 30 ms frame, one every 10 ms."""

    def __init__(self) -> None:
        self._audio = np.zeros(0, np.int16)

    def process_streaming(self, audio: bytes) -> Iterator[np.ndarray]:
        self._audio = np.concatenate([self._audio, np.frombuffer(audio, np.int16)])
        while len(self._audio) >= 480:
            yield self._audio[:1]
            self._audio = self._audio[160:]


class FakeModel:
    """Gives one probability for every three frames, the highest loudness of them; between them it repeats 0."""

    id, probability_cutoff, stride = "alexa", 0.5, 3

    def __init__(self, loud: float) -> None:
        self._loud, self._frames = loud, list[float]()

    def process_streaming_prob(self, frame: np.ndarray) -> float:
        self._frames.append(self._loud if frame[0] == LOUD else 0.1)
        if len(self._frames) % self.stride:
            return 0.0
        return max(self._frames[-self.stride :])


def audio(seconds: float, *loud: tuple[float, float]) -> np.ndarray:
    """Silence with loud stretches, int16."""
    samples = np.zeros(round(seconds * RATE), np.int16)
    for begin, end in loud:
        samples[round(begin * RATE) : round(end * RATE)] = LOUD
    return samples


def heard(engine: Any, samples: np.ndarray, block: int) -> list[tuple[str, float]]:
    found = [each for at in range(0, len(samples), block) for each in engine.feed(samples[at : at + block])]
    return [(each.label, each.time_s) for each in found]


@pytest.mark.parametrize("block", [100, 512, 16_000])
def test_porcupine_gets_every_frame_once_whatever_the_blocks(block: int) -> None:
    handle = FakePorcupine()
    samples = np.arange(5_000, dtype=np.int16)
    heard(PorcupineEngine(handle, ("alexa", "computer"), "1.9.5"), samples, block)
    assert np.array_equal(np.concatenate(handle.frames), samples[: 5_000 // 512 * 512])


def test_one_rise_is_one_detection_and_the_word_then_rests_for_a_second() -> None:
    engine = PorcupineEngine(FakePorcupine(), ("alexa", "computer"), "1.9.5")
    found = heard(engine, audio(6, (1.0, 1.3), (1.6, 1.8), (4.0, 5.5)), 1_600)
    assert [label for label, _ in found] == ["computer", "computer"]
    # At the end of the first whole frame that begins loud.
    assert [time for _, time in found] == pytest.approx([33 * 512 / RATE, 126 * 512 / RATE])


def test_micro_wake_word_is_heard_above_its_cutoff_and_not_at_it() -> None:
    models = [FakeModel(0.5), FakeModel(0.75)]
    models[1].id = "okay"
    engine = MicroEngine(FakeFeatures(), models, "2.5.0")
    found = heard(engine, audio(3, (1.0, 1.2)), 1_000)
    assert [label for label, _ in found] == ["okay"]
    # Frame 100 begins at 1 s; the third of its group is frame 101, which ends 30 ms after it begins.
    assert found[0][1] == pytest.approx(1.01 + 0.03)


def test_our_engine_is_the_detector_of_the_bundle(tmp_path: Path) -> None:
    engine = OurEngine(write_loudness_bundle(tmp_path / "loudness.kws"), "tones")
    tone = (20_000 * np.sin(np.arange(3 * RATE) / 3)).astype(np.int16)
    tone[:RATE] = 0
    assert [label for label, _ in heard(engine, tone, 4_000)] == ["loud"]
    assert engine.about.words == ("loud",)
    assert "bundle's" in engine.about.operating_point


def test_a_package_that_is_missing_or_of_another_release_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(package: str) -> str:
        if package == "pvporcupine":
            return "3.0.0"
        raise metadata.PackageNotFoundError(package)

    monkeypatch.setattr(metadata, "version", version)
    reasons = [rival.why_not() for rival in rivals(("computer",))]
    assert reasons == ["pvporcupine 1.9.5 is wanted, 3.0.0 is installed.", "pymicro-wakeword is not installed."]


def test_a_package_that_does_not_load_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(version: str) -> Any:
        raise OSError("no library for this processor")

    monkeypatch.setattr(metadata, "version", lambda package: "1.0")
    assert Rival("made-up", "", refuse).why_not() == "made-up 1.0 does not load here (no library for this processor)."
