"""Time a whole compiled network on one example, not cut into layers."""

from typing import Any

import keras
import numpy as np

from tfkws.clock import time_in_turns
from tfkws.profiling.measure import backend
from tfkws.profiling.measure.layer_calls import whole_call


def time_whole(model: Any, device: str, runs: int) -> list[int]:
    """Return the time of each of `runs` calls from call to answer, in ns, after some that compile.

    Args:
        model: a Keras model of one input and one output.
        device: "cpu" or "gpu"; where the model was built.

    Raises:
        BenchmarkError: the backend has no such device.
    """
    with backend.on_device(device):
        whole = whole_call(model, "compiled")
        noise = np.random.default_rng(0).normal(size=(1, *model.inputs[0].shape[1:]))
        example = keras.ops.convert_to_tensor(noise.astype(np.float32))
        return time_in_turns([lambda: backend.wait(whole.run(*whole.weights, example), device)], runs)[0]
