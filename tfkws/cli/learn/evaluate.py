"""`tfkws evaluate`: score a model file under a named protocol."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.cli.terminal.options import Data, Json

if TYPE_CHECKING:
    from tfkws.config import TaskConfig
    from tfkws.pipeline.evaluate import Evaluation
    from tfkws.pipeline.parts.detector import Detector
    from tfkws.training.paired_comparison import Comparison


def evaluate(
    model: Annotated[Path, typer.Argument(help="Model folder, .keras, .tflite or .kws file.")],
    data: Data,
    protocol: Annotated[str, typer.Option("--protocol", "--task", help="Default: the one it was trained for.")] = "",
    words: Annotated[str, typer.Option(help="Words, separated by commas. Default: those it was trained for.")] = "",
    split: Annotated[str, typer.Option(help="training, validation or testing.")] = "testing",
    against: Annotated[Path | None, typer.Option(help="Another model: compare the two clip by clip.")] = None,
    false_accepts: Annotated[
        float | None,
        typer.Option(help="Wake words: share of the other clips that may be accepted; tells the threshold."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Score a model: accuracy, F1, precision and recall with 95 % intervals over speakers, and the confusion matrix.

    Predictions and scores are written beside the model.

    Example: tfkws evaluate artifacts/models/RUN/int8.tflite --data speech_commands
    """
    from tfkws.cli.terminal.output import print_json, waiting
    from tfkws.pipeline.evaluate import check_split, evaluate_folder
    from tfkws.pipeline.parts.detector import open_detector

    chosen = check_split(split)
    with waiting(f"Scoring {model} on {split} ..."):
        detector = open_detector(model)
        task = _task(detector, protocol, words)
        other = open_detector(against) if against else None
        evaluation, comparison = evaluate_folder(detector, data, task, chosen, other, false_accepts)
    if as_json:
        print_json(evaluation.to_dict() | ({"comparison": comparison.to_dict()} if comparison else {}))
        return
    _print(evaluation)
    if comparison is not None:
        _print_comparison(comparison, model, against)


def _task(detector: "Detector", protocol: str, words: str) -> "TaskConfig":
    from tfkws.cli.terminal.options import read_task
    from tfkws.errors import ConfigError

    if detector.task is not None and not protocol and not words:
        return detector.task
    if detector.task is None and not protocol:
        raise ConfigError("This file does not say what it was trained for; give --protocol and --words.")
    return read_task(protocol or detector.task.protocol, words)  # type: ignore[union-attr]


def _print(evaluation: "Evaluation") -> None:
    from tfkws.cli.terminal.output import print_table
    from tfkws.units import format_interval, format_percent

    scores = evaluation.scores
    speech = ", synthetic speech" if evaluation.synthetic_speech else ""
    rows = [
        (name, format_percent(getattr(scores, name)), format_interval(getattr(scores, f"{name}_interval")))
        for name in ("accuracy", "f1", "precision", "recall")
    ]
    rows.append(("majority baseline", format_percent(scores.majority_baseline), ""))
    title = f"{evaluation.model}: {evaluation.protocol}, {evaluation.split}, {scores.clips} clips{speech}"
    print_table(title, ("score", "value", "95 % interval"), rows)
    classes = zip(scores.labels, scores.confusion, scores.recall_per_class.values(), strict=True)
    print_table("Confusion: rows are true, columns answered", ("", *scores.labels, "recall"), [
        (label, *counts, format_percent(recall)) for label, counts, recall in classes
    ])  # fmt: skip
    if evaluation.detection is not None:
        _print_detection(evaluation.detection, evaluation.split)
    if evaluation.skipped_clips:
        typer.echo(f"{evaluation.skipped_clips} unusable clips were left out; manifest {evaluation.manifest[:12]}.")


def _print_detection(detection: dict[str, Any], split: str) -> None:
    from tfkws.cli.terminal.output import print_table
    from tfkws.units import format_percent

    rows = [
        (
            f"at most {100 * float(rate):g} %", f"{point['threshold']:.4f}",
            format_percent(point["false_accept_rate"]), format_percent(point["miss_rate"]),
        )
        for rate, point in detection["thresholds"].items()
    ]  # fmt: skip
    title = (
        f"Thresholds, set and judged on the {split} clips; equal error rate "
        f"{format_percent(detection['equal_error_rate'])}"
    )
    print_table(title, ("wanted false accepts", "threshold", "false accepts", "misses"), rows)


def _print_comparison(comparison: "Comparison", model: Path, against: Path | None) -> None:
    from tfkws.units import format_interval, format_percent

    typer.echo(
        f"{model} minus {against}, same {comparison.clips} clips: {format_percent(comparison.difference)} "
        f"{format_interval(comparison.difference_interval)}; McNemar p = {comparison.mcnemar_p:.3g}"
    )
