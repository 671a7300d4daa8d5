"""A network whose convolution and activation TensorFlow fuses, and what runs code on JAX in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

RunOnJax = Callable[..., str]


@pytest.fixture(scope="module")
def network() -> Any:
    """Two activations alike, a residual sum and a layer that does nothing; 8 x 6 input."""
    import keras

    inputs = keras.Input((8, 6, 1))
    x = keras.layers.Conv2D(4, 3, padding="same", name="conv_1")(inputs)
    y = keras.layers.ReLU(name="relu_1")(x)
    x = keras.layers.Conv2D(4, 3, padding="same", use_bias=False, name="conv")(y)
    x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.ReLU(name="relu")(x)
    x = keras.layers.Add(name="sum")([x, y])
    x = keras.layers.GlobalAveragePooling2D(name="pool")(keras.layers.Dropout(0.5, name="drop")(x))
    return keras.Model(inputs, keras.layers.Dense(2, name="dense")(x), name="net")


@pytest.fixture(scope="session")
def run_on_jax() -> RunOnJax:
    """Runs code in a process on the JAX backend, without TensorFlow, LiteRT and flatbuffers; returns its stdout."""
    pytest.importorskip("jax")

    def run(code: str, *arguments: str) -> str:
        environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
        command = [sys.executable, "-c", WITHOUT + code, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return run


WITHOUT = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("ai_edge_litert", "flatbuffers", "tensorflow"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from tfkws import lean_imports
lean_imports.install()
"""
