"""One step of a window's network on a stream, in Keras operations: frames and states in, answer and new states out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from tfkws.graphs.keras import read_plain_graph
from tfkws.streaming.layer_step import after_memory, before_memory, called, kept_shape, remembered
from tfkws.streaming.plan import PlannedLayer, Shape, StreamPlan, plan_stream

Tensor = Any  # of the backend; Keras has no types


@dataclass(frozen=True)
class State:
    """What is kept of one input of one layer: its name, and its shape without the batch."""

    name: str
    shape: Shape


@dataclass(frozen=True)
class StreamingNetwork:
    """A window's network on a stream, with the weights of the network itself.

    Attributes:
        states: in the order in which `step` takes and gives them.

    Example:
        network = streaming_network(model, time_axis=1)
        states = network.first_states()
        answer, states = network.step(frames, states)    # frames float32 (1, *network.plan.input_shape)
    """

    name: str
    plan: StreamPlan
    states: tuple[State, ...]

    def first_states(self, batch: int = 1) -> list[Tensor]:
        """Return states of zeros, float32 (batch, ...)."""
        return [ops.zeros((batch, *state.shape)) for state in self.states]

    def step(self, frames: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Run one step.

        Args:
            frames: float32 (b, *plan.input_shape).
            states: float32 (b, *state.shape) each, as the step before returned them.

        Returns:
            The answer (b, classes), and the states for the next step.
        """
        values, old = {self.plan.input: frames}, iter(states)
        new: list[Tensor] = []
        with keras.name_scope(self.name):
            for layer in self.plan.layers:
                inputs = [values[tensor] for tensor in layer.node.inputs]
                values[layer.node.output] = _run(layer, inputs, old, new)
        return values[self.plan.output], new


def streaming_network(model: keras.Model, time_axis: int, answers_per_step: int = 1) -> StreamingNetwork:
    """Make a trained network run on a stream; its weights are shared, nothing is copied or trained.

    Args:
        model: with one input (rows, frames, c) or (frames, rows, c) and one output.
        time_axis: of its input's shape without the batch.
        answers_per_step: how many strides of the network a step takes at once.

    Raises:
        StreamingError: it cannot run on a stream; the message names the layer and why.
        UnsupportedLayerError: a layer's class is unknown.
    """
    plan = plan_stream(read_plain_graph(model), time_axis, answers_per_step)
    return StreamingNetwork(model.name, plan, tuple(_states(plan)))


def _states(plan: StreamPlan) -> Iterator[State]:
    for layer in plan.layers:
        for position, memory in enumerate(layer.memories):
            if memory is not None and memory.keep > 0:
                name = layer.node.layer.name
                yield State(f"{name}_{position}" if len(layer.memories) > 1 else name, kept_shape(layer, position))


def _run(layer: PlannedLayer, inputs: list[Tensor], old: Iterator[Tensor], new: list[Tensor]) -> Tensor:
    """Compute one layer; what it keeps is taken from `old`, and what it keeps next is put behind `new`."""
    if layer.time_axis is None:
        return called(layer.node, inputs)
    with keras.name_scope(layer.node.layer.name):
        read = []
        for value, memory in zip(inputs, layer.memories, strict=True):
            ready = before_memory(layer, layer.time_axis, value)
            if memory is not None:
                ready, kept = remembered(ready, memory, next(old) if memory.keep > 0 else None)
                new.extend([] if kept is None else [kept])
            read.append(ready)
        return after_memory(layer, layer.time_axis, read)
