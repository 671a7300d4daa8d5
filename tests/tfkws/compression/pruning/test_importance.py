"""The importance of channels against gradients by differences, and on filters that were made small."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

from tfkws.compression.pruning.channel_classes import channel_classes
from tfkws.compression.pruning.importance import CRITERIA, taylor
from tfkws.errors import ConfigError

MIXING = keras.layers.Conv2D | keras.layers.Dense
Lively = Callable[[str], tuple[keras.Model, np.ndarray]]


def test_taylor_is_the_squared_gradient_of_a_gate(lively: Lively) -> None:
    network, maps = lively("ds_cnn")
    classes, labels = channel_classes(network), np.arange(32) % 4
    importance = taylor(network, classes, [(maps[:16], labels[:16]), (maps[16:], labels[16:])])
    logits = keras.Model(network.input, network.get_layer("logits").output)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def loss_with_gate(chosen: int, gate: float, half: slice) -> float:
        before = {one.layer.name: one.layer.get_weights() for one in classes.layers}
        for one in classes.layers:
            if isinstance(one.layer, MIXING):
                kernel = np.array(one.layer.kernel)
                kernel[..., one.reads == chosen, :] *= gate
                one.layer.kernel.assign(kernel)
        value = float(loss(labels[half], logits(maps[half], training=False)))
        for one in classes.layers:
            one.layer.set_weights(before[one.layer.name])
        return value

    for chosen in np.flatnonzero(~classes.fixed)[[0, 7]]:
        slopes = [
            (loss_with_gate(chosen, 1.001, half) - loss_with_gate(chosen, 0.999, half)) / 0.002
            for half in (slice(0, 16), slice(16, 32))
        ]
        assert importance[chosen] == pytest.approx(np.mean(np.square(slopes)), rel=0.05)


def test_importance_leaves_the_network_as_it_was(lively: Lively) -> None:
    network, maps = lively("ds_cnn")
    before = [weight.copy() for weight in network.get_weights()]
    for criterion in CRITERIA.values():
        criterion(network, channel_classes(network), [(maps, np.zeros(32, int))])
    for one, other in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_small_filters_and_small_scales_count_least(lively: Lively) -> None:
    network, _ = lively("seed_cnn")
    classes = channel_classes(network)
    conv, norm = network.get_layer("unit1_conv"), network.get_layer("unit1_conv_norm")
    written = next(one.writes for one in classes.layers if one.layer is conv)
    before = conv.get_weights(), norm.get_weights()
    try:
        conv.kernel.assign(np.array(conv.kernel) * np.array([1, 1, 0.01, 1, 1, 1]))
        assert np.argmin(CRITERIA["l1"](network, classes, ())[written]) == 2
        norm.gamma.assign(np.array(norm.gamma) * np.array([1, 1, 1, 1, 0.01, 1]))
        assert np.argmin(CRITERIA["bn-scale"](network, classes, ())[written]) == 4
    finally:
        conv.set_weights(before[0])
        norm.set_weights(before[1])


def test_bn_scale_needs_normalisations() -> None:
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(3, 3, name="bare")(inputs))
    network = keras.Model(inputs, keras.layers.Dense(2, name="logits")(x))
    with pytest.raises(ConfigError, match="What bare writes passes no normalisation"):
        CRITERIA["bn-scale"](network, channel_classes(network), ())
