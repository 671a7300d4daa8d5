"""How far each operator of a quantised network is from the float network, and which is the first bad one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfkws.graphs.operator_kinds import operator_kind
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp, TfliteTensor
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import TfliteModel, open_model

EXAMPLES = 16
GOOD_SNR_DB = 30.0
LOSS_DB = 6.0
EXACT_DB = 120.0
INPUT = "INPUT"  # in place of an operator, for the row of the network's input


@dataclass(frozen=True)
class LayerError:
    """One operator of the quantised network against the same one of the float network.

    Attributes:
        snr_db: power of the float output over power of the difference; high is good, 0 is as much error as
            signal.
        input_snr_db: the same of the worst value that it reads; what is missing below that is this operator's
            own.
        cosine: similarity of both outputs, -1..1.
        clipped: share of the float output outside of the quantised one's range; a range too narrow shows
            here.
    """

    index: int
    opcode: str
    name: str
    snr_db: float
    input_snr_db: float
    cosine: float
    clipped: float

    @property
    def loss_db(self) -> float:
        """What this operator loses, in dB.

        Inputs better than 30 dB count as 30, which int8 reaches where ranges fit.
        """
        return min(self.input_snr_db, GOOD_SNR_DB) - self.snr_db

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def layer_errors(
    reference: TfliteFile, candidate: TfliteFile, examples: np.ndarray, count: int = EXAMPLES
) -> tuple[LayerError, ...]:
    """Compare the outputs of all operators that both files have, in execution order.

    Args:
        reference: the float32 file (recipe `none`) of the same model.
        candidate: the quantised file.
        examples: float32 (n, ...).
        count: how many of them are used.

    Returns:
        A row for the input where that is quantised, then the operators that could be paired: same kind, same
        output shape, in the same order.

    Raises:
        TfliteFileError: a file is damaged.
    """
    pairs = pair_operators(reference.graph, candidate.graph)
    models = [
        open_model(file, kernels="builtin", load_check=False, keep_tensors=True) for file in (reference, candidate)
    ]
    used = examples[:count]
    sides = [_outputs(model, [pair[side] for pair in pairs], used) for side, model in enumerate(models)]
    graph = models[1].graph
    rows = _input_row(graph, used)
    quality = _Quality(graph, rows[0].snr_db if rows else EXACT_DB)
    for (_, op), float_values, stored in zip(pairs, *sides, strict=True):
        row = _row(graph, op, float_values, stored, quality.of_inputs(op))
        quality.known[op.outputs[0]] = row.snr_db
        rows.append(row)
    return tuple(rows)


def first_bad(errors: Sequence[LayerError]) -> LayerError | None:
    """The first operator that loses more than 6 dB against what it reads, or else the one that loses most.

    None without rows.
    """
    large = [error for error in errors if error.loss_db > LOSS_DB]
    return large[0] if large else max(errors, key=lambda error: error.loss_db, default=None)


def pair_operators(reference: TfliteGraph, candidate: TfliteGraph) -> list[tuple[TfliteOp, TfliteOp]]:
    """Pair operators of the same kind and output shape in order; what a quantiser adds or takes away is passed over."""
    pairs = []
    position = 0
    others = [op for op in reference.ops if op.outputs and not operator_kind(op.opcode).keeps_values]
    for op in (op for op in candidate.ops if op.outputs):
        key = _key(candidate, op)
        match = next((i for i in range(position, len(others)) if _key(reference, others[i]) == key), None)
        if not operator_kind(op.opcode).keeps_values and match is not None:
            pairs.append((others[match], op))
            position = match + 1
    return pairs


def signal_to_noise_db(reference: np.ndarray, candidate: np.ndarray) -> float:
    """Return 10 log10 of signal power over error power, in dB.

    It is limited to -120..120; equal arrays have 120.
    """
    signal, noise = float(np.square(reference).sum()), float(np.square(candidate - reference).sum())
    if noise == 0:
        return EXACT_DB
    return float(np.clip(10 * np.log10(max(signal, 1e-30) / noise), -EXACT_DB, EXACT_DB))


def _key(graph: TfliteGraph, op: TfliteOp) -> tuple[str, tuple[int, ...]]:
    return op.opcode, graph.tensors[op.outputs[0]].shape


def _outputs(model: TfliteModel, ops: Sequence[TfliteOp], examples: np.ndarray) -> list[np.ndarray]:
    """Stored outputs of operators for all examples, each (n, ...)."""
    stored = model.input_quantization.store(examples)
    collected: list[list[np.ndarray]] = [[] for _ in ops]
    for example in stored:
        model.set_stored_input(example[None])
        model.invoke()
        for values, op in zip(collected, ops, strict=True):
            values.append(model.tensor(op.outputs[0]).copy())
    return [np.concatenate(values) for values in collected]


class _Quality:
    """Signal to noise of every value of the quantised network that is known so far, by tensor index."""

    def __init__(self, graph: TfliteGraph, input_snr_db: float) -> None:
        self.makers = {output: op for op in graph.ops for output in op.outputs}
        self.known = {graph.inputs[0]: input_snr_db}

    def of_inputs(self, op: TfliteOp) -> float:
        """The worst of what an operator reads; what only changes type or shape is looked through."""
        found = [self.of(i) for i in op.inputs]
        return min((snr for snr in found if snr is not None), default=EXACT_DB)

    def of(self, tensor: int) -> float | None:
        """That of one value; None of a constant and of what no pair was found for."""
        maker = self.makers.get(tensor)
        if tensor not in self.known and maker is not None and operator_kind(maker.opcode).keeps_values:
            return self.of(maker.inputs[0])
        return self.known.get(tensor)


def _input_row(graph: TfliteGraph, examples: np.ndarray) -> list[LayerError]:
    """Return the row for the stored inputs; none where they stay float32."""
    tensor = graph.tensors[graph.inputs[0]]
    if not tensor.scales:
        return []
    return [_compared(-1, INPUT, "input", tensor, examples, _store(tensor, examples), EXACT_DB)]


def _row(
    graph: TfliteGraph, op: TfliteOp, reference: np.ndarray, stored: np.ndarray, input_snr_db: float
) -> LayerError:
    tensor = graph.tensors[op.outputs[0]]
    return _compared(op.index, op.opcode, graph.layer_name(op), tensor, reference, stored, input_snr_db)


def _compared(
    index: int,
    opcode: str,
    name: str,
    tensor: TfliteTensor,
    reference: np.ndarray,
    stored: np.ndarray,
    input_snr_db: float,
) -> LayerError:
    real = restore(tensor, stored)
    lengths = float(np.linalg.norm(reference) * np.linalg.norm(real))
    return LayerError(
        index=index,
        opcode=opcode,
        name=name,
        snr_db=signal_to_noise_db(reference, real),
        input_snr_db=input_snr_db,
        cosine=float(np.vdot(reference, real)) / lengths if lengths else 0.0,
        clipped=_clipped(tensor, reference),
    )


def restore(tensor: TfliteTensor, stored: np.ndarray) -> np.ndarray:
    """Return the real values of what a tensor stores, float64.

    It has one scale, or one for each index of its quantised dimension.
    """
    if not tensor.scales:
        return stored.astype(np.float64)
    shape = [1] * stored.ndim
    if len(tensor.scales) > 1:
        shape[tensor.quantized_dimension] = -1
    scales, zero_points = (np.reshape(values, shape) for values in (tensor.scales, tensor.zero_points or (0,)))
    return (stored.astype(np.float64) - zero_points) * scales


def _store(tensor: TfliteTensor, real: np.ndarray) -> np.ndarray:
    low, high = _limits(tensor)
    zero_point = tensor.zero_points[0] if tensor.zero_points else 0
    return np.clip(np.round(real / tensor.scales[0]) + zero_point, low, high)


def _clipped(tensor: TfliteTensor, reference: np.ndarray) -> float:
    """Share of values that lie more than half a step outside of the range."""
    if not tensor.scales:
        return 0.0
    low, high = restore(tensor, np.asarray(_limits(tensor)))
    half = tensor.scales[0] / 2
    return float(((reference < low - half) | (reference > high + half)).mean())


def _limits(tensor: TfliteTensor) -> tuple[int, int]:
    info = np.iinfo(tensor.dtype)
    return int(info.min), int(info.max)
