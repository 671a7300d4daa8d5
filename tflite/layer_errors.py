"""How far each operator of a quantised network is from the float network, and which is the first bad one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfkws.cost.tflite_graph import TfliteGraph, TfliteOp, TfliteTensor, read_graph
from tfkws.cost.tflite_names import layer_name
from tfkws.tflite.interpreter import TfliteModel, open_model

EXAMPLES = 16
GOOD_SNR_DB = 30.0
LOSS_DB = 6.0
FOLDED = ("DEQUANTIZE", "QUANTIZE", "RESHAPE")


@dataclass(frozen=True)
class LayerError:
    """One operator of the quantised network against the same one of the float network.

    Attributes:
        snr_db: power of the float output over power of the difference; high is good, 0 is as much error as signal.
        cosine: similarity of both outputs, -1..1.
        saturated: share of the quantised output at the top of its range; a range too narrow shows here.
    """

    index: int
    opcode: str
    name: str
    snr_db: float
    cosine: float
    saturated: float

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def layer_errors(reference: bytes, candidate: bytes, examples: np.ndarray) -> tuple[LayerError, ...]:
    """Compare the outputs of all operators that both files have, in execution order.

    Args:
        reference: the float32 file (recipe `none`) of the same model.
        candidate: the quantised file.
        examples: float32 (n, ...); the first 16 are used.

    Returns:
        Rows of the operators that could be paired: same kind, same output shape, in the same order.

    Raises:
        TfliteFileError: a file is damaged.
    """
    pairs = pair_operators(read_graph(reference), read_graph(candidate))
    models = [
        open_model(content, kernels="builtin", trial=False, keep_tensors=True) for content in (reference, candidate)
    ]
    graph = models[1].graph
    sides = [_outputs(model, [pair[side] for pair in pairs], examples[:EXAMPLES]) for side, model in enumerate(models)]
    return tuple(
        _row(graph, op, float_values, stored) for (_, op), float_values, stored in zip(pairs, *sides, strict=True)
    )


def first_bad(errors: Sequence[LayerError]) -> LayerError | None:
    """The first operator that loses more than 6 dB against the one before, or else the one that loses most.

    The first operator is held against 30 dB, what int8 reaches with ranges that fit. None without rows.
    """
    before = [GOOD_SNR_DB, *(error.snr_db for error in errors)]
    losses = [earlier - error.snr_db for earlier, error in zip(before, errors, strict=False)]
    large = [error for loss, error in zip(losses, errors, strict=True) if loss > LOSS_DB]
    return large[0] if large else max(zip(losses, errors, strict=True), key=lambda pair: pair[0], default=(0, None))[1]


def pair_operators(reference: TfliteGraph, candidate: TfliteGraph) -> list[tuple[TfliteOp, TfliteOp]]:
    """Pair operators of the same kind and output shape in order; what a quantiser adds or takes away is passed over."""
    pairs = []
    position = 0
    others = [op for op in reference.ops if op.opcode not in FOLDED]
    for op in candidate.ops:
        key = _key(candidate, op)
        match = next((i for i in range(position, len(others)) if _key(reference, others[i]) == key), None)
        if op.opcode not in FOLDED and match is not None:
            pairs.append((others[match], op))
            position = match + 1
    return pairs


def signal_to_noise_db(reference: np.ndarray, candidate: np.ndarray) -> float:
    """10 log10 of signal power over error power; limited to 120, which equal arrays have."""
    signal, noise = float(np.square(reference).sum()), float(np.square(candidate - reference).sum())
    if noise == 0:
        return 120.0
    return float(np.clip(10 * np.log10(max(signal, 1e-30) / noise), -120, 120))


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


def _row(graph: TfliteGraph, op: TfliteOp, reference: np.ndarray, stored: np.ndarray) -> LayerError:
    tensor = graph.tensors[op.outputs[0]]
    real = _restore(tensor, stored)
    lengths = float(np.linalg.norm(reference) * np.linalg.norm(real))
    return LayerError(
        index=op.index,
        opcode=op.opcode,
        name=layer_name(tensor.name, op.opcode),
        snr_db=signal_to_noise_db(reference, real),
        cosine=float(np.vdot(reference, real)) / lengths if lengths else 0.0,
        saturated=_saturated(stored),
    )


def _restore(tensor: TfliteTensor, stored: np.ndarray) -> np.ndarray:
    if not tensor.scales:
        return stored.astype(np.float64)
    zero_point = tensor.zero_points[0] if tensor.zero_points else 0
    return (stored.astype(np.float64) - zero_point) * tensor.scales[0]


def _saturated(stored: np.ndarray) -> float:
    if not np.issubdtype(stored.dtype, np.integer):
        return 0.0
    return float((stored == np.iinfo(stored.dtype).max).mean())
