"""Networks to be counted and looked at: their weights have shapes and no values, so that a large one builds fast."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.backend.common import global_state

from tfkws.models import build_model


def weightless(name: str, input_shape: tuple[int, int, int], num_classes: int, **variant: Any) -> keras.Model:
    """Build a network of the zoo without values."""
    with without_values():
        return build_model(name, input_shape, num_classes, **variant)


@contextmanager
def without_values() -> Iterator[None]:
    """Let what is built within have no values; a weight that is read is drawn anew each time."""
    with keras.StatelessScope():
        yield
        global_state.set_global_attribute("uninitialized_variables", [])  # else they get values when the scope ends
