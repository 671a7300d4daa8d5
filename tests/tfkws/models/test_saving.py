"""Model files: whole or not at all, and no code from them is run."""

import subprocess
import sys
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras  # noqa: TID253
import numpy as np
import pytest

from tfkws.errors import ModelError
from tfkws.models import build_model
from tfkws.models.saving import load_model, save_model, trust_module
from tfkws.models.strided_rows import StridedRowsDepthwiseConv2D
from tfkws.models.sub_spectral_norm import SubSpectralNormalization


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.keras"
    save_model(build_model("kws12", (40, 32, 1), 3), path)
    return path


def test_a_loaded_model_answers_as_the_saved_one(tmp_path: Path) -> None:
    model = build_model("kws12", (40, 32, 1), 3)
    save_model(model, tmp_path / "model.keras")
    inputs = np.random.default_rng(0).normal(size=(2, 40, 32, 1)).astype(np.float32)
    loaded = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(inputs, training=False), model(inputs, training=False))
    assert [p.name for p in tmp_path.iterdir()] == ["model.keras"]


def test_a_fresh_process_knows_our_own_layers(tmp_path: Path) -> None:
    layers = [keras.Input((7, 3, 2)), StridedRowsDepthwiseConv2D(), SubSpectralNormalization(2)]
    save_model(keras.Sequential(layers), tmp_path / "own.keras")
    code = (
        "import pathlib, sys; from tfkws import lean_imports; lean_imports.install();"
        "from tfkws.models.saving import load_model;"
        "print(load_model(pathlib.Path(sys.argv[1])).output_shape)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "own.keras")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(None, 4, 3, 2)"


def test_a_failed_save_keeps_the_old_file(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, model = saved.read_bytes(), build_model("kws12", (40, 32, 1), 3)
    monkeypatch.setattr(model, "save", lambda path: (path.write_bytes(b"half"), 1 / 0))
    with pytest.raises(ZeroDivisionError):
        save_model(model, saved)
    assert saved.read_bytes() == old
    assert [p.name for p in saved.parent.iterdir()] == ["model.keras"]


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.keras does not exist"):
        load_model(tmp_path / "none.keras")


def test_other_suffixes_are_refused(tmp_path: Path) -> None:
    for use in (load_model, lambda path: save_model(build_model("kws12", (32, 32, 1), 2), path)):
        with pytest.raises(ModelError, match=r"must end in \.keras"):
            use(tmp_path / "model.h5")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.99])
def test_a_cut_file_is_a_sentence(saved: Path, share: float, tmp_path: Path) -> None:
    content = saved.read_bytes()
    cut = tmp_path / "cut.keras"
    cut.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ModelError, match="damaged or not a .keras file"):
        load_model(cut)


@pytest.mark.parametrize("member", ["config.json", "model.weights.h5"])
def test_a_damaged_member_is_a_sentence(saved: Path, member: str, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.keras"
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(damaged, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[: len(content) // 2] if name == member else content)
    with pytest.raises(ModelError, match="train or save the model again"):
        load_model(damaged)


def test_a_zip_of_something_else_is_a_sentence(tmp_path: Path) -> None:
    other = tmp_path / "other.keras"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("config.json", '{"class_name": "Nonsense", "config": {}, "module": "nowhere"}')
    with pytest.raises(ModelError, match="nowhere.Nonsense, which could run code"):
        load_model(other)


def test_a_lambda_layer_is_refused_unrun(tmp_path: Path) -> None:
    path, trace = tmp_path / "trap.keras", tmp_path / "ran"
    inputs = keras.Input((2,))
    outputs = keras.layers.Lambda(lambda x: x, output_shape=(2,))(inputs)
    keras.Model(inputs, outputs).save(path)
    with pytest.raises(ModelError, match="Lambda, which could run code here"):
        load_model(path)
    assert not trace.exists()


def test_a_function_named_as_a_class_is_refused_unrun(saved: Path, tmp_path: Path) -> None:
    """Safe mode alone would import what a file names."""
    other = tmp_path / "foreign.keras"
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                content = content.replace(b'"module": "keras.layers"', b'"module": "keras.utils"', 1)
            target.writestr(name, content)
    with pytest.raises(ModelError, match=r"keras\.utils\..*could run code here"):
        load_model(other)


def _edited(path: Path, old: str, new: str) -> None:
    """Replace a text of a file's configuration, once it is sure to be there."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    text = members["config.json"].decode()
    assert old in text
    members["config.json"] = text.replace(old, new).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _small(path: Path) -> Any:
    inputs = keras.Input((49, 10, 1))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(8, 3)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(3)(x))
    save_model(model, path)
    return model


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"filters": 8', '"filters": 2000000000'),
        ('"kernel_size": [3, 3]', '"kernel_size": [100000, 100000]'),
        ('"filters": 8', '"filters": 9000000, "extra": 1'),
        ("[null, 49, 10, 1]", "[null, 100000, 100000, 1]"),
        ('"units": 3', '"units": 1000000000'),
    ],
)
def test_sizes_that_would_fill_the_memory_are_refused_before_they_are_built(old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    _small(path)
    _edited(path, old, new)
    with pytest.raises(ModelError):
        load_model(path)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    model = _small(path)
    weights = model.get_weights()
    weights[0][0, 0, 0, 0] = np.nan
    model.set_weights(weights)
    save_model(model, path)
    with pytest.raises(ModelError, match="holds weights that are not finite"):
        load_model(path)


@pytest.mark.parametrize("name", ["TorchModuleWrapper", "TFSMLayer", "JaxLayer"])
def test_layers_that_run_code_of_their_own_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    _small(path)
    _edited(path, '"class_name": "GlobalAveragePooling2D"', f'"class_name": "{name}"')
    with pytest.raises(ModelError, match=f"asks for keras.layers.{name}, which could run code"):
        load_model(path)


def test_what_a_model_was_compiled_with_is_not_looked_at(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile(
        keras.optimizers.Adam(1e-3), keras.losses.MeanSquaredError(), metrics=[keras.metrics.MeanSquaredError()]
    )
    model.save(tmp_path / "compiled.keras")
    assert load_model(tmp_path / "compiled.keras").output_shape == (None, 2)


def test_functions_of_keras_are_loaded(tmp_path: Path) -> None:
    inputs = keras.Input((3, 4))
    outputs = keras.ops.relu(keras.ops.matmul(inputs, keras.ops.transpose(inputs, (0, 2, 1))) * 0.5)
    keras.Model(inputs, outputs).save(tmp_path / "ops.keras")
    example = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    answers = load_model(tmp_path / "ops.keras").predict_on_batch(example)
    np.testing.assert_allclose(answers, np.maximum(0.5 * example @ example.transpose(0, 2, 1), 0), rtol=1e-5)


OWN_LAYER = """
import keras

class Doubled(keras.layers.Layer):
    def call(self, inputs):
        return 2 * inputs
"""


def test_a_layer_of_ones_own_is_loaded_where_its_module_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "doubling_layers.py").write_text(OWN_LAYER)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    import doubling_layers

    keras.Sequential([keras.Input((4,)), doubling_layers.Doubled()]).save("own.keras")
    with pytest.raises(ModelError, match=r"doubling_layers.Doubled, which could run code here.*--import"):
        load_model(Path("own.keras"))
    monkeypatch.setattr("tfkws.models.saving._trusted", set())
    trust_module("doubling_layers")
    assert np.array_equal(load_model(Path("own.keras"))(np.ones((1, 4))), 2 * np.ones((1, 4)))


def test_a_module_that_is_not_there_or_fails_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken_layers.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, reason in (("nowhere_layers", "No module named"), ("broken_layers", "division by zero")):
        with pytest.raises(ModelError, match=f"--import {name} cannot be imported .{reason}"):
            trust_module(name)


def test_a_board_without_a_clock_can_save(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = time.struct_time((1971, 1, 2, 0, 0, 0, 5, 2, 0))
    monkeypatch.setattr(zipfile, "time", SimpleNamespace(localtime=lambda seconds: first, time=lambda: 3.2e7))
    path = tmp_path / "model.keras"
    save_model(load_model(saved), path)
    with zipfile.ZipFile(path) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert load_model(path).count_params() == load_model(saved).count_params()
