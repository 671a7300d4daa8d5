"""Train with the kernels that are faster here, from the first step to the last, however often a run is stopped."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tfkws.config import ModelConfig, TaskConfig, TrainConfig
from tfkws.cpu_kernels import ONEDNN, KernelsInUse, kernels_in_use, read_choice, threads_here
from tfkws.errors import TfkwsError
from tfkws.run_folder import write_json
from tfkws.training.checkpoint import CHECKPOINT, kernels_of_checkpoint
from tfkws.training.kernels.step_timer import TrainingStep
from tfkws.training.kernels.timing import faster_kernels
from tfkws.training.model_folder import CONFIG, open_model_folder

WORTH_STEPS = 1_500  # a shorter training ends before a measurement has paid
Tell = Callable[[str], None]


def say_nothing(sentence: str) -> None:
    """Tell nobody."""


@contextmanager
def faster_kernels_set(step: TrainingStep, steps: int, tell: Tell = say_nothing) -> Iterator[None]:
    """Let TensorFlow, which must not be imported yet, take the faster kernels for a training in this process.

    What the user sets goes before, and with another backend or a GPU nothing is changed.

    Args:
        step: what is trained.
        steps: optimiser steps (int) of all trainings together; few are not worth a measurement.
    """
    if tensorflow_is_imported() or not may_choose():
        yield
        return
    choice = faster_kernels(step, threads_here(), measure=steps >= WORTH_STEPS)
    if choice is not None and choice.sentence:
        tell(choice.sentence)
    with _variables_set(choice.environment if choice else {}):
        yield


@contextmanager
def trial_kernels_set(step: TrainingStep, steps: int, workers: int, kept: Path | None = None) -> Iterator[None]:
    """Let the processes of a search's trials take the kernels that are faster for one of its candidates.

    Args:
        step: of a typical candidate.
        steps: optimiser steps (int) of all trials together.
        workers: trials at a time, which share the cores; 0 for trials in this process.
        kept: file that holds the choice, so that a stopped search goes on with it; None for none.
    """
    if not may_choose() or (workers == 0 and tensorflow_is_imported()):
        yield
        return
    choice = read_choice(kept) if kept else None
    if choice is None:
        threads = max(1, threads_here() // max(1, workers))
        choice = faster_kernels(step, threads, measure=steps >= WORTH_STEPS)
        if choice is not None and kept is not None:
            write_json(kept, choice.to_dict())
    with _variables_set(choice.environment if choice else {}):
        yield


def tensorflow_is_imported() -> bool:
    """Return whether this process has its kernels already."""
    return "tensorflow" in sys.modules


def may_choose() -> bool:
    """Return whether the kernels are ours to choose: the user has not, and TensorFlow will train on the CPU."""
    backend = os.environ.get("KERAS_BACKEND", "") or "tensorflow"
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1")
    return ONEDNN not in os.environ and backend == "tensorflow" and (hidden or not Path("/dev/nvidiactl").exists())


@contextmanager
def begun_kernels_set(
    out: Path, task: TaskConfig, model: ModelConfig, trainings: Sequence[TrainConfig]
) -> Iterator[None]:
    """Let an unfinished training under `out` go on with the kernels that it began with, where TensorFlow can be asked.

    Its folder's name is known only once the clips are read, so it is recognised by its task, network and recipe.
    """
    begun = _begun(out, task, model, trainings)
    if begun is None or begun.onednn is None or tensorflow_is_imported() or not may_choose():
        yield
        return
    with _variables_set({ONEDNN: str(int(begun.onednn))}):
        yield


def changed_kernels(folder: Path) -> str:
    """Return a sentence where an unfinished training goes on with other kernels than it began with; else nothing."""
    begun = kernels_of_checkpoint(folder)
    if begun is None or begun.onednn is None or kernels_in_use().onednn in (begun.onednn, None):
        return ""
    name = "oneDNN's" if begun.onednn else "TensorFlow's plain"
    return (
        f"{folder} was begun with {name} kernels and goes on with the others, so its result will differ by rounding "
        f"from that of a training without a stop; {ONEDNN}={int(begun.onednn)} keeps it the same."
    )


def _begun(out: Path, task: TaskConfig, model: ModelConfig, trainings: Sequence[TrainConfig]) -> KernelsInUse | None:
    for path in sorted(out.glob(f"*/{CHECKPOINT}")):
        with suppress(TfkwsError):  # damaged, and told of when it is gone on from
            there = open_model_folder(path.parent / CONFIG).config
            if there.task == task and there.model == model and there.train in trainings:
                return kernels_of_checkpoint(path.parent)
    return None


@contextmanager
def _variables_set(variables: dict[str, str]) -> Iterator[None]:
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            os.environ.pop(name, None)
