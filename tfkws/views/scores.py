"""Scores as tables, from `evaluation-*.json` or what `tfkws.pipeline.evaluate` returns."""

from collections.abc import Mapping, Sequence
from typing import Any

from tfkws.intervals import LEVEL
from tfkws.units import format_interval, format_percent, format_points, format_points_interval, speech
from tfkws.views.table import Record, Table, number, table_of, text

SCORES = (
    text("model", "model"),
    text("split", "split"),
    number("clips", "clips"),
    number("speakers", "speakers"),
    number("accuracy", "accuracy", format_percent),
    number(f"accuracy, {LEVEL}", "accuracy_interval", format_interval),
    number("majority", "majority_baseline", format_percent),
    number("F1", "f1", format_percent),
    number(f"F1, {LEVEL}", "f1_interval", format_interval),
    text("manifest", "manifest", lambda digest: digest[:12]),
)
AVERAGED = ("accuracy", "f1", "precision", "recall")  # scores that carry an interval
THRESHOLDS = (
    text("wanted false accepts", "wanted", lambda rate: f"at most {100 * rate:g} %"),
    number("threshold", "threshold", lambda value: f"{value:.4f}"),
    number("false accepts", "false_accept_rate", format_percent),
    number("misses", "miss_rate", format_percent),
)


def scores_table(evaluations: Sequence[Record]) -> Table:
    """Return one row an evaluation, scores in percent with 95 % intervals over speakers.

    Args:
        evaluations: content of `eval-*.json`; at least one, all of one protocol.
    """
    first = evaluations[0]
    note = (
        f"Protocol {first['protocol']} ({', '.join(first['words'])}), {speech(first['synthetic_speech'])}; "
        f"{first['skipped_clips']} unusable clips left out. Intervals are over speakers."
    )
    return table_of("Scores", SCORES, evaluations, note)


def score_table(evaluation: Record) -> Table:
    """Return one evaluation in full: a row a score in percent, with its interval over speakers."""
    rows = [
        (name, format_percent(evaluation[name]), format_interval(evaluation[f"{name}_interval"])) for name in AVERAGED
    ]
    rows.append(("majority baseline", format_percent(evaluation["majority_baseline"]), ""))
    title = (
        f"{evaluation['model']}: {evaluation['protocol']}, {evaluation['split']}, {evaluation['clips']} clips, "
        f"{speech(evaluation['synthetic_speech'])}"
    )
    skipped = evaluation["skipped_clips"]
    note = f"{skipped} unusable clips were left out; manifest {evaluation['manifest'][:12]}." if skipped else ""
    return Table(title, ("score", "value", LEVEL), tuple(rows), ("value", LEVEL), note)


def confusion_table(evaluation: Record) -> Table:
    """Return how many clips of each class (row) were answered as each class (column)."""
    labels = tuple(evaluation["labels"])
    rows = tuple((label, *map(str, counts)) for label, counts in zip(labels, evaluation["confusion"], strict=True))
    return Table("Confusion: rows are true, columns answered", ("", *labels), rows, labels)


def per_class_table(evaluation: Record) -> Table:
    """Return recall and precision of each class, in percent."""
    recall = evaluation["recall_per_class"]
    precision = evaluation["precision_per_class"]
    columns = (
        text("class", str),
        number("recall", recall.get, format_percent),
        number("precision", precision.get, format_percent),
    )
    return table_of(f"Per class: {evaluation['model']}, {evaluation['split']}", columns, evaluation["labels"])


def thresholds_table(evaluation: Record) -> Table:
    """Return thresholds (0..1) of a wake word for several rates of false accepts.

    Args:
        evaluation: one that holds a `detection`.
    """
    detection = evaluation["detection"]
    points = [{"wanted": float(rate), **point} for rate, point in detection["thresholds"].items()]
    title = (
        f"Thresholds, set and judged on the {evaluation['split']} clips; equal error rate "
        f"{format_percent(detection['equal_error_rate'])}"
    )
    return table_of(title, THRESHOLDS, points)


def evaluation_tables(evaluation: Record) -> list[Table]:
    """Return everything about one evaluation: scores, confusion, classes and, of a wake word, thresholds."""
    tables = [score_table(evaluation), confusion_table(evaluation), per_class_table(evaluation)]
    if evaluation["detection"] is not None:
        tables.append(thresholds_table(evaluation))
    return tables


def quoted_evaluation(evaluations: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the evaluation to quote where there is room for one; None where there is none.

    The testing split comes before others, a converted file before the Keras model, int8 before other recipes.
    """
    testing = [evaluation for evaluation in evaluations if evaluation["split"] == "testing"]
    rank = lambda evaluation: (evaluation["form"] == "keras", evaluation["model"] != "int8.tflite")  # noqa: E731
    return min(testing or evaluations, key=rank, default=None)


def comparison_sentence(comparison: Record, model: str, against: str) -> str:
    """Say how one model compares with another on the same clips.

    The sentence holds points of accuracy, their interval and the p value of McNemar's test.
    """
    return (
        f"{model} minus {against}, same {comparison['clips']} clips: {format_points(comparison['difference'])} points "
        f"{format_points_interval(comparison['difference_interval'])}; McNemar p = {comparison['mcnemar_p']:.3g}"
    )
