"""How far answers may differ, by the arithmetic of the formats."""

import numpy as np
import pytest

from tfkws.tflite.gpu.tolerance import FLOAT32, HALF, INT8, tolerance_for


@pytest.mark.parametrize("precision", ["float32", "half"])
def test_each_number_type_has_its_own(precision: str) -> None:
    assert tolerance_for(precision, float_model=True) == (FLOAT32 if precision == "float32" else HALF)
    assert tolerance_for(precision, float_model=False) == INT8


def test_they_lie_between_one_rounding_and_a_changed_decision() -> None:
    """Of a probability: beyond what one rounding of the format does, below what turns a clear answer."""
    assert np.finfo(np.float32).eps < FLOAT32 < np.finfo(np.float16).eps < HALF
    assert 1 / 256 < INT8 < 0.05
