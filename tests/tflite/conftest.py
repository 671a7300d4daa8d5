"""A tiny network, converted by every recipe, and programs in place of those on PATH, for all tests of this folder."""

import random
import stat
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.file.tflite_file import TfliteFile

SHAPE = (8, 6, 1)
CLASSES = 3


@pytest.fixture(scope="session")
def tiny_model() -> Any:
    """Convolution, normalisation with statistics of its own, ReLU, average, dense, softmax; 8 x 6 input, 3 classes."""
    import keras

    keras.utils.set_random_seed(3)
    inputs = keras.Input(SHAPE)
    x = keras.layers.Conv2D(4, 3, padding="same", use_bias=False, name="unit1_conv")(inputs)
    x = keras.layers.BatchNormalization(name="unit1_conv_norm")(x)
    x = keras.layers.ReLU(name="unit1_conv_relu")(x)
    x = keras.layers.GlobalAveragePooling2D(name="head_pool")(x)
    x = keras.layers.Dense(CLASSES, name="logits")(x)
    model = keras.Model(inputs, keras.layers.Softmax(name="probabilities")(x), name="tiny")
    rng = np.random.default_rng(3)
    for layer in model.layers:
        layer.set_weights([np.abs(w) + rng.uniform(0.1, 0.5, w.shape) * rng.choice([-1, 1], w.shape)
                           if "norm" not in layer.name else rng.uniform(0.5, 1.5, w.shape)
                           for w in layer.get_weights()])  # fmt: skip
    return model


@pytest.fixture(scope="session")
def maps() -> np.ndarray:
    """Inputs of the tiny network, float32 (64, 8, 6, 1)."""
    return np.random.default_rng(5).normal(size=(64, *SHAPE)).astype(np.float32)


@pytest.fixture(scope="session")
def converted(tiny_model: Any, maps: np.ndarray) -> Callable[[str], TfliteFile]:
    """The tiny network as .tflite, by the recipe's name."""
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.recipes import RECIPES

    return cache(lambda name: convert(tiny_model, RECIPES[name], maps))


@pytest.fixture(scope="session")
def mutate() -> Callable[[bytes, int, int], dict[str, int]]:
    """Change one to four bits of a file, so many times, and open it each time: how many were refused and loaded."""
    from tfkws.errors import TfliteFileError
    from tfkws.tflite.runtime.model import open_model

    def outcomes(content: bytes, count: int, seed: int) -> dict[str, int]:
        found, draw = {"refused": 0, "loaded": 0}, random.Random(seed)
        for _ in range(count):
            changed = bytearray(content)
            for _ in range(draw.choice((1, 1, 4))):
                changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
            try:
                open_model(bytes(changed))
                found["loaded"] += 1
            except TfliteFileError:
                found["refused"] += 1
        return found

    return outcomes


@pytest.fixture
def int8_file(converted: Callable[[str], TfliteFile], tmp_path: Path) -> Path:
    """The int8 file on disk."""
    path = tmp_path / "int8.tflite"
    path.write_bytes(converted("int8").content)
    return path


@pytest.fixture
def abs_file(tmp_path: Path) -> Path:
    """A model of one ABS on one number, which needs no converter."""
    path = tmp_path / "abs.tflite"
    path.write_bytes(NULL_MODEL)
    return path


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Add programs to a folder that comes before the shell's own on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")

    def add(name: str, text: str) -> None:
        (folder / name).write_text(text)
        (folder / name).chmod((folder / name).stat().st_mode | stat.S_IXUSR)

    return add
