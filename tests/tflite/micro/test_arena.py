"""The one arena that limits go by."""

from functools import cache

import numpy as np
import pytest
from micro_bundles import micro_bundle
from small_networks import small_network
from streaming_files import streaming_file

from tfkws.cost.micro_structures import MicroArena, estimated_arena
from tfkws.errors import ConversionError
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.compacted import compacted
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.arena import arena_of, as_on_micro, check_arena
from tfkws.tflite.micro.interpreter import run_on_micro
from tfkws.tflite.recipes import RECIPES


@cache
def whole() -> TfliteFile:
    network = small_network("ds_cnn")
    maps = np.random.default_rng(0).normal(size=(4, *network.input_shape[1:])).astype(np.float32)
    return convert(network, RECIPES["int8"], maps)


def test_it_is_measured_on_the_file_as_a_device_is_given_it() -> None:
    pytest.importorskip("tflite_micro", reason="tflite-micro is not installed: pip install 'tfkws[micro]'")
    assert arena_of(whole()) == run_on_micro(compacted(whole())).arena
    for file in (micro_bundle().model, streaming_file("int8"), streaming_file("none"), streaming_file("int16x8")):
        found, handed_on = arena_of(file), run_on_micro(compacted(file)).arena
        assert found.measured and found != handed_on  # with variables, not with states as inputs


def test_states_become_variables_and_the_rest_stays() -> None:
    inside = as_on_micro(micro_bundle().model).graph
    assert len(inside.inputs) == len(inside.outputs) == 1
    assert as_on_micro(whole()) == compacted(whole())
    assert as_on_micro(as_on_micro(streaming_file("int8"))).graph.ops == as_on_micro(streaming_file("int8")).graph.ops


def test_without_the_package_it_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfkws.tflite.micro.interpreter.find_spec", lambda name: None)
    found = arena_of(micro_bundle().model)
    assert found == estimated_arena(as_on_micro(micro_bundle().model).graph) and not found.measured


def test_an_arena_may_be_as_large_as_allowed_and_no_larger() -> None:
    arena = MicroArena(2_048, 1_024, 1_024, measured=True)
    check_arena(arena, None)
    check_arena(arena, 2)
    with pytest.raises(ConversionError, match=r"arena of 2 KiB, more than --max-arena-kib 1\.9; search .* measured by"):
        check_arena(arena, 1.9)
