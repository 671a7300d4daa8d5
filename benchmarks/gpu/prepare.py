"""Prepare the folder: maps as bytes, files without weights, sources, wheels, the Vulkan loader; at most 60 MiB."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.gpu.byte_maps import ByteMaps, band_maps, save_maps, to_bytes
from benchmarks.gpu.carried import Say, copy_sources, fetch_loader, fetch_wheels
from benchmarks.gpu.prepared import FILES, Network, Plan, maps_path, run_path
from benchmarks.gpu.weightless import save_weightless
from benchmarks.records import ROOT
from benchmarks.zoo_files import COMMANDS, COMMANDS_TASK, WAKE_WORD, WAKE_WORD_TASK, task_of, zoo_file
from tfkws.config import ModelConfig, RunConfig, TaskConfig
from tfkws.data.protocols import make_task
from tfkws.data.task_data import TaskData
from tfkws.features.front_ends import get_front_end
from tfkws.pipeline.train import prepare_run
from tfkws.run_folder import write_json
from tfkws.training.recipes import get_recipe
from tfkws.units import format_bytes

LARGEST_BYTES = 60 << 20
WAKE, WORDS = "wake-word", "commands"
TASKS = {WAKE: make_task("wake-word", ("happy",)), WORDS: make_task("commands")}
FRONT_ENDS = {WAKE: WAKE_WORD_TASK.front_end, WORDS: COMMANDS_TASK.front_end}
RATES = {"mnasnet1_0": 2e-3, "dscnn": 2e-3, "efficientnet_b1": 2e-3, "seed_cnn": 5e-3, "kws1": 5e-3}
# The largest compile longest, so that they begin first.
ORDER = ("densenet_bc_190_40", "effnetv2_xl", "efficientnet_b7", "effnetv2_m", "efficientnet_b1", "cnn", "mnasnet1_0",
         "dscnn", *COMMANDS)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What to bring.

    Attributes:
        data_dir: folder of the clips.
        networks: names, all where none is given.
        python: version on the machine, for wheels; empty brings neither wheels nor the Vulkan loader.
        files: whether .tflite files are brought; the largest take minutes and 10 GB of memory to convert.
        tasks: by name, as TASKS.
    """

    data_dir: Path
    networks: Sequence[str] = ()
    python: str = "3.12"
    files: bool = True
    tasks: dict[str, TaskConfig] | None = None


def prepare(folder: Path, wanted: Wanted, say: Say) -> int:
    """Fill the folder and return its size in bytes.

    Raises:
        SystemExit: it is too large; the largest files are named.
        DataError: the clips cannot be used.
    """
    plan = Plan(tuple(map(network_of, ORDER)), _commit()).only(wanted.networks)
    copy_sources(ROOT, folder)
    plan.save(folder)
    tasks = wanted.tasks or TASKS
    for name in sorted({network.task for network in plan.networks}):
        say(f"Feature maps of {name}")
        prepare_maps(folder, name, wanted.data_dir, tasks[name])
    if wanted.python:
        fetch_wheels(folder, wanted.python, say)
        fetch_loader(folder, say)
    for network in plan.networks if wanted.files else ():
        say(f"File of {network.name}")
        save_weightless(folder / FILES / f"{network.name}.bin", zoo_file(network.name, "none").read_bytes())
    return check_size(folder)


def network_of(name: str) -> Network:
    """Return a network with its training: paper A's for 75 epochs of 64, paper B's for 40,000 iterations of 100."""
    task = task_of(name)
    if name in WAKE_WORD:
        return Network(name, task.input_shape, task.classes, WAKE, 64, 75, 0, RATES.get(name, 1e-3))
    return Network(name, task.input_shape, task.classes, WORDS, 100, 0, 40_000, RATES.get(name, 1e-2))


def prepare_maps(folder: Path, name: str, data_dir: Path, task: TaskConfig) -> None:
    """Write a task's maps of all splits and of its noises, and the settings of a training on it."""
    front_end = get_front_end(FRONT_ENDS[name])
    run, data = prepare_run(data_dir, task, front_end, ModelConfig("kws12"), get_recipe("best"))
    splits = {split: to_bytes(band_maps(np.asarray(clips.audio), run.features)) for split, clips in data.splits.items()}
    splits["noise"] = noise_maps(data, run)
    labels = {split: np.asarray(clips.labels) for split, clips in data.splits.items()}
    save_maps(maps_path(folder, name), splits, labels)
    write_json(run_path(folder, name), replace(run, data_dir="").to_dict())


def noise_maps(data: TaskData, run: RunConfig) -> ByteMaps:
    """Return maps of the training noises, cut into clips."""
    length = run.features.clip_samples
    whole = [noise[: len(noise) // length * length].reshape(-1, length) for noise in data.noises]
    return to_bytes(band_maps(np.concatenate(whole), run.features))


def check_size(folder: Path) -> int:
    """Return the size of all files in bytes.

    Raises:
        SystemExit: it is more than the machine takes.
    """
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    total = sum(sizes.values())
    if total > LARGEST_BYTES:
        largest = sorted(sizes, key=lambda path: -sizes[path])[:5]
        named = ", ".join(f"{path.relative_to(folder)} ({format_bytes(sizes[path])})" for path in largest)
        raise SystemExit(
            f"{folder} holds {format_bytes(total)}, more than {format_bytes(LARGEST_BYTES)}. Largest: {named}; name "
            "fewer networks with --networks."
        )
    return total


def _commit() -> str:
    """Return the commit of the checkout; "unknown" where there is none."""
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
