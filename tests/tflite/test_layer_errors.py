import numpy as np
import pytest

from tfkws.cost.tflite_graph import read_graph
from tfkws.tflite.convert import convert
from tfkws.tflite.layer_errors import LayerError, first_bad, layer_errors, pair_operators, signal_to_noise_db
from tfkws.tflite.recipes import RECIPES


def row(name, snr_db):
    return LayerError(0, "CONV_2D", name, snr_db, 1.0, 0.0)


def test_signal_to_noise_of_known_arrays():
    signal = np.ones(100)
    assert signal_to_noise_db(signal, signal * 1.1) == pytest.approx(20.0)
    assert signal_to_noise_db(signal, signal * 2) == pytest.approx(0.0)
    assert signal_to_noise_db(signal, signal) == 120.0
    assert signal_to_noise_db(np.zeros(3), np.ones(3)) == -120.0


def test_first_large_loss_is_named():
    assert first_bad([row("a", 33), row("b", 30), row("c", 15), row("d", 5)]).name == "c"
    assert first_bad([row("a", 12), row("b", 11)]).name == "a"
    assert first_bad([row("a", 33), row("b", 32), row("c", 28)]).name == "c"
    assert first_bad([]) is None


def test_a_float_file_against_itself_has_no_error(converted, maps):
    errors = layer_errors(converted("none"), converted("none"), maps)
    assert [error.snr_db for error in errors] == [120.0] * len(errors)
    assert errors[0].name == "unit1_conv"


def test_good_ranges_give_small_errors_everywhere(converted, maps):
    errors = layer_errors(converted("none"), converted("int8"), maps)
    assert len(errors) == len(read_graph(converted("none")).ops)
    assert min(error.snr_db for error in errors) > 15


def test_broken_calibration_names_the_first_layer(converted, tiny_model, maps):
    """Ranges measured on inputs a hundred times too quiet cut off the input itself, and with it the first layer."""
    quiet = convert(tiny_model, RECIPES["int8"], maps / 100)
    errors = layer_errors(converted("none"), quiet, maps)
    assert first_bad(errors).name == "unit1_conv"
    assert errors[0].snr_db < 10
    assert errors[0].saturated > 2 * layer_errors(converted("none"), converted("int8"), maps)[0].saturated


def test_operators_are_paired_across_what_the_quantiser_adds(converted):
    reference, candidate = read_graph(converted("none")), read_graph(converted("float16"))
    pairs = pair_operators(reference, candidate)
    assert [first.opcode for first, _ in pairs] == [op.opcode for op in reference.ops]
    assert all(second.opcode == first.opcode for first, second in pairs)
