"""The log of over-the-air trials, JSON lines, written by a simulation or, in a real room, by a program or by hand.

Three kinds of line, each with `subject` and `trial`; times are seconds from the trial's beginning:

    {"subject": "anna", "trial": 1, "word_s": [0.31, 0.85]}
    {"subject": "anna", "trial": 1, "answer": 1, "held_s": [[0, 1]], "printed_s": 1.02}
    {"subject": "anna", "trial": 1, "tp": 9, "fp": 0, "fn": 1, "tn": 10}

that is, when the word was said; what was printed, when, and for which audio; what the subject counted.

A trial has lines of the first two kinds, which are counted here, or one line of the third.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tfkws.config.strict import Config, Count, NotNegative, Whole, require
from tfkws.detect.over_air.device_clock import HeardWindow, Stretch
from tfkws.detect.over_air.scoring import Counting, Counts, count
from tfkws.errors import ConfigError, DataError
from tfkws.strict_json import parse_json

TICKS_PER_S = 1_000_000  # times are compared as whole microseconds
_MOST_BYTES = 1 << 28


@dataclass(frozen=True)
class _Line(Config):
    subject: str
    trial: Count


@dataclass(frozen=True)
class WordLine(_Line):
    """When the word was said: its beginning and end, in seconds."""

    word_s: tuple[NotNegative, ...]

    def _check(self) -> None:
        rising = len(self.word_s) == 2 and self.word_s[0] < self.word_s[1]
        require(rising, f"word_s must be where the word begins and ends. Received {list(self.word_s)[:3]}.")


@dataclass(frozen=True)
class AnswerLine(_Line):
    """A printed answer.

    Attributes:
        answer: 1 where the word was detected, else 0.
        held_s: the stretches of time that the judged window holds, in seconds.
        printed_s: when the answer was printed.
        score: what the network gave for the word.
    """

    answer: Literal[0, 1]
    held_s: tuple[tuple[NotNegative, ...], ...]
    printed_s: NotNegative
    score: float | None = None

    def _check(self) -> None:
        rising = all(len(stretch) == 2 and stretch[0] < stretch[1] for stretch in self.held_s)
        require(rising and len(self.held_s) > 0, "held_s must be pairs of seconds, [[begin, end]].")


@dataclass(frozen=True)
class CountsLine(_Line):
    """What a subject counted in a trial."""

    tp: Whole
    fp: Whole
    fn: Whole
    tn: Whole


Line = WordLine | AnswerLine | CountsLine
_KINDS: dict[str, type[Line]] = {"word_s": WordLine, "answer": AnswerLine, "tp": CountsLine}


@dataclass
class _Trial:
    words: list[Stretch] = field(default_factory=list)
    windows: list[HeardWindow] = field(default_factory=list)
    ones: list[bool] = field(default_factory=list)
    counted: Counts | None = None


def to_jsonl(lines: Iterable[Line]) -> str:
    """Return the text of a log."""
    rows = ({key: value for key, value in line.to_dict().items() if value is not None} for line in lines)
    return "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows)


def read_log(path: Path) -> list[Line]:
    """Read a log; empty lines and those that begin with # are passed over.

    Raises:
        DataError: there is no such file, or a line is none of the three kinds.
    """
    if not path.is_file():
        raise DataError(f"There is no log {path}.")
    if path.stat().st_size > _MOST_BYTES:
        raise DataError(f"{path} is larger than {_MOST_BYTES >> 20} MiB, so it is no log of trials.")
    try:
        texts = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise DataError(f"{path} is not text; a log holds one JSON object a line.") from None
    numbered = ((number, text.strip()) for number, text in enumerate(texts, start=1))
    return [_read_line(text, f"{path}, line {number}") for number, text in numbered if text and text[0] != "#"]


def count_log(lines: Sequence[Line], counting: Counting = "utterances") -> dict[str, list[Counts]]:
    """Count every trial: counts of each subject's trials, in order.

    Raises:
        DataError: the log is empty, or a trial is both counted and to be counted.
    """
    if not lines:
        raise DataError("The log holds no trial.")
    trials: dict[tuple[str, int], _Trial] = {}
    for line in lines:
        _enter(trials.setdefault((line.subject, line.trial), _Trial()), line)
    counts: dict[str, list[Counts]] = {}
    for (subject, number), trial in sorted(trials.items()):
        if trial.counted is not None and (trial.words or trial.windows):
            raise DataError(f"Trial {number} of {subject!r} has both counts and single answers; leave one of them out.")
        counted = trial.counted or count(trial.words, trial.windows, trial.ones, counting)
        counts.setdefault(subject, []).append(counted)
    return counts


def _enter(trial: _Trial, line: Line) -> None:
    if isinstance(line, WordLine):
        trial.words.append(_ticks(line.word_s))
    elif isinstance(line, AnswerLine):
        stretches = tuple(_ticks(stretch) for stretch in line.held_s)
        whole = (stretches[0][0], stretches[-1][1])
        trial.windows.append(HeardWindow(stretches, whole, round(line.printed_s * TICKS_PER_S)))
        trial.ones.append(line.answer == 1)
    elif trial.counted is not None:
        raise DataError(f"Trial {line.trial} of {line.subject!r} is counted twice; leave one line out.")
    else:
        trial.counted = Counts(line.tp, line.fp, line.fn, line.tn)


def _ticks(stretch_s: Sequence[float]) -> Stretch:
    return round(stretch_s[0] * TICKS_PER_S), round(stretch_s[1] * TICKS_PER_S)


def _read_line(text: str, where: str) -> Line:
    try:
        values: Any = parse_json(text)
    except ValueError:
        raise DataError(f"{where} is not a JSON object.") from None
    if not isinstance(values, Mapping):
        raise DataError(f"{where} is not a JSON object.")
    kind = next((kind for key, kind in _KINDS.items() if key in values), None)
    if kind is None:
        raise DataError(f"{where} must have word_s, or answer with held_s and printed_s, or tp, fp, fn and tn.")
    try:
        return kind.from_dict(values)
    except ConfigError as error:
        raise DataError(f"{where}: {error}") from None
