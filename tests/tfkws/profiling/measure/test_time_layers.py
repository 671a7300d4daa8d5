"""Timing the layers of small networks, on the backend of this process and on JAX in one of its own."""

import csv
import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tfkws.errors import BenchmarkError, ConfigError
from tfkws.pipeline.profile.layers import KerasSource, held_on_cores, profile_keras, save_layers
from tfkws.profiling.measure import time_layers as timing
from tfkws.profiling.measure.layer_profile import LayerSettings, thin, trial_csv

QUICK = LayerSettings(trials=2, passes=3, warmup_passes=1)


@pytest.fixture(scope="module")
def network():
    """A join, a sum and two inputs to a layer, so that values are read more than once; 6 x 4 input."""
    import keras

    inputs = keras.Input((6, 4, 1))
    x = keras.layers.Conv2D(3, 3, padding="same", name="conv")(inputs)
    y = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.Add(name="sum")([x, y])
    x = keras.layers.Concatenate(name="join")([x, y])
    x = keras.layers.GlobalAveragePooling2D(name="pool")(keras.layers.Dropout(0.5, name="drop")(x))
    return keras.Model(inputs, keras.layers.Dense(2, name="dense")(x), name="net")


@pytest.fixture(autouse=True)
def small_limits(monkeypatch):
    monkeypatch.setattr("tfkws.profiling.measure.backend_limits.SIDES", (64,))
    monkeypatch.setattr("tfkws.profiling.measure.backend_limits.COPY_BYTES", 1 << 16)


@pytest.mark.parametrize("mode", ["compiled", "eager"])
def test_every_layer_is_timed_in_order_with_its_cost(network, mode):
    result = timing.profile_layers(network, LayerSettings(mode=mode, trials=2, passes=3, warmup_passes=1), {"cpu": "C"})
    assert [row.name for row in result.rows] == ["conv", "norm", "sum", "join", "drop", "pool", "dense"]
    assert all(len(row.samples_us) == 2 and all(len(trial) == 3 for trial in row.samples_us) for row in result.rows)
    assert all(value > 0 for row in result.rows for trial in row.samples_us for value in trial)
    rows = {row.name: row for row in result.rows}
    assert rows["conv"].macs == 6 * 4 * 3 * 3 * 3
    assert rows["conv"].bytes_moved == 4 * (6 * 4 + 3 * 3 * 3 + 3 + 6 * 4 * 3)
    assert rows["join"].bytes_moved == 4 * 6 * 4 * (3 + 3 + 6)
    assert (rows["drop"].category, rows["join"].category) == ("Dropout", "Other")
    assert min(result.call_us, result.peak_macs_per_s, result.copy_bytes_per_s) > 0
    assert np.shape(result.whole_compiled_us) == np.shape(result.whole_eager_us) == (2, 3)


@pytest.mark.parametrize("mode", ["compiled", "eager"])
def test_layers_are_called_on_the_values_they_really_get(network, mode):
    """Calling the layers one by one gives what the network gives."""
    from tfkws.graphs.keras import read_graph
    from tfkws.profiling.measure.layer_calls import layer_calls, whole_call

    example = np.random.default_rng(1).normal(size=(1, 6, 4, 1)).astype(np.float32)
    values = {id(network.inputs[0]): example}
    for call in layer_calls(read_graph(network).nodes, mode):
        values[call.output] = call.run(*call.weights, *(values[index] for index in call.inputs))
    expected = network.predict_on_batch(example)
    assert np.allclose(values[id(network.outputs[0])], expected, atol=1e-6)
    whole = whole_call(network, mode)
    assert np.allclose(whole.run(*whole.weights, example), expected, atol=1e-6)


def test_only_layers_of_equal_settings_share_a_program():
    import keras

    from tfkws.graphs.keras import read_graph
    from tfkws.profiling.measure.layer_calls import layer_calls

    inputs = x = keras.Input((6, 6, 2))
    for kwargs in ({}, {}, {"dilation_rate": 2}, {"activation": "relu"}, {"use_bias": False}):
        x = keras.layers.Conv2D(2, 3, padding="same", **kwargs)(x)
    for limit in (1.0, 6.0, 1.0):
        x = keras.layers.ReLU(max_value=limit)(x)
    calls = layer_calls(read_graph(keras.Model(inputs, x)).nodes, "compiled")
    programs = [[call.run for call in calls].index(call.run) for call in calls]
    assert programs == [0, 0, 2, 3, 4, 5, 6, 5]


def test_slow_networks_get_fewer_passes(monkeypatch):
    monkeypatch.setattr(timing, "_one_pass", lambda calls, start, device: [2e6] * 7)  # 2 s a layer
    assert timing._passes([], {}, LayerSettings(passes=20, seconds=70)) == 5
    assert timing._passes([], {}, LayerSettings(passes=20, seconds=1)) == 3
    assert timing._passes([], {}, LayerSettings(passes=2, seconds=1)) == 2


def test_csv_of_a_trial_and_thinning(network):
    values = json.loads(json.dumps(timing.profile_layers(network, QUICK, {}).to_dict()))
    lines = list(csv.DictReader(io.StringIO(trial_csv(values, 1))))
    assert [line["layer"] for line in lines] == [row["name"] for row in values["rows"]]
    assert lines[0]["runs"] == "3"
    assert float(lines[0]["time_us"]) == pytest.approx(sum(values["rows"][0]["samples_us"][1]), abs=0.01)
    assert lines[0]["macs"] == str(6 * 4 * 27)
    small = thin(values)
    assert [len(trial) for trial in small["rows"][0]["samples_us"]] == [1, 1]
    assert small["rows"][0]["samples_us"][0][0] == pytest.approx(np.mean(values["rows"][0]["samples_us"][0]))
    assert "thinned" in small


def test_a_gpu_that_is_not_there_is_one_sentence(monkeypatch):
    import keras

    for answer in (lambda kind: [], lambda kind: (_ for _ in ()).throw(RuntimeError("Unknown backend"))):
        monkeypatch.setattr(keras.distribution, "list_devices", answer)
        with pytest.raises(BenchmarkError, match="sees no GPU here; use --device cpu"):
            profile_keras(KerasSource("kws12"), LayerSettings(device="gpu"))


@pytest.mark.parametrize(("name", "value"), [("device", "tpu"), ("mode", "fast"), ("trials", 0), ("passes", 0)])
def test_settings_are_checked(name, value):
    with pytest.raises(BenchmarkError, match=name):
        LayerSettings(**{name: value})


def test_foreign_inputs_are_refused(network):
    with pytest.raises(BenchmarkError, match=r"takes maps of shape \(n, \(6, 4, 1\)\)"):
        timing.profile_layers(network, QUICK, {}, examples=np.zeros((2, 4, 6, 1)))


def test_cores_are_held_and_given_back():
    before = os.sched_getaffinity(0)
    with held_on_cores(1):
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before
    with pytest.raises(BenchmarkError, match="--threads takes 0 to"), held_on_cores(len(before) + 1):
        pass


def test_files_beside_a_file_and_in_a_folder_of_the_zoo(network, tmp_path):
    from pathlib import Path

    from tfkws.models.saving import save_model

    assert KerasSource(Path("dscnn")).folder == Path("artifacts/profiles/dscnn")
    save_model(network, tmp_path / "model.keras")
    result, path = profile_keras(KerasSource(tmp_path / "model.keras"), QUICK)
    assert path.parent == tmp_path
    assert result.weights == "trained"
    assert len(list(tmp_path.glob("layers-cpu-*-trial*.csv"))) == 2
    assert json.loads(path.read_text())["kind"] == "keras-layers"
    assert save_layers(result, tmp_path / "other").name == path.name
    with pytest.raises(ConfigError, match="a file is profiled as it is"):
        KerasSource(tmp_path / "model.keras", classes=3).load()


JAX = """
import json, sys
from pathlib import Path
import tfkws.profiling.measure.backend_limits as limits
limits.SIDES, limits.COPY_BYTES = (64,), 1 << 16
from tfkws.pipeline.profile.layers import KerasSource, profile_keras
from tfkws.profiling.measure.layer_profile import LayerSettings
settings = LayerSettings(trials=1, passes=3)
result, path = profile_keras(KerasSource(Path("kws12"), (10, 8, 1), 2), settings, out=Path(sys.argv[1]))
assert result.backend == "jax" and len(result.rows) == 21 and result.weights == "random, seed 0"
assert "tensorflow" not in sys.modules
"""


def test_on_jax_without_tensorflow(tmp_path):
    pytest.importorskip("jax")
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", JAX, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert [path.name for path in tmp_path.glob("*.json")] == ["layers-cpu-jax.json"]
