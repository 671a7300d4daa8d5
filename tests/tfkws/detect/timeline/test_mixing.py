"""Levels, echoes and noise against their definitions."""

import math

import numpy as np
import pytest

from tfkws.detect.timeline.mixing import active_level_dbfs, convolved, factor, noise_stretch, room_tone


def power_db(samples: np.ndarray) -> float:
    return 10 * math.log10(float(np.mean(np.square(samples, dtype=np.float64))))


def test_silence_around_speech_does_not_lower_its_level(rng: np.random.Generator) -> None:
    speech = rng.normal(0, 0.1, 6_400).astype(np.float32)
    padded = np.concatenate([np.zeros(3_200, np.float32), speech, np.zeros(6_400, np.float32)])
    assert active_level_dbfs(padded) == pytest.approx(power_db(speech), abs=0.05)
    assert active_level_dbfs(speech * factor(-7)) == pytest.approx(power_db(speech) - 7, abs=0.05)


def test_a_background_25_db_below_is_no_speech(rng: np.random.Generator) -> None:
    speech = rng.normal(0, 0.1, 6_400).astype(np.float32)
    hiss = rng.normal(0, 0.1, 16_000).astype(np.float32) * factor(-25)
    assert active_level_dbfs(np.concatenate([hiss, speech])) == pytest.approx(power_db(speech), abs=0.05)


def test_digital_silence_has_no_level() -> None:
    assert active_level_dbfs(np.zeros(100, np.float32)) == -math.inf


def test_convolution_is_numpys(rng: np.random.Generator) -> None:
    speech, response = rng.normal(size=1_000).astype(np.float32), rng.normal(size=77)
    assert convolved(speech, response) == pytest.approx(np.convolve(speech, response), abs=1e-4)
    assert convolved(speech, None) is speech


@pytest.mark.parametrize("count", [100, 5_000, 40_000])
def test_noise_goes_round_and_has_its_level(count: int, rng: np.random.Generator) -> None:
    noise = rng.normal(0, 0.3, 9_000).astype(np.float32)
    stretch = noise_stretch(noise, count, 8_990, -36.0)
    assert len(stretch) == count
    inside = slice(800, count - 800)
    scaled = np.concatenate([noise[8_990:], noise, noise, noise, noise, noise])[:count] * factor(-36 - power_db(noise))
    assert stretch[inside] == pytest.approx(scaled[inside], abs=1e-6)
    assert stretch[0] == stretch[-1] == 0


def test_room_tone_is_at_minus_70(rng: np.random.Generator) -> None:
    assert power_db(room_tone(100_000, rng)) == pytest.approx(-70, abs=0.1)
