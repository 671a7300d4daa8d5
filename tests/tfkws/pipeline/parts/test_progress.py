"""What a stage tells, as a bar receives it."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import pytest

from tfkws.pipeline.parts.progress import SILENT, Advance, StageProgress


@dataclass(frozen=True)
class Row:
    """An epoch."""

    validation_accuracy: float


class Steps(StageProgress):
    """Keeps every step of its bars."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.steps: list[tuple[int, int, str]] = []

    def bar(self, title: str) -> AbstractContextManager[Advance]:
        self.titles.append(title)
        return nullcontext(lambda done, total, note: self.steps.append((done, total, note)))


def test_a_training_shows_the_accuracy_of_the_last_validation() -> None:
    progress = Steps()
    with progress.training("train kws1") as bar:
        bar.iteration(1, 3, 0.5)
        bar.epoch(Row(0.875))
        bar.iteration(2, 3, 0.4)
    assert progress.titles == ["train kws1"]
    assert progress.steps == [(1, 3, ""), (2, 3, "validation 87.5 %")]


def test_silence_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with SILENT.bar("models") as advance:
        advance(1, 2, "int8.tflite")
    SILENT.stage("Search")
    SILENT.say("text")
    assert capfd.readouterr() == ("", "")
