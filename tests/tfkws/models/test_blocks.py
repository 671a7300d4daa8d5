"""The shared blocks: names by place and role, shapes, and refusals that name the layer."""

from typing import Any

import keras  # noqa: TID253
import numpy as np
import pytest

from tfkws.errors import ShapeTooSmallError
from tfkws.models import blocks
from tfkws.models.blocks import NormSettings


def names(network: Any) -> list[str]:
    return [layer.name for layer in network.layers]


def test_a_network_is_named_from_its_input_to_its_probabilities() -> None:
    inputs = blocks.image_input((9, 7, 1))
    x = blocks.norm_activate(blocks.conv(inputs, "stem", 4, 3, 2), "stem", "relu6", NormSettings(0.8, 1e-3))
    network = blocks.classify(inputs, blocks.global_average(x, "pool"), 3)
    assert names(network) == ["input", "stem", "stem_norm", "stem_relu6", "pool", "logits", "probabilities"]
    norm = network.get_layer("stem_norm")
    assert (norm.momentum, norm.epsilon) == (0.8, 1e-3)
    assert network.get_layer("stem").output.shape == (None, 5, 4, 4)
    assert not network.get_layer("stem").use_bias
    answers = np.asarray(network(np.ones((2, 9, 7, 1), np.float32)))
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("relu", [0.0, 0.0, 8.0]),
        ("relu6", [0.0, 0.0, 6.0]),
        ("silu", [-2 / (1 + np.exp(2)), 0.0, 8 / (1 + np.exp(-8))]),
        ("sigmoid", [1 / (1 + np.exp(2)), 0.5, 1 / (1 + np.exp(-8))]),
    ],
)
def test_activations_are_their_formulas(activation: Any, expected: list[float]) -> None:
    values = np.array([[-2.0, 0.0, 8.0]], np.float32)
    np.testing.assert_allclose(blocks.activate(values, "layer", activation), [expected], rtol=1e-5)


@pytest.mark.parametrize(("kind", "expected"), [("max", 4.0), ("average", 2.0)])
def test_pooling_leaves_out_what_fills_no_window(kind: Any, expected: float) -> None:
    values = np.arange(9, dtype=np.float32).reshape(1, 3, 3, 1)
    pooled = np.asarray(blocks.pool(values, "pool", kind))
    assert pooled.shape == (1, 1, 1, 1)
    assert pooled.item() == expected  # of 0, 1, 3 and 4


def test_a_window_that_does_not_fit_names_the_layer() -> None:
    inputs = keras.Input((3, 8, 1))
    sentence = "Layer stage2_conv needs a map of at least 4x2 and receives 3x8"
    with pytest.raises(ShapeTooSmallError, match=sentence):
        blocks.conv(inputs, "stage2_conv", 4, (4, 2), padding="valid")
    assert blocks.depthwise(inputs, "stage2_conv", (4, 2)).shape == (None, 3, 8, 1)
