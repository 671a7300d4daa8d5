"""When int8 hurts: remedies in order of what they cost at run time, the first file that passes the gate is kept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tfkws.errors import ConversionError
from tfkws.graphs.tflite import TfliteGraph, read_graph
from tfkws.tflite.convert.workbench import Attempt, Workbench
from tfkws.tflite.file.allowed_operators import foreign_operators
from tfkws.tflite.quantize.ai_edge import layer_names
from tfkws.tflite.quantize.layer_errors import INPUT, LayerError
from tfkws.tflite.recipes import Recipe

FLOAT_LAYERS = (1, 2, 4, 8)  # how many of the worst layers go to float32 in turn, each with the layers that read it


@dataclass(frozen=True)
class Repair:
    """Every file that was tried, in order, and the one to keep: the first that passes, else the best."""

    attempts: tuple[Attempt, ...]
    kept: Attempt

    def to_dicts(self, gate_points: float) -> list[dict[str, Any]]:
        """One JSON-ready row an attempt."""
        return [
            {
                "recipe": attempt.recipe.label,
                "passed": attempt.report.passes(gate_points),
                "accuracy": attempt.report.candidate_accuracy,
                "difference": attempt.report.difference,
                "difference_interval": attempt.report.difference_interval,
                "agreement": attempt.report.agreement,
                "mean_output_error": attempt.report.mean_output_error,
            }
            for attempt in self.attempts
        ]


def repair(
    bench: Workbench, recipe: Recipe, gate_points: float, allowed_operators: frozenset[str] | None = None
) -> Repair:
    """Try the recipe as it is, then with one remedy after the other on top of what helped so far.

    What helps is judged by the mean error of the answers, which one clip more or less does not turn.

    Args:
        gate_points: largest loss of validation accuracy beyond noise, in percentage points.
        allowed_operators: files that need others are passed over; None for everything.

    Raises:
        ConversionError: the recipe has no quantised values between operators, or has no form of some operator.
    """
    if not recipe.needs_calibration:
        raise ConversionError(f"There is nothing to repair in recipe {recipe.name}; use --repair with int8 or int16x8.")
    graph = read_graph(bench.float_file)
    best = bench.attempt(recipe)
    attempts = [best]
    for remedy in (*REMEDIES, *(_keep_float(graph, count) for count in FLOAT_LAYERS)):
        if best.report.passes(gate_points):
            break
        changed = remedy(best)
        if changed in [attempt.recipe for attempt in attempts]:
            continue
        attempt = bench.attempt(changed)
        if foreign_operators(attempt.content, allowed_operators):
            continue
        attempts.append(attempt)
        best = min(best, attempt, key=lambda each: _order(each, gate_points))
    return Repair(tuple(attempts), best)


def worst_layers(errors: tuple[LayerError, ...]) -> tuple[str, ...]:
    """Names of layers by what they lose, the most first; the input is none."""
    ordered = sorted(errors, key=lambda error: -error.loss_db)
    return tuple(dict.fromkeys(error.name for error in ordered if error.opcode != INPUT))


def with_readers(graph: TfliteGraph, layer: str) -> tuple[str, ...]:
    """A layer and those that read it: the value between them stays float32 only if all do."""
    names = layer_names(graph)
    outputs = {output for op in graph.ops if names[op.index] == layer for output in op.outputs}
    readers = (names[op.index] for op in graph.ops if outputs.intersection(op.inputs))
    return tuple(dict.fromkeys((layer, *readers)))


def _order(attempt: Attempt, gate_points: float) -> tuple[bool, float]:
    return not attempt.report.passes(gate_points), attempt.report.mean_output_error


REMEDIES: tuple[Callable[[Attempt], Recipe], ...] = (
    lambda best: replace(best.recipe, ranges="percentile"),
    lambda best: replace(best.recipe, ranges="mse"),
    lambda best: replace(best.recipe, correct_bias=True),
    lambda best: replace(best.recipe, equalise=True),
)


def _keep_float(graph: TfliteGraph, count: int) -> Callable[[Attempt], Recipe]:
    """Put the worst layers that are not there yet into float32, with those that read them."""

    def change(best: Attempt) -> Recipe:
        kept = best.recipe.keep_float
        fresh = [layer for layer in worst_layers(best.errors) if layer not in kept][:count]
        layers = (name for layer in fresh for name in with_readers(graph, layer))
        return replace(best.recipe, keep_float=tuple(dict.fromkeys((*kept, *layers))))

    return change
