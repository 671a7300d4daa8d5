"""Whole networks on the software adapter against the CPU, of tfkws' converter and others, float32 and int8."""

import numpy as np
import pytest
from lively_networks import clips, file_made_elsewhere, lively_file

from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.gpu.tolerance import FLOAT32, HALF, INT8, tolerance_for
from tfkws.tflite.runtime.model import open_model

pytestmark = pytest.mark.usefixtures("software_gpu")


@pytest.mark.parametrize("recipe", ["none", "int8"])
@pytest.mark.parametrize("name", ["kws12", "kws10", "seed_cnn", "dscnn"])
def test_networks_of_tfkws(name: str, recipe: str) -> None:
    check(lively_file(name, recipe))


@pytest.mark.parametrize("recipe", ["none", "int8"])
@pytest.mark.parametrize("name", ["mlperf_ds_cnn", "kws12"])
def test_files_made_elsewhere(name: str, recipe: str) -> None:
    check(file_made_elsewhere(name, recipe))


@pytest.mark.slow
def test_a_deep_file_made_elsewhere() -> None:
    """In float32 alone: its int8 file, with drawn weights, is beyond the tolerance by step upon step of rounding."""
    check(file_made_elsewhere("efficientnet_b0", "none"))


def test_what_the_accelerator_refuses_runs_on_the_cpu_and_is_named() -> None:
    file = file_made_elsewhere("matchboxnet_3x1x64", "none")
    model = open_model(file, runtime="litert-gpu", load_check=False)
    expected = open_model(file, load_check=False).predict(clips())
    np.testing.assert_allclose(model.predict(clips()), expected, atol=FLOAT32)
    facts = model.accelerator
    assert facts is not None and not facts["fully_accelerated"]
    assert facts["operators"]["refused"].keys() == {"BATCH_TO_SPACE_ND", "SPACE_TO_BATCH_ND"}
    assert facts["operators"]["gpu"] > 0 < facts["operators"]["cpu"]


def check(file: TfliteFile) -> None:
    """Compare answers within the tolerance that is stated for the file's number type."""
    allowed = tolerance_for("float32", file.contents.computes_in_floats)
    model = open_model(file, runtime="litert-gpu", load_check=False)
    expected = open_model(file, load_check=False).predict(clips())
    assert np.ptp(expected, axis=0).max() > 0.2  # answers differ from clip to clip
    np.testing.assert_allclose(model.predict(clips()), expected, atol=allowed)
    assert model.accelerator is not None and model.accelerator["fully_accelerated"]


def test_the_tolerances_are_those_of_the_number_types() -> None:
    assert (tolerance_for("half", True), tolerance_for("float32", True)) == (HALF, FLOAT32)
    assert tolerance_for("half", False) == tolerance_for("float32", False) == INT8
    assert 2**-23 < FLOAT32 < 2**-11 < HALF < INT8
