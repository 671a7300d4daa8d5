"""What ESPHome's component has, against the files that it was made for."""

from pathlib import Path

import pytest
from micro_bundles import micro_bundle

from tfkws.errors import ConversionError
from tfkws.tflite.export.esphome import device
from tfkws.tflite.export.esphome.device import OPERATORS, check_operators
from tfkws.tflite.export.esphome.form import device_file
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.operators import MICRO_OPERATORS


def test_microwakewords_own_files_pass() -> None:
    package = pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed")
    files = sorted((Path(package.__file__).parent / "models").glob("*.tflite"))
    assert len(files) >= 4
    for path in files:
        graph = TfliteFile.read(path).graph
        check_operators(graph)
        assert graph.input.scales[0] == pytest.approx(device.INPUT_SCALE) and graph.input.zero_points == (-128,)
        assert (graph.output.dtype, graph.output.shape, graph.output.scales) == ("uint8", (1, 1), (1 / 256,))


def test_all_are_operators_of_tensorflow_lite_micro() -> None:
    assert set(MICRO_OPERATORS) >= OPERATORS and len(OPERATORS) == 20


def test_a_missing_operator_is_told_by_its_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = device_file(micro_bundle(), 1).graph
    monkeypatch.setattr(device, "OPERATORS", OPERATORS - {"DEPTHWISE_CONV_2D"})
    with pytest.raises(ConversionError, match=r"lacks DEPTHWISE_CONV_2D \(layer stage1_block1_depthwise\)"):
        check_operators(graph)


def test_more_states_than_it_keeps_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "MOST_VARIABLES", 3)
    with pytest.raises(ConversionError, match="keeps 4 states and ESPHome's micro_wake_word has room for 3"):
        check_operators(device_file(micro_bundle(), 1).graph)
