from dataclasses import replace

import numpy as np
import pytest

from tfkws.errors import ConfigError
from tfkws.features.front_ends import get_front_end
from tfkws.features.numpy_front_end import extract
from tfkws.wakeword.rows import joined, normalised, packed, rows_of, unpacked
from tfkws.wakeword.tracks import Laid, Track

FEATURES = get_front_end("logmel-40x98")


def track(seconds: float, seed: int = 0) -> Track:
    audio = np.asarray(np.random.default_rng(seed).normal(0, 0.1, round(seconds * 16_000)), np.float32)
    return Track(audio, (Laid(1_600, 9_600, "phrase", 0), Laid(12_800, 16_000, "near", 0)))


def test_rows_are_those_of_the_front_end() -> None:
    rows = rows_of(track(2.0), FEATURES)
    window = track(2.0).audio[8_000:24_000]  # frames 50 to 148
    maps = extract(window, FEATURES).T
    assert rows.values[50:148].astype(np.float32) == pytest.approx(maps, abs=0.02)
    assert rows.words.tolist() == [[10, 60]]
    assert rows.others.tolist() == [[80, 100]]


def test_joined_rows_keep_their_places() -> None:
    first, second = rows_of(track(2.0), FEATURES), rows_of(track(3.0, seed=1), FEATURES)
    both = joined([first, second])
    assert both.begins.tolist() == [0, first.frames, first.frames + second.frames]
    assert both.words.tolist() == [[10, 60], [first.frames + 10, first.frames + 60]]
    assert np.array_equal(both.values[first.frames :], second.values)


def test_rows_come_back_from_a_file() -> None:
    rows = rows_of(track(2.0), FEATURES)
    again = unpacked(packed(rows))
    assert np.array_equal(again.values, rows.values)
    assert np.array_equal(again.words, rows.words)
    with pytest.raises(ValueError, match="cannot be read"):
        unpacked(b"PK damaged")


def test_a_front_end_that_pads_is_refused() -> None:
    with pytest.raises(ConfigError, match="choose another"):
        rows_of(track(2.0), get_front_end("mfcc-40x32"))


def test_normalisation_is_by_band() -> None:
    values = np.random.default_rng(0).normal(3.0, 2.0, (5_000, 40)).astype(np.float16)
    found = normalised(FEATURES, values)
    assert found.row_mean == pytest.approx([3.0] * 40, abs=0.2)
    assert found.row_std == pytest.approx([2.0] * 40, abs=0.2)
    assert replace(found, row_mean=(), row_std=()) == FEATURES


def test_a_front_end_of_fixed_range_is_not_normalised() -> None:
    micro = get_front_end("micro-40x98")
    assert normalised(micro, np.ones((50, 40))) == micro
