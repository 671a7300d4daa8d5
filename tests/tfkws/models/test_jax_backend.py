"""The zoo on the JAX backend, in a process of its own: no TensorFlow is imported."""

import os
import subprocess
import sys

import pytest

from tfkws.models import list_models

START = """
import sys
from tfkws import lean_imports
lean_imports.install()
import keras
import numpy as np
from tfkws.cost import count
from tfkws.models import build_model
from tfkws.models.registry import entries
from tfkws.models.strided_rows import StridedRowsDepthwiseConv2D
from tfkws.models.sub_spectral_norm import SubSpectralNormalization
"""
BUILD = """
for name in sys.argv[1:]:
    family = entries()[name].family
    model = build_model(name, family.input_shape, family.num_classes)
    print(name, count(model).macs)
    keras.backend.clear_session()
"""
STEP = """
model = build_model("seed_cnn", (8, 8, 1), 2, convs="3x3,4 1x1,4")
model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
assert np.isfinite(model.train_on_batch(np.ones((2, 8, 8, 1), "float32"), np.array([0, 1])))
"""
OWN_LAYERS = """
inputs = np.random.default_rng(0).normal(size=(2, 7, 3, 2)).astype("float32")
assert StridedRowsDepthwiseConv2D()(inputs).shape == (2, 4, 3, 2)
outputs = np.asarray(SubSpectralNormalization(5)(inputs, training=True))
assert abs(outputs[:, 0:2].mean()) < 1e-5 and abs(outputs[:, 0:2].std() - 1) < 1e-2
"""
END = """
assert keras.backend.backend() == "jax"
assert "tensorflow" not in sys.modules
"""
SMALL = ["kws12"]


def run_on_jax(code: str, *names: str) -> list[str]:
    """Run code in a process on the JAX backend and return the first word of each line it prints."""
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", START + code + END, *names]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [line.split()[0] for line in done.stdout.splitlines()]


def test_small_networks_build_and_train_without_tensorflow() -> None:
    pytest.importorskip("jax")
    assert run_on_jax(BUILD + STEP + OWN_LAYERS, *SMALL) == SMALL


@pytest.mark.slow
def test_the_whole_zoo_builds_without_tensorflow() -> None:
    pytest.importorskip("jax")
    assert run_on_jax(BUILD, *list_models()) == list(list_models())
