"""The first operators of a model as a model of their own; `tfkws.tflite.profile.on_gpu` times them."""

import numpy as np

from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.tflite.file.tflite_file import TfliteFile


def prefix_ends(graph: TfliteGraph, most: int) -> tuple[int, ...]:
    """Return at which operators prefixes end, in order: at every one that runs, or evenly at `most` of them.

    The last that runs is always one.

    Args:
        most: at least 1.

    Example:
        >>> from tfkws.tflite.file.small_models import chain
        >>> graph = TfliteFile(chain(9)).graph
        >>> prefix_ends(graph, 20), prefix_ends(graph, 3)
        ((0, 1, 2, 3, 4, 5, 6, 7, 8), (2, 5, 8))
    """
    ops = [op.index for op in graph.computing_ops()]
    count = min(most, len(ops))
    return tuple(ops[(number + 1) * len(ops) // count - 1] for number in range(count))


def prefix(file: TfliteFile, last: int) -> bytes:
    """Cut a model off behind an operator.

    What no operator that is kept reads becomes an output: the last operator's, and those of branches that the rest
    of the model would join. So every operator up to the last one runs.

    Args:
        last: index of the operator, of those that run at each inference.

    Raises:
        TfliteFileError: the file is damaged.
    """
    graph, editor = file.graph, file.edit()
    kept = _kept(graph, last)
    read = {tensor for index in kept for tensor in graph.ops[index].inputs}
    written = [tensor for index in kept for tensor in graph.ops[index].outputs if tensor >= 0]
    editor.main.operators = [editor.main.operators[index] for index in kept]
    editor.main.inputs = np.array([tensor for tensor in graph.inputs if tensor in read], np.int32)
    ends = [tensor for tensor in written if tensor not in read or tensor in graph.outputs]
    editor.main.outputs = np.array(ends, np.int32)
    editor.model.signatureDefs, editor.model.metadata, editor.model.metadataBuffer = [], [], []
    return editor.pack().content


def _kept(graph: TfliteGraph, last: int) -> list[int]:
    """All that runs up to the last one, and what on constants alone it reads, as unpacked weights."""
    running = {op.index for op in graph.computing_ops() if op.index <= last}
    needed = {tensor for index in running for tensor in graph.ops[index].inputs}
    kept = set(running)
    for op in reversed(graph.ops):
        if op.index not in running and op.index <= last and needed & set(op.outputs):
            kept.add(op.index)
            needed |= set(op.inputs)
    return sorted(kept)
