"""The stage of `tfkws target fit`: profile generated networks on a target and fit its latency model."""

from collections.abc import Sequence
from pathlib import Path

from tfkws.errors import BenchmarkError
from tfkws.pipeline.parts.progress import SILENT, StageProgress
from tfkws.run_folder import write_bytes, write_json
from tfkws.tflite.latency_model.fit import fit_latency_model
from tfkws.tflite.latency_model.fit_target import FitTarget
from tfkws.tflite.latency_model.model import LatencyModel
from tfkws.tflite.latency_model.probes import Probe, convert_probe, make_probes
from tfkws.tflite.latency_model.profiles import Circumstances, ProfileSet, load_profiles, profile_network
from tfkws.tflite.recipes import get_recipe

PROFILES = "profiles.json"
MODEL = "latency_model.json"
PROBES = "probes"


def fit_target(
    target: FitTarget, folder: Path, probes: Sequence[Probe] | None = None, progress: StageProgress = SILENT
) -> LatencyModel:
    """Profile the probes that `folder` holds no profile of, fit, and write profiles and model there.

    Interrupted, it goes on where it was.

    Args:
        target: where to profile, from `tfkws.tflite.latency_model.fit_target.open_fit_target`.
        folder: for `probes/*.tflite`, `profiles.json` and `latency_model.json`.
        probes: None for `make_probes()`.

    Raises:
        BenchmarkError: a profile fails, there are too few, or `folder` holds profiles of other circumstances.
    """
    get_recipe(target.circumstances.recipe)
    probes = make_probes() if probes is None else probes
    profiles = _started(target.circumstances, folder / PROFILES)
    known = {network.name for network in profiles.networks}
    with progress.bar(f"profile on {target.circumstances.target}") as advance:
        for number, probe in enumerate(probes, start=1):
            if probe.name not in known:
                profiles = _profiled(target, probe, profiles, folder)
            advance(number, len(probes), probe.name)
    fitted = fit_latency_model(profiles)
    write_json(folder / MODEL, fitted.to_dict())
    return fitted


def _profiled(target: FitTarget, probe: Probe, profiles: ProfileSet, folder: Path) -> ProfileSet:
    """Profile one probe, and keep the larger set."""
    model = keep_probe(probe, target.circumstances.recipe, folder / PROBES)
    larger = profiles.adding(profile_network(model, target.profile, probe.name, anchor=probe.anchor))
    write_json(folder / PROFILES, larger.to_dict())
    return larger


def keep_probe(probe: Probe, recipe: str, folder: Path) -> Path:
    """Convert a probe into `folder`, unless it is there; return the path of the .tflite file."""
    path = folder / f"{probe.name}-{recipe}.tflite"
    if not path.exists():
        write_bytes(path, convert_probe(probe, recipe).content)
    return path


def _started(circumstances: Circumstances, path: Path) -> ProfileSet:
    if not path.exists():
        return ProfileSet(circumstances)
    profiles = load_profiles(path)
    if profiles.circumstances != circumstances:
        raise BenchmarkError(
            f"{path} holds profiles of {profiles.circumstances}. Received {circumstances}; choose another --out."
        )
    return profiles
