"""A file as TensorFlow Lite Micro must be given it: without tensors that no operator reads or writes, and in one piece.

Quantisation leaves tensors behind that nothing uses, and large constants may lie behind the flatbuffer. Other runtimes
pass over the first and find the second. TensorFlow Lite Micro reserves memory for every tensor whose values it does not
see: for unused maps, all at once, and for such constants, with which it then computes whatever lies there.
"""

from typing import Any

import numpy as np

from tfkws.tflite.file.tflite_file import TfliteFile


def compacted(file: TfliteFile) -> TfliteFile:
    """Return the file without unused tensors, buffers and metadata, its constants inside the flatbuffer.

    Operators and answers stay; the same file gives the same bytes.

    Raises:
        TfliteFileError: it is damaged.
    """
    editor = file.edit()
    model = editor.model
    for part in model.subgraphs:
        _renumber(part, _numbers(part))
    model.metadata, model.signatureDefs = [], []
    _drop_buffers(model)
    return TfliteFile(editor.pack().content, file.name)


def _numbers(part: Any) -> dict[int, int]:
    """Return the new number of each tensor of a subgraph that is used, by its old one."""
    used = {int(index) for outlets in (part.inputs, part.outputs) for index in _listed(outlets)}
    for operator in part.operators or []:
        for indices in (operator.inputs, operator.outputs, operator.intermediates):
            used |= {int(index) for index in _listed(indices)}
    return {old: new for new, old in enumerate(sorted(used - {-1}))}


def _renumber(part: Any, number: dict[int, int]) -> None:
    part.tensors = [part.tensors[old] for old in number]
    part.inputs, part.outputs = _changed(part.inputs, number), _changed(part.outputs, number)
    for operator in part.operators or []:
        operator.inputs, operator.outputs = _changed(operator.inputs, number), _changed(operator.outputs, number)
        if operator.intermediates is not None:
            operator.intermediates = _changed(operator.intermediates, number)


def _changed(indices: Any, number: dict[int, int]) -> np.ndarray:
    return np.array([number.get(int(index), -1) for index in _listed(indices)], np.int32)


def _listed(indices: Any) -> Any:
    return [] if indices is None else indices


def _drop_buffers(model: Any) -> None:
    """Drop buffers that no tensor names; the first, empty by convention, stays."""
    tensors = [tensor for part in model.subgraphs for tensor in part.tensors]
    number = {old: new for new, old in enumerate(sorted({0, *(tensor.buffer for tensor in tensors)}))}
    model.buffers = [model.buffers[old] for old in number]
    model.metadataBuffer = []
    for tensor in tensors:
        tensor.buffer = number[tensor.buffer]
