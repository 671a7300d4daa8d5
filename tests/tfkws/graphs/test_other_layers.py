"""The rest of Keras' layers: each under its class, and others' classes under none."""

import keras

from tfkws.graphs.layer_kinds import LAYER_KINDS
from tfkws.graphs.other_layers import UNKNOWN, counted_as


def test_a_layer_that_can_be_changed_is_counted_as_its_row_says() -> None:
    rows = {kind.name: kind for kind in LAYER_KINDS}
    for layer in (keras.layers.Conv2D(1, 1), keras.layers.ReLU(), keras.layers.Add()):
        row = rows[f"keras.layers.{type(layer).__name__}"]
        assert counted_as(layer) == (row.layer_class, row.category, row.zero_reason)


def test_other_layers_have_papers_categories_where_there_are_some() -> None:
    assert counted_as(keras.layers.Conv1D(1, 1))[:2] == ("Conv2D", "Conv2D")
    assert counted_as(keras.layers.MaxPooling1D())[:2] == ("Pooling", "MaxPool")
    assert counted_as(keras.layers.LSTM(1))[:2] == ("Recurrent", "Other")
    assert "looks values up" in counted_as(keras.layers.Embedding(3, 2)).zero_reason


def test_functions_of_keras_that_multiply_are_told_from_those_that_do_not() -> None:
    inputs = keras.Input((3, 3))
    operations = {
        name: keras.Model(inputs, make(inputs)).operations[-1]
        for name, make in {
            "product": lambda x: keras.ops.matmul(x, x),
            "sum": lambda x: x + x,
            "transform": lambda x: keras.ops.rfft(x)[0],
        }.items()
    }
    assert counted_as(operations["product"]).layer_class == "MatMul"
    assert counted_as(operations["sum"]).zero_reason
    transform = keras.Model(inputs, keras.ops.rfft(inputs)).operations[-1]
    assert counted_as(transform) == UNKNOWN


def test_classes_of_others_are_unknown() -> None:
    class Conv1D(keras.layers.Layer):
        pass

    assert counted_as(Conv1D()) == UNKNOWN
