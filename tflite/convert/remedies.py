"""Remedies for a quantised file that fails the gate, in order of what they cost at run time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tfkws.errors import ConversionError
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.tflite.convert.workbench import ConvertedCandidate, Workbench
from tfkws.tflite.file.allowed_operators import foreign_operators
from tfkws.tflite.quantize.layer_errors import INPUT, LayerError
from tfkws.tflite.recipes import ConversionRecipe

FLOAT_LAYERS = (1, 2, 4, 8)  # how many of the worst layers go to float32 in turn, each with the layers that read it
Remedy = Callable[[ConvertedCandidate], ConversionRecipe]


@dataclass(frozen=True)
class Remedied:
    """Every candidate, in order, and the one to keep: the first that passes the gate, else the best."""

    candidates: tuple[ConvertedCandidate, ...]
    kept: ConvertedCandidate

    def to_dicts(self, gate_points: float) -> list[dict[str, Any]]:
        """Return one JSON-ready row a candidate."""
        return [
            {
                "recipe": candidate.recipe.label,
                "passed": candidate.report.passes(gate_points),
                "accuracy": candidate.report.candidate_accuracy,
                "difference": candidate.report.difference,
                "difference_interval": candidate.report.difference_interval,
                "agreement": candidate.report.agreement,
                "mean_output_error": candidate.report.mean_output_error,
            }
            for candidate in self.candidates
        ]


def convert_with_remedies(
    bench: Workbench,
    recipe: ConversionRecipe,
    gate_points: float,
    allowed_operators: frozenset[str] | None = None,
) -> Remedied:
    """Convert by the recipe as it is, then with one remedy after the other on top of what helped so far.

    What helps is decided by the mean error of the answers, which one clip more or less does not turn.

    Args:
        gate_points: largest loss of validation accuracy beyond noise, in percentage points.
        allowed_operators: files that need others are passed over; None for everything.

    Raises:
        ConversionError: the recipe has no quantised values between operators, or has no form of some
            operator.
    """
    if not recipe.needs_calibration:
        raise ConversionError(f"There is nothing to repair in recipe {recipe.name}; use --repair with int8 or int16x8.")
    best = bench.candidate(recipe)
    candidates = [best]
    for remedy in (*REMEDIES, *(_keep_float(bench.float_file.graph, count) for count in FLOAT_LAYERS)):
        if best.report.passes(gate_points):
            break
        changed = remedy(best)
        if changed in [candidate.recipe for candidate in candidates]:
            continue
        candidate = bench.candidate(changed)
        if foreign_operators(candidate.file, allowed_operators):
            continue
        candidates.append(candidate)
        best = min(best, candidate, key=lambda each: _order(each, gate_points))
    return Remedied(tuple(candidates), best)


def worst_layers(errors: tuple[LayerError, ...]) -> tuple[str, ...]:
    """Return the names of layers by what they lose in dB, the most first, without the input."""
    ordered = sorted(errors, key=lambda error: -error.loss_db)
    return tuple(dict.fromkeys(error.name for error in ordered if error.opcode != INPUT))


def with_readers(graph: TfliteGraph, layer: str) -> tuple[str, ...]:
    """Return a layer and those that read it: the value between them stays float32 only if all do."""
    names = graph.layer_names
    outputs = {output for op in graph.ops if names[op.index] == layer for output in op.outputs}
    readers = (names[op.index] for op in graph.ops if outputs.intersection(op.inputs))
    return tuple(dict.fromkeys((layer, *readers)))


def _order(candidate: ConvertedCandidate, gate_points: float) -> tuple[bool, float]:
    return not candidate.report.passes(gate_points), candidate.report.mean_output_error


REMEDIES: tuple[Remedy, ...] = (
    lambda best: replace(best.recipe, ranges="percentile"),
    lambda best: replace(best.recipe, ranges="mse"),
    lambda best: replace(best.recipe, correct_bias=True),
    lambda best: replace(best.recipe, equalise=True),
)


def _keep_float(graph: TfliteGraph, count: int) -> Remedy:
    """Return the remedy that puts the worst `count` layers that are not there yet, with their readers, into float32."""

    def change(best: ConvertedCandidate) -> ConversionRecipe:
        kept = best.recipe.keep_float
        fresh = [layer for layer in worst_layers(best.errors) if layer not in kept][:count]
        layers = (name for layer in fresh for name in with_readers(graph, layer))
        return replace(best.recipe, keep_float=tuple(dict.fromkeys((*kept, *layers))))

    return change
