"""Traces of small networks, on the backend of this process and on JAX alone in a process of its own."""

import json
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pytest

from tfkws.config import LayerSettings
from tfkws.errors import BenchmarkError
from tfkws.profiling.measure.layer_profile import LayerProfile, LayerRow
from tfkws.profiling.trace import trace_layers as tracing
from tfkws.profiling.trace.layer_trace import LayerTrace
from tfkws.profiling.trace.trace_layers import record_repeats, trace_layers, with_hooks

QUICK = LayerSettings(trials=2, passes=4, warmup_passes=2)


@pytest.fixture(scope="module")
def trace(network: Any) -> LayerTrace:
    return trace_layers(network, QUICK, {"cpu": "C"})


def test_kernels_are_given_to_layers_and_add_up(trace: LayerTrace) -> None:
    for repeat, busy_us in enumerate(trace.busy_us):
        assert sum(row.busy_us[repeat] for row in trace.rows) == pytest.approx(busy_us, rel=0.05)
    assert sum(row.kernels for row in trace.rows) == pytest.approx(trace.kernels)
    served = {name for row in trace.rows for name in row.layers}
    assert served >= {"conv_1", "conv", "norm", "relu", "sum", "pool", "dense"}
    assert "drop" not in served
    unattributed = sum(sum(row.busy_us) for row in trace.rows if not row.layers)
    assert unattributed <= 0.05 * sum(trace.busy_us)


def test_a_fused_convolution_names_its_activation(trace: LayerTrace) -> None:
    rows = {row.layers: row for row in trace.rows}
    assert any("FusedConv2D" in name for name in rows["conv_1", "relu_1"].kernel_names)
    assert ("relu_1",) not in rows


def test_layers_have_their_costs(trace: LayerTrace) -> None:
    layers = {layer.name: layer for layer in trace.layers}
    assert layers["conv"].macs == 8 * 6 * 4 * 4 * 9
    assert layers["conv"].bytes_moved == 4 * (8 * 6 * 4 + 9 * 4 * 4 + 8 * 6 * 4)
    assert layers["relu"].layer == "ReLU"
    assert [len(calls) for calls in trace.call_us] == [4, 4] and min(map(min, trace.call_us)) > 0
    assert (trace.backend, trace.trials, trace.passes, trace.hooks_call_us) == ("tensorflow", 2, 4, None)


def test_hooks_stand_beside_the_trace(trace: LayerTrace) -> None:
    rows = tuple(
        LayerRow(i, layer.name, "", "", (), 0, 0, 0, 0, ((10.0 * i, 10.0 * i + 2),))
        for i, layer in enumerate(trace.layers)
    )
    hooks: Any = type("Hooks", (LayerProfile,), {"__init__": lambda self: None})()
    object.__setattr__(hooks, "rows", rows)
    object.__setattr__(hooks, "call_us", 5.0)
    both = with_hooks(trace, hooks)
    assert [layer.hooks_us for layer in both.layers] == [10.0 * i + 1 for i in range(len(rows))]
    assert both.hooks_call_us == 5.0


def test_a_trace_without_kernels_of_the_device_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "record", lambda call, runs: ())
    with pytest.raises(BenchmarkError, match=r"no kernel of the gpu; .* CUPTI .* \(--how hooks\)"):
        record_repeats(lambda: None, LayerSettings(device="gpu", trials=1, passes=1))
    with pytest.raises(BenchmarkError, match="no kernel of the cpu; install another version"):
        record_repeats(lambda: None, LayerSettings(trials=1, passes=1))


def test_inputs_that_do_not_fit_are_refused(network: Any) -> None:
    with pytest.raises(BenchmarkError, match=r"takes maps of shape \(n, \(8, 6, 1\)\)"):
        trace_layers(network, QUICK, {}, examples=np.zeros((1, 6, 8, 1)))


ON_JAX = """
import json
from tfkws.config import LayerSettings
from tfkws.models import build_model
from tfkws.profiling.trace.trace_layers import trace_layers
model = build_model("kws12", (40, 32, 1), 10)
print(json.dumps(trace_layers(model, LayerSettings(trials=2, passes=5), {}).to_dict()))
"""


@pytest.fixture(scope="module")
def on_jax(run_on_jax: Callable[..., str]) -> Any:
    return json.loads(run_on_jax(ON_JAX).splitlines()[-1])


def test_on_jax_alone_the_layers_add_up_to_the_busy_time(on_jax: Any) -> None:
    for repeat, busy_us in enumerate(on_jax["busy_us"]):
        assert sum(row["busy_us"][repeat] for row in on_jax["rows"]) == pytest.approx(busy_us, rel=0.05)
    assert sum(row["kernels"] for row in on_jax["rows"]) == pytest.approx(on_jax["kernels"])
    assert min(on_jax["busy_us"]) > 0 and median(on_jax["call_us"][0]) > 0


def test_on_jax_every_kernel_finds_its_layers(on_jax: Any) -> None:
    assert all(row["layers"] for row in on_jax["rows"]), on_jax["rows"]
    served = {name for row in on_jax["rows"] for name in row["layers"]}
    assert served == {layer["name"] for layer in on_jax["layers"]}


def test_on_jax_activations_are_not_named_after_the_first_of_their_shape(on_jax: Any) -> None:
    for row in on_jax["rows"]:
        numbers = {name.split("_")[0] for name in row["layers"] if name.endswith("relu")}
        beside = {name.split("_")[0] for name in row["layers"]}
        assert numbers <= beside and (len(beside) == 1 or len(row["layers"]) > 3 or not numbers), row
