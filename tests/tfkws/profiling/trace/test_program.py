"""Operators that TensorFlow fuses belong to all their layers."""

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


def test_a_backend_without_a_trace_is_refused(network: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keras.backend.backend", lambda: "torch")
    with pytest.raises(BenchmarkError, match="torch has no trace that is read here; use --how hooks"):
        compile_network(read_graph(network), [], "cpu")
