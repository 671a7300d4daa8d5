"""Counting Keras models: counted, declared zero, or an error; never silently nothing."""

from typing import Any

import keras  # noqa: TID253
import numpy as np
import pytest
from weightless import weightless

from tfkws.cost import count
from tfkws.errors import CostError


def sequential(*layers: keras.Layer, shape: tuple = (8, 6, 4)) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *layers])


def test_one_row_a_layer_with_every_field() -> None:
    report = count(weightless("seed_cnn", (40, 32, 1), 12, convs="3x3,40 1x1,20"))
    row = report.rows[3]
    assert (row.name, row.layer_class, row.output_shape) == ("unit2_conv", "Conv2D", (40, 16, 20))
    assert (row.params, row.macs, row.fpops_eq1) == (800, 640 * 800, 640 * 800 * 3)
    assert row.weight_bytes == 3200
    assert [r.name for r in report.rows][-2:] == ["logits", "probabilities"]


def test_totals_are_sums_of_rows() -> None:
    report = count(weightless("mlperf_ds_cnn", (49, 10, 1), 12))
    for field in ("params", "macs", "fpops_eq1", "weight_bytes"):
        assert getattr(report, field) == sum(getattr(row, field) for row in report.rows) == report.to_dict()[field]
    for field in ("params", "macs"):
        assert sum(getattr(total, field) for total in report.by_class()) == getattr(report, field)


@pytest.mark.parametrize(
    ("name", "variant"),
    [("bc_resnet_1", {}), ("efficientnet_b0", {"width": 0.35, "depth": 0.1}), ("densenet_bc_100_12", {"depth": 10})],
)
def test_zero_is_always_declared(name: str, variant: dict) -> None:
    for row in count(weightless(name, (40, 98, 1), 12, **variant)).rows:
        assert bool(row.macs) != bool(row.zero_reason), row.name


def test_a_grouped_convolution_sees_its_group_only() -> None:
    assert count(sequential(keras.layers.Conv2D(6, 3, padding="same", groups=2))).macs == 48 * 9 * 2 * 6


def test_an_unpadded_strided_convolution_counts_its_own_map() -> None:
    assert count(sequential(keras.layers.Conv2D(5, (3, 2), strides=(2, 3)))).macs == 3 * 2 * 6 * 4 * 5


def test_a_dense_layer_on_a_map_counts_every_point() -> None:
    assert count(sequential(keras.layers.Dense(3))).macs == 8 * 6 * 4 * 3


def test_running_statistics_are_stored_but_no_parameters() -> None:
    report = count(sequential(keras.layers.BatchNormalization()))
    assert (report.params, report.weight_bytes, report.macs) == (8, 64, 0)


def test_a_subclass_of_a_known_layer_is_unknown_and_the_rest_is_counted() -> None:
    class Doubled(keras.layers.Conv2D):
        def call(self, inputs: Any) -> Any:
            return super().call(inputs) + super().call(inputs)

    report = count(sequential(Doubled(3, 1, name="twice"), keras.layers.Conv2D(5, 1)))
    assert (report.uncounted, report.macs) == (("twice",), 48 * 3 * 5)
    assert report.notes == ("no counting rule for Doubled: its MACs are unknown",)


def test_arithmetic_without_a_layer_is_counted() -> None:
    inputs = keras.Input((3, 4))
    weights = np.ones((4, 7), np.float32)
    product = keras.ops.matmul(inputs * 2.0, weights)
    report = count(keras.Model(inputs, keras.ops.einsum("btc,bsc->bts", product, product)))
    assert report.macs == 3 * 4 * 7 + 3 * 3 * 7
    assert [row.layer_class for row in report.rows] == ["Elementwise", "MatMul", "MatMul"]


def test_a_layer_called_twice_works_twice_and_is_stored_once() -> None:
    inputs, shared = keras.Input((4,)), keras.layers.Dense(4, name="shared")
    report = count(keras.Model(inputs, shared(shared(inputs))))
    assert (report.macs, report.params, report.weight_bytes) == (2 * 16, 20, 80)


def test_a_model_inside_a_model_counts_as_its_layers() -> None:
    inner = sequential(keras.layers.Dense(2, name="in"), shape=(4,))
    assert [(row.name, row.macs) for row in count(sequential(inner, shape=(4,))).rows] == [("in", 8)]


def test_an_open_shape_is_an_error() -> None:
    with pytest.raises(CostError, match="open shape"):
        count(sequential(keras.layers.Conv2D(2, 1), shape=(None, 6, 1)))


def test_an_unbuilt_model_is_an_error() -> None:
    with pytest.raises(CostError, match="not built"):
        count(keras.Sequential([keras.layers.Dense(2)]))


def test_counting_changes_nothing() -> None:
    model = weightless("kws12", (40, 32, 1), 3)
    config, weights = model.get_config(), model.get_weights()
    count(model)
    assert model.get_config() == config
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), weights, strict=True))


def test_a_sub_model_counts_its_own_layers() -> None:
    model = weightless("kws12", (40, 32, 1), 3)
    logits = keras.Model(model.inputs, model.get_layer("logits").output)
    assert count(logits).macs == count(model).macs == count(model).macs


@pytest.mark.parametrize("name", ["seed_cnn", "kws3"])
def test_a_plain_chain_peaks_at_its_two_largest_neighbours(name: str) -> None:
    model = weightless(name, (40, 32, 1), 12)
    maps = [40 * 32, *(640 * layer.filters for layer in model.layers if isinstance(layer, keras.layers.Conv2D))]
    assert count(model).peak_activation_bytes == 4 * max(a + b for a, b in zip(maps, maps[1:], strict=False))
