"""Maps as bytes: half a step off at most, and the same as the front end's own."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.gpu.byte_maps import STEPS, ByteMaps, band_maps, load_maps, save_maps, to_bytes
from tfkws.features.front_ends import get_front_end
from tfkws.features.numpy_front_end import extract


def test_a_map_comes_back_within_half_a_step() -> None:
    rng = np.random.default_rng(0)
    maps = rng.normal(-5, 4, (7, 40, 32)).astype(np.float32)
    found = to_bytes(maps)
    step = (maps.max() - maps.min()) / STEPS
    assert found.values.dtype == np.uint8 and found.values.min() == 0 and found.values.max() == 255
    assert np.abs(found.logarithms() - maps).max() <= 0.5001 * step


def test_maps_that_are_all_alike_do_not_divide_by_nothing() -> None:
    assert to_bytes(np.full((1, 2, 2), 3.0)).logarithms() == pytest.approx(np.full((1, 2, 2), 3.0))


def test_band_powers_are_those_of_the_front_end_without_cosines() -> None:
    audio = np.random.default_rng(1).normal(0, 3_000, (3, 16_000)).astype(np.int16)
    log_mel = get_front_end("logmel-32x32")
    assert band_maps(audio, log_mel) == pytest.approx(extract(audio, log_mel), abs=1e-4)
    assert band_maps(audio, get_front_end("mfcc-40x32")).shape == (3, 40, 32)


def test_a_file_of_splits_is_read_as_it_was_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    splits = {name: ByteMaps(rng.integers(0, 256, (4, 3, 2), dtype=np.uint8), -9.5, 2.25) for name in ("a", "noise")}
    save_maps(tmp_path / "deep" / "x.npz", splits, {"a": np.array([0, 1, 9, 3])})
    found, labels = load_maps(tmp_path / "deep" / "x.npz")
    for name, maps in splits.items():
        assert (found[name].values == maps.values).all()
        assert (found[name].low, found[name].high) == (maps.low, maps.high)
    assert set(labels) == {"a"} and labels["a"].tolist() == [0, 1, 9, 3] and labels["a"].dtype == np.int32
