"""Answers of TensorFlow Lite Micro beside LiteRT's."""

import numpy as np
import pytest
from small_networks import small_network
from streaming_files import steps, streaming_file

from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.compacted import compacted
from tfkws.tflite.micro import agreement
from tfkws.tflite.micro.agreement import compare_with_micro
from tfkws.tflite.micro.interpreter import MicroRun, run_on_micro
from tfkws.tflite.recipes import RECIPES

pytest.importorskip("tflite_micro", reason="tflite-micro is not installed: pip install 'tfkws[micro]'")


def test_a_stream_is_compared_from_its_beginning() -> None:
    file = compacted(streaming_file("int8"))
    first, again = (compare_with_micro(file, steps(12)) for _ in range(2))
    assert first.difference == again.difference <= 2 and first.in_steps
    assert first.to_dict()["examples"] == 12


def test_a_difference_is_told_in_the_units_of_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    network = small_network("ds_cnn")
    maps = np.random.default_rng(0).normal(size=(4, *network.input_shape[1:])).astype(np.float32)
    floats = compare_with_micro(compacted(convert(network, RECIPES["none"])), maps)
    assert not floats.in_steps and floats.difference < 1e-6
    file = compacted(convert(network, RECIPES["int8"], maps))

    def shifted(*arguments: object) -> MicroRun:
        run = run_on_micro(*arguments)  # type: ignore[arg-type]
        return MicroRun(run.arena_bytes, run.maps_bytes, run.structures_bytes, run.outputs ^ 4)

    equal = compare_with_micro(file, maps)
    monkeypatch.setattr(agreement, "run_on_micro", shifted)
    changed = compare_with_micro(file, maps)
    assert changed.sentence == f"differ by up to {changed.difference:.0f} steps of the output"
    assert changed.difference >= 4 > equal.difference
