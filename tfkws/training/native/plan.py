"""A network's step as lists of kernel calls, while it is put together."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tfkws.errors import UnsupportedLayerError
from tfkws.training.native.compiler import KERNELS, lanes
from tfkws.training.native.kernels import vectors
from tfkws.training.native.maps import Map, aligned
from tfkws.training.native.team import Call, call
from tfkws.training.native.weights import Variables


@dataclass
class Plan:
    """A network's step, or its answer, as it is put together.

    Attributes:
        clips: of a batch.
        weights: trainable variables; then a zero and other constants.
        running: variables that the step changes besides, such as running means.
        is_answering: whether there is no step, but an answer by the running statistics, which changes nothing.
        maps, gradients: of each tensor, by its id.
        forwards, backwards: calls, in their order.
        packed: where the weights go that convolutions read: places in `weights`, for each group of calls.
        draws: what is done before each step, such as drawing the masks of dropout.
        written: ids of the tensors whose gradient was begun.
        kept: what normalisations keep for their gradients, by the tensor that they write.
        masks: of dropout, by the tensor that it writes.
    """

    clips: int
    weights: Variables
    running: Variables
    is_answering: bool = False
    maps: dict[int, Map] = field(default_factory=dict)
    gradients: dict[int, Map] = field(default_factory=dict)
    forwards: list[Call] = field(default_factory=list)
    backwards: list[Call] = field(default_factory=list)
    packed: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    draws: list[Callable[[], None]] = field(default_factory=list)
    written: set[int] = field(default_factory=set)
    kept: dict[int, np.ndarray] = field(default_factory=dict)
    masks: dict[int, Map] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.gradient = aligned(self.weights.count + 64)

    def pack(self, places: np.ndarray) -> np.ndarray:
        """Return memory that holds the weights at `places` when the step begins."""
        memory = aligned(places.size)
        self.packed.append((np.ascontiguousarray(places.ravel(), np.int64), memory))
        return memory

    def packing(self) -> list[Call]:
        """Return the calls that pack all weights."""
        kernel = KERNELS.add("gather", lambda module, name: vectors.gather(module, name, lanes()))
        return [call(kernel, self.weights.vector, places, memory, places.size) for places, memory in self.packed]

    def is_first_gradient(self, tensor: int) -> bool:
        """Return whether nothing was written yet to the gradient of a tensor, and note that it is from now on."""
        is_first = tensor not in self.written
        self.written.add(tensor)
        return is_first

    def must_be_first(self, tensor: int, operation: str) -> None:
        """Note that a gradient is written by an operation that cannot add to it.

        Raises:
            UnsupportedLayerError: another one wrote it.
        """
        if not self.is_first_gradient(tensor):
            raise UnsupportedLayerError(
                f"The compiled step does not know this network: what {operation} reads is read twice."
            )
