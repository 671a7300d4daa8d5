"""Score a log of over-the-air trials, simulated or kept by people in a real room."""

from pathlib import Path
from typing import Any

from tfkws.detect.over_air.scoring import Counts, mean_f1, mean_f1_interval
from tfkws.detect.over_air.trial_log import AnswerLine, WordLine, count_log, read_log


def score_log(path: Path) -> dict[str, Any]:
    """Count a log's trials by utterance and return paper A's mean F1, JSON-ready; nothing is written.

    Where the log has single answers, the score by answers stands beside it.

    Raises:
        DataError: there is no such log, or a line of it does not fit.
    """
    lines = read_log(path)
    counts = count_log(lines)
    scored = {
        "log": path.name,
        "subjects": [_subject(name, trials) for name, trials in counts.items()],
        "mean_f1": mean_f1(list(counts.values())),
        "interval": mean_f1_interval(list(counts.values())),
    }
    if any(isinstance(line, WordLine | AnswerLine) for line in lines):
        by_answers = list(count_log(lines, "answers").values())
        scored["by_answers"] = {"mean_f1": mean_f1(by_answers), "interval": mean_f1_interval(by_answers)}
    return scored


def _subject(name: str, trials: list[Counts]) -> dict[str, Any]:
    totals = {kind: sum(getattr(trial, kind) for trial in trials) for kind in ("tp", "fp", "fn", "tn")}
    return {"subject": name, "trials": len(trials), **totals, "mean_f1": mean_f1([trials])}
