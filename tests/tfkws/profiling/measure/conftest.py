"""A small network to time, and limits that are measured fast."""

from typing import Any

import pytest


@pytest.fixture(scope="module")
def network() -> Any:
    """A join, a sum and two inputs to a layer, so that values are read more than once; 6 x 4 input."""
    import keras

    inputs = keras.Input((6, 4, 1))
    x = keras.layers.Conv2D(3, 3, padding="same", name="conv")(inputs)
    y = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.Add(name="sum")([x, y])
    x = keras.layers.Concatenate(name="join")([x, y])
    x = keras.layers.GlobalAveragePooling2D(name="pool")(keras.layers.Dropout(0.5, name="drop")(x))
    return keras.Model(inputs, keras.layers.Dense(2, name="dense")(x), name="net")


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfkws.profiling.measure.backend.SIDES", (64,))
    monkeypatch.setattr("tfkws.profiling.measure.backend.COPY_BYTES", 1 << 16)
    monkeypatch.setattr("tfkws.profiling.measure.backend.SECONDS", 0.02)
