"""What counting returns: one row a layer or operator; totals are sums of rows and never stored."""

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from tfkws.graphs.layer_kinds import LayerClass


@dataclass(frozen=True)
class Counted:
    """What a counting rule finds for one layer or operator.

    Attributes:
        layer_class: as in `CostRow`.
        macs: MACs of one example; None where they are unknown.
        fpops_eq1: operations of one example by Equation 1 of paper B.
        zero_reason: why `macs` is zero by declaration; empty where it was computed.
        note: as in `CostRow`.
    """

    layer_class: LayerClass
    macs: int | None = 0
    fpops_eq1: int = 0
    zero_reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class CostRow:
    """Cost of one layer or operator for one example.

    Attributes:
        name: of the Keras layer, or of the operator's output tensor.
        layer_class: "Activation" is ReLU and its kin, softmax and logarithm; "Elementwise" adds and
            multiplies maps; "DataMovement" reshapes, joins, pads and transposes; "Transform" is a Fourier
            transform; "ControlFlow" runs other parts of a file; "State" keeps values; "Unknown" has no rule.
        output_shape: without the batch.
        params: trainable parameters (batch norm: scale and shift); of an operator, its constants.
        macs: MACs (multiply-accumulates) of convolutions, dense layers, recurrent layers, products of matrices
            and Fourier transforms; None where there is no counting rule.
        fpops_eq1: operations of convolutions by Equation 1 of paper B.
        weight_bytes: bytes of everything stored for it, running statistics too.
        zero_reason: why `macs` is zero by declaration; empty where it was computed.
        note: what else is to be known of `macs`: why they are unknown, or how often a loop was counted.
    """

    name: str
    layer_class: LayerClass
    output_shape: tuple[int, ...]
    params: int = 0
    macs: int | None = 0
    fpops_eq1: int = 0
    weight_bytes: int = 0
    zero_reason: str = ""
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; "note" is left out where there is none."""
        return without_empty(asdict(self), "note")


@dataclass(frozen=True)
class Footprint:
    """Bytes (int) of a `.tflite` and of its arena.

    Attributes:
        arena_bytes: for activations alone as `tfkws.cost.activation_memory` plans it; or all that TensorFlow Lite
            Micro asked for.
        structures_bytes: of the arena, for what an interpreter keeps besides the activations.
    """

    file_bytes: int
    arena_bytes: int
    structures_bytes: int = 0

    @property
    def file_kib(self) -> float:
        """Size of the file in KiB."""
        return self.file_bytes / 1024

    @property
    def arena_kib(self) -> float:
        """Size of the arena in KiB."""
        return self.arena_bytes / 1024

    def with_added(self, added_bytes: int) -> "Footprint":
        """Return that of the file with so much put into it."""
        return replace(self, file_bytes=self.file_bytes + added_bytes)


@dataclass(frozen=True)
class ClassTotal:
    """Sum over the rows of one layer class.

    Attributes:
        layers: number of rows.
        params: trainable parameters; of a file, its constants.
        macs: MACs of one example, without those of rows whose MACs are unknown.
    """

    layer_class: LayerClass
    layers: int
    params: int
    macs: int


@dataclass(frozen=True)
class CostReport:
    """Cost of one network for one example.

    Attributes:
        name: of the model or file.
        source: what was walked.
        input_shape: without the batch.
        rows: in execution order.
        peak_activation_bytes: most bytes of activations alive at once; a lower bound, see docs/counting.md.
        assumptions: what was taken for granted of the whole, such as the length of an open axis; sentences.
    """

    name: str
    source: Literal["keras", "tflite"]
    input_shape: tuple[int, ...]
    rows: tuple[CostRow, ...]
    peak_activation_bytes: int
    assumptions: tuple[str, ...] = ()

    @property
    def params(self) -> int:
        """Trainable parameters."""
        return sum(row.params for row in self.rows)

    @property
    def macs(self) -> int:
        """MACs of all rows that can be counted, for one example; `uncounted` names the others."""
        return sum(row.macs or 0 for row in self.rows)

    @property
    def uncounted(self) -> tuple[str, ...]:
        """Names of the rows without a counting rule."""
        return tuple(row.name for row in self.rows if row.macs is None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known of the counts, each sentence once with how often it holds."""
        counted = Counter(row.note for row in self.rows if row.note)
        found = (note if times == 1 else f"{note} ({times} times)" for note, times in counted.items())
        return (*self.assumptions, *found)

    @property
    def fpops_eq1(self) -> int:
        """Operations (int) of all convolutions by Equation 1 of paper B."""
        return sum(row.fpops_eq1 for row in self.rows)

    @property
    def weight_bytes(self) -> int:
        """All bytes that are stored: weights, biases, constants and running statistics."""
        return sum(row.weight_bytes for row in self.rows)

    def by_class(self) -> tuple[ClassTotal, ...]:
        """Sum the rows of each layer class, in order of first appearance."""
        classes = dict.fromkeys(row.layer_class for row in self.rows)
        return tuple(self.total_of(layer_class) for layer_class in classes)

    def total_of(self, layer_class: LayerClass) -> ClassTotal:
        """Sum the rows of one layer class, MACs among them; zeros where there are none."""
        rows = [row for row in self.rows if row.layer_class == layer_class]
        return ClassTotal(layer_class, len(rows), sum(row.params for row in rows), sum(row.macs or 0 for row in rows))

    def to_dict(self) -> dict[str, Any]:
        """Return totals, class totals and rows as JSON-ready values, sizes in bytes.

        This is the content of `cost.json`. "notes" are left out where there are none.
        """
        values = {
            "name": self.name,
            "source": self.source,
            "input_shape": list(self.input_shape),
            "params": self.params,
            "macs": self.macs,
            "fpops_eq1": self.fpops_eq1,
            "weight_bytes": self.weight_bytes,
            "peak_activation_bytes": self.peak_activation_bytes,
            "by_class": [asdict(total) for total in self.by_class()],
            "rows": [row.to_dict() for row in self.rows],
            "notes": list(self.notes),
        }
        return without_empty(values, "notes")


def without_empty(values: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a dict without the entry of a name, where that is empty."""
    return {key: value for key, value in values.items() if key != name or value}


# THOP, the profiler of paper A, keeps a table from the exact class of a PyTorch layer to a rule and silently counts
# nothing for a class it does not know. The EfficientNet that A used has a convolution class of its own, for "same"
# padding, so all its convolutions, those of squeeze-and-excitation included, were left out: A's two EfficientNet cells
# hold batch norm and dense layers only. In A's other six networks THOP knew every layer with parameters.
THOP_BLIND_FAMILIES = frozenset({"efficientnet"})
NOT_SEEN = "not seen by THOP: it does not know this family's same-padding convolution class"


def as_thop(report: CostReport, family: str) -> CostReport:
    """Return what THOP would have reported for a network of a family.

    Parameters, MACs, operations and bytes of the layers that it does not see are zero, each with the reason.
    """
    if family not in THOP_BLIND_FAMILIES:
        return report
    return replace(report, rows=tuple(map(_seen_by_thop, report.rows)))


def _seen_by_thop(row: CostRow) -> CostRow:
    if row.layer_class not in ("Conv2D", "DepthwiseConv2D"):
        return row
    return replace(row, params=0, macs=0, fpops_eq1=0, weight_bytes=0, zero_reason=NOT_SEEN)
