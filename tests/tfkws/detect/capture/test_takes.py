"""Utterances are cut out of a signal, and what is wrong with them is told."""

from collections.abc import Iterator

import numpy as np
import pytest

from tfkws.detect.capture.takes import Take, level_db, takes

RATE_HZ = 16_000


def noise(seconds: float, db: float = -66) -> np.ndarray:
    return np.random.default_rng(1).normal(0, 10 ** (db / 20), round(seconds * RATE_HZ)).astype(np.float32)


def speech(seconds: float, db: float = -20) -> np.ndarray:
    """A tone that swells four times a second, as syllables do."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    tone = np.sin(2 * np.pi * 300 * time) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))
    return (tone * 10 ** (db / 20) / np.sqrt(np.mean(tone**2))).astype(np.float32)


def found(*parts: np.ndarray, patience_s: float = 6.0, block: int = 1000) -> list[Take]:
    signal = np.concatenate(parts)
    blocks: Iterator[np.ndarray] = (signal[at : at + block] for at in range(0, len(signal), block))
    return list(takes(blocks, RATE_HZ, patience_s, longest_s=3.0))


@pytest.mark.parametrize("block", [37, 320, 1000, 100_000])
def test_each_utterance_is_cut_out_with_a_margin(block: int) -> None:
    heard = found(noise(1), speech(0.8), noise(1.2), speech(0.5), noise(1), block=block)
    assert [take.problem for take in heard] == ["", ""]
    for take, seconds in zip(heard, (0.8, 0.5), strict=True):
        assert len(take.samples) / RATE_HZ == pytest.approx(seconds + 0.4, abs=0.08)
        assert take.level_db == pytest.approx(-19, abs=3)
        assert take.noise_db == pytest.approx(-66, abs=2)
    first, again = found(noise(1), speech(0.8), noise(1))[0].samples, heard[0].samples
    np.testing.assert_array_equal(first, again)


def test_a_short_pause_does_not_end_it_and_the_end_of_the_signal_does() -> None:
    (take,) = found(noise(1), speech(0.4), noise(0.3), speech(0.4))
    assert len(take.samples) / RATE_HZ == pytest.approx(0.2 + 1.1, abs=0.08)


def test_a_click_is_no_utterance() -> None:
    assert found(noise(1), speech(0.05), noise(2)) == []


@pytest.mark.parametrize(
    ("said", "floor_db", "problem"),
    [
        (speech(0.8, -48), -66.0, "too quiet"),
        (speech(0.8, -27), -38.0, "too quiet"),
        (np.clip(speech(0.8, 6), -1, 1), -66.0, "clipped"),
        (speech(8), -66.0, "too long"),
    ],
)
def test_what_is_wrong_is_told(said: np.ndarray, floor_db: float, problem: str) -> None:
    assert found(noise(1, floor_db), said, noise(1, floor_db))[0].problem == problem


def test_three_samples_at_full_scale_are_no_clipping() -> None:
    said = speech(0.8)
    said[[5000, 6000, 7000]] = 1.0
    assert found(noise(1), said, noise(1))[0].problem == ""


def test_silence_is_told_as_often_as_patience_ends() -> None:
    heard = found(noise(7), patience_s=2.0)
    assert [take.problem for take in heard] == ["nothing heard"] * 3
    assert all(len(take.samples) == 0 for take in heard)
    assert [take.problem for take in found(np.zeros(5 * RATE_HZ, np.float32), patience_s=2.0)] == ["nothing heard"] * 2


def test_steady_noise_is_not_taken_for_speech() -> None:
    assert found(noise(5, -30)) == []


def test_the_level_is_that_of_the_power() -> None:
    assert level_db(np.full(10, 0.1, np.float32)) == pytest.approx(-20)
    assert level_db(np.zeros(10, np.float32)) == level_db(np.zeros(0, np.float32)) == -120
