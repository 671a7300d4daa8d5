"""The arena that is counted, beside the one that TensorFlow Lite Micro's own interpreter measures."""

from pathlib import Path

import numpy as np
import pytest
from micro_bundles import micro_bundle
from small_networks import small_network
from streaming_files import streaming_file

from tfkws.cost.micro_structures import MicroArena, count_micro_structures, estimated_arena
from tfkws.models import build_model
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.export.esphome.form import device_file
from tfkws.tflite.file.compacted import compacted
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.interpreter import run_on_micro
from tfkws.tflite.recipes import RECIPES

MOST_ABOVE = 0.04


def check(file: TfliteFile) -> None:
    pytest.importorskip("tflite_micro", reason="tflite-micro is not installed: pip install 'tfkws[micro]'")
    measured, counted = run_on_micro(file).arena, estimated_arena(file.graph)
    assert measured.measured and not counted.measured
    assert counted.maps_bytes == measured.maps_bytes
    assert measured.arena_bytes <= counted.arena_bytes <= (1 + MOST_ABOVE) * measured.arena_bytes
    assert measured.structures_bytes <= counted.structures_bytes


@pytest.mark.parametrize("recipe", ["int8", "none", "int16x8"])
@pytest.mark.parametrize("family", ["seed_cnn", "ds_cnn", "bc_resnet", "tc_resnet", "matchboxnet", "kws1"])
def test_it_is_no_less_than_is_measured_and_little_more(family: str, recipe: str) -> None:
    network = build_model("kws1", (40, 32, 1), 4) if family == "kws1" else small_network(family)
    maps = np.random.default_rng(0).normal(size=(4, *network.input_shape[1:])).astype(np.float32)
    check(compacted(convert(network, RECIPES[recipe], maps)))


@pytest.mark.parametrize("recipe", ["int8", "none", "int16x8"])
def test_states_are_counted(recipe: str) -> None:
    check(compacted(streaming_file(recipe)))


def test_variables_are_counted() -> None:
    check(device_file(micro_bundle(), 1))


def test_files_of_others_are_counted() -> None:
    package = pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed")
    for path in sorted((Path(package.__file__).parent / "models").glob("*.tflite")):
        check(TfliteFile.read(path))


def test_an_operator_more_takes_a_tensor_and_a_kernel_more() -> None:
    three, four = (count_micro_structures(TfliteFile(chain(count)).graph) for count in (3, 4))
    assert four - three == 24 + 64 + 176


def test_where_a_number_comes_from_is_said() -> None:
    assert MicroArena(2_048, 1, 1, measured=True).how == "measured by TensorFlow Lite Micro"
    assert MicroArena(2_048, 1, 1, measured=True).arena_kib == 2
    assert "tflite-micro is not installed" in MicroArena(2_048, 1, 1, measured=False).how
