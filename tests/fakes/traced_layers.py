"""The JSON of a trace for tests of tables: a convolution, a fused group, a copy that no layer could be given."""

from typing import Any


def traced(**changes: Any) -> dict[str, Any]:
    """Two repeats of a call of 40 µs: 20 µs of it busy in the first, 30 µs in the second."""

    def layer(name: str, kind: str, category: str, macs: int, hooks_us: float) -> dict[str, Any]:
        cost = {"macs": macs, "params": 10, "weight_bytes": 40, "bytes_moved": 100}
        return {"name": name, "layer": kind, "category": category, "hooks_us": hooks_us, **cost}

    def row(layers: list[str], kernels: float, names: list[str], busy_us: list[float]) -> dict[str, Any]:
        return {"layers": layers, "kernels": kernels, "kernel_names": names, "busy_us": busy_us}

    trace: dict[str, Any] = {
        "kind": "keras-layers-trace", "model": "net", "input_shape": [8, 6, 1], "input_source": "noise, seed 0",
        "weights": "random, seed 0", "backend": "jax", "backend_version": "0.11.2", "keras_version": "3.15.1",
        "device": "gpu", "device_name": "NVIDIA H100", "threads": 1, "trials": 2, "passes": 3,
        "call_us": [[40.0, 39.0, 900.0], [38.0, 40.0, 41.0]], "busy_us": [20.0, 30.0], "kernels": 5.0,
        "hooks_call_us": 70.0, "machine": {"cpu": "C"},
        "layers": [
            layer("conv", "Conv2D", "Conv2D", 500, 100.0),
            layer("norm", "BatchNormalization", "BatchNorm", 0, 90.0),
            layer("relu", "ReLU", "ReLU and kin", 0, 80.0),
            layer("drop", "Dropout", "Dropout", 0, 70.0),
        ],
        "rows": [
            row(["conv"], 2.0, ["cudnn-conv.1", "wrapped_transpose"], [12.0, 18.0]),
            row(["norm"], 1.0, ["rsqrt_fusion"], [2.0, 2.0]),
            row(["norm", "relu"], 1.0, ["loop_maximum_fusion"], [5.0, 9.0]),
            row([], 1.0, ["MemcpyD2D"], [1.0, 1.0]),
        ],
    }  # fmt: skip
    return trace | changes
