"""How much a class of channels matters: three criteria, one number a class, larger is more.

taylor    what the loss would change by if nobody read the class any more, squared, to first order: with a gate z = 1 on
          the class, (dL/dz)^2 averaged over batches. The gradient of the gate is the sum of w dL/dw over the weights
          that read the class. After Molchanov et al., "Importance Estimation for Neural Network Pruning", CVPR 2019,
          arXiv:1906.10771, equation 8, who put the gate on what is written.
l1        sum of the absolute weights that write the class, normalisation folded in, relative to the layer's mean. Li et
          al., "Pruning Filters for Efficient ConvNets", ICLR 2017, arXiv:1608.08710.
bn-scale  absolute scale of the normalisations that the class passes. Liu et al., "Learning Efficient Convolutional
          Networks through Network Slimming", ICCV 2017, arXiv:1708.06519.

Where several layers write a class, l1 and bn-scale are means over them.
"""

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
from keras import ops

from tfkws.compression.pruning.channel_classes import ChannelClasses, LayerChannels
from tfkws.compression.quantization_aware.norm_folding import factor_and_offset
from tfkws.errors import ConfigError

Batch = tuple[np.ndarray, np.ndarray]


def taylor(network: keras.Model, classes: ChannelClasses, batches: Iterable[Batch]) -> np.ndarray:
    """Importance by the Taylor criterion.

    Args:
        network: ends in the layers `logits` and `probabilities`; its weights and statistics stay as they are.
        batches: feature maps float32 (b, h, w, c) and labels int (b,).

    Returns:
        float64 (classes,).
    """
    recorder = _GradientRecorder()
    answers = _Inference(keras.Model(network.input, network.get_layer("logits").output))
    answers.compile(recorder, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    squares, count = np.zeros(classes.count), 0
    for maps, labels in batches:
        answers.train_on_batch(maps, labels)
        squares += np.square(_gate_gradients(classes, recorder))
        count += 1
    return squares / max(count, 1)


def l1(network: keras.Model, classes: ChannelClasses, batches: Iterable[Batch] = ()) -> np.ndarray:
    """Return the importance of channels by the size of filters; needs no clips.

    Source: Li et al., "Pruning Filters for Efficient ConvNets", arXiv:1608.08710.

    Returns:
        float of shape (classes,).
    """
    norms = {id(one.layer.input): one.layer for one in classes.layers if one.kind.is_norm}

    def size(one: LayerChannels) -> np.ndarray | None:
        if one.kind.kernel_axis is None:
            return None
        kernel = np.abs(np.moveaxis(np.asarray(one.layer.kernel), one.kind.kernel_axis, -1))
        sums = kernel.reshape(-1, kernel.shape[-1]).sum(axis=0) * _factor(norms.get(id(one.layer.output)))
        return sums / max(sums.mean(), 1e-12)

    return _mean_over_layers(classes, size)


def bn_scale(network: keras.Model, classes: ChannelClasses, batches: Iterable[Batch] = ()) -> np.ndarray:
    """Importance by the scales of normalisations; needs no clips.

    Raises:
        ConfigError: a channel that could be removed passes no normalisation.
    """

    def scale(one: LayerChannels) -> np.ndarray | None:
        if not one.kind.is_norm:
            return None
        gamma = np.abs(np.asarray(one.layer.gamma))
        return gamma.reshape(-1, gamma.shape[-1]).mean(axis=0)

    importance = _mean_over_layers(classes, scale)
    bare = np.isnan(importance) & ~classes.fixed
    if bare.any():
        layer = next(one.layer.name for one in classes.layers if bare[one.writes].any())
        raise ConfigError(f"What {layer} writes passes no normalisation, so bn-scale cannot rank it; use taylor or l1.")
    return importance


CRITERIA: dict[str, Callable[[keras.Model, ChannelClasses, Iterable[Batch]], np.ndarray]] = {
    "taylor": taylor,
    "l1": l1,
    "bn-scale": bn_scale,
}


def _gate_gradients(classes: ChannelClasses, recorder: "_GradientRecorder") -> np.ndarray:
    gates = np.zeros(classes.count)
    for one in classes.layers:
        if one.kind.mixes_channels:
            product = np.asarray(one.layer.kernel, np.float64) * recorder.gradient_of(one.layer.kernel)
            axes = tuple(axis for axis in range(product.ndim) if axis != product.ndim - 2)
            np.add.at(gates, one.reads, product.sum(axis=axes))
    return gates


def _mean_over_layers(classes: ChannelClasses, measure: Callable[[LayerChannels], np.ndarray | None]) -> np.ndarray:
    """Mean of a measure (channels,) over the layers that have one; NaN for classes without."""
    sums, counts = np.zeros(classes.count), np.zeros(classes.count)
    for one in classes.layers:
        values = measure(one)
        if values is not None:
            np.add.at(sums, one.writes, values)
            np.add.at(counts, one.writes, 1)
    return np.divide(sums, counts, out=np.full(classes.count, np.nan), where=counts > 0)


def _factor(norm: Any | None) -> np.ndarray | float:
    """Mean over the map of what a normalisation multiplies each channel by, absolute."""
    if norm is None:
        return 1.0
    factor = np.abs(np.asarray(factor_and_offset(norm)[0]))
    return factor.reshape(-1, factor.shape[-1]).mean(axis=0)


class _Inference(keras.Model):
    """Answers as at inference, whatever it is asked for, so that gradients are those of the deployed network."""

    def __init__(self, network: keras.Model) -> None:
        super().__init__(name="inference")
        self.network = network

    def call(self, inputs: Any) -> Any:
        """Return the logits."""
        return self.network(inputs, training=False)


class _GradientRecorder(keras.optimizers.Optimizer):
    """Moves nothing and remembers the last gradient of each variable: gradients on any Keras backend."""

    def __init__(self) -> None:
        super().__init__(learning_rate=0.0, name="gradient_recorder")

    def build(self, variables: list[Any]) -> None:
        """Make room for the gradients."""
        if not self.built:
            super().build(variables)
            self._gradients = [self.add_variable_from_reference(variable, "gradient") for variable in variables]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Remember."""
        self.assign(self._gradients[self._get_variable_index(variable)], ops.cast(gradient, variable.dtype))

    def gradient_of(self, variable: Any) -> np.ndarray:
        """Return the last gradient of a variable."""
        return np.asarray(self._gradients[self._get_variable_index(variable)])
