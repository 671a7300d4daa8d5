"""A model folder is opened by its own path or by any file in it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.errors import ConfigError, RunFolderError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.run_folder import read_json, write_json
from tfkws.training.model_folder import CHUNK, CONFIG, open_model_folder, predict_in_chunks, write_config

RUN = RunConfig(
    TaskConfig("wake-word", ("yes",)),
    FRONT_ENDS["mfcc-49x10"],
    ModelConfig("seed_cnn", {"convs": "3x3,8"}),
    TrainConfig(learning_rate=0.1 + 0.2),
    ("_other_", "yes"),
    "clips",
    False,
)


@pytest.mark.parametrize("inside", ["", "model.keras", "int8.tflite", "not there"])
def test_the_folder_and_any_path_in_it_open_the_same(tmp_path: Path, inside: str) -> None:
    write_config(tmp_path, RUN)
    folder = open_model_folder(tmp_path / inside)
    assert (folder.path, folder.config) == (tmp_path, RUN)
    assert folder.weights == tmp_path / "model.keras"


def test_a_folder_without_settings_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"holds no config\.json; give a folder that `tfkws train` wrote"):
        open_model_folder(tmp_path)


def test_a_setting_of_another_version_is_refused(tmp_path: Path) -> None:
    write_config(tmp_path, RUN)
    values = read_json(tmp_path / CONFIG)
    values["train"]["warp"] = 9
    write_json(tmp_path / CONFIG, values)
    with pytest.raises(ConfigError, match="no setting 'warp'"):
        open_model_folder(tmp_path)


def test_a_trial_of_a_search_is_named_by_its_number(tmp_path: Path) -> None:
    search = tmp_path / "s"
    trial = search / "trials" / "0007"
    write_config(trial, RUN)
    (trial / "model.keras").write_bytes(b"weights")
    write_json(search / CONFIG, {"search": {}})
    write_json(search / "front.json", {"members": [{"number": 7}, {"number": 12}]})
    assert open_model_folder(Path(f"{search}:7")).path == trial
    with pytest.raises(RunFolderError, match=r"holds a search; give a member of its front: \S+/s:7, \S+/s:12\."):
        open_model_folder(search)
    with pytest.raises(RunFolderError, match=r"holds no trained network 8; its front is \S+/s:7"):
        open_model_folder(Path(f"{search}:8"))
    with pytest.raises(RunFolderError, match="does not exist"):
        open_model_folder(tmp_path / "nothing:7")


@pytest.mark.parametrize("members", [[3], 3, "x", None, [{}], [{"number": 7}, {"macs": 1}]])
def test_a_search_with_a_damaged_front_is_one_sentence(members: object, tmp_path: Path) -> None:
    write_json(tmp_path / "front.json", {"members": members})
    with pytest.raises((RunFolderError, ConfigError), match="give a member of its front|members.* must"):
        open_model_folder(tmp_path)


class _Counted:
    """A layer whose call in Python is counted: a traced function calls it once a trace."""

    def __init__(self) -> None:
        import keras

        outer = self
        self.calls = 0

        class Layer(keras.layers.Layer):
            def call(self, inputs: Any) -> Any:
                outer.calls += 1
                return inputs * 2

        self.layer = Layer()


def test_chunks_of_every_length_are_answered_by_one_trace(caplog: pytest.LogCaptureFixture) -> None:
    import keras

    counted = _Counted()
    network = keras.Sequential([keras.Input((3, 2, 1)), counted.layer, keras.layers.Flatten(), keras.layers.Dense(4)])
    built = counted.calls
    rng = np.random.default_rng(0)
    for count in (CHUNK + 9, 5, 2 * CHUNK + 1, 1, CHUNK, 70, 33, 2):
        maps = rng.normal(size=(count, 3, 2, 1)).astype(np.float32)
        expected = 2 * maps.reshape(count, 6) @ network.layers[-1].get_weights()[0]
        np.testing.assert_allclose(predict_in_chunks(network, maps), expected, atol=1e-5)
    assert counted.calls - built == 1
    assert network.predict_function.experimental_get_tracing_count() == 1
    assert "retracing" not in caplog.text


def test_many_networks_of_few_clips_each_are_no_retracing(caplog: pytest.LogCaptureFixture) -> None:
    import keras

    for seed in range(7):
        network = keras.Sequential([keras.Input((3, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
        maps = np.random.default_rng(seed).normal(size=(5 + seed, 3, 2, 1)).astype(np.float32)
        for part in (maps, maps[:3]):
            assert predict_in_chunks(network, part).shape == (len(part), 2)
    assert "retracing" not in caplog.text
