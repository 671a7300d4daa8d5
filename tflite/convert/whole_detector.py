"""The whole detector in one file: raw audio -> front end -> network, joined from two converted files.

The network's part is the converted network as it is, byte for byte its weights and scales, so that what was measured on
it holds; the front end stays in float32, with a QUANTIZE between where the network takes integers.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfkws.config import FeatureConfig
from tfkws.errors import ConversionError
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.editing import pack, unpack
from tfkws.tflite.recipes import RECIPES

AUDIO_NAME = "audio"
RUNTIME_ENTRY = "min_runtime_version"


def whole_detector(network: bytes, features: FeatureConfig) -> bytes:
    """Put a front end before a converted network: float32 (1, samples) in -1..1 -> the network's own outputs.

    Raises:
        ConversionError: the network does not take the front end's maps.
        TfliteFileError: the network's file is damaged.
    """
    return join(front_end_file(features), network)


@lru_cache(maxsize=4)
def front_end_file(features: FeatureConfig) -> bytes:
    """The front end alone as a .tflite file of built-in operators, float32."""
    import keras

    from tfkws.features.layer import FrontEnd

    audio = keras.Input((features.clip_samples,))
    return convert(keras.Model(audio, FrontEnd(features, name="front_end")(audio), name="front_end"), RECIPES["none"])


def join(first: bytes, second: bytes) -> bytes:
    """Feed the float32 output of one file into the input of another.

    Raises:
        ConversionError: the shapes differ.
        TfliteFileError: a file is damaged.
    """
    model, tail = unpack(first), unpack(second)
    head_graph, tail_graph = model.subgraphs[0], tail.subgraphs[0]
    _check_fit(head_graph, tail_graph)
    shift, codes = len(head_graph.tensors), [_add_code(model, code) for code in tail.operatorCodes]
    for tensor in tail_graph.tensors:
        tensor.buffer += len(model.buffers)
    for op in tail_graph.operators:
        op.opcodeIndex = codes[op.opcodeIndex]
        op.inputs, op.outputs = _shifted(op.inputs, shift), _shifted(op.outputs, shift)
    bridge = _bridge(model, head_graph, tail_graph, shift)
    head_graph.operators = [*head_graph.operators, *bridge, *tail_graph.operators]
    head_graph.tensors = [*head_graph.tensors, *tail_graph.tensors]
    head_graph.tensors[head_graph.inputs[0]].name = AUDIO_NAME
    head_graph.outputs = _shifted(tail_graph.outputs, shift)
    _join_metadata(model, tail)
    model.buffers = [*model.buffers, *tail.buffers]
    model.subgraphs, model.signatureDefs = [head_graph], []
    return pack(model)


def _check_fit(head: Any, tail: Any) -> None:
    given, taken = head.tensors[head.outputs[0]], tail.tensors[tail.inputs[0]]
    if tuple(given.shape) != tuple(taken.shape):
        raise ConversionError(
            f"The front end gives maps of shape {tuple(given.shape[1:])} and the network takes "
            f"{tuple(taken.shape[1:])}; use the front end that it was trained with."
        )


def _bridge(model: Any, head: Any, tail: Any, shift: int) -> list[Any]:
    """A QUANTIZE operator from the maps to the network's input; nothing where that takes float32 itself."""
    given, taken = int(head.outputs[0]), int(tail.inputs[0]) + shift
    kind = tail.tensors[tail.inputs[0]].type
    if kind == schema.TensorType.FLOAT32:
        for op in tail.operators:
            op.inputs = np.where(op.inputs == taken, given, op.inputs).astype(np.int32)
        return []
    code, op = schema.OperatorCodeT(), schema.OperatorT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.QUANTIZE
    code.version = 2 if kind == schema.TensorType.INT16 else 1
    op.opcodeIndex = _add_code(model, code)
    op.inputs, op.outputs = np.array([given], np.int32), np.array([taken], np.int32)
    op.builtinOptionsType, op.builtinOptions = schema.BuiltinOptions.QuantizeOptions, schema.QuantizeOptionsT()
    return [op]


def _add_code(model: Any, code: Any) -> int:
    """Index of an operator code in the model; it is added where it is missing."""
    keys = [_code_key(known) for known in model.operatorCodes]
    if _code_key(code) not in keys:
        model.operatorCodes = [*model.operatorCodes, code]
        return len(keys)
    return keys.index(_code_key(code))


def _code_key(code: Any) -> tuple[Any, ...]:
    return code.builtinCode, code.deprecatedBuiltinCode, code.version, code.customCode


def _shifted(indices: Any, shift: int) -> np.ndarray:
    """Tensor indices moved up; -1, an input left out, stays."""
    values = np.asarray(indices, np.int32)
    return np.where(values >= 0, values + shift, values).astype(np.int32)


def _join_metadata(model: Any, tail: Any) -> None:
    """Keep one entry: the newer of the runtime versions that both files ask for."""
    versions = [text for part in (model, tail) if (text := _runtime_version(part))]
    entry, buffer = schema.MetadataT(), schema.BufferT()
    entry.name, entry.buffer = RUNTIME_ENTRY, len(model.buffers) + len(tail.buffers)
    newest = max(versions, key=lambda text: [int(number) for number in text.split(".")], default="")
    buffer.data = list(newest.encode().ljust(16, b"\0"))
    model.metadata, tail.buffers = [entry], [*tail.buffers, buffer]


def _runtime_version(model: Any) -> str:
    for entry in model.metadata or []:
        if entry.name in (RUNTIME_ENTRY, RUNTIME_ENTRY.encode()):
            return bytes(model.buffers[entry.buffer].data).rstrip(b"\0").decode()
    return ""
