"""Open batches are fixed without a change of any answer, and files that need nothing stay as they are."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from lively_networks import clips, file_made_elsewhere

from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.gpu.known_shapes import with_known_shapes
from tfkws.tflite.runtime.model import open_model


@pytest.mark.parametrize("recipe", ["none", "int8"])
def test_shapes_that_were_computed_are_stored(recipe: str) -> None:
    file = file_made_elsewhere("tc_resnet8", recipe)
    fixed = with_known_shapes(file)
    computed = Counter(["SHAPE", "STRIDED_SLICE", "PACK"])  # other slices are the network's own
    assert computed <= Counter(file.contents.operators)
    assert Counter(fixed.contents.operators) == Counter(file.contents.operators) - computed
    assert all(tensor.shapeSignature is None for tensor in fixed.edit().main.tensors)
    answers = [open_model(each, load_check=False).predict(clips()) for each in (file, fixed)]
    first, second = answers
    np.testing.assert_array_equal(first, second)
    assert with_known_shapes(fixed) is fixed


def test_files_of_tfkws_stay_as_they_are(converted: Callable[[str], TfliteFile]) -> None:
    for recipe in ("none", "int8", "float16"):
        assert with_known_shapes(converted(recipe)) is converted(recipe)


@pytest.mark.usefixtures("software_gpu")
def test_the_accelerator_takes_them_then() -> None:
    file = file_made_elsewhere("tc_resnet8", "none")
    model = open_model(file, runtime="litert-gpu", load_check=False)
    expected = open_model(file, load_check=False).predict(clips())
    np.testing.assert_allclose(model.predict(clips()), expected, atol=1e-5)
