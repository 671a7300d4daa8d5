"""Time a whole compiled network on one example, not cut into layers."""

from typing import Any

from tfkws.clock import time_in_turns
from tfkws.graphs.keras import read_graph
from tfkws.profiling.measure import backend
from tfkws.profiling.measure.layer_calls import whole_call
from tfkws.profiling.measure.time_layers import first_inputs


def time_whole(model: Any, device: str, runs: int) -> list[int]:
    """Return the time of each of `runs` calls from call to answer, in ns, after some that compile.

    Args:
        model: a Keras model.
        device: "cpu" or "gpu"; where the model was built.

    Raises:
        BenchmarkError: the backend has no such device.
    """
    with backend.on_device(device):
        graph = read_graph(model)
        whole = whole_call(graph, "compiled")
        start = first_inputs(graph, None)
        examples = [start[tensor] for tensor in graph.inputs]
        return time_in_turns([lambda: backend.wait(whole.run(*whole.weights, *examples), device)], runs)[0]
