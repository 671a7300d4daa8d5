"""The parts of one layer's step: what is remembered, and rows that are padded or pooled before memory."""

from typing import Any

import keras
import numpy as np
import pytest

from tfkws.errors import StreamingError
from tfkws.streaming.layer_step import remembered
from tfkws.streaming.network import streaming_network
from tfkws.streaming.plan import Memory


def indices(first: int, last: int) -> np.ndarray:
    """Numbers first to last - 1 along time, float32 (1, 1, n, 1)."""
    return np.arange(first, last, dtype=np.float32)[None, None, :, None]


def flat(value: Any) -> list[int]:
    return [int(number) for number in np.asarray(value).ravel()]


def test_earlier_indices_come_before_the_new_ones_and_the_last_are_kept() -> None:
    read, kept = remembered(indices(3, 5), Memory(axis=1, keep=3, later=0), indices(0, 3))
    assert (flat(read), flat(kept)) == ([0, 1, 2, 3, 4], [2, 3, 4])


def test_a_branch_that_waits_reads_as_many_as_are_new() -> None:
    read, kept = remembered(indices(5, 7), Memory(axis=1, keep=5, later=5), indices(0, 5))
    assert (flat(read), flat(kept)) == ([0, 1], [2, 3, 4, 5, 6])


def test_new_indices_are_left_out_where_fewer_are_needed() -> None:
    read, kept = remembered(indices(0, 4), Memory(axis=1, keep=-1, later=0), None)
    assert (flat(read), kept) == ([1, 2, 3], None)


@pytest.mark.parametrize("time_axis", [0, 1])
def test_rows_keep_the_zeros_and_strides_of_the_window(time_axis: int, rng: np.random.Generator) -> None:
    def rows_first(rows: int, frames: int) -> tuple[int, int]:
        return (rows, frames) if time_axis == 1 else (frames, rows)

    inputs = keras.Input((*rows_first(5, 9), 2))
    x = keras.layers.ZeroPadding2D([(1, 2) if size == 1 else (0, 0) for size in rows_first(1, 0)], name="pad")(inputs)
    x = keras.layers.Conv2D(3, rows_first(3, 2), rows_first(2, 1), name="conv")(x)
    x = keras.layers.Conv2D(3, rows_first(4, 1), padding="same", name="zeros")(x)
    model = keras.Model(inputs, keras.layers.GlobalMaxPooling2D(name="pool")(x))
    network = streaming_network(model, time_axis)
    assert network.plan.equals_window
    window = rng.normal(size=(1, *rows_first(5, 9), 2)).astype(np.float32)
    states = network.first_states()
    for frame in range(9):
        answers, states = network.step(np.take(window, [frame], 1 + time_axis), states)
    np.testing.assert_allclose(np.asarray(answers), np.asarray(model(window)), atol=1e-6)


def test_pooling_over_padded_rows_is_refused() -> None:
    inputs = keras.Input((5, 9, 1))
    x = keras.layers.MaxPooling2D((2, 1), padding="same", name="odd")(inputs)
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x))
    with pytest.raises(StreamingError, match="layer odd .* pools rows with padding"):
        streaming_network(model, 1)
