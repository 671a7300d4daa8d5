"""The zoo on the JAX backend, in a process of its own: no TensorFlow is imported."""

import os
import subprocess
import sys

import pytest

from tfkws.models import list_models
from tfkws.models.registry import FAMILIES

CODE = """
import sys
import keras
import numpy as np
from tfkws.cost import count
from tfkws.models import build_model
from tfkws.models.registry import entries

for name in sys.argv[1:]:
    family = entries()[name].family
    model = build_model(name, family.input_shape, family.num_classes)
    print(name, count(model).macs)
    if name in ("kws12", "bc_resnet_1", "mlperf_ds_cnn"):
        model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
        assert np.isfinite(model.train_on_batch(np.ones((2, *family.input_shape), "float32"), np.array([0, 1])))
    keras.backend.clear_session()
assert keras.backend.backend() == "jax"
assert "tensorflow" not in sys.modules
"""
SMALLEST = ["kws12", *(family.variants[0].name for family in FAMILIES[1:])]


def build_on_jax(names: list[str]) -> list[str]:
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", CODE, *names], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [line.split()[0] for line in done.stdout.splitlines()]


def test_one_of_each_family_builds_and_trains_without_tensorflow() -> None:
    pytest.importorskip("jax")
    assert build_on_jax(SMALLEST) == SMALLEST


@pytest.mark.slow
def test_the_whole_zoo_builds_without_tensorflow() -> None:
    pytest.importorskip("jax")
    assert build_on_jax(list(list_models())) == list(list_models())
