"""Choose TensorFlow's CPU kernels for a network by timing its training step with both, in turns, for half a second."""

import importlib.util
import os
from collections.abc import Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime

from tfkws.cpu_kernels import (
    ONEDNN,
    THREADS,
    KernelChoice,
    choice_key,
    keep_choice,
    kept_choice,
    tensorflow_version,
)
from tfkws.processor import processor_name
from tfkws.training.kernels.step_timer import StepTimer, TrainingStep

SECONDS = 0.5  # of measurement, both kernels together
ROUNDS = 5  # of each
FEWEST_ROUNDS = 2  # where a single step takes longer than its share


def faster_kernels(step: TrainingStep, threads: int, *, measure: bool = True) -> KernelChoice | None:
    """Return the faster kernels for a training step on this machine: measured earlier, or now.

    Args:
        step: what is trained.
        threads: int, of TensorFlow in the training.
        measure: whether to measure what was not yet; it takes as long as TensorFlow takes to start, and half a second.

    Returns:
        None where it was not measured, or could not be.
    """
    key = choice_key(step.identity | {"may_compile": may_compile()}, threads)
    choice = kept_choice(key)
    if choice is None and measure:
        choice = measure_kernels(step, threads)
        if choice is not None:
            keep_choice(key, choice)
    return choice


def measure_kernels(step: TrainingStep, threads: int) -> KernelChoice | None:
    """Time a training step with both kernels; None where a process that was to time it died.

    A step that this package compiles takes neither, and is not timed.

    Two processes start side by side and take steps in turns. The shortest round of each counts, which other programs
    have disturbed least.
    """
    with ExitStack() as opened:
        onednn, plain = (opened.enter_context(closing(StepTimer(step, variables(on, threads)))) for on in (True, False))
        try:
            one_step = onednn.ready()
            if onednn.compiled:
                return _choice(step, threads, 0.0, 0.0, compiled=True)
            one_step = max(one_step, plain.ready())
            count = steps_per_round(one_step)
            rounds = [(onednn.seconds(count), plain.seconds(count)) for _ in range(rounds_of(one_step))]
        except ChildProcessError:
            return None
    onednn_ms, plain_ms = (round(1e3 * min(times), 3) for times in zip(*rounds, strict=True))
    return _choice(step, threads, onednn_ms, plain_ms)


def _choice(
    step: TrainingStep, threads: int, onednn_ms: float, plain_ms: float, compiled: bool = False
) -> KernelChoice:
    return KernelChoice(
        network=step.model.name,
        onednn_ms=onednn_ms,
        plain_ms=plain_ms,
        batch_size=step.train.batch_size,
        threads=threads,
        processor=processor_name(),
        tensorflow=tensorflow_version(),
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        compiled=compiled,
    )


def may_compile() -> bool:
    """Return whether this package can compile steps here: its compiler is installed, and Keras' step not asked for."""
    return importlib.util.find_spec("llvmlite") is not None and os.environ.get("TFKWS_KERAS_STEP") != "1"


def variables(onednn: bool, threads: int) -> Mapping[str, str]:
    """Return the environment of one of the two processes."""
    numbers = dict.fromkeys((*THREADS, "TF_NUM_INTEROP_THREADS"), str(threads))
    return numbers | {ONEDNN: str(int(onednn)), "CUDA_VISIBLE_DEVICES": "-1"}


def rounds_of(step_seconds: float) -> int:
    """Return the number of rounds, fewer where a step is long.

    Example:
        >>> rounds_of(0.01), rounds_of(0.1), rounds_of(0.6)
        (5, 2, 2)
    """
    return max(FEWEST_ROUNDS, min(ROUNDS, int(SECONDS / 2 / step_seconds)))


def steps_per_round(step_seconds: float) -> int:
    """Return the number of steps in a round, so that all rounds together take about `SECONDS`.

    Example:
        >>> steps_per_round(0.01), steps_per_round(0.6)
        (5, 1)
    """
    return max(1, int(SECONDS / 2 / ROUNDS / step_seconds))
