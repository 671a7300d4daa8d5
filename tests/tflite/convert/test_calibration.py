"""The draw of calibration clips."""

import numpy as np
import pytest

from tfkws.data.clip_set import ClipSet
from tfkws.errors import ConversionError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.tflite.convert.calibration import draw_calibration, draw_files


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
