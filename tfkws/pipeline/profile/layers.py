"""The stage of `tfkws profile layers`: time per layer of a Keras model from a file, a folder or the zoo.

It must run where a backend of Keras is installed and LiteRT is not, as on a machine with a GPU.
"""

import logging
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfkws.config import LayerSettings
from tfkws.errors import BenchmarkError, ConfigError, ModelError
from tfkws.features.maps import read_maps
from tfkws.model_files import foreign_model
from tfkws.output_folder import check_output_folder
from tfkws.pipeline.parts.kept_results import is_of_another
from tfkws.profiling.measure.layer_profile import LayerProfile, repeat_csv
from tfkws.result_files import ResultName, layer_trace_name, layers_name
from tfkws.run_folder import write_json, write_text
from tfkws.tflite.targets.machine import read_machine
from tfkws.training.model_folder import open_model_folder

if TYPE_CHECKING:
    from tfkws.profiling.trace.layer_trace import LayerTrace

SEED = 0
LITERT = ("ai_edge_litert", "flatbuffers")
NOISE = "noise, seed 0"
ZOO_FOLDER = Path("artifacts/profiles")


@dataclass(frozen=True)
class KerasSource:
    """Where a Keras model comes from.

    Attributes:
        name: a .keras file, a model folder, or a name of the zoo, which is built with random weights.
        input_shape, classes: shape (height, width, channels) and number of classes for a name of the zoo;
            None for those of its paper.
    """

    name: Path
    input_shape: tuple[int, int, int] | None = None
    classes: int | None = None

    @property
    def is_file(self) -> bool:
        """Whether it is a file or a folder."""
        return self.name.suffix == ".keras" or self.name.is_dir()

    @property
    def folder(self) -> Path:
        """Folder that its results go to."""
        if not self.is_file:
            return ZOO_FOLDER / self.name.name
        return self.name if self.name.is_dir() else self.name.parent

    def load(self) -> tuple[Any, str]:
        """Return the model, and where its weights come from.

        Raises:
            ModelError, UnknownModelError, RunFolderError: there is no such model.
        """
        if self.is_file:
            return self._read(), "trained"
        return self._build(), f"random, seed {SEED}"

    def _read(self) -> Any:
        from tfkws.models.saving import load_model

        if self.input_shape is not None or self.classes is not None:
            raise ConfigError("--input-size and --classes are for a name of the zoo; a file is profiled as it is.")
        return load_model(self.name) if self.name.suffix == ".keras" else open_model_folder(self.name).load_keras()

    def _build(self) -> Any:
        from tfkws.models.registry import entries, find

        entry = find(entries(), str(self.name))
        random.seed(SEED)  # Keras draws the seeds of initial weights from it; keras.utils' setter imports TensorFlow
        shape = self.input_shape or entry.family.input_shape
        return entry.build(shape, self.classes or entry.family.num_classes, {})


@dataclass(frozen=True)
class LayerResults:
    """What a profile of layers came to.

    Attributes:
        hooks: each layer called by itself.
        trace: the whole compiled network, with the figures of `hooks` beside; None where it was not asked for.
        path: of the JSON of the trace, or else of that of the hooks.
    """

    hooks: LayerProfile
    trace: "LayerTrace | None"
    path: Path


def profile_keras(
    source: KerasSource, settings: LayerSettings, examples: Path | None = None, out: Path | None = None
) -> LayerResults:
    """Time the layers called by themselves, and trace the whole network where the settings say so.

    Writes `layers-<device>-<backend>.json` and a CSV for each repeat, and `...-trace.json` for a trace. Call it
    before anything of the backend ran: on a CPU the process is held on `settings.threads` cores, by which
    backends size their thread pools.

    Raises:
        RunFolderError: the folder of the results cannot be written.
        BenchmarkError: the device or the cores cannot be had, or the examples do not fit.
        ModelError, CostError: there is no such model, or its graph cannot be read.
        ProfileParseError: the backend's trace cannot be read.
    """
    if elsewhere := foreign_model(source.name):
        raise ModelError(elsewhere)
    check_output_folder(out or source.folder, "--out")
    machine = read_machine().to_dict()
    on_cpu = settings.device == "cpu"
    roofline = _roofline(settings.threads or machine["cores"]) if on_cpu else None
    # TensorFlow warns of many compiled functions, which is what is wanted here.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    maps, text = (None, NOISE) if examples is None else (read_maps(examples), str(examples))
    with held_on_cores(settings.threads if on_cpu else 0):
        from tfkws.profiling.measure import time_layers
        from tfkws.profiling.measure.backend import on_device
        from tfkws.profiling.trace.trace_layers import trace_layers, with_hooks

        with on_device(settings.device):
            model, weights = source.load()
            hooks = time_layers.profile_layers(model, settings, machine, roofline, weights, maps, text)
            path = save_layers(hooks, out or source.folder, source.name.name)
            if not settings.is_traced:
                return LayerResults(hooks, None, path)
            trace = with_hooks(trace_layers(model, settings, machine, weights, maps, text), hooks)
    return LayerResults(hooks, trace, save_trace(trace, out or source.folder, source.name.name))


def _roofline(threads: int) -> dict[str, Any] | None:
    """Limits of the CPU, which are measured through LiteRT; None where that is not installed."""
    try:
        from tfkws.tflite.profile.measure_roofline import roofline_for
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in LITERT:
            return None
        raise
    return roofline_for(threads=threads).to_dict()


def save_layers(result: LayerProfile, folder: Path, source: str = "") -> Path:
    """Write a layer profile as JSON and each repeat as CSV, times in µs; return the JSON's path.

    Args:
        source: name of the file, folder or network; where a profile of another lies in the folder, the names
            hold it.
    """
    name = layers_name(result.device, result.backend, result.mode == "eager", result.threads)
    values = result.to_dict() | ({"source": source} if source else {})
    if is_of_another(folder / name.file, source, "source"):
        name = replace(name, stem=f"{source}-{name.stem}")
    for repeat in range(result.trials):
        table = ResultName("layer trial", name.stem, (*name.words, f"trial{repeat + 1}"))
        write_text(folder / table.file, repeat_csv(values, repeat))
    write_json(folder / name.file, values)
    return folder / name.file


def save_trace(result: "LayerTrace", folder: Path, source: str = "") -> Path:
    """Write a trace as JSON, times in µs; return its path.

    Args:
        source: as `save_layers` has it.
    """
    name = layer_trace_name(result.device, result.backend, result.threads)
    if is_of_another(folder / name.file, source, "source"):
        name = replace(name, stem=f"{source}-{name.stem}")
    write_json(folder / name.file, result.to_dict() | ({"source": source} if source else {}))
    return folder / name.file


@contextmanager
def held_on_cores(count: int) -> Iterator[None]:
    """Hold this process on its first `count` cores; 0 for all.

    Raises:
        BenchmarkError: there are not so many, or this system cannot do it.
    """
    if count == 0:
        yield
        return
    if not hasattr(os, "sched_setaffinity"):
        raise BenchmarkError("This system cannot hold a process on a number of cores; use --threads 0 for all of them.")
    before = os.sched_getaffinity(0)
    if not 1 <= count <= len(before):
        raise BenchmarkError(f"--threads takes 0 to {len(before)} here, the cores of this process. Received {count}.")
    os.sched_setaffinity(0, set(sorted(before)[:count]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
