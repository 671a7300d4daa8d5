"""Timing the layers of small networks, on the backend of this process and on JAX in one of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import LayerSettings
from tfkws.config.measurement import LayerMode
from tfkws.errors import BenchmarkError, ConfigError
from tfkws.pipeline.profile.layers import KerasSource, held_on_cores, profile_keras, save_layers
from tfkws.profiling.measure import time_layers as timing

QUICK = LayerSettings(trials=2, passes=3, warmup_passes=1)


@pytest.mark.parametrize("mode", ["compiled", "eager"])
def test_every_layer_is_timed_in_order_with_its_cost(network: Any, mode: LayerMode) -> None:
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


def test_slow_networks_get_fewer_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "_one_pass", lambda calls, start, device: [2e6] * 7)  # 2 s a layer
    assert timing._passes([], {}, LayerSettings(passes=20, seconds=70)) == 5
    assert timing._passes([], {}, LayerSettings(passes=20, seconds=1)) == 3
    assert timing._passes([], {}, LayerSettings(passes=2, seconds=1)) == 2


def test_foreign_inputs_are_refused(network: Any) -> None:
    with pytest.raises(BenchmarkError, match=r"takes maps of shape \(n, \(6, 4, 1\)\)"):
        timing.profile_layers(network, QUICK, {}, examples=np.zeros((2, 4, 6, 1)))


def test_cores_are_held_and_given_back() -> None:
    before = os.sched_getaffinity(0)
    with held_on_cores(1):
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before
    with pytest.raises(BenchmarkError, match="--threads takes 0 to"), held_on_cores(len(before) + 1):
        pass


def test_files_beside_a_file_and_in_a_folder_of_the_zoo(network: Any, tmp_path: Path) -> None:
    from tfkws.models.saving import save_model

    assert KerasSource(Path("dscnn")).folder == Path("artifacts/profiles/dscnn")
    save_model(network, tmp_path / "model.keras")
    results = profile_keras(KerasSource(tmp_path / "model.keras"), QUICK)
    path = results.path
    assert path.parent == tmp_path
    assert results.hooks.weights == "trained" and results.trace is None
    assert len(list(tmp_path.glob("layers-cpu-*-trial*.csv"))) == 2
    assert json.loads(path.read_text())["kind"] == "keras-layers"
    assert save_layers(results.hooks, tmp_path / "other").name == path.name
    with pytest.raises(ConfigError, match="a file is profiled as it is"):
        KerasSource(tmp_path / "model.keras", classes=3).load()


JAX = """
from tfkws import lean_imports
lean_imports.install()
import json, sys
from pathlib import Path
import tfkws.profiling.measure.backend as backend
backend.SIDES, backend.COPY_BYTES = (64,), 1 << 16
from tfkws.pipeline.profile.layers import KerasSource, profile_keras
from tfkws.config import LayerSettings
settings = LayerSettings(trials=1, passes=3)
result = profile_keras(KerasSource(Path("kws12"), (10, 8, 1), 2), settings, out=Path(sys.argv[1])).hooks
assert result.backend == "jax" and len(result.rows) == 21 and result.weights == "random, seed 0"
assert "tensorflow" not in sys.modules
"""


@pytest.mark.slow  # beside tests/tfkws/pipeline/profile/test_layers.py, where JAX is alone
def test_on_jax_without_tensorflow(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", JAX, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert [path.name for path in tmp_path.glob("*.json")] == ["layers-cpu-jax.json"]
