"""Operators that TensorFlow fuses belong to all their layers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tfkws.errors import BenchmarkError
from tfkws.graphs.keras import read_graph
from tfkws.profiling.trace.kernels import Kernel
from tfkws.profiling.trace.program import compile_network, fused_into


@pytest.mark.parametrize(
    ("name", "operator", "layers"),
    [
        ("relu_1", "_FusedConv2D", {"conv_1", "relu_1"}),
        ("relu", "_MklNativeFusedConv2D", {"conv", "norm", "relu"}),
        ("relu", "_FusedBatchNormEx", {"norm", "relu"}),
        ("dense", "_MklNativeFusedMatMul", {"dense"}),
        ("norm", "FusedBatchNormV3", {"norm"}),
        ("relu", "Relu", {"relu"}),
        ("relu_1", "_FusedBatchNormEx", {"relu_1"}),
    ],
)
def test_a_fused_operator_belongs_to_all_its_layers(network: Any, name: str, operator: str, layers: set[str]) -> None:
    nodes = read_graph(network).nodes
    names = [node.layer.name for node in nodes]
    assert {names[place] for place in fused_into(names.index(name), operator, nodes)} == layers


def test_kernels_of_tensorflow_find_their_layers(network: Any) -> None:
    import keras

    graph = read_graph(network)
    compiled = compile_network(graph, [keras.ops.ones((1, 8, 6, 1))], "cpu")
    scopes = ("tfkws.1/relu_1/Relu:_FusedConv2D", "tfkws.1/relu_1/Relu:Relu", "StatefulPartitionedCall:NoOp")
    served = [compiled.layers_of(Kernel("", "", scope, 0.0, 1.0, 1.0)) for scope in scopes]
    assert served == [{0, 1}, {1}, frozenset()]


GRAPHS = """
import json
import keras
from tfkws.graphs.keras import read_graph
from tfkws.models import build_model
from tfkws.profiling.trace.kernels import Kernel
from tfkws.profiling.trace.program import compile_network
graph = read_graph(build_model("kws12", (40, 32, 1), 10))
program = compile_network(graph, [keras.ops.ones((1, 40, 32, 1))], "cpu")
names = ("broadcast_maximum_fusion_2", "broadcast_maximum_fusion", "cudnn_kernel")
print(json.dumps([sorted(program.layers_of(Kernel(n, "command_buffer_1", "", 0.0, 1.0, 1.0))) for n in names]))
"""


def test_a_kernel_of_a_graph_is_known_by_its_name(run_on_jax: Callable[..., str]) -> None:
    first, some, other = json.loads(run_on_jax(GRAPHS).splitlines()[-1])
    assert 1 <= len(first) <= 4 and first != some and some and not other


def test_a_backend_without_a_trace_is_refused(network: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keras.backend.backend", lambda: "torch")
    with pytest.raises(BenchmarkError, match="torch has no trace that is read here; use --how hooks"):
        compile_network(read_graph(network), [], "cpu")
