"""When int8 hurts: remedies in order of what they cost at run time, the first file that passes the gate is kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tfkws.errors import ConversionError
from tfkws.tflite.attempt import Attempt, Workbench
from tfkws.tflite.layer_errors import INPUT, LayerError
from tfkws.tflite.operator_list import foreign_operators
from tfkws.tflite.recipes import Recipe

FLOAT_LAYERS = (1, 2, 4, 8)  # how many of the worst layers go back to float32, in turn


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
    best = bench.attempt(recipe)
    attempts = [best]
    for remedy in (*REMEDIES, *(_keep_float(count) for count in FLOAT_LAYERS)):
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


def worst_layers(errors: tuple[LayerError, ...]) -> Iterator[str]:
    """Names of layers by what they lose, the most first; the input is none."""
    ordered = sorted(errors, key=lambda error: -error.loss_db)
    yield from dict.fromkeys(error.name for error in ordered if error.opcode != INPUT)


def _order(attempt: Attempt, gate_points: float) -> tuple[bool, float]:
    return not attempt.report.passes(gate_points), attempt.report.mean_output_error


REMEDIES: tuple[Callable[[Attempt], Recipe], ...] = (
    lambda best: replace(best.recipe, ranges="percentile"),
    lambda best: replace(best.recipe, ranges="mse"),
    lambda best: replace(best.recipe, correct_bias=True),
    lambda best: replace(best.recipe, equalise=True),
)


def _keep_float(count: int) -> Callable[[Attempt], Recipe]:
    """Put the worst layers into float32; those that are there already do not count again."""

    def change(best: Attempt) -> Recipe:
        fresh = [name for name in worst_layers(best.errors) if name not in best.recipe.keep_float]
        return replace(best.recipe, keep_float=(*best.recipe.keep_float, *fresh[:count]))

    return change
