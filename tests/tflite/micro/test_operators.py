"""The table of TensorFlow Lite Micro's operators, held against the package."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tfkws.errors import ConversionError
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.operators import MICRO_OPERATORS, check_for_micro, operators_of, resolver_call

# As the project's own examples call them: micro_speech, person_detection, hello_world, magic_wand.
KNOWN_CALLS = {
    "DEPTHWISE_CONV_2D": "AddDepthwiseConv2D",
    "FULLY_CONNECTED": "AddFullyConnected",
    "SOFTMAX": "AddSoftmax",
    "RESHAPE": "AddReshape",
    "AVERAGE_POOL_2D": "AddAveragePool2D",
    "MAX_POOL_2D": "AddMaxPool2D",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "AddUnidirectionalSequenceLSTM",
    "L2_NORMALIZATION": "AddL2Normalization",
    "CUMSUM": "AddCumSum",
    "SELECT_V2": "AddSelectV2",
}


@pytest.mark.skipif(
    find_spec("tflite_micro") is None, reason="tflite-micro is not installed: pip install 'tfkws[micro]'"
)
def test_the_table_is_that_of_the_package() -> None:
    survey = Path(__file__).parents[2] / "fakes" / "micro_survey.py"
    done = subprocess.run([sys.executable, str(survey)], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == MICRO_OPERATORS


def test_calls_are_spelled_as_the_resolver_spells_them() -> None:
    assert {name: resolver_call(name) for name in KNOWN_CALLS} == KNOWN_CALLS
    assert len({resolver_call(name) for name in MICRO_OPERATORS}) == len(MICRO_OPERATORS)


def test_an_operator_that_it_lacks_is_named_with_its_layer() -> None:
    file = TfliteFile(chain(3))
    assert operators_of(file.graph) == ("ABS",)
    check_for_micro(file.graph, "a.tflite")
    with pytest.raises(ConversionError, match=r"a\.tflite needs ABS for layer 't1'"):
        check_for_micro(file.graph, "a.tflite", MICRO_OPERATORS - {"ABS"})
