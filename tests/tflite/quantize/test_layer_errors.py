from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.ai_edge import quantize
from tfkws.tflite.quantize.layer_errors import LayerError, first_bad, layer_errors, pair_operators, signal_to_noise_db
from tfkws.tflite.quantize.ranges import measure_ranges
from tfkws.tflite.recipes import RECIPES


def row(name: Any, snr_db: Any, input_snr_db: Any = 30.0) -> Any:
    return LayerError(0, "CONV_2D", name, snr_db, input_snr_db, 1.0, 0.0)


def test_signal_to_noise_of_known_arrays() -> None:
    signal = np.ones(100)
    assert signal_to_noise_db(signal, signal * 1.1) == pytest.approx(20.0)
    assert signal_to_noise_db(signal, signal * 2) == pytest.approx(0.0)
    assert signal_to_noise_db(signal, signal) == 120.0
    assert signal_to_noise_db(np.zeros(3), np.ones(3)) == -120.0


def test_first_large_loss_is_named() -> None:
    assert first_bad([row("a", 33), row("b", 30), row("c", 15), row("d", 5, 15)]).name == "c"
    assert first_bad([row("a", 12), row("b", 11, 12)]).name == "a"
    assert first_bad([row("a", 33), row("b", 32), row("c", 28)]).name == "c"
    assert first_bad([]) is None


def test_what_a_layer_reads_counts_and_not_what_was_computed_before_it() -> None:
    """A branch that is bad leaves the operator of the other branch, which runs after it, without blame."""
    assert first_bad([row("a", 31), row("short", 25, 31), row("long", 14, 31), row("other", 29, 31)]).name == "long"
    assert first_bad([row("a", 40, 50), row("b", 33, 40)]).loss_db == -3  # better than int8 has to be


def test_a_float_file_against_itself_has_no_error(converted: Callable[[str], TfliteFile], maps: np.ndarray) -> None:
    errors = layer_errors(converted("none"), converted("none"), maps)
    assert [error.snr_db for error in errors] == [120.0] * len(errors)
    assert errors[0].name == "unit1_conv"


def test_good_ranges_give_small_errors_everywhere(converted: Callable[[str], TfliteFile], maps: np.ndarray) -> None:
    errors = layer_errors(converted("none"), converted("int8"), maps)
    assert [error.opcode for error in errors] == [
        "INPUT",
        *(op.opcode for op in converted("none").graph.ops),
    ]
    assert min(error.snr_db for error in errors) > 15


def test_broken_calibration_names_the_input(
    converted: Callable[[str], TfliteFile], tiny_model: Any, maps: np.ndarray
) -> None:
    """Ranges measured on inputs a hundred times too quiet cut off the input itself; the layers behind only follow."""
    quiet = convert(tiny_model, RECIPES["int8"], maps / 100)
    errors = layer_errors(converted("none"), quiet, maps)
    assert first_bad(errors) == errors[0]
    assert (errors[0].name, errors[0].opcode) == ("input", "INPUT")
    assert errors[0].snr_db < 10
    assert errors[0].clipped > 0.9
    assert layer_errors(converted("none"), converted("int8"), maps)[0].clipped < 0.001


@pytest.fixture(scope="module")
def branching() -> Any:
    """Stem, a block with a shortcut, and a tail, all 3 x 3: every layer can be the bad one."""
    import keras

    keras.utils.set_random_seed(2)

    def conv(x: Any, name: Any, filters: Any = 8) -> Any:
        return keras.layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)

    inputs = keras.Input((8, 6, 1))
    x = conv(inputs, "stem_conv")
    y = conv(conv(x, "block_first"), "block_second")
    x = keras.layers.Add(name="block_add")([x, y])
    x = keras.layers.GlobalAveragePooling2D(name="head_pool")(conv(x, "tail_conv"))
    x = keras.layers.Dense(3, name="logits")(x)
    return convert(
        keras.Model(inputs, keras.layers.Softmax(name="probabilities")(x), name="branching"), RECIPES["none"]
    )


@pytest.mark.parametrize("layer", ["stem_conv", "block_first", "block_second", "block_add", "tail_conv", "logits"])
@pytest.mark.parametrize("factor", [0.05, 40.0], ids=["narrow", "wide"])
def test_the_layer_whose_range_is_broken_is_named(layer: Any, factor: Any, branching: Any, maps: np.ndarray) -> None:
    ranges = measure_ranges(branching, maps, "minmax")
    names = branching.graph.layer_names
    op = next(op for op in branching.graph.ops if names[op.index] == layer)
    tensor = branching.graph.tensors[op.outputs[0]].name
    low, high = ranges[tensor]
    sound = layer_errors(branching, quantize(branching, ranges, RECIPES["int8"]), maps)
    assert max(error.loss_db for error in sound) < 6
    broken = quantize(branching, ranges | {tensor: (low * factor, high * factor)}, RECIPES["int8"])
    bad = first_bad(layer_errors(branching, broken, maps))
    assert bad.name == layer
    assert bad.loss_db > 6
    assert (bad.clipped > 0.05) is (factor < 1)


def test_operators_are_paired_across_what_the_quantiser_adds(converted: Callable[[str], TfliteFile]) -> None:
    reference, candidate = converted("none").graph, converted("float16").graph
    pairs = pair_operators(reference, candidate)
    assert [first.opcode for first, _ in pairs] == [op.opcode for op in reference.ops]
    assert all(second.opcode == first.opcode for first, second in pairs)
