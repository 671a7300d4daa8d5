"""A network's operations put together to a plan."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tfkws.training.native.maps import Map, Margins, Shape
from tfkws.training.native.operations.convolution import Convolution
from tfkws.training.native.operations.dropout import Dropout
from tfkws.training.native.operations.elementwise import Activation, Sum
from tfkws.training.native.operations.movement import Mean, Movement
from tfkws.training.native.operations.normalisation import Normalisation
from tfkws.training.native.plan import Plan

Operation = Convolution | Normalisation | Sum | Activation | Mean | Movement | Dropout


def margins(operations: Iterable[Operation], shapes: dict[int, Shape]) -> tuple[dict[int, Margins], dict[int, Margins]]:
    """Return the margins of maps, and those of gradients, by tensor; those that need none are left out."""
    of_maps: dict[int, Margins] = {}
    of_gradients: dict[int, Margins] = {}
    for one in operations:
        if isinstance(one, Convolution):
            sizes = (shapes[one.read], shapes[one.written])
            of_maps[one.read] = of_maps.get(one.read, Margins()).joined(one.window.input_margins(*sizes))
            of_gradients[one.written] = one.window.gradient_margins(*sizes)
    return of_maps, of_gradients


def put_together(operations: Sequence[Operation], shapes: dict[int, Shape], trainable: set[int], plan: Plan) -> None:
    """Allocate maps and gradients, and write down all calls.

    Args:
        trainable: ids of the tensors whose gradient is needed.
        plan: still empty.
    """
    of_maps, of_gradients = margins(operations, shapes)
    for tensor, shape in shapes.items():
        plan.maps[tensor] = Map(shape, plan.clips, of_maps.get(tensor, Margins()))
        if tensor in trainable:
            plan.gradients[tensor] = Map(shape, plan.clips, of_gradients.get(tensor, Margins()))
    _share_gradients(operations, plan, set(of_gradients))
    for one in operations:
        one.forwards(plan)
    for one in reversed(operations):
        if one.written in trainable:
            one.backwards(plan)


def _share_gradients(operations: Sequence[Operation], plan: Plan, with_margins: set[int]) -> None:
    """Let what is only added up use the sum's gradient as its own."""
    readers = Counter(tensor for one in operations for tensor in reads(one))
    for one in reversed(operations):
        if isinstance(one, Sum) and one.written in plan.gradients:
            for tensor in one.read:
                is_alone = readers[tensor] == 1 and tensor not in with_margins
                if is_alone and tensor in plan.gradients and plan.maps[tensor].shape == plan.maps[one.written].shape:
                    plan.gradients[tensor] = plan.gradients[one.written]


def reads(operation: Operation) -> tuple[int, ...]:
    """Return the ids of the tensors that an operation reads."""
    return operation.read if isinstance(operation.read, tuple) else (operation.read,)
