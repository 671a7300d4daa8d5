"""Sizes in a .keras file: the sum over its layers is bounded, and no network of the zoo is refused."""

import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import pytest
from weightless import weightless

from tfkws.errors import ModelError
from tfkws.models.size_limits import MOST_WEIGHTS, _largest, _weights, check_sizes


def config_of(model: Any, folder: Path) -> Any:
    model.save(folder / "model.keras")
    with zipfile.ZipFile(folder / "model.keras") as archive:
        return json.loads(archive.read("config.json"))


def chain(widths: list[int], built: bool) -> dict[str, Any]:
    """The settings of dense layers one behind the other, as Keras writes them."""
    layers = []
    for before, after in zip([4, *widths], widths, strict=False):
        layer: dict[str, Any] = {"module": "keras.layers", "class_name": "Dense", "config": {"units": after}}
        layers.append(layer | ({"build_config": {"input_shape": [None, before]}} if built else {}))
    return {"class_name": "Sequential", "config": {"layers": layers}}


@pytest.mark.parametrize("built", [True, False])
def test_a_chain_of_wide_layers_is_refused_as_a_whole(built: bool) -> None:
    path = Path("a.keras")
    check_sizes(path, chain([15_000] * 2, built))
    with pytest.raises(ModelError, match=r"a.keras asks for about (6\.8|9\.0)e\+08 weights"):
        check_sizes(path, chain([15_000] * 4, built))


def test_weights_are_told_from_the_settings(tmp_path: Path) -> None:
    inputs = keras.Input((8, 6, 5))
    maps = keras.layers.Conv2D(7, (3, 2), use_bias=False)(inputs)
    maps = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False, depth_multiplier=2)(maps)
    steps = keras.layers.Reshape((-1, 14))(maps)
    answer = keras.layers.Dense(3, use_bias=False)(keras.layers.GlobalAveragePooling1D()(steps))
    model = keras.Model(inputs, answer)
    config = config_of(model, tmp_path)
    told = sum(_weights(config, _largest(config)))
    # A depthwise kernel of 3 is written as [3, 3]: 3 x 3 x 2 x 7.
    assert told == model.count_params() == 7 * 3 * 2 * 5 + 3 * 3 * 2 * 7 + 3 * 14


@pytest.mark.parametrize("layer", [keras.layers.SimpleRNN, keras.layers.GRU, keras.layers.LSTM])
def test_recurrent_layers_are_not_told_smaller_than_they_are(layer: Any, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((8, 6)), layer(30, use_bias=False)])
    config = config_of(model, tmp_path)
    assert sum(_weights(config, _largest(config))) >= model.count_params()


@pytest.mark.parametrize("name", ["densenet_bc_190_40", "efficientnet_b7", "bc_resnet_8"])
def test_large_networks_of_the_zoo_are_within(name: str) -> None:
    model = weightless(name, (40, 32, 1), 12)
    config = json.loads(model.to_json())
    told = sum(_weights(config, _largest(config)))
    assert model.count_params() / 2 < told < MOST_WEIGHTS
    check_sizes(Path(name), config)
