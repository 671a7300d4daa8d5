"""The gate that a converted model must pass: its answers against the original's, clip by clip on the same inputs."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfkws.config import ConversionSettings
from tfkws.errors import ConversionError
from tfkws.training.paired_comparison import compare

GATE_SPLIT = "validation"  # the split on which a model must pass


@dataclass(frozen=True)
class ParityReport:
    """A converted model against its original.

    Attributes:
        agreement: share of clips with the same top answer, 0..1.
        reference_accuracy, candidate_accuracy: of the original and of the converted model, 0..1.
        difference: candidate minus reference accuracy, with a paired 95 % interval over speakers.
        mcnemar_p: exact two-sided p value of "equally accurate".
        max_output_error, mean_output_error: absolute difference of probabilities.
        finite: whether every output is a number.
    """

    clips: int
    agreement: float
    reference_accuracy: float
    candidate_accuracy: float
    difference: float
    difference_interval: tuple[float, float]
    mcnemar_p: float
    max_output_error: float
    mean_output_error: float
    finite: bool

    def passes(self, gate_points: float = ConversionSettings.gate_points) -> bool:
        """Return whether the loss of accuracy stays within the gate, or within noise.

        A model fails when it loses more than `gate_points` percentage points and the paired 95 % interval
        lies below zero, or when an output is not a number.

        Example:
            >>> right = np.array([[0.9, 0.1]] * 200)
            >>> half_wrong = np.where(np.arange(200)[:, None] < 100, right, 1 - right)
            >>> labels = np.zeros(200, int)
            >>> parity_report(right, right, labels).passes(), parity_report(right, half_wrong, labels).passes()
            (True, False)
        """
        beyond_gate = -100 * self.difference > gate_points
        beyond_noise = self.difference_interval[1] < 0
        return self.finite and not (beyond_gate and beyond_noise)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def parity_report(
    reference: np.ndarray, candidate: np.ndarray, labels: np.ndarray, speakers: np.ndarray | None = None
) -> ParityReport:
    """Compare the outputs of a converted model with those of the original.

    Args:
        reference, candidate: float (n, classes), probabilities of the original and of the converted model.
        labels: int (n,), the true classes.
        speakers: (n,), resampled whole for the interval; None takes each clip as a speaker of its own.

    Raises:
        ConversionError: the shapes do not fit, or there are no clips.
    """
    if reference.shape != candidate.shape or len(reference) != len(labels) or len(labels) == 0:
        raise ConversionError(
            f"Two models are compared on the same clips; received outputs {reference.shape} and {candidate.shape} for "
            f"{len(labels)} labels."
        )
    answers, converted = reference.argmax(axis=1), candidate.argmax(axis=1)
    names = np.arange(len(labels)) if speakers is None else np.asarray(speakers)
    paired = compare(answers == labels, converted == labels, names)
    finite = bool(np.isfinite(candidate).all())
    error = np.abs(np.nan_to_num(candidate, nan=1.0, posinf=1.0, neginf=1.0) - reference)
    return ParityReport(
        clips=len(labels),
        agreement=float((answers == converted).mean()),
        reference_accuracy=float((answers == labels).mean()),
        candidate_accuracy=float((converted == labels).mean()),
        difference=paired.difference,
        difference_interval=paired.difference_interval,
        mcnemar_p=paired.mcnemar_p,
        max_output_error=float(error.max()),
        mean_output_error=float(error.mean()),
        finite=finite,
    )
