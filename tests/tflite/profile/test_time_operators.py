from collections.abc import Callable

import pytest

from tfkws.errors import ConfigError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.time_operators import time_operators


def test_only_the_operators_asked_for_are_timed(converted: Callable[[str], TfliteFile]) -> None:
    assert set(time_operators(converted("none"), [0, 2], runs=5)) == {0, 2}


def test_no_time_is_negative(converted: Callable[[str], TfliteFile]) -> None:
    assert all(time_us >= 0 for time_us in time_operators(converted("int8"), [0, 1, 2], runs=5).values())


def test_unknown_kernels_are_refused(converted: Callable[[str], TfliteFile]) -> None:
    with pytest.raises(ConfigError, match="kernels must be one of"):
        time_operators(converted("none"), [0], kernels="metal", runs=5)
