"""Profiles of both kinds, as JSON has them, read as steps."""

from typing import Any

import pytest
from traced_layers import traced

from tfkws.errors import ProfileParseError
from tfkws.profiling.explain.steps import Step, Steps, layer_categories, read_steps


def test_both_kinds_of_profile_are_read() -> None:
    keras = {
        "kind": "keras-layers", "model": "m", "device": "cpu", "device_name": "cpu", "machine": {"cpu": "C"},
        "backend": "jax", "backend_version": "1", "mode": "eager", "threads": 1, "passes": 3, "call_us": 2.0,
        "whole_compiled_us": [[1.0]], "whole_eager_us": [[5.0, 7.0]],
        "rows": [{"name": "a", "layer": "Conv2D", "category": "Conv2D", "macs": 7, "weight_bytes": 4,
                  "bytes_moved": 12, "samples_us": [[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]]}],
    }  # fmt: skip
    read = read_steps(keras)
    assert read.steps[0].trial_us == (6.0, 12.0)
    assert read.steps[0].time_us == 3.0
    assert (read.whole_us, read.device, layer_categories(keras)) == (6.0, "C", {"a": "Conv2D"})
    operators = {
        "model": "int8.tflite", "runtime": "litert", "runtime_version": "2", "kernels": "xnnpack", "threads": 1,
        "whole_us": 9.0, "machine": {"cpu": "C"},
        "rows": [{"name": "a", "opcode": "CONV_2D", "method": "profiler", "time_us": 5.0, "macs": None,
                  "bytes_moved": 3}],
    }  # fmt: skip
    assert read_steps(operators, network="net").steps[0] == Step(
        "a", "CONV_2D", "Conv2D", 0, 0, 3, 1, (5.0,), counted=False
    )


def test_a_trace_is_read_with_each_cost_once() -> None:
    read = read_steps(traced())
    assert [(step.name, step.category, step.macs, step.bytes_moved, step.time_us) for step in read.steps] == [
        ("conv", "Conv2D", 500, 100, 15.0),
        ("norm", "BatchNorm", 0, 100, 2.0),
        ("norm + relu", "BatchNorm", 0, 100, 7.0),
        ("", "Other", 0, 0, 1.0),
    ]
    assert (read.device, read.setting) == ("NVIDIA H100", "jax 0.11.2, traced, 1 thread(s)")
    assert read.whole_us == ((40 + 39 + 900) / 3 + (38 + 40 + 41) / 3) / 2
    assert layer_categories(traced())["relu"] == "ReLU and kin"


@pytest.mark.parametrize(
    "values",
    [{}, {"rows": []}, {"kind": "keras-layers"}, {"kind": "keras-layers-trace"}, {"rows": 3, "machine": {"cpu": "x"}}],
)
def test_anything_else_is_refused(values: Any) -> None:
    with pytest.raises(ProfileParseError, match="profile again"):
        read_steps(values)


def test_steps_computed_elsewhere_take_no_time() -> None:
    runs = Step("a", "Conv2D", "Conv2D", 1, 0, 4, 2, (6.0, 10.0))
    folded = Step("b", "BatchNorm", "BatchNorm", 0, 0, 4, 1, (5.0,), folded=True)
    steps = Steps("net", "Keras layers", "float32", "jax", "cpu", 0.0, 0.0, (runs, folded))
    assert steps.timed == (runs,)
    assert steps.total_us == 4.0  # (6 + 10) / 2 trials / 2 runs
