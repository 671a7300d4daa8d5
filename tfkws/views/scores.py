"""Scores as tables, from `evaluation-*.json` or what `tfkws.pipeline.evaluate` returns."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tfkws.intervals import LEVEL
from tfkws.units import format_interval, format_percent, format_points, format_points_interval, speech
from tfkws.views.table import Column, Record, Table, number, table_of, text

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
SPLIT_BY_FILE = "Split by file: one person may be in training and here, so these scores tell nothing of others."
AVERAGED = ("accuracy", "f1", "precision", "recall")  # scores that carry an interval


def scores_table(evaluations: Sequence[Record]) -> Table:
    """Return one row an evaluation, scores in percent with 95 % intervals over speakers.

    Args:
        evaluations: content of `eval-*.json`; at least one, all of one protocol.
    """
    first = evaluations[0]
    note = (
        f"Protocol {first['protocol']} ({', '.join(first['words'])}), {_speech(first)}; "
        f"{first['skipped_clips']} unusable clips left out. Intervals are over speakers."
    )
    if any(evaluation.get("split_by_file") for evaluation in evaluations):
        note += f" {SPLIT_BY_FILE}"
    return table_of("Scores", SCORES, evaluations, note)


def score_table(evaluation: Record) -> Table:
    """Return one evaluation in full: a row a score in percent, with its interval over speakers."""
    rows = [
        (name, format_percent(evaluation[name]), format_interval(evaluation[f"{name}_interval"])) for name in AVERAGED
    ]
    rows.append(("majority baseline", format_percent(evaluation["majority_baseline"]), ""))
    title = (
        f"{evaluation['model']}: {evaluation['protocol']}, {evaluation['split']}, {_clips(evaluation)}, "
        f"{_speech(evaluation)}"
    )
    return Table(title, ("score", "value", LEVEL), tuple(rows), ("value", LEVEL), " ".join(_score_notes(evaluation)))


def _speech(evaluation: Record) -> str:
    """Say which speech was scored; an evaluation of an earlier version does not count its clips."""
    counts = evaluation.get("synthetic_clips", 0), evaluation.get("spoken_clips", 0)
    return speech(evaluation["synthetic_speech"], *counts)


def _clips(evaluation: Record) -> str:
    """Say how many clips were scored and, of a wake word, how many of them hold it."""
    labels, counts = evaluation["labels"], [sum(row) for row in evaluation["confusion"]]
    clips = f"{evaluation['clips']} clips"
    return f"{clips} ({counts[1]} {labels[1]}, {counts[0]} without it)" if len(labels) == 2 else clips


def _score_notes(evaluation: Record) -> Iterator[str]:
    absent = [label for label, row in zip(evaluation["labels"], evaluation["confusion"], strict=True) if not sum(row)]
    if evaluation.get("split_by_file"):
        yield SPLIT_BY_FILE
    if absent:
        yield f"There are no clips of {', '.join(absent)}: averages are over the other classes."
    if evaluation["accuracy"] <= evaluation["majority_baseline"]:
        yield "Always giving the commonest answer is no worse: this network has learnt nothing that these clips show."
    if evaluation["skipped_clips"]:
        yield f"{evaluation['skipped_clips']} unusable clips were left out; manifest {evaluation['manifest'][:12]}."


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
        number("recall", lambda label: _percent_if_known(recall[label])),
        number("precision", lambda label: _percent_if_known(precision[label])),
    )
    return table_of(f"Per class: {evaluation['model']}, {evaluation['split']}", columns, evaluation["labels"])


def _percent_if_known(share: float | None) -> str:
    return "no clips" if share is None else format_percent(share)


def thresholds_table(evaluation: Record) -> Table:
    """Return thresholds (0..1) of a wake word for several rates of false accepts: where set, and where judged.

    Args:
        evaluation: one that holds a `detection`.
    """
    detection = evaluation["detection"]
    judged_on, set_on = evaluation["split"], detection.get("set_on", evaluation["split"])
    same = judged_on == set_on  # one pair of columns; an evaluation of an earlier version has no intervals
    points = [{"wanted": float(rate), "when_set": point} | point for rate, point in detection["thresholds"].items()]
    columns = (
        text("wanted false accepts", "wanted", lambda rate: f"at most {100 * rate:g} %"),
        number("threshold", "threshold", lambda value: f"{value:.4f}"),
        *([] if same else _rates(set_on, "when_set")),
        *_rates(judged_on),
    )
    where = f"set and judged on the same {judged_on} clips" if same else f"set on {set_on}, judged on {judged_on} clips"
    title = f"Thresholds, {where}; equal error rate {format_percent(detection['equal_error_rate'])}"
    return table_of(title, columns, points, _shown_rates(detection))


def _rates(split: str, inside: str = "") -> tuple[Column, Column]:
    """Return the columns of false accepts and misses on one split; `inside` names the part of a point they are in."""

    def rate(key: str) -> Callable[[Record], str]:
        return lambda point: _rate(point[inside] if inside else point, key)

    return number(f"false accepts, {split}", rate("false_accept")), number(f"misses, {split}", rate("miss"))


def _rate(point: Record, key: str) -> str:
    interval = point.get(f"{key}_interval")
    return f"{format_percent(point[f'{key}_rate'])} {format_interval(interval) if interval else ''}".strip()


def _shown_rates(detection: Record) -> str:
    """Say which rates the number of clips cannot show; an evaluation of an earlier version does not know."""
    if "others" not in detection:
        return ""
    others = min(detection["others"].values())
    note = f"{others} clips without the word cannot show a rate below {100 / others:.2g} %"
    return f"{note}; no threshold is given for less. Intervals are {LEVEL}, over speakers."


def evaluation_tables(evaluation: Record) -> list[Table]:
    """Return everything about one evaluation: scores, confusion, classes and, of a wake word, thresholds."""
    tables = [score_table(evaluation), confusion_table(evaluation), per_class_table(evaluation)]
    if evaluation["detection"] is not None:
        tables.append(thresholds_table(evaluation))
    return tables


def gpu_sentence(on_gpu: Record) -> str:
    """Say what answered on a GPU, and how its answers differ from the CPU's."""
    adapter, against = on_gpu["adapter"], on_gpu["against_cpu"]
    software = " (software adapter)" if adapter["software"] else ""
    rest = "" if on_gpu["fully_accelerated"] else ", in part on the CPU"
    verdict = "within" if on_gpu["within"] else "NOT within"
    fault = f" {on_gpu['known_fault']}" if on_gpu.get("known_fault") else ""
    return (
        f"{adapter['name']}{software}, {on_gpu['precision']}{rest}, against the CPU on {against['clips']} clips: same "
        f"answer on {format_percent(against['agreement'])}, probabilities differ by at most "
        f"{against['max_output_error']:.2g}, {verdict} the tolerance of {on_gpu['tolerance']:g}; accuracy differs by "
        f"{format_points(against['difference'])} points {format_points_interval(against['difference_interval'])}."
        f"{fault}"
    )


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
