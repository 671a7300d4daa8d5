"""One range for everything that a stream's state passes through, so that handing it on never rounds it again.

What is kept goes in, is joined with what is new, cut, and comes out. With one scale on all of that way a value is
rounded once, when it is made, and stays the same for as long as it is kept.
"""

from tfkws.errors import ConversionError
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp
from tfkws.tflite.quantize.ranges import Ranges

# What only moves values: input and output must store them alike.
MOVING = ("CONCATENATION", "STRIDED_SLICE", "SLICE", "PAD", "RESHAPE", "TRANSPOSE")


def with_state_ranges(graph: TfliteGraph, ranges: Ranges) -> Ranges:
    """Give all tensors that only move values to or from a state one range, the widest of them; others stay.

    Args:
        ranges: (low, high) in float by tensor name; those of a network without states are returned as they
            are.
    """
    states = set(graph.inputs[1:])
    tied = [group for group in _groups(graph) if group & states]
    widened = dict(ranges)
    for group in tied:
        names = [graph.tensors[tensor].name for tensor in group if graph.tensors[tensor].name in ranges]
        low, high = min(ranges[name][0] for name in names), max(ranges[name][1] for name in names)
        widened |= {name: (low, high) for name in names}
    return widened


def with_input_range(graph: TfliteGraph, ranges: Ranges, limits: tuple[float, float] | None) -> Ranges:
    """Give the first input, and all that only moves its values, a range that its front end fixes; others stay.

    Args:
        ranges: (low, high) in float by tensor name.
        limits: the range; None where the front end fixes none.
    """
    if limits is None:
        return ranges
    fed = graph.inputs[0]
    tied = next((group for group in _groups(graph) if fed in group), {fed})
    names = {graph.tensors[tensor].name for tensor in tied}
    return {name: limits if name in names else measured for name, measured in ranges.items()}


def check_states(graph: TfliteGraph) -> None:
    """Refuse a quantised file in which a state does not come out as it goes in.

    Raises:
        ConversionError: the message names the state.
    """
    for taken, given in zip(graph.inputs[1:], graph.outputs[1:], strict=True):
        state, renewed = graph.tensors[taken], graph.tensors[given]
        if (state.dtype, state.scales, state.zero_points) != (renewed.dtype, renewed.scales, renewed.zero_points):
            raise ConversionError(
                f"{state.name} would be rounded again at every step, because it goes in and comes out with different "
                "scales; use a recipe without quantised values between operators, such as float16."
            )


def _groups(graph: TfliteGraph) -> list[set[int]]:
    """Values that moving alone ties together, as sets of tensors."""
    groups: list[set[int]] = []
    for op in graph.ops:
        if op.opcode not in MOVING:
            continue
        joined = _values(graph, op)
        apart = [group for group in groups if not group & joined]
        groups = [*apart, joined.union(*(group for group in groups if group & joined))]
    return groups


def _values(graph: TfliteGraph, op: TfliteOp) -> set[int]:
    """What an operator moves, without the constants that say how."""
    return {tensor for tensor in op.tensors if not graph.is_constant(tensor)}
