"""Sub-spectral normalisation: batch normalisation with statistics of its own for each sub-band of frequency.

Paper: Chang et al., "SubSpectral Normalization for Neural Audio Data Processing", ICASSP 2021, arXiv 2103.13620.
A layer of its own because batch normalisation over reshaped sub-bands would cost two transpositions at inference; here
it is one multiplication and one addition with constants.
"""

import itertools
from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="tfkws")
class SubSpectralNormalization(keras.layers.Layer):
    """Normalise each channel of each sub-band over the batch: (b, rows, frames, c) to the same shape.

    Rows are split into `sub_bands` of equal size; where they do not divide, the first ones are a row larger.

    Args:
        sub_bands: number of sub-bands, at most the number of rows.
        momentum: of the running statistics, in Keras' sense.
        epsilon: added to the variance.
    """

    def __init__(self, sub_bands: int, momentum: float = 0.9, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sub_bands, self.momentum, self.epsilon = sub_bands, momentum, epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create scale, shift and running statistics, each of shape (sub_bands, c)."""
        shape = (self.sub_bands, input_shape[-1])
        sizes = band_sizes(input_shape[1] or 0, self.sub_bands)
        self.band_of_row = np.repeat(np.arange(self.sub_bands), sizes)  # an array, because Keras wraps lists
        self.edges = np.cumsum([0, *sizes])
        self.gamma = self.add_weight(name="gamma", shape=shape, initializer="ones")
        self.beta = self.add_weight(name="beta", shape=shape, initializer="zeros")
        self.moving_mean = self.add_weight(name="moving_mean", shape=shape, initializer="zeros", trainable=False)
        self.moving_variance = self.add_weight(name="moving_variance", shape=shape, initializer="ones", trainable=False)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Normalise by the batch's statistics while training, by the running ones otherwise.

        The shape (b, rows, frames, c) stays.
        """
        statistics = self._batch_statistics(inputs) if training else (self.moving_mean, self.moving_variance)
        factor, offset = self.factor_and_offset(*statistics)
        return inputs * factor + offset

    def factor_and_offset(self, mean: Any, variance: Any) -> tuple[Any, Any]:
        """Return what normalising multiplies by and then adds, each of shape (1, rows, 1, c).

        Args:
            mean, variance: of shape (sub_bands, c).
        """
        scale = self.gamma * ops.rsqrt(variance + self.epsilon)
        return self._to_rows(scale), self._to_rows(self.beta - mean * scale)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        own = {"sub_bands": self.sub_bands, "momentum": self.momentum, "epsilon": self.epsilon}
        return {**super().get_config(), **own}

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape unchanged."""
        return input_shape

    def _batch_statistics(self, inputs: Any) -> tuple[Any, Any]:
        bands = [inputs[:, first:last] for first, last in itertools.pairwise(self.edges.tolist())]
        moments = [ops.moments(band, axes=(0, 1, 2)) for band in bands]
        mean, variance = (ops.stack(values) for values in zip(*moments, strict=True))
        for running, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            running.assign(self.momentum * running + (1 - self.momentum) * value)
        return mean, variance

    def _to_rows(self, values: Any) -> Any:
        """Repeat (sub_bands, c) to (1, rows, 1, c)."""
        return ops.expand_dims(ops.take(values, self.band_of_row, axis=0), (0, 2))


def band_sizes(rows: int, sub_bands: int) -> list[int]:
    """Split `rows` into `sub_bands` sizes that differ by one at most, larger ones first."""
    size, larger = divmod(rows, sub_bands)
    return [size + 1] * larger + [size] * (sub_bands - larger)
