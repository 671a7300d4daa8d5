"""The front end as a Keras layer, so that a network takes raw audio and one `.tflite` file is the whole detector.

Only Keras operations that exist on every backend, and that become built-in TFLite operators: the Fourier transform is
RFFT2D. A transform by matrix product would do as well but weighs 16.8 MB for 2048 samples, and 134 M MACs a second.
"""

import math
from typing import Any, Self

import keras
from keras import ops

from tfkws.config import FeatureConfig
from tfkws.errors import ShapeTooSmallError
from tfkws.features.mel import tables_of
from tfkws.features.micro.layer import micro_rows
from tfkws.features.numpy_front_end import frame_count


@keras.saving.register_keras_serializable(package="tfkws")
class FrontEnd(keras.layers.Layer):
    """Compute feature maps from audio: float32 (batch, samples) in -1..1 -> (batch, height, width, 1).

    The same formulas as `tfkws.features.numpy_front_end.extract`, which it agrees with to 1e-4; nothing is
    trained. microWakeWord's front end is whole numbers there and floating point here: see
    `tfkws.features.micro.layer` and docs/features.md for how far they are apart.

    Args:
        config: the front end, with its normalisation.
    """

    def __init__(self, config: FeatureConfig, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self.config = config

    def call(self, inputs: Any) -> Any:
        """Return the feature maps of samples; shapes are those of the class."""
        if self.config.kind == "micro":
            rows = micro_rows(self._frames(inputs))
        else:
            rows = self._spectral_rows(self._frames(inputs))
        if not self.config.time_first:
            rows = ops.transpose(rows, (0, 2, 1))
        return ops.expand_dims(rows, -1)

    def _spectral_rows(self, frames: Any) -> Any:
        """Compute rows (b, n, rows) of frames (b, n, window_samples)."""
        config, tables = self.config, tables_of(self.config)
        frames = frames * tables.window
        if config.fft_length > config.window_samples:
            frames = ops.pad(frames, ((0, 0), (0, 0), (0, config.fft_length - config.window_samples)))
        real, imaginary = ops.rfft(frames, fft_length=config.fft_length)
        power = ops.square(real) + ops.square(imaginary)
        rows = ops.log(ops.matmul(power, tables.filters) + tables.floor)
        if tables.cosines is not None:
            rows = ops.matmul(rows, tables.cosines)
        return (rows - tables.mean) * tables.scale

    def _frames(self, audio: Any) -> Any:
        """Cut windows by reshaping to blocks of the common divisor: (batch, frames, window_samples).

        Gathering would do the same with an operator that quantised graphs and small runtimes treat worse.
        """
        config = self.config
        if config.centred:
            half = config.window_samples // 2
            audio = ops.pad(audio, ((0, 0), (half, half)))
        frames = 1 + (int(audio.shape[1]) - config.window_samples) // config.hop_samples
        block = math.gcd(config.window_samples, config.hop_samples)
        step, width = config.hop_samples // block, config.window_samples // block
        count = (frames - 1) * step + width
        blocks = ops.reshape(audio[:, : count * block], (-1, count, block))
        last = (frames - 1) * step + 1
        return ops.concatenate([blocks[:, first : first + last : step] for first in range(width)], axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (batch, height, width, 1).

        Raises:
            ShapeTooSmallError: the audio is shorter than one window.
        """
        config, samples = self.config, input_shape[1] or 0
        if samples < config.window_samples:
            raise ShapeTooSmallError(
                f"Front end {config.name} needs at least {config.window_samples} samples. Received {samples}."
            )
        frames = frame_count(samples, config)
        return (input_shape[0], *((frames, config.rows) if config.time_first else (config.rows, frames)), 1)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration with the front end's own as a dictionary."""
        return {**super().get_config(), "config": self.config.to_dict()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Build from `get_config`'s form."""
        front_end = FeatureConfig.from_dict(config["config"])
        return cls(front_end, **{key: value for key, value in config.items() if key not in ("config", "trainable")})
