"""Weights of a trained network in one of other sizes."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tfkws.models import build_model
from tfkws.training.weight_transfer import fitted, transfer_weights

SHAPE, CLASSES = (8, 6, 1), 3


def network(convs: str, seed: int) -> Any:
    """A seed CNN with random weights and statistics."""
    keras.utils.set_random_seed(seed)
    model = build_model("seed_cnn", SHAPE, CLASSES, convs=convs)
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        layer.set_weights([w + rng.uniform(0.1, 0.4, w.shape) for w in layer.get_weights()])
    return model


def answers(model: Any) -> np.ndarray:
    maps = np.random.default_rng(0).normal(size=(5, *SHAPE)).astype(np.float32)
    return np.asarray(keras.Model(model.input, model.get_layer("logits").output)(maps, training=False))


@pytest.mark.parametrize("grown", ["3x3,4 5x5,3", "5x5,4 3x3,3", "3x5,4 4x4,3", "4x10,4 5x4,3", "3x3,4 3x3,3"])
def test_larger_kernels_compute_the_same(grown: str) -> None:
    small, large = network("3x3,4 3x3,3", 1), network(grown, 2)
    transfer_weights(small, large)
    np.testing.assert_allclose(answers(large), answers(small), rtol=1e-4, atol=1e-5)


def test_more_filters_add_to_the_answer_and_change_nothing_that_was_there() -> None:
    small, large = network("3x3,4 3x3,3", 1), network("3x3,7 3x3,5", 2)
    fresh = [w.copy() for w in large.get_weights()]
    transfer_weights(small, large)
    for name in ("unit1_conv", "unit2_conv"):
        mine, its = large.get_layer(name).get_weights()[0], small.get_layer(name).get_weights()[0]
        channels, filters = its.shape[2:]
        np.testing.assert_array_equal(mine[:, :, :channels, :filters], its)
        assert not mine[:, :, channels:, :filters].any()  # what an old filter did not see counts nothing
    assert np.array_equal(large.get_layer("unit1_conv").get_weights()[0][..., 4:], fresh[0][..., 4:])


def test_fewer_filters_are_the_first_ones() -> None:
    large, small = network("5x5,7 3x3,5", 1), network("3x3,4 3x3,5", 2)
    assert transfer_weights(large, small) == 1.0
    kernel = large.get_layer("unit1_conv").get_weights()[0]
    np.testing.assert_array_equal(small.get_layer("unit1_conv").get_weights()[0], kernel[1:4, 1:4, :, :4])
    norms = [model.get_layer("unit1_conv_norm").get_weights() for model in (large, small)]
    assert all(np.array_equal(b, a[:4]) for a, b in zip(*norms, strict=True))


def test_depthwise_and_dense_kernels_by_hand() -> None:
    trained, fresh = np.arange(9.0).reshape(3, 3, 1, 1), np.full((3, 3, 2, 1), -1.0)
    result = fitted(fresh, trained, output_axis=-2)
    np.testing.assert_array_equal(result[..., 0, 0], trained[..., 0, 0])
    assert (result[..., 1, 0] == -1).all()
    dense = fitted(np.full((3, 2), -1.0), np.ones((2, 2)), output_axis=-1)
    np.testing.assert_array_equal(dense, [[1, 1], [1, 1], [0, 0]])


def test_layers_that_the_trained_one_lacks_stay_random() -> None:
    few = build_model("mlperf_ds_cnn", (12, 8, 1), CLASSES, filters=4, repeats=1)
    many = build_model("mlperf_ds_cnn", (12, 8, 1), CLASSES, filters=6, repeats=2)
    before = many.get_layer("stage1_block2_depthwise").get_weights()[0].copy()
    share = transfer_weights(few, many)
    np.testing.assert_array_equal(many.get_layer("stage1_block2_depthwise").get_weights()[0], before)
    kernels = [model.get_layer("stage1_block1_depthwise").get_weights()[0] for model in (few, many)]
    np.testing.assert_array_equal(kernels[1][:, :, :4], kernels[0])
    assert 0 < share < 1


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    from tfkws.errors import RunFolderError
    from tfkws.training.weight_transfer import warm_networks

    class Run:
        class model:
            name, variant = "seed_cnn", {"convs": "3x3,4"}  # noqa: RUF012

        class features:
            input_shape = SHAPE

        labels = ("a", "b", "c")

    with pytest.raises(RunFolderError):
        warm_networks(Run, tmp_path / "nothing")  # type: ignore[arg-type]
