"""The step that turns a (rows, frames) map into a sequence whose channels are the rows."""

import keras

from tfkws.models.blocks import Tensor


def rows_to_channels(x: Tensor) -> Tensor:
    """Rearrange (b, rows, frames, c) to (b, frames, 1, rows * c), on which a (k, 1) kernel is a temporal one."""
    _, rows, frames, channels = x.shape
    x = keras.layers.Permute((2, 1, 3), name="input_time_first")(x)
    return keras.layers.Reshape((frames, 1, rows * channels), name="input_rows_to_channels")(x)
