"""A target as its latency model is fitted to it: its circumstances, and how a file is profiled there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tfkws.tflite.latency_model.profiles import (
    Circumstances,
    ProfileNetwork,
    Unit,
    count_on,
    profile_locally,
    profile_on,
)
from tfkws.tflite.runtime.runtimes import runtime_version
from tfkws.tflite.targets import questions
from tfkws.tflite.targets.machine import read_machine
from tfkws.tflite.targets.open import is_emulated, open_target

ROOM_BYTES = 32 << 20  # for the largest probe and its parts


@dataclass(frozen=True)
class FitTarget:
    """A target as the fit needs it: its circumstances, and how to profile one file there."""

    circumstances: Circumstances
    profile: ProfileNetwork


@contextmanager
def open_fit_target(target: str, recipe: str, python: str = "", record: Path | None = None) -> Iterator[FitTarget]:
    """Open a target to fit a model of: one thread, XNNPACK kernels; µs, or instructions where it is emulated.

    Args:
        target, python, record: as `tfkws.tflite.targets.open.open_target` takes them.
        recipe: of the conversion.

    Raises:
        ConfigError, TargetError, RuntimeUnavailableError: the target cannot be used; the message says why.
    """
    if target == "local" and record is None:
        about = Circumstances("local", "us", recipe, "xnnpack", 1, runtime_version("litert"), read_machine().cpu)
        yield FitTarget(about, profile_locally)
        return
    emulated = is_emulated(target)
    with open_target(target, python, record) as session:
        facts = questions.ask_facts(session)
        questions.require_runtime(facts, "litert", ROOM_BYTES)
        version = questions.ask_runtime_version(session, "litert")
        cpu = target.partition(":")[2] if emulated else questions.ask_machine(session).cpu
        unit: Unit = "instructions" if emulated else "us"
        about = Circumstances(session.target, unit, recipe, "xnnpack", 1, version, cpu or session.target)
        yield FitTarget(about, partial(count_on if emulated else profile_on, session))
