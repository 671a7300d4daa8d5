"""Latency of a network before it is trained or even built: a sum over its operators, with a bound on the error.

A model holds for one target under one set of circumstances, and only inside the range of operators it was fitted to.
Where the target counts instructions, so does its model; a count of instructions is never a time.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config.strict import record
from tfkws.errors import BenchmarkError, ConfigError, PredictionError
from tfkws.run_folder import read_json
from tfkws.tflite.latency_model.forms import Parameters, predict_form
from tfkws.tflite.latency_model.operator_shapes import OperatorShape
from tfkws.tflite.latency_model.profiles import Circumstances, Unit
from tfkws.units import format_bytes, format_count

FORMAT = 1


@dataclass(frozen=True)
class KindModel:
    """What one kind of operator takes.

    Attributes:
        form: one of `tfkws.tflite.latency_model.forms.FORMS`.
        parameters: as `fit_form` returned them.
        work_range, bytes_range: smallest and largest that were measured.
        operators: how many were measured.
        held_out_error: mean |predicted - measured| / measured over operators of held-out networks, 0..1, where small
            operators count less; of the form that was chosen.
    """

    form: str
    parameters: Parameters
    work_range: tuple[float, float]
    bytes_range: tuple[float, float]
    operators: int
    held_out_error: float

    def check(self, shape: OperatorShape, target: str) -> None:
        """Refuse an operator that is smaller or larger than all that were measured.

        Raises:
            PredictionError: it is.
        """
        for size, (low, high), write in (
            (shape.work, self.work_range, format_count),
            (shape.bytes_moved, self.bytes_range, format_bytes),
        ):
            if not low <= size <= high:
                what = "MACs (or values read)" if write is format_count else "moved"
                raise PredictionError(
                    f"The latency model of {target} knows {shape.kind} operators of {write(low)} to {write(high)} "
                    f"{what}. Received one of {write(size)}; measure it, or fit a model that covers it."
                )


@dataclass(frozen=True)
class HeldOut:
    """How well networks were predicted that the fit had not seen.

    Attributes:
        networks: number of them; `refused` of them lay outside of the range of the others.
        bound: relative error that `coverage` of unseen networks of this kind stay below, either way; from the ranks
            of the held-out errors, with the correction for their number (split conformal prediction).
        median: of the relative errors.
        rank_correlation: Spearman's, of predicted and measured.
    """

    networks: int
    refused: int
    bound: float
    coverage: float
    median: float
    rank_correlation: float


@dataclass(frozen=True)
class Prediction:
    """What a network takes, and the interval in which the bound on held-out networks puts it."""

    value: float
    low: float
    high: float
    unit: Unit


@dataclass(frozen=True)
class LatencyModel:
    """A fitted model.

    Attributes:
        circumstances: for which it holds.
        kinds: by kind of operator.
        fixed: what a network takes besides its operators.
        scale: of the sum over operators, about 1: operators are profiled, a whole network is not.
        held_out: its error.
        networks, operators: how many it was fitted to.
    """

    circumstances: Circumstances
    kinds: dict[str, KindModel]
    fixed: float
    scale: float
    held_out: HeldOut
    networks: int
    operators: int

    def predict(self, shapes: Sequence[OperatorShape]) -> Prediction:
        """Predict one inference.

        Raises:
            PredictionError: an operator is of a kind, or of a size, that was not measured.
        """
        for shape in shapes:
            if shape.kind not in self.kinds:
                raise PredictionError(
                    f"The latency model of {self.circumstances.target} knows {', '.join(sorted(self.kinds))}. "
                    f"Received a network with {shape.kind}; measure it, or fit a model that covers it."
                )
            self.kinds[shape.kind].check(shape, self.circumstances.target)
        value = self.fixed + self.scale * operator_sum(self.kinds, shapes)
        factor = 1 + self.held_out.bound
        return Prediction(value, value / factor, value * factor, self.circumstances.unit)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "LatencyModel":
        """Undo `to_dict`, also after JSON.

        Raises:
            BenchmarkError: it is something else.
        """
        try:
            fields = dict(stored)
            if fields.pop("format") != FORMAT:
                raise BenchmarkError(f"The latency model has format {stored['format']}, not {FORMAT}; fit it again.")
            return record(cls, fields)
        except (ConfigError, KeyError, TypeError, ValueError) as error:
            raise BenchmarkError(f"This is no latency model ({error}); `tfkws target fit` writes them.") from None


def load_latency_model(path: Path) -> LatencyModel:
    """Read a file that holds `LatencyModel.to_dict` as JSON.

    Raises:
        RunFolderError: the file is missing or is not JSON.
        BenchmarkError: it holds something else.
    """
    return LatencyModel.from_dict(read_json(path))


def operator_sum(kinds: dict[str, KindModel], shapes: Sequence[OperatorShape]) -> float:
    """Sum of what operators take; all kinds must be known."""
    total = 0.0
    for kind in sorted({shape.kind for shape in shapes}):
        model, same = kinds[kind], [shape for shape in shapes if shape.kind == kind]
        total += float(np.sum(predict_form(model.form, model.parameters, same)))
    return total
