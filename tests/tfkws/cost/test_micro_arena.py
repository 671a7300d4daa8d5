"""The plan of maps in the arena: as TensorFlow Lite Micro's own interpreter lays it out."""

import numpy as np
import pytest
from small_networks import small_network

from tfkws.cost.activation_memory import Step
from tfkws.cost.micro_arena import count_micro_maps, mean_scratch, micro_maps_bytes
from tfkws.models import build_model


def test_a_chain_holds_two_neighbours_in_steps_of_16_bytes() -> None:
    steps = [Step((0,), (1,)), Step((1,), (2,))]
    assert micro_maps_bytes(steps, {0: 10, 1: 40, 2: 17}, [2]) == 48 + 32


def test_scratch_is_needed_while_its_kernel_runs() -> None:
    steps = [Step((0,), (1,)), Step((1,), (2,))]
    sizes = {0: 64, 1: 16, 2: 16}
    assert micro_maps_bytes(steps, sizes, [2], {0: (100,)}) == 64 + 16 + 112
    assert micro_maps_bytes(steps, sizes, [2], {1: (32,)}) == 64 + 16
    assert mean_scratch(100) == (400, 16, 16)


def test_of_equal_maps_the_younger_is_placed_first() -> None:
    """By hand: 3 (steps 2..3) goes to 0, then 2 (1..2) behind it, then 1 (0..1) before that, where it fits."""
    steps = [Step((0,), (1,)), Step((1,), (2,)), Step((2,), (3,)), Step((3,), (4,))]
    sizes = {0: 16, 1: 192, 2: 192, 3: 192, 4: 16}
    assert micro_maps_bytes(steps, sizes, [4]) == 384
    # Two of 192 that live with one of 256 each: the younger takes the lower gap, which the older then lacks.
    steps = [Step((0,), (1,)), Step((1,), (2,)), Step((2,), (3,)), Step((3,), (4,)), Step((4,), (5,))]
    sizes = {0: 16, 1: 256, 2: 192, 3: 192, 4: 320, 5: 16}
    assert micro_maps_bytes(steps, sizes, [5]) == 320 + 192 + 192


@pytest.mark.parametrize("family", ["seed_cnn", "ds_cnn", "bc_resnet", "tc_resnet", "matchboxnet", "kws1"])
def test_the_plan_is_the_interpreters_own(family: str) -> None:
    pytest.importorskip("tflite_micro", reason="tflite-micro is not installed: pip install 'tfkws[micro]'")
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.file.compacted import compacted
    from tfkws.tflite.micro.interpreter import run_on_micro
    from tfkws.tflite.recipes import RECIPES

    network = build_model("kws1", (40, 32, 1), 4) if family == "kws1" else small_network(family)
    maps = np.random.default_rng(0).normal(size=(4, *network.input_shape[1:])).astype(np.float32)
    file = compacted(convert(network, RECIPES["int8"], maps))
    assert count_micro_maps(file.graph) == run_on_micro(file).maps_bytes
