"""How often a WHILE of a .tflite file runs, where its condition counts up to a number that is in the file.

A converter writes a recurrent layer as a WHILE: `while i < 12 and step < 12`, `i = i + 1`, from 0. The number of passes
is then known. Any other loop may run any number of times.
"""

from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp


def passes(op: TfliteOp, graph: TfliteGraph, whole: TfliteGraph) -> int | None:
    """Return how often the body of a WHILE runs, an int; None where it cannot be told from the file.

    Args:
        graph: the subgraph that holds the operator.
        whole: the main subgraph, which knows the others.
    """
    condition, body = (whole.subgraph(number) for number in op.subgraphs)
    sizes = {len(op.inputs), len(condition.inputs), len(body.inputs), len(body.outputs)}
    if len(condition.outputs) != 1 or len(sizes) != 1:
        return None
    loop = _Loop(op, graph, condition, body)
    counted = [loop.passes_below(bound) for bound in loop.bounds(condition.outputs[0])]
    known = [number for number in counted if number is not None]
    return min(known) if known and len(known) == len(counted) else None


class _Loop:
    """A WHILE with its condition and its body."""

    def __init__(self, op: TfliteOp, graph: TfliteGraph, condition: TfliteGraph, body: TfliteGraph) -> None:
        self.op, self.graph, self.condition, self.body = op, graph, condition, body

    def bounds(self, tensor: int) -> list[TfliteOp | None]:
        """Comparisons that must all hold for another pass; None stands for something else."""
        found: list[TfliteOp | None] = []
        tensors = [tensor]
        for one in tensors:
            writer = _writer(self.condition, one)
            if writer is not None and writer.opcode == "LOGICAL_AND":
                tensors += dict.fromkeys(read for read in writer.inputs if read not in tensors)
            else:
                found.append(writer if writer is not None and writer.opcode == "LESS" else None)
        return found

    def passes_below(self, bound: TfliteOp | None) -> int | None:
        """Passes until a counter reaches its bound; None where it is none, or where a number is not in the file."""
        if bound is None or len(bound.inputs) != 2 or bound.inputs[0] not in self.condition.inputs:
            return None
        slot = self.condition.inputs.index(bound.inputs[0])
        first, step = _integer(self.graph, self.op.inputs[slot]), self.step(slot)
        last = self.limit(bound.inputs[1])
        if first is None or last is None or step is None or step <= 0:
            return None
        return max(0, -(-(last - first) // step))

    def limit(self, tensor: int) -> int | None:
        """The bound: a constant of the condition, or a value that every pass leaves as it was at the start."""
        if tensor not in self.condition.inputs:
            return _integer(self.condition, tensor)
        slot = self.condition.inputs.index(tensor)
        kept = self.body.outputs[slot] == self.body.inputs[slot]
        return _integer(self.graph, self.op.inputs[slot]) if kept else None

    def step(self, slot: int) -> int | None:
        """What a pass adds to the value in this place."""
        writer = _writer(self.body, self.body.outputs[slot])
        if writer is None or writer.opcode != "ADD" or self.body.inputs[slot] not in writer.inputs:
            return None
        others = [read for read in writer.inputs if read != self.body.inputs[slot]]
        return _integer(self.body, others[0]) if len(others) == 1 else None


def _writer(graph: TfliteGraph, tensor: int) -> TfliteOp | None:
    return next((op for op in graph.ops if tensor in op.outputs), None)


def _integer(graph: TfliteGraph, tensor: int) -> int | None:
    """The value of a constant of one integer."""
    values = graph.tensors[tensor].integers if tensor >= 0 else ()
    return values[0] if len(values) == 1 else None
