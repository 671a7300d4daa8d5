import numpy as np
import pytest

from tfkws.detect.timeline.mixing import active_level_dbfs
from tfkws.wakeword.variation import drawn_response, filtered, resized, varied


def tone(hz: float, samples: int = 8_000) -> np.ndarray:
    return np.asarray(0.3 * np.sin(2 * np.pi * hz * np.arange(samples) / 16_000), np.float32)


def loudest_hz(samples: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * 16_000 / len(samples))


@pytest.mark.parametrize("size", [0.85, 1.2])
def test_size_moves_pitch_and_length(size: float) -> None:
    made = resized(tone(500.0), size)
    assert len(made) == pytest.approx(8_000 / size, abs=2)
    assert loudest_hz(made) == pytest.approx(500 * size, rel=0.01)


def test_a_flat_filter_changes_nothing() -> None:
    speech = tone(700.0, 3_000)
    assert filtered(speech, np.ones(4_096 // 2 + 1, np.float32)) == pytest.approx(speech, abs=1e-5)


def test_a_response_is_long_enough_for_the_resized_utterance() -> None:
    gains = drawn_response(8_000, 0.9, np.random.default_rng(0), strength=1.0)
    assert 2 * (len(gains) - 1) >= 8_000 / 0.9


def test_the_level_is_that_of_speech_whatever_was_drawn() -> None:
    rng = np.random.default_rng(1)
    levels = [active_level_dbfs(varied(tone(400.0), rng)) for _ in range(8)]
    assert levels == pytest.approx([-26.0] * 8, abs=0.1)


def test_no_strength_leaves_the_sound_as_it_is() -> None:
    made = varied(tone(600.0), np.random.default_rng(2), strength=0.0)
    assert loudest_hz(made) == pytest.approx(600.0, rel=0.01)
    assert len(made) == pytest.approx(8_000, abs=1)


def test_two_draws_differ() -> None:
    rng = np.random.default_rng(3)
    first, second = varied(tone(400.0), rng), varied(tone(400.0), rng)
    assert len(first) != len(second) or not np.allclose(first, second)
