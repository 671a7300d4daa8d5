"""What is laid is a second long, ends in its last quarter, and depends on its seed alone."""

import numpy as np
import pytest

from benchmarks.voices import material
from benchmarks.voices.material import KINDS, _laid, laid_seconds


def test_what_was_said_ends_in_the_last_quarter() -> None:
    said = np.full(4_000, 0.5, np.float32)
    for seed in range(20):
        second = _laid(said, np.full(30_000, 0.25, np.float32), "phrase", np.random.default_rng(seed))
        place = np.flatnonzero(second == 0.5)
        assert len(second) == 16_000 and len(place) == 4_000 and place[-1] >= 12_000 - 1
        assert set(np.unique(second)) <= {0.0, 0.25, 0.5}


def test_seconds_repeat_by_seed_and_hold_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyroomacoustics")
    monkeypatch.setattr(material, "SECONDS_OF_KIND", 4)
    monkeypatch.setattr(material, "ROOMS", 1)
    pool = {kind: [np.full(3_000, 9_000, np.int16)] for kind in KINDS}
    clips, labels = laid_seconds([pool, pool], 3)
    again, _ = laid_seconds([pool, pool], 3)
    assert clips.shape == (12, 16_000) and labels.tolist() == [1] * 4 + [0] * 8
    np.testing.assert_array_equal(clips, again)
    assert not np.array_equal(clips, laid_seconds([pool, pool], 4)[0])
