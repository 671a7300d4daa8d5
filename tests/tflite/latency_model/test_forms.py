"""Forms of a predictor: their terms by hand, and that each grows with every size."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_device import profiles

from tfkws.models.conv_units import ConvUnit
from tfkws.tflite.latency_model.forms import FORMS, TERMS, fit_form, predict_form, robust_nnls
from tfkws.tflite.latency_model.operator_shapes import OperatorShape, seed_cnn_shapes


@pytest.mark.parametrize("form", FORMS)
def test_every_form_grows_with_every_size(form: str) -> None:
    rng = np.random.default_rng(1)
    known = profiles(20, noise=0.2).networks
    rows = [(s, v) for n in known for s, v in zip(n.operators, n.values, strict=True) if s.kind == "CONV_2D"]
    values = np.array([value for _, value in rows])
    parameters = fit_form(form, [shape for shape, _ in rows], values, 1 / values)
    for _ in range(300):
        height, width, channels, filters, kernel = (int(n) for n in rng.integers(1, 40, size=5))
        sizes = [height, width, channels, filters, kernel]
        larger = list(sizes)
        larger[int(rng.integers(5))] += 1
        small, large = predict_form(form, parameters, [conv(*sizes), conv(*larger)])
        assert conv(*larger).work > conv(*sizes).work
        assert large >= small * (1 - 1e-9)


def conv(height: int, width: int, channels: int, filters: int, kernel: int) -> OperatorShape:
    unit = (ConvUnit(kernel, kernel, filters),)
    return replace(seed_cnn_shapes(unit, (height, width, channels), 2, "none")[0], kind="CONV_2D")


def test_terms_of_a_convolution_by_hand() -> None:
    shape = OperatorShape("CONV_2D", work=10 * 9 * 3 * 5, inputs=3, outputs=5, taps=90, bytes_moved=7)
    assert TERMS["work, outputs in 8"](shape) == 10 * 9 * 3 * 8
    assert TERMS["work, outputs in 16 and inputs in 4"](shape) == 10 * 9 * 4 * 16
    assert TERMS["taps, outputs in 8"](shape) == 90 * 8
    assert (TERMS["constant"](shape), TERMS["taps"](shape), TERMS["bytes"](shape)) == (1, 90, 7)


def test_one_busy_moment_does_not_bend_the_fit() -> None:
    """Targets are 2 a + 3 b but for one, which took a hundred times as long."""
    terms = np.random.default_rng(0).uniform(1, 2, (50, 2))
    targets = terms @ np.array([2.0, 3.0])
    targets[7] *= 100
    assert robust_nnls(terms, targets) == pytest.approx([2.0, 3.0], rel=0.01)


def test_coefficients_are_never_negative() -> None:
    terms = np.stack([np.arange(1.0, 11.0), np.ones(10)], axis=1)
    assert robust_nnls(terms, 5 * terms[:, 0] - 4).min() >= 0
