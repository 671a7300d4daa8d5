"""A .keras file made elsewhere: adapted to what is told, scored, converted and compressed like our own."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras  # noqa: TID253
import numpy as np
import pytest
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.config import Compression, ForeignModel
from tfkws.data.task_data import load_task
from tfkws.errors import ConfigError, ModelError, RunFolderError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.pipeline.compress import compress
from tfkws.pipeline.convert import convert_folder
from tfkws.pipeline.parts.bare_model import BareModel, fitted, on_clips, open_bare, open_bare_detector, open_source
from tfkws.run_folder import read_json

LABELS = ("_other_", "yes")
TOLD = ForeignModel(LABELS, FRONT_ENDS["mfcc-49x10"])


def network(shape: tuple[int, ...] = (49, 10, 1), outputs: bool = True, name: str = "theirs") -> keras.Model:
    keras.utils.set_random_seed(3)
    inputs = keras.Input(shape)
    x = inputs if len(shape) == 3 else keras.layers.Reshape((49, 10, 1))(inputs)
    x = keras.layers.Conv2D(8, 3, strides=2, use_bias=False)(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dense(2)(x)
    model = keras.Model(inputs, keras.layers.Softmax()(x) if outputs else x, name=name)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "theirs" / "own.keras"
    path.parent.mkdir()
    network().save(path)
    return path


def test_a_model_that_fits_is_taken_as_it_is() -> None:
    model = network()
    assert fitted(model, TOLD) is model


def test_another_shape_scale_and_logits_are_adapted(rng: np.random.Generator) -> None:
    told = ForeignModel(LABELS, FRONT_ENDS["mfcc-49x10"], scale=2.0, offset=-1.0, logits=True)
    model = network((490,), outputs=False)
    maps = rng.normal(size=(5, 49, 10, 1)).astype(np.float32)
    logits = model.predict_on_batch(2 * maps.reshape(5, 490) - 1)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fitted(model, told).predict_on_batch(maps), expected, rtol=1e-5)


def test_one_output_is_the_probability_of_the_second_label(rng: np.random.Generator) -> None:
    inputs = keras.Input((49, 10, 1))
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D()(inputs)))
    maps = rng.normal(size=(5, 49, 10, 1)).astype(np.float32)
    second = 1 / (1 + np.exp(-model.predict_on_batch(maps)))
    given = fitted(model, replace(TOLD, logits=True)).predict_on_batch(maps)
    np.testing.assert_allclose(given, np.concatenate([1 - second, second], axis=1), rtol=1e-5)


def test_a_map_the_other_way_round_is_transposed_not_reshaped(rng: np.random.Generator) -> None:
    inputs = keras.Input((10, 49))
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(inputs)))
    maps = rng.normal(size=(5, 49, 10, 1)).astype(np.float32)
    expected = model.predict_on_batch(maps[..., 0].transpose(0, 2, 1))
    np.testing.assert_allclose(fitted(model, TOLD).predict_on_batch(maps), expected, rtol=1e-5)


class Subclassed(keras.Model):
    """A network that is written as a class, and says nothing of its inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(2, activation="softmax")

    def call(self, maps: keras.KerasTensor) -> keras.KerasTensor:
        """Answer maps."""
        return self.dense(keras.ops.mean(maps, axis=(2, 3)))


def test_a_class_of_their_own_and_an_open_length_are_taken(rng: np.random.Generator) -> None:
    maps = rng.normal(size=(5, 49, 10, 1)).astype(np.float32)
    model = Subclassed()
    expected = model(maps)
    np.testing.assert_allclose(fitted(model, TOLD).predict_on_batch(maps), expected, rtol=1e-5)
    inputs = keras.Input((None, 10, 1))
    opened = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(inputs)))
    assert fitted(opened, TOLD).input_shape == (None, 49, 10, 1)
    with pytest.raises(ModelError, match=r"cannot be called on \(49, 10, 1\) \("):
        fitted(Refusing(), TOLD)


class Refusing(keras.Model):
    """A network that takes something else."""

    def call(self, maps: keras.KerasTensor) -> keras.KerasTensor:
        """Refuse."""
        raise KeyError("audio")


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (
            lambda: keras.Model(x := keras.Input((70, 7)), keras.layers.Dense(2)(keras.layers.Flatten()(x))),
            r"takes \(70, 7\), and what was told gives \(49, 10, 1\)",  # as many values, in no order that fits
        ),
        (
            lambda: network((40, 32, 1)),
            r"takes \(40, 32, 1\), and what was told gives \(49, 10, 1\); name the front end",
        ),
        (
            lambda: keras.Model(x := keras.Input((49, 10, 1)), keras.layers.Dense(3)(keras.layers.Flatten()(x))),
            r"answers \(3,\), and 2 labels were told",
        ),
        (
            lambda: keras.Model([a := keras.Input((4,)), b := keras.Input((4,))], keras.layers.Add()([a, b])),
            "has 2 inputs; a model that hears clips has one. Wrap it in a keras.Model with one input",
        ),
    ],
)
def test_what_does_not_fit_is_a_sentence(model: Callable[[], keras.Model], sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        fitted(model(), TOLD)


def test_labels_of_no_protocol_or_in_another_order_are_refused(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No protocol has the classes yes, no"):
        open_bare(saved, ForeignModel(("yes", "no"), TOLD.features), tmp_path)
    with pytest.raises(ConfigError, match="in the order _other_, yes, and the model's outputs another"):
        open_bare(saved, ForeignModel(("yes", "_other_"), TOLD.features), tmp_path)


def test_only_a_keras_file_is_told_of(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="are for a .keras file made elsewhere"):
        open_source(saved.parent, TOLD, tmp_path)
    with pytest.raises(ConfigError, match="give them with --data"):
        open_source(saved, TOLD, None)
    with pytest.raises(RunFolderError, match="holds no config.json"):
        open_source(saved, None, None)


def test_a_file_made_elsewhere_answers_clips_as_it_does_at_home(saved: Path, rng: np.random.Generator) -> None:
    detector = open_bare_detector(saved, TOLD)
    maps = rng.normal(size=(3, 49, 10, 1)).astype(np.float32)
    np.testing.assert_allclose(detector.predict(maps), network().predict_on_batch(maps), rtol=1e-5)
    assert (detector.stem, detector.folder) == ("own", saved.parent)


def test_it_is_converted_and_compressed_like_our_own(
    saved: Path, make_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_folder()
    source = open_source(saved, TOLD, folder)
    assert isinstance(source, BareModel)
    data = load_task(folder, source.config.task)
    file = convert_folder(on_clips(source, data), "int8", data=data)
    assert file == saved.parent / "int8.tflite"
    assert read_json(saved.parent / "int8.parity.json")["splits"]["validation"]["clips"] > 0
    plan = Compression(quantization_aware=True, iterations=2)
    tuned = compress(on_clips(source, data), plan, data, tmp_path / "out")
    assert tuned.load_keras().count_params() == source.load_keras().count_params()
    with pytest.raises(ConfigError, match="--prune-macs builds narrower networks of the zoo by their names"):
        compress(on_clips(source, data), Compression(prune_macs=0.3), data, tmp_path / "out")


def test_the_commands_take_it(saved: Path, make_folder: Callable[..., Path]) -> None:
    told = ["--labels", "other,yes", "--features", "mfcc-49x10", "--data", str(make_folder())]
    scored = CliRunner().invoke(app, ["evaluate", str(saved), *told])
    assert scored.exit_code == 0, scored.output
    assert (saved.parent / "evaluation-own-testing.json").is_file()
    converted = CliRunner().invoke(app, ["convert", str(saved), *told])
    assert converted.exit_code == 0, converted.output
    assert (saved.parent / "none.tflite").is_file()
