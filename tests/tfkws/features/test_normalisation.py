"""Normalisation is measured on training clips, once."""

import numpy as np
import pytest

from tfkws.config import FeatureConfig
from tfkws.errors import DataError
from tfkws.features import normalisation
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.normalisation import fit_normalisation
from tfkws.features.numpy_front_end import extract

EACH = pytest.mark.parametrize("config", FRONT_ENDS.values(), ids=FRONT_ENDS)


@EACH
def test_normalised_rows_have_mean_zero_and_deviation_one(config: FeatureConfig, clips: np.ndarray) -> None:
    fitted = fit_normalisation(clips[:5], config)
    rows = np.moveaxis(extract(clips[:5], fitted), 2 if config.time_first else 1, -1).reshape(-1, config.rows)
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(rows.std(axis=0), 1, atol=1e-3)
    assert FeatureConfig.from_dict(fitted.to_dict()) == fitted


def test_normalising_again_replaces_the_old_values(clips: np.ndarray) -> None:
    config = FRONT_ENDS["mfcc-49x10"]
    once = fit_normalisation(clips[:5], config)
    assert fit_normalisation(clips[:5], once) == once


def test_a_row_that_never_changes_keeps_a_finite_scale() -> None:
    fitted = fit_normalisation(np.zeros((2, 16_000), np.int16), FRONT_ENDS["logmel-40x98"])
    assert set(fitted.row_std) == {0.01}


def test_many_clips_are_sampled_evenly(monkeypatch: pytest.MonkeyPatch, clips: np.ndarray) -> None:
    config = FRONT_ENDS["mfcc-49x10"]
    audio = np.stack([clips[0], clips[1], clips[2], clips[3], clips[4]])
    monkeypatch.setattr(normalisation, "MOST_CLIPS", 3)
    assert fit_normalisation(audio, config) == fit_normalisation(audio[[0, 2, 4]], config)


def test_no_clips_are_refused() -> None:
    with pytest.raises(DataError, match="there are none"):
        fit_normalisation(np.zeros((0, 16_000), np.int16), FRONT_ENDS["mfcc-49x10"])
