from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.errors import ConfigError, RuntimeUnavailableError, TfliteFileError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import open_model
from tfkws.tflite.runtime.runtimes import RUNTIMES, Runtime, available_runtimes


@pytest.mark.parametrize("runtime", ["litert", "tflite_runtime", "tf"])
@pytest.mark.parametrize("kernels", ["xnnpack", "builtin"])
@pytest.mark.parametrize("recipe", ["none", "int8", "dynamic"])
def test_every_runtime_gives_the_same_answers(
    runtime: Any, kernels: Any, recipe: Any, converted: Callable[[str], TfliteFile], maps: np.ndarray
) -> None:
    if runtime not in available_runtimes():
        pytest.skip(f"{runtime} is not installed")
    reference = open_model(converted(recipe), kernels="builtin", load_check=False).predict(maps)
    answers = open_model(converted(recipe), kernels=kernels, runtime=runtime, load_check=False).predict(maps)
    assert np.abs(answers - reference).max() <= (1e-5 if recipe != "int8" else 1 / 256)


def test_int8_answers_are_those_of_the_dequantised_weights(
    converted: Callable[[str], TfliteFile], maps: np.ndarray
) -> None:
    """Recompute the network in float64 from the integers and scales in the file."""
    file = converted("int8")
    content, graph = file.content, file.graph
    conv, dense = graph.ops[0], next(op for op in graph.ops if op.opcode == "FULLY_CONNECTED")
    kernel, bias = (_real(content, graph.tensors[i]) for i in conv.inputs[1:])
    padded = np.pad(maps[..., 0], ((0, 0), (1, 1), (1, 1)))
    patches = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))  # type: ignore[call-overload]
    hidden = np.maximum(0, np.einsum("bhwij,fij->bhwf", patches, kernel[..., 0]) + bias).mean(axis=(1, 2))
    weights = _real(content, graph.tensors[dense.inputs[1]])
    offsets = _real(content, graph.tensors[dense.inputs[2]]) if dense.inputs[2] >= 0 else 0
    logits = hidden @ weights.T + offsets
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.abs(open_model(content, load_check=False).predict(maps) - expected).max() < 0.02


def _real(content: Any, tensor: Any) -> Any:
    first, last = tensor.data_range
    stored = np.frombuffer(content[first:last], tensor.dtype).reshape(tensor.shape).astype(np.float64)
    shape = [1] * stored.ndim
    shape[tensor.quantized_dimension] = -1
    return stored * np.reshape(tensor.scales, shape if len(tensor.scales) > 1 else 1)


def test_threads_take_turns(converted: Callable[[str], TfliteFile], maps: np.ndarray) -> None:
    model = open_model(converted("none"), load_check=False)
    parts = np.array_split(maps, 8)
    expected = [model.predict(part) for part in parts]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            for answers, right in zip(pool.map(model.predict, parts), expected, strict=True):
                np.testing.assert_array_equal(answers, right)


def test_wrong_input_shape_is_refused(converted: Callable[[str], TfliteFile]) -> None:
    with pytest.raises(TfliteFileError, match=r"\(8, 6, 1\)"):
        open_model(converted("none"), load_check=False).predict(np.zeros((1, 6, 8, 1), np.float32))


def test_missing_file_and_foreign_file(tmp_path: Path) -> None:
    with pytest.raises(TfliteFileError, match="does not exist"):
        open_model(tmp_path / "none.tflite")
    (tmp_path / "x.tflite").write_bytes(b"hello, this is text")
    with pytest.raises(TfliteFileError, match="not a .tflite file"):
        open_model(tmp_path / "x.tflite")


def test_settings_are_checked(converted: Callable[[str], TfliteFile]) -> None:
    with pytest.raises(ConfigError, match="kernels"):
        open_model(converted("none"), kernels="fast")
    with pytest.raises(ConfigError, match="threads"):
        open_model(converted("none"), threads=0)
    with pytest.raises(ConfigError, match="runtime"):
        open_model(converted("none"), runtime="onnx")


def test_absent_runtime_says_how_to_install_it(
    converted: Callable[[str], TfliteFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RUNTIMES, "tf", Runtime("no_such_module_here", "tensorflow", "pip install it"))
    with pytest.raises(RuntimeUnavailableError, match="pip install it"):
        open_model(converted("none"), runtime="tf")


@pytest.mark.slow
def test_five_hundred_mutated_files_never_end_this_process(converted: Callable[[str], TfliteFile], mutate: Any) -> None:
    assert (
        min(mutate(converted("int8").content, 500, seed=4).values()) > 50
    )  # some change a weight, some break the file
