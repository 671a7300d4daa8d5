"""What the backend of this process can do, and what it says where it cannot."""

from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import BenchmarkError
from tfkws.pipeline.profile.layers import KerasSource, profile_keras
from tfkws.profiling.measure.backend import backend_version, compiled, on_device, wait
from tfkws.profiling.measure.layer_profile import LayerSettings


def test_a_gpu_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    def empty(kind: str) -> list[str]:
        return []

    def unknown(kind: str) -> list[str]:
        raise RuntimeError("Unknown backend")

    for answer in (empty, unknown):
        monkeypatch.setattr(keras.distribution, "list_devices", answer)
        with pytest.raises(BenchmarkError, match="sees no GPU here; use --device cpu"):
            profile_keras(KerasSource(Path("kws12")), LayerSettings(device="gpu"))


def test_a_compiled_function_computes_the_same_and_can_be_waited_for() -> None:
    values = np.arange(6, dtype=np.float32)
    with on_device("cpu"):
        result = compiled(lambda x: 2 * x + 1)(values)
        wait(result, "cpu")
    np.testing.assert_array_equal(np.asarray(result), 2 * values + 1)


def test_waiting_calls_a_tensor_that_may_not_be_ready() -> None:
    class Pending:
        is_ready = False

        def block_until_ready(self) -> None:
            self.is_ready = True

    tensor = Pending()
    wait(tensor, "cpu")
    assert tensor.is_ready


def test_a_backend_that_compiles_no_layers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    monkeypatch.setattr(keras.backend, "backend", lambda: "numpy")
    with pytest.raises(BenchmarkError, match="The backend numpy compiles no single layers; use --mode eager"):
        compiled(abs)
    assert backend_version() == np.__version__
