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
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.tflite_file import ModelEditor, TfliteFile, operator_code
from tfkws.tflite.recipes import RECIPES

AUDIO_NAME = "audio"
RUNTIME_ENTRY = "min_runtime_version"


def whole_detector(network: TfliteFile, features: FeatureConfig) -> TfliteFile:
    """Put a front end before a converted network: float32 (1, samples) in -1..1 -> the network's own outputs.

    Raises:
        ConversionError: the network does not take the front end's maps.
        TfliteFileError: the network's file is damaged.
    """
    return join(front_end_file(features), network)


@lru_cache(maxsize=4)
def front_end_file(features: FeatureConfig) -> TfliteFile:
    """Return the front end alone as a .tflite file of built-in operators, float32."""
    import keras

    from tfkws.features.layer import FrontEnd

    audio = keras.Input((features.clip_samples,))
    return convert(keras.Model(audio, FrontEnd(features, name="front_end")(audio), name="front_end"), RECIPES["none"])


def join(first: TfliteFile, second: TfliteFile) -> TfliteFile:
    """Feed the float32 output of one file into the input of another.

    Raises:
        ConversionError: the shapes differ.
        TfliteFileError: a file is damaged.
    """
    _check_fit(first.graph, second.graph)
    head, tail = first.edit(), second.edit()
    shift, codes = len(head.main.tensors), [head.operator_code(code) for code in tail.model.operatorCodes]
    for tensor in tail.main.tensors:
        tensor.buffer += len(head.model.buffers)
    for op in tail.main.operators:
        op.opcodeIndex = codes[op.opcodeIndex]
        op.inputs, op.outputs = _shifted(op.inputs, shift), _shifted(op.outputs, shift)
    bridge = _bridge(head, tail, shift)
    head.main.operators = [*head.main.operators, *bridge, *tail.main.operators]
    head.main.tensors = [*head.main.tensors, *tail.main.tensors]
    head.main.tensors[head.main.inputs[0]].name = AUDIO_NAME
    head.main.outputs = _shifted(tail.main.outputs, shift)
    version = _newest_runtime_version(head.model, tail.model)
    head.model.buffers = [*head.model.buffers, *tail.model.buffers]
    head.model.metadata = []
    head.set_metadata(RUNTIME_ENTRY, version.encode().ljust(16, b"\0"))
    head.model.subgraphs, head.model.signatureDefs = [head.main], []
    return head.pack()


def _check_fit(head: TfliteGraph, tail: TfliteGraph) -> None:
    given, taken = head.output.shape, tail.input.shape
    if given != taken:
        raise ConversionError(
            f"The front end gives maps of shape {given[1:]} and the network takes {taken[1:]}; "
            "use the front end that it was trained with."
        )


def _bridge(head: ModelEditor, tail: ModelEditor, shift: int) -> list[Any]:
    """Return a QUANTIZE operator from the maps to the network's input; nothing where that takes float32 itself."""
    given, taken = int(head.main.outputs[0]), int(tail.main.inputs[0]) + shift
    number_type = tail.graph.input.dtype
    if number_type == "float32":
        for op in tail.main.operators:
            op.inputs = np.where(op.inputs == taken, given, op.inputs).astype(np.int32)
        return []
    op = schema.OperatorT()
    op.opcodeIndex = head.operator_code(
        operator_code(schema.BuiltinOperator.QUANTIZE, version=2 if number_type == "int16" else 1)
    )
    op.inputs, op.outputs = np.array([given], np.int32), np.array([taken], np.int32)
    op.builtinOptionsType, op.builtinOptions = schema.BuiltinOptions.QuantizeOptions, schema.QuantizeOptionsT()
    return [op]


def _shifted(indices: Any, shift: int) -> np.ndarray:
    """Move tensor indices up; -1, an input left out, stays."""
    values = np.asarray(indices, np.int32)
    return np.where(values >= 0, values + shift, values).astype(np.int32)


def _newest_runtime_version(*models: Any) -> str:
    """Return the newer of the runtime versions that both files ask for; empty where neither does."""
    versions = [text for model in models if (text := _runtime_version(model))]
    return max(versions, key=lambda text: [int(number) for number in text.split(".")], default="")


def _runtime_version(model: Any) -> str:
    for entry in model.metadata or []:
        if entry.name in (RUNTIME_ENTRY, RUNTIME_ENTRY.encode()):
            return bytes(model.buffers[entry.buffer].data).rstrip(b"\0").decode()
    return ""
