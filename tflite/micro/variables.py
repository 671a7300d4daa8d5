"""States of a streaming file as variables that the file keeps itself, as files for microcontrollers do.

Our streaming files take each state as an input and give it renewed as an output. Here each becomes a resource variable:
read before the network, assigned behind it, and set to zero once by a second subgraph.
"""

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.tflite.file.parts import add_tensor, operator
from tfkws.tflite.file.tflite_file import ModelEditor, TfliteFile

_BUILTIN, _OPTIONS = schema.BuiltinOperator, schema.BuiltinOptions
_STORED = {schema.TensorType.FLOAT32: np.float32, schema.TensorType.INT8: np.int8, schema.TensorType.INT16: np.int16}
_SECOND = 1  # number of the subgraph that sets the variables


def states_inside(file: TfliteFile) -> TfliteFile:
    """Return a streaming file whose states are variables; its first input and output stay.

    Args:
        file: every input behind the first is a state, which the output of the same number renews.
    """
    editor, graph = file.edit(), file.graph
    declared, reads, writes = [], [], []
    for state, renewed in zip(graph.inputs[1:], graph.outputs[1:], strict=True):
        declare, handle = _variable(editor, editor.main, graph.tensors[state].name)
        declared.append(declare)
        reads.append(operator(editor, _BUILTIN.READ_VARIABLE, [handle], [state]))
        writes.append(operator(editor, _BUILTIN.ASSIGN_VARIABLE, [handle, renewed], []))
    editor.main.operators = [_once(editor), *declared, *reads, *editor.main.operators, *writes]
    editor.main.inputs, editor.main.outputs = list(graph.inputs[:1]), list(graph.outputs[:1])
    editor.model.subgraphs = [editor.main, _beginning(editor, [editor.main.tensors[t] for t in graph.inputs[1:]])]
    editor.model.signatureDefs = []
    return editor.pack()


def _once(editor: ModelEditor) -> Any:
    options = schema.CallOnceOptionsT()
    options.initSubgraphIndex = _SECOND
    return operator(editor, _BUILTIN.CALL_ONCE, [], [], options=(_OPTIONS.CallOnceOptions, options))


def _variable(editor: ModelEditor, graph: Any, name: str) -> tuple[Any, int]:
    """The operator that names a variable in a subgraph, and the number of its handle's tensor."""
    options = schema.VarHandleOptionsT()
    options.container, options.sharedName = "", name
    handle = add_tensor(graph, f"{name}_variable", schema.TensorType.RESOURCE, ())
    return operator(editor, _BUILTIN.VAR_HANDLE, [], [handle], options=(_OPTIONS.VarHandleOptions, options)), handle


def _beginning(editor: ModelEditor, states: list[Any]) -> Any:
    """The subgraph that sets each variable to zero, that is, to its zero point everywhere."""
    graph = schema.SubGraphT()
    graph.name, graph.inputs, graph.outputs, graph.tensors, graph.operators = "beginning", [], [], [], []
    for state in states:
        name = bytes(state.name).decode()
        declare, handle = _variable(editor, graph, name)
        buffer = editor.add_buffer(_zeros(state).view(np.uint8))
        zero = add_tensor(graph, f"{name}_zero", state.type, state.shape, state.quantization, buffer)
        graph.operators += [declare, operator(editor, _BUILTIN.ASSIGN_VARIABLE, [handle, zero], [])]
    return graph


def _zeros(state: Any) -> np.ndarray:
    """What stands for zero in a state, as it is stored."""
    quantized = state.quantization is not None and state.quantization.zeroPoint is not None
    zero = int(state.quantization.zeroPoint[0]) if quantized else 0
    return np.full(int(np.prod(state.shape)), zero, _STORED[state.type])
