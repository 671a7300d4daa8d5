"""Sums of maps and activations: each value by itself."""

from dataclasses import dataclass
from typing import Any

from tfkws.training.native.compiler import KERNELS, lanes
from tfkws.training.native.kernels import elementwise as kernels
from tfkws.training.native.maps import Map
from tfkws.training.native.operations.convolving import sum_of_rows
from tfkws.training.native.plan import Plan
from tfkws.training.native.team import Call, call


@dataclass(frozen=True)
class Sum:
    """Maps added up, with the ReLU that follows."""

    read: tuple[int, ...]
    written: int
    activated: bool

    def forwards(self, plan: Plan) -> None:
        """Write y; an input of one row counts for all rows."""
        inputs = [plan.maps[one] for one in self.read]
        name, formula = ("add_relu", kernels.relu) if self.activated else ("add", kernels.add)
        plan.forwards.append(elementwise(name, formula, plan.maps[self.written], *inputs))

    def backwards(self, plan: Plan) -> None:
        """Write or add the gradient by each input."""
        dy, y = plan.gradients[self.written], plan.maps[self.written]
        if self.activated:
            plan.backwards.append(elementwise("relu_gradient", kernels.relu_gradient, dy, dy, y))
        for one in self.read:
            if one in plan.gradients:
                _pass_on(plan, one, dy)


def _pass_on(plan: Plan, tensor: int, gradient: Map) -> None:
    """Add a gradient to a tensor's own, or begin it; nothing is to do where both share their memory."""
    own = plan.gradients[tensor]
    is_first = plan.is_first_gradient(tensor)
    if own is gradient:
        return
    if own.shape.rows < gradient.shape.rows:
        plan.backwards += sum_of_rows(plan, gradient, own, accumulate=not is_first)
    else:
        plan.backwards.append(elementwise("add", kernels.add, own, *([] if is_first else [own]), gradient))


ACTIVATIONS: dict[str, tuple[kernels.Formula, kernels.Formula]] = {
    "relu6": (kernels.relu6, kernels.relu6_gradient),
    "silu": (kernels.silu, kernels.silu_gradient),
    "sigmoid": (kernels.sigmoid, kernels.sigmoid_gradient),
}


@dataclass(frozen=True)
class Activation:
    """An activation whose gradient needs its input; `kind` is one of `ACTIVATIONS`."""

    read: int
    written: int
    kind: str

    def forwards(self, plan: Plan) -> None:
        """Write y."""
        formula, _ = ACTIVATIONS[self.kind]
        plan.forwards.append(elementwise(self.kind, formula, plan.maps[self.written], plan.maps[self.read]))

    def backwards(self, plan: Plan) -> None:
        """Write the gradient by x."""
        dx, dy = plan.gradients[self.read], plan.gradients[self.written]
        plan.must_be_first(self.read, self.kind)
        _, formula = ACTIVATIONS[self.kind]
        plan.backwards.append(elementwise(f"{self.kind}_gradient", formula, dx, dy, plan.maps[self.read]))


def merged_rows(*maps: Map) -> tuple[int, int]:
    """Return rows and floats of a row, as one row where all maps are gapless."""
    n_rows, length = maps[0].shape.rows, maps[0].row_length
    gapless = all(one.is_gapless and one.shape.rows == n_rows for one in maps)
    return (1, length * n_rows) if gapless else (n_rows, length)


def elementwise(name: str, formula: kernels.Formula, output: Map, *inputs: Map) -> Call:
    """Return the call of a formula on maps of one shape."""
    kernel = KERNELS.add(
        f"{name}_{len(inputs)}",
        lambda module, key: kernels.elementwise(module, key, lanes(), len(inputs), formula),
    )
    n_rows, length = merged_rows(output, *inputs)
    places: list[Any] = []
    for one in (output, *inputs):
        is_repeated = one.shape.rows < output.shape.rows
        places += [one.start, one.channel_pitch, 0 if is_repeated else one.row_pitch]
    return call(kernel, output.shape.channels, n_rows, length, *places)
