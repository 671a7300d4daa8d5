"""All weights of a network as one vector, beside the Keras variables that they come from and go back to."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfkws.training.native.maps import aligned

MOST_CONSTANTS = 256


class Variables:
    """Variables of Keras as one float32 vector.

    Args:
        variables: float32, in the order in which they lie in the vector.
    """

    def __init__(self, variables: Sequence[Any]) -> None:
        self.variables = list(variables)
        self.shapes = [tuple(variable.shape) for variable in variables]
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        self.count = sum(sizes)
        self._starts = dict(zip(map(id, variables), np.cumsum([0, *sizes]).tolist(), strict=False))
        self._constants = [0.0]
        self.vector = aligned(self.count + MOST_CONSTANTS)

    def constant(self, value: float) -> int:
        """Return the place of a constant, which follows the variables; the first one is zero."""
        if value not in self._constants:
            self._constants.append(value)
            self.vector[self.count + len(self._constants) - 1] = value
        return self.count + self._constants.index(value)

    def beside(self, other: "Variables") -> "Variables":
        """Return these variables and constants with the values of others of the same shapes, whose memory it shares."""
        same = copy.copy(self)
        same._constants, same.vector = list(self._constants), other.vector
        constants = slice(self.count, self.count + len(self._constants))
        same.vector[constants] = self.vector[constants]
        return same

    def holds(self, variable: Any) -> bool:
        """Return whether a variable is one of these, a bool."""
        return id(variable) in self._starts

    def start(self, variable: Any) -> int:
        """Return the place of a variable's first value."""
        return self._starts[id(variable)]

    def at(self, variable: Any, vector: np.ndarray | None = None) -> np.ndarray:
        """Return the vector from a variable's first value on, or another vector of the same order."""
        return (self.vector if vector is None else vector)[self.start(variable) :]

    def places(self, variable: Any) -> np.ndarray:
        """Return where the values of a variable lie, in its own shape: int64."""
        shape = tuple(variable.shape)
        return self.start(variable) + np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)

    def fetch(self) -> None:
        """Take the values over from Keras."""
        for variable in self.variables:
            value = np.asarray(variable)
            self.at(variable)[: value.size] = value.ravel()

    def hand_back(self) -> None:
        """Give the values to Keras."""
        for variable, shape in zip(self.variables, self.shapes, strict=True):
            variable.assign(self.at(variable)[: int(np.prod(shape))].reshape(shape))
