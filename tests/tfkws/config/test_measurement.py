"""Settings of measurements: what they refuse, and that names told in two places agree."""

from typing import Any, get_args

import pytest

from tfkws.config import BenchmarkSettings, CountSettings, LayerSettings, OperatorSettings
from tfkws.config.measurement import BENCHMARK_MODEL, Kernels
from tfkws.errors import ConfigError
from tfkws.tflite.profile.benchmark_model_program import KERNEL_SWITCHES, NAME
from tfkws.tflite.runtime.runtimes import KERNELS, RUNTIMES


@pytest.mark.parametrize(
    ("cls", "name", "value", "wanted"),
    [
        (BenchmarkSettings, "runs", 0, "be at least 1"),
        (BenchmarkSettings, "kernels", "xnpack", "be xnnpack or builtin"),
        (BenchmarkSettings, "threads", "2", "be a whole number"),
        (BenchmarkSettings, "seconds", 0, "be above 0"),
        (CountSettings, "compared_outputs", -1, "be at least 0"),
        (OperatorSettings, "method", "submodel", "be profiler, submodels or prefixes"),
        (
            OperatorSettings,
            "runtime",
            "tf",
            "be litert, tflite_runtime, litert-gpu, litert-gpu-half or benchmark_model",
        ),
        (LayerSettings, "device", "tpu", "be cpu or gpu"),
        (LayerSettings, "mode", "fast", "be compiled or eager"),
        (LayerSettings, "trials", 0, "be at least 1"),
        (LayerSettings, "passes", 0, "be at least 1"),
    ],
)
def test_wrong_settings_are_refused(cls: Any, name: str, value: Any, wanted: str) -> None:
    with pytest.raises(ConfigError, match=f"{cls.__name__}.{name} must {wanted}"):
        cls(**{name: value})


def test_kernels_and_runtimes_are_those_of_the_device() -> None:
    """The device's table is pushed to boards, so it cannot import settings; the names are told twice."""
    assert get_args(Kernels) == KERNELS == tuple(KERNEL_SWITCHES)
    assert BenchmarkSettings().runtime in RUNTIMES
    assert BENCHMARK_MODEL == NAME
