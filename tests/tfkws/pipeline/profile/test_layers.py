"""The stage of `tfkws profile layers`: what it writes with a trace, and where LiteRT is missing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tfkws.config import LayerSettings
from tfkws.pipeline.profile.layers import KerasSource, profile_keras, save_trace
from tfkws.profiling.trace.layer_trace import LayerTrace

KWS12 = KerasSource(Path("kws12"), (10, 8, 1), 2)
QUICK = LayerSettings(how="trace", trials=2, passes=3, warmup_passes=1)


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfkws.profiling.measure.backend.SIDES", (64,))
    monkeypatch.setattr("tfkws.profiling.measure.backend.COPY_BYTES", 1 << 16)


def test_a_trace_is_written_beside_the_layers_called_by_themselves(tmp_path: Path) -> None:
    results = profile_keras(KWS12, QUICK, out=tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "layers-cpu-tensorflow-trace.json",
        "layers-cpu-tensorflow-trial1.csv",
        "layers-cpu-tensorflow-trial2.csv",
        "layers-cpu-tensorflow.json",
    ]
    assert results.trace is not None and results.path.name == names[0]
    written = json.loads(results.path.read_text())
    assert written["kind"] == "keras-layers-trace"
    assert written["hooks_call_us"] == results.hooks.call_us
    assert all(layer["hooks_us"] > 0 for layer in written["layers"])


def test_traces_of_two_sources_in_one_folder_do_not_replace_each_other(tmp_path: Path) -> None:
    trace = LayerTrace(
        "net", (8, 6, 1), "noise", "random", "jax", "1", "3", "gpu", "H100", 1, 1, 1, ((2.0,),), (1.0,), 0.0, (), (),
        None, {},
    )  # fmt: skip
    paths = [save_trace(trace, tmp_path, source).name for source in ("kws10", "kws12", "kws10")]
    other = "layers-kws12-gpu-jax-trace.json"
    assert paths == ["layers-gpu-jax-trace.json", other, "layers-gpu-jax-trace.json"]


ALONE = """
import importlib.abc, json, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("ai_edge_litert", "flatbuffers", "tensorflow"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
import tfkws.profiling.measure.backend as backend
backend.SIDES, backend.COPY_BYTES = (64,), 1 << 16
from typer.testing import CliRunner
from tfkws.cli import app
for how in ("hooks", "trace"):
    done = CliRunner().invoke(app, ["profile", "layers", *sys.argv[1:], "--how", how], catch_exceptions=False)
    print(json.dumps([done.exit_code, done.stdout, done.stderr]))
"""


@pytest.fixture(scope="module")
def profiled_alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[Any]]]:
    """A folder of profiles that one process wrote, and what it answered to each way of profiling."""
    pytest.importorskip("jax")
    folder = tmp_path_factory.mktemp("alone")
    options = ["--classes", "2", "--input-size", "10x8", "--trials", "1", "--runs", "3", "--json", "--out", str(folder)]
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", ALONE, "kws12", *options]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    hooks, trace = map(json.loads, done.stdout.splitlines())
    return folder, {"hooks": hooks, "trace": trace}


@pytest.mark.parametrize("how", ["hooks", "trace"])
def test_jax_without_litert_and_tensorflow_profiles_layers(
    how: str, profiled_alone: tuple[Path, dict[str, list[Any]]]
) -> None:
    folder, answers = profiled_alone
    code, output, errors = answers[how]
    assert code == 0, errors
    assert "limits (roofline) are left out: they are measured through ai-edge-litert" in errors
    shown = json.loads(output)
    assert (shown["backend"], shown["weights"]) == ("jax", "random, seed 0")
    assert how == "trace" or len(shown["rows"]) == 21
    assert shown["kind"] == {"hooks": "keras-layers", "trace": "keras-layers-trace"}[how]
    assert (folder / ("layers-cpu-jax-trace.json" if how == "trace" else "layers-cpu-jax.json")).exists()
