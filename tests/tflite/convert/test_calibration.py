"""The draw of calibration clips."""

import json

import numpy as np
import pytest

from tfkws.data.clip_set import ClipSet
from tfkws.errors import ConversionError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import extract
from tfkws.tflite.convert.calibration import draw_calibration, draw_files

FEATURES = FRONT_ENDS["logmel-32x32"]


def test_draw_goes_by_name_and_not_by_order() -> None:
    files = tuple(f"w/{i}.wav" for i in range(100))
    chosen = {files[i] for i in draw_files(files, 10, seed=0)}
    shuffled = files[::-1]
    assert {shuffled[i] for i in draw_files(shuffled, 10, seed=0)} == chosen
    assert {files[i] for i in draw_files(files, 10, seed=1)} != chosen
    assert set(draw_files(files, 500, seed=0)) == set(range(100))


def test_calibration_needs_clips() -> None:
    clips = ClipSet(np.zeros((2, 16_000), np.int16), np.zeros(2, int), ("w/0.wav", "w/1.wav"), ("a", "b"))
    with pytest.raises(ConversionError, match="at least one clip"):
        draw_calibration(clips, FRONT_ENDS["logmel-32x32"], 0)


@pytest.fixture(scope="module")
def noise() -> ClipSet:
    """Twelve clips of noise."""
    audio = np.random.default_rng(1).integers(-9000, 9000, (12, 16_000)).astype(np.int16)
    files = tuple(f"yes/{i:04d}_nohash_0.wav" for i in range(12))
    return ClipSet(audio, np.arange(12) % 3, files, tuple(f"speaker{i}" for i in range(12)))


def test_audio_and_maps_are_those_of_the_listed_clips(noise: ClipSet) -> None:
    draw = draw_calibration(noise, FEATURES, 5, seed=3)
    places = [noise.files.index(name) for name in draw.files]
    assert len(set(places)) == 5
    audio = np.asarray(noise.audio)[places]
    np.testing.assert_allclose(draw.audio, audio / 32_768, atol=1e-7)
    np.testing.assert_allclose(draw.features[..., 0], extract(audio, FEATURES), atol=1e-5)


def test_a_draw_is_recorded_by_names(noise: ClipSet) -> None:
    draw = draw_calibration(noise, FEATURES, 500)
    assert sorted(draw.files) == sorted(noise.files)
    assert json.loads(json.dumps(draw.to_dict())) == {"seed": 0, "clips": 12, "files": list(draw.files)}
