"""float32 and int8 .tflite files of networks of the zoo, with random weights of one seed, for measurements of cost.

    python -m benchmarks.zoo_files [--models cnn,kws1] [--recipes none,int8]

Files are built once and kept in artifacts/zoo_files/ (ignored by git), each with a .json that says from what. Ranges
for int8 come from feature maps of real clips where TFKWS_SPEECH_COMMANDS names their folder, else from seeded noise;
the .json says which. Neither changes how many operations a network computes.
"""

import argparse
import hashlib
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.records import ARTIFACTS, ROOT, say
from tfkws.run_folder import read_json, write_bytes, write_json

FOLDER = ARTIFACTS / "zoo_files"
SEED = 0
CALIBRATION_MAPS = 100
RECIPES = ("none", "int8")

# The eight networks of paper A, smallest first, and the thirteen of paper B's Table II.
WAKE_WORD = ("dscnn", "mnasnet1_0", "efficientnet_b1", "cnn", "efficientnet_b7", "effnetv2_m", "effnetv2_xl",
             "densenet_bc_190_40")  # fmt: skip
COMMANDS = ("seed_cnn", *(f"kws{i}" for i in range(1, 13)))


@dataclass(frozen=True)
class Task:
    """What a network is built for: its input, its classes, and the front end that makes such inputs."""

    input_shape: tuple[int, int, int]
    classes: int
    front_end: str


WAKE_WORD_TASK = Task((32, 32, 1), 2, "logmel-32x32")
COMMANDS_TASK = Task((40, 32, 1), 10, "mfcc-40x32")


def task_of(name: str) -> Task:
    """Return paper A's task for its eight networks, paper B's for all others."""
    return WAKE_WORD_TASK if name in WAKE_WORD else COMMANDS_TASK


def zoo_file(name: str, recipe: str, folder: Path = FOLDER) -> Path:
    """Return the .tflite file of a network; if need be, build it in a process of its own, which gives the memory back.

    Args:
        name: a network of the registry.
        recipe: "none" (float32) or "int8".
    """
    path = folder / f"{name}-{recipe}.tflite"
    if not path.exists() or read_json(path.with_suffix(".json"))["origin"] != _origin(name, recipe):
        program = [sys.executable, "-m", "benchmarks.zoo_files", "--here"]
        build = [*program, "--models", name, "--recipes", recipe, "--folder", str(folder.resolve())]
        subprocess.run(build, check=True, cwd=ROOT, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"})
    return path


def build_here(name: str, recipe: str, folder: Path) -> None:
    """Build, convert and write one file, and its .json before it."""
    import keras

    from tfkws.models import build_model
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.recipes import get_recipe

    task = task_of(name)
    keras.utils.set_random_seed(SEED)
    model = build_model(name, task.input_shape, task.classes)
    draw_statistics(model)
    content = convert(model, get_recipe(recipe), calibration_maps(task) if recipe == "int8" else None).content
    digest = hashlib.sha256(content).hexdigest()
    versions = {package: metadata.version(package) for package in ("keras", "numpy")} | {"tensorflow": _tensorflow()}
    record = {"origin": _origin(name, recipe), "sha256": digest, "size_bytes": len(content), "versions": versions}
    write_json(folder / f"{name}-{recipe}.json", record)
    write_bytes(folder / f"{name}-{recipe}.tflite", content)


def draw_statistics(model: Any) -> None:
    """Give every normalisation scale, shift, mean and variance as training would.

    With the initial ones (1, 0, 0, 1) the converter drops the addition where it cannot fold a normalisation, as in
    DenseNet, and the file would have fewer operators than a trained network's.
    """
    rng = np.random.default_rng(SEED)
    for layer in model.layers:
        if hasattr(layer, "moving_variance"):
            for around_one in (layer.gamma, layer.moving_variance):
                around_one.assign(rng.uniform(0.5, 1.5, around_one.shape))
            for around_zero in (layer.beta, layer.moving_mean):
                around_zero.assign(rng.normal(0, 0.1, around_zero.shape))


def calibration_maps(task: Task) -> np.ndarray:
    """Return feature maps, float32 (100, h, w, 1), each row of bands brought to mean 0 and deviation 1."""
    clips = _clips_folder()
    if clips is None:
        noise = np.random.default_rng(SEED).normal(size=(CALIBRATION_MAPS, *task.input_shape))
        return noise.astype(np.float32)
    from tfkws.data.audio.files import read_clip
    from tfkws.data.clip_index import read_index
    from tfkws.data.splits import split_of
    from tfkws.features.front_ends import FRONT_ENDS
    from tfkws.features.numpy_front_end import extract
    from tfkws.tflite.convert.calibration import draw_files

    files = tuple(file for file in read_index(clips).files if split_of(file) == "training")
    audio = np.stack([read_clip(clips / files[i]) for i in draw_files(files, CALIBRATION_MAPS, SEED)])
    maps = extract(audio, FRONT_ENDS[task.front_end])
    centred = maps - maps.mean(axis=(0, 2), keepdims=True)
    return np.asarray(centred / centred.std(axis=(0, 2), keepdims=True), np.float32)[..., None]


def _origin(name: str, recipe: str) -> dict[str, object]:
    """Return everything that determines a file, besides versions."""
    ranges = {"none": "not needed"}.get(recipe) or (
        f"{CALIBRATION_MAPS} maps of real clips (Speech Commands)" if _clips_folder() else "noise, seed 0"
    )
    task = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(task_of(name)).items()}
    weights = f"random, seed {SEED}, normalisation statistics too"
    return {"model": name, "recipe": recipe, "weights": weights, "calibration": ranges, **task}


def _clips_folder() -> Path | None:
    folder = os.environ.get("TFKWS_SPEECH_COMMANDS")
    return Path(folder) if folder else None


def _tensorflow() -> str:
    import tensorflow as tf

    return str(tf.__version__)


def main() -> None:
    """Build what is asked for and is not there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=",".join(COMMANDS + WAKE_WORD), help="names, separated by commas")
    parser.add_argument("--recipes", default=",".join(RECIPES), help="none (float32), int8")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--here", action="store_true", help="build in this process, even what is there")
    asked = parser.parse_args()
    for name in asked.models.split(","):
        for recipe in asked.recipes.split(","):
            if asked.here:
                build_here(name, recipe, asked.folder)
            else:
                say(str(zoo_file(name, recipe, asked.folder)))


if __name__ == "__main__":
    main()
