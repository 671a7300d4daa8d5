"""Distance, echo, bands and noise against the formulas that they follow."""

import numpy as np
import pytest

from tfkws.config.hearing.simulation import AcousticsConfig
from tfkws.detect.over_air.acoustics import (
    at_distance,
    band_limited,
    decaying_response,
    direct_to_reverberant_db,
    record,
    split_response,
)
from tfkws.features.numpy_front_end import to_float

RATE = 16_000
QUIET = np.array([1.0])  # no room
HISS = np.random.default_rng(1).normal(0, 0.1, 3 * RATE).astype(np.float32)


def level_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64))))


def tone(frequency_hz: float, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * RATE)) / RATE).astype(np.float32)


@pytest.mark.parametrize("reverberation_s", [0.2, 0.5, 1.0])
def test_a_made_up_room_decays_by_sixty_decibels_in_its_time(reverberation_s: float) -> None:
    _, echo = split_response(decaying_response(reverberation_s, np.random.default_rng(0)))
    remaining = np.cumsum(echo[::-1] ** 2)[::-1]  # Schroeder's backward integration, ISO 3382
    decay_db = 10 * np.log10(remaining / remaining[0])
    start, end = (int(np.argmax(decay_db < level)) for level in (-5, -25))
    assert 3 * (end - start) / RATE == pytest.approx(reverberation_s, rel=0.1)


@pytest.mark.parametrize("distance_m", [0.3, 0.6, 1.0, 4.0])
def test_direct_sound_falls_with_distance_and_the_echo_does_not(distance_m: float) -> None:
    response = decaying_response(0.4, np.random.default_rng(0))
    heard = at_distance(response, distance_m, critical_distance_m=0.6)
    assert direct_to_reverberant_db(heard) == pytest.approx(20 * np.log10(0.6 / distance_m), abs=0.01)
    direct, echo = split_response(heard)
    assert np.linalg.norm(direct) == pytest.approx(1 / distance_m)
    assert np.linalg.norm(echo) == pytest.approx(1 / 0.6)


def test_a_room_without_echo_has_only_direct_sound() -> None:
    response = decaying_response(0.0, np.random.default_rng(0))
    heard = at_distance(response, 2.0, 0.6)
    assert direct_to_reverberant_db(heard) == np.inf
    assert np.count_nonzero(heard) == 1 and heard[0] == 0.5


def test_a_measured_response_keeps_the_shape_of_its_echo() -> None:
    rng = np.random.default_rng(2)
    measured = np.concatenate([np.zeros(300), [0.7], rng.normal(0, 0.02, 4_000)])
    echo = split_response(at_distance(measured, 1.0, 0.6))[1]
    assert np.corrcoef(echo, measured[-len(echo) :])[0, 1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("frequency_hz", "loss_db"), [(100, 24.1), (200, 3.0), (1_000, 0.0), (4_000, 3.0), (7_000, 19.5)]
)
def test_bands_are_those_of_butterworth_filters(frequency_hz: float, loss_db: float) -> None:
    heard = band_limited(tone(frequency_hz), 200, 4_000)[4_000:12_000]
    assert level_db(heard) - level_db(tone(frequency_hz)[4_000:12_000]) == pytest.approx(-loss_db, abs=0.4)


def test_no_limits_leave_the_signal_as_it_is() -> None:
    assert band_limited(tone(50), 0, 0) is not None
    np.testing.assert_array_equal(band_limited(tone(50), 0, 0), tone(50))


@pytest.mark.parametrize("distance_m", [0.5, 1.0, 2.0])
def test_the_ratio_to_the_noise_holds_at_one_metre(distance_m: float) -> None:
    settings = AcousticsConfig(distance_m=distance_m, snr_db=12.0, microphone_low_hz=0.0, microphone_high_hz=0.0)
    speech = tone(700, 2.0) * np.float32(10 ** (-26 / 20) * np.sqrt(2))
    rng = np.random.default_rng
    both = to_float(record(speech, settings, QUIET, HISS, rng(5)))
    noise = to_float(record(np.zeros_like(speech), settings, QUIET, HISS, rng(5)))
    inside = slice(2_000, -2_000)
    assert level_db(noise[inside]) == pytest.approx(-26 - 12, abs=0.2)
    assert level_db((both - noise)[inside]) == pytest.approx(-26 - 20 * np.log10(distance_m), abs=0.1)


def test_a_loudspeaker_is_in_front_of_the_noise_and_the_microphone_behind_it() -> None:
    rng = np.random.default_rng
    small = AcousticsConfig(loudspeaker_low_hz=1_000.0, microphone_low_hz=0.0, microphone_high_hz=0.0, snr_db=0.0)
    noise = record(np.zeros(RATE, np.float32), small, QUIET, HISS, rng(5))
    np.testing.assert_array_equal(record(tone(50) * 0, small, QUIET, HISS, rng(5)), noise)
    low = to_float(record(tone(50), small, QUIET, HISS, rng(5))) - to_float(noise)
    assert level_db(low[2_000:-2_000]) < -80
    dull = AcousticsConfig(microphone_low_hz=0.0, microphone_high_hz=500.0, snr_db=0.0)
    muffled = to_float(record(np.zeros(RATE, np.float32), dull, QUIET, HISS, rng(5)))
    assert level_db(muffled) < level_db(to_float(noise)) - 10
