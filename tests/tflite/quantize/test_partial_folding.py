"""Normalisations folded in part: the same in float32, and better in int8."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from normalised_network import normalised

from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.quantize.ai_edge import quantize
from tfkws.tflite.quantize.layer_errors import signal_to_noise_db
from tfkws.tflite.quantize.partial_folding import fold_partly, gain_and_moved, normalisations, shares_of
from tfkws.tflite.quantize.ranges import measure_ranges
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.model import open_model


def plain(layers: Any, x: Any) -> Any:
    return layers.ReLU(name="end")(x)


def answers(content: Any, examples: Any) -> Any:
    return open_model(content, load_check=False).predict(examples)


def int8_quality(content: Any, examples: Any, reference: Any) -> Any:
    made = quantize(content, measure_ranges(content, examples, "minmax"), RECIPES["int8"])
    return signal_to_noise_db(answers(reference, examples), answers(made, examples))


@pytest.mark.parametrize(("strided", "gain_db"), [(False, 6), (True, 3)])
def test_a_partly_folded_network_answers_as_before_and_better_in_int8(
    strided: Any, gain_db: Any, examples: Any
) -> None:
    network = normalised(plain, examples, strided)
    (found,) = normalisations(tflite_file(network).graph)
    assert [op.opcode for op in found.convolutions] == ["DEPTHWISE_CONV_2D"] * (1 + strided)
    assert (found.product.opcode, found.sum.opcode) == ("MUL", "ADD")
    folded = fold_partly(network)
    np.testing.assert_allclose(answers(folded, examples), answers(network, examples), atol=1e-4)
    assert int8_quality(folded, examples, network) > gain_db + int8_quality(network, examples, network)


def test_what_others_read_is_not_moved(examples: Any) -> None:
    network = normalised(plain, examples, also_read=True)
    assert fold_partly(network) is network


def test_a_network_without_either_is_returned_as_it_is(converted: Callable[[str], TfliteFile]) -> None:
    network = converted("none")
    assert fold_partly(network) is network


def test_products_are_near_one_and_the_least_is_left_to_add() -> None:
    """Against a search for the number that leaves the smallest squares."""
    rng = np.random.default_rng(3)
    factor, offset = rng.normal(size=(1, 5, 1, 2)), rng.normal(size=(1, 5, 1, 2))
    factor[..., 1] = 0  # a channel that the normalisation silences
    gain, moved = gain_and_moved(factor.astype(np.float32), offset.astype(np.float32), 2)
    tried = np.linspace(-20, 20, 400_001)
    left = ((offset[0, :, 0, :1] - factor[0, :, 0, :1] * tried) ** 2).sum(axis=0)
    assert moved[0] == pytest.approx(tried[left.argmin()], abs=1e-3)
    assert ((factor[..., 0] / gain[0]) ** 2).mean() == pytest.approx(1, rel=1e-5)
    assert (gain[1], moved[1]) == (1, 0)


def test_convolutions_share_what_is_moved_by_the_mean_that_each_brings() -> None:
    shares = shares_of(np.array([[3.0, 1.0, 0.0], [1.0, -1.1, 0.0]], np.float32))
    np.testing.assert_allclose(shares, [[0.75, 0.5, 0.5], [0.25, 0.5, 0.5]])
