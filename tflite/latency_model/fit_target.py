"""Fit the latency model of a target: convert probes, profile each there, fit. Interrupted, it goes on where it was."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tfkws.errors import BenchmarkError
from tfkws.tflite.latency_model.fit import fit_latency_model
from tfkws.tflite.latency_model.model import LatencyModel
from tfkws.tflite.latency_model.probes import Probe, make_probes, write_probe
from tfkws.tflite.latency_model.profiles import (
    Circumstances,
    ProfileNetwork,
    ProfileSet,
    Unit,
    count_on,
    load_profiles,
    profile_locally,
    profile_network,
    profile_on,
)
from tfkws.tflite.recipes import get_recipe
from tfkws.tflite.runtime.runtimes import runtime_version
from tfkws.tflite.targets import questions
from tfkws.tflite.targets.machine import read_machine
from tfkws.tflite.targets.open import is_emulated, open_target

PROFILES, MODEL, PROBES = "profiles.json", "latency_model.json", "probes"
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


def fit_target(
    target: FitTarget,
    folder: Path,
    probes: Sequence[Probe] | None = None,
    on_network: Callable[[str], None] = lambda name: None,
) -> LatencyModel:
    """Profile the probes that `folder` holds no profile of, fit, and write profiles and model there.

    Args:
        target: where to profile.
        folder: for `probes/*.tflite`, `profiles.json` and `latency_model.json`.
        probes: None for `make_probes()`.
        on_network: called with the name of each network that is profiled.

    Raises:
        BenchmarkError: a profile fails, there are too few, or `folder` holds profiles of other circumstances.
    """
    get_recipe(target.circumstances.recipe)
    probes = make_probes() if probes is None else probes
    profiles = _started(target.circumstances, folder / PROFILES)
    known = {network.name for network in profiles.networks}
    for probe in probes:
        if probe.name not in known:
            model = write_probe(probe, target.circumstances.recipe, folder / PROBES)
            profiles = profiles.adding(profile_network(model, target.profile, probe.name, anchor=probe.anchor))
            profiles.save(folder / PROFILES)
        on_network(probe.name)
    fitted = fit_latency_model(profiles)
    fitted.save(folder / MODEL)
    return fitted


def _started(circumstances: Circumstances, path: Path) -> ProfileSet:
    if not path.exists():
        return ProfileSet(circumstances)
    profiles = load_profiles(path)
    if profiles.circumstances != circumstances:
        raise BenchmarkError(
            f"{path} holds profiles of {profiles.circumstances}. Received {circumstances}; choose another --out."
        )
    return profiles
