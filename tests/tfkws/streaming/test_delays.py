"""How layers stand in time, and the sentences for those that cannot run on a stream."""

from collections.abc import Callable
from typing import Any

import keras
import pytest

from tfkws.errors import StreamingError
from tfkws.graphs.keras import read_graph
from tfkws.models.strided_rows import StridedRowsDepthwiseConv2D
from tfkws.streaming.delays import LayerInTime, Need, layers_in_time
from tfkws.streaming.positions import TimeAxis

FRAMES = 12


def in_time(build: Callable[[Any], Any], axis: int = 1) -> tuple[LayerInTime, ...]:
    """Layers of a network on maps (4, 12, 1), or (12, 4, 1) where time is the first axis."""
    shape = (4, FRAMES, 1) if axis == 1 else (FRAMES, 4, 1)
    inputs = keras.Input(shape)
    return layers_in_time(read_graph(keras.Model(inputs, build(inputs))), TimeAxis(axis, 1, FRAMES, 0))


def pooled(x: Any) -> Any:
    return keras.layers.GlobalAveragePooling2D(name="pool")(x)


def test_time_follows_permutation_and_reshape() -> None:
    def build(x: Any) -> Any:
        x = keras.layers.Permute((2, 1, 3))(x)
        x = keras.layers.Reshape((FRAMES, 1, 4))(x)
        return pooled(keras.layers.Conv2D(3, (3, 1), name="conv")(x))

    permuted, reshaped, conv, pool = in_time(build)
    assert [layer.after.axis for layer in (permuted, reshaped, conv) if layer.after] == [0, 0, 0]
    assert conv.after == TimeAxis(0, 1, 10, delay=2)
    assert (pool.after, pool.ends_time, pool.needs) == (None, True, (Need(keep=10),))


def test_the_shorter_branch_waits_for_the_longer() -> None:
    def build(x: Any) -> Any:
        return pooled(keras.layers.Add()([x, keras.layers.Conv2D(1, (1, 7), padding="same")(x)]))

    assert in_time(build)[1].needs == (Need(keep=3, later=3), Need())


REFUSED: dict[str, tuple[int, Callable[[Any], Any], str]] = {
    "softmax over time": (
        1, lambda x: pooled(keras.layers.Softmax(name="odd")(keras.layers.Reshape((4, 1, FRAMES))(x))), "odd .*last ax"
    ),
    "time as channels": (1, lambda x: pooled(keras.layers.Reshape((4, 1, FRAMES))(x)), "pool .* time as channels"),
    "rows that are time": (0, lambda x: pooled(StridedRowsDepthwiseConv2D(name="odd")(x)), "odd .* the first axis is"),
    "joined along time": (1, lambda x: pooled(keras.layers.Concatenate(axis=2, name="odd")([x, x])), "odd .*long time"),
    "time in blocks": (1, lambda x: pooled(keras.layers.Reshape((8, 6, 1), name="odd")(x)), "odd .* mixes time"),
    "strides that differ": (
        1,
        lambda x: pooled(
            keras.layers.Add(name="odd")(
                [keras.layers.Conv2D(1, 1, (1, 2))(x), keras.layers.Conv2D(1, (1, 7), (1, 1))(x)]
            )
        ),
        "odd .* different steps",
    ),
    "no pooling": (1, lambda x: keras.layers.Conv2D(2, 1, name="odd")(x), "its last layer, odd, gives a value for"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_stream_is_told_with_layer_and_reason(case: str) -> None:
    axis, build, sentence = REFUSED[case]
    with pytest.raises(StreamingError, match=sentence):
        in_time(build, axis)
