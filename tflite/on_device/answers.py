"""Answer examples and return the bytes of the outputs, so that two machines can be compared to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfkws.tflite.runtime.bare import open_bare


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Run a model on examples.

    Args:
        request: model, examples (paths; float32 .npy of (n, ...)), runtime, kernels, threads.

    Returns:
        outputs (hexadecimal bytes in C order), dtype, shape, runtime_version.
    """
    examples = np.load(request["examples"], allow_pickle=False)
    model = open_bare(request["model"], request["threads"], request["kernels"], request["runtime"])
    outputs = model.answer_stored(model.input_quantization.store(examples))
    return {
        "outputs": outputs.tobytes().hex(),
        "dtype": outputs.dtype.str,
        "shape": list(outputs.shape),
        "runtime_version": model.runtime_version,
    }
