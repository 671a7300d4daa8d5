"""Fit the latency model of a target: convert probes, profile each there, fit. Interrupted, it goes on where it was."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tfkws.errors import BenchmarkError
from tfkws.tflite.latency_fit import fit_latency_model
from tfkws.tflite.latency_model import LatencyModel
from tfkws.tflite.network_profile import (
    Circumstances,
    ProfileNetwork,
    ProfileSet,
    load_profiles,
    profile_locally,
    profile_network,
)
from tfkws.tflite.probe_networks import Probe, make_probes, write_probe
from tfkws.tflite.recipes import get_recipe

PROFILES, MODEL, PROBES = "profiles.json", "latency_model.json", "probes"


@dataclass(frozen=True)
class FitTarget:
    """A target as the fit needs it: its circumstances, and how to profile one file there."""

    circumstances: Circumstances
    profile: ProfileNetwork


def open_fit_target(target: str, recipe: str) -> FitTarget:
    """Return a target to fit a model of; `local` is this machine with one thread and XNNPACK kernels, in µs.

    Raises:
        BenchmarkError: operators cannot be profiled there.
    """
    if target != "local":
        raise BenchmarkError(f"Latency models are fitted for local. Received {target!r}.")
    from tfkws.tflite.interpreter import runtime_version
    from tfkws.tflite.machine import read_machine

    circumstances = Circumstances("local", "us", recipe, "xnnpack", 1, runtime_version("litert"), read_machine().cpu)
    return FitTarget(circumstances, profile_locally)


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
