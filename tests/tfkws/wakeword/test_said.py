from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.wakeword.said import said_span

FRAME = 160


def recording(bursts: list[tuple[int, int]], noise: float = 0.003, frames: int = 150) -> np.ndarray:
    audio = np.random.default_rng(0).normal(0, noise, frames * FRAME)
    for first, last in bursts:
        audio[first * FRAME : last * FRAME] += np.random.default_rng(1).normal(0, 0.1, (last - first) * FRAME)
    return audio.astype(np.float32)


@pytest.mark.parametrize("noise", [0.0, 0.0005, 0.003, 0.01])
def test_what_is_said_is_found_in_noise(noise: float) -> None:
    start, end = said_span(recording([(60, 110)], noise))
    assert 60 - 6 <= start / FRAME <= 60
    assert 110 <= end / FRAME <= 110 + 7


def test_a_pause_between_words_is_part_of_it_and_a_longer_one_is_not() -> None:
    start, end = said_span(recording([(40, 60), (75, 100)]))
    assert start / FRAME <= 40 and end / FRAME >= 100
    start, end = said_span(recording([(10, 20), (75, 120)]))
    assert start / FRAME > 60


@pytest.mark.parametrize(
    "audio", [np.zeros(16_000, np.float32), recording([]), recording([(50, 53)]), np.zeros(100, np.float32)]
)
def test_where_nothing_stands_out_all_is_taken(audio: np.ndarray) -> None:
    assert said_span(audio) == (0, len(audio))


@pytest.mark.real_data
def test_recorded_words_are_cut_to_their_length(speech_commands: Path) -> None:
    files = sorted((speech_commands / "zero").glob("*.wav"))[:100]
    spans = [said_span(soundfile.read(file, dtype="float32")[0]) for file in files]
    lengths = [(end - start) / 16_000 for start, end in spans]
    assert 0.45 < np.median(lengths) < 0.65  # of clips of a second
    assert np.quantile(lengths, 0.9) < 0.85
