"""The archive that is pushed to devices: the same bytes each time, and nothing but NumPy and a runtime behind it."""

import ast
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import ai_edge_litert
import ml_dtypes
import numpy as np
import pytest

from tfkws.tflite.targets import device_archive

PYTHON = (3, 9)


def sources() -> Any:
    with zipfile.ZipFile(io.BytesIO(device_archive.archive())) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_equal_modules_give_equal_bytes() -> None:
    assert device_archive.archive() == device_archive.archive()


def test_every_module_is_of_an_old_enough_python() -> None:
    for name, source in sources().items():
        tree = ast.parse(source, feature_version=PYTHON)
        if any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree)):
            assert "from __future__ import annotations" in source or "errors" in name or "native_output" in name, name
        # What ast does not know of: Python 3.10's zip(strict=True) and unions at run time.
        assert "strict=True" not in source, name


def test_every_import_of_tfkws_is_in_it() -> None:
    names = {name.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".") for name in sources()}
    for name, source in sources().items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tfkws"):
                assert node.module in names, f"{name} imports {node.module}"


def run_alone(tmp_path: Any, kind: Any, request: Any, packages: Any) -> Any:
    """Run the archive with an interpreter that sees only some packages."""
    file = tmp_path / device_archive.NAME
    file.write_bytes(device_archive.archive())
    site = tmp_path / "site"
    site.mkdir()
    for package in packages:
        (site / package).symlink_to(Path(str(sys.modules[package].__file__)).parent)
    command = [sys.executable, "-S", "-B", str(file), kind]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(
        command, input=json.dumps(request), capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )


def test_times_a_model_with_numpy_and_a_runtime_alone(tmp_path: Path, abs_file: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros(3, np.float32))
    request = {"model": str(abs_file), "examples": "x.npy", "runtime": "litert", "kernels": "xnnpack", "threads": 1,
               "warmup_runs": 2, "runs": 12, "seconds": 5}  # fmt: skip
    assert ai_edge_litert.__name__ == "ai_edge_litert"
    done = run_alone(tmp_path, "time", request, ["numpy", "ai_edge_litert"])
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (len(answer["samples_ns"]), len(answer["warmup_ns"])) == (12, 2)


def test_times_files_in_blocks_and_leaves_out_what_is_none(tmp_path: Path, abs_file: Path) -> None:
    (tmp_path / "none.tflite").write_bytes(b"no model")
    request = {"models": [str(abs_file), "none.tflite", str(abs_file)], "runtime": "litert", "kernels": "builtin",
               "threads": 1, "runs": 6, "block": 3}  # fmt: skip
    done = run_alone(tmp_path, "time-operators", request, ["numpy", "ai_edge_litert"])
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert [len(samples) for samples in answer["samples_ns"]] == [6, 0, 6]
    assert [bool(reason) for reason in answer["refused"]] == [False, True, False]


def test_facts_need_nothing_and_a_missing_numpy_is_one_sentence(tmp_path: Path) -> None:
    done = run_alone(tmp_path, "facts", {}, [])
    assert json.loads(done.stdout)["packages"] == {}
    (tmp_path / "more").mkdir()
    done = run_alone(tmp_path / "more", "time", {}, [])
    assert (done.returncode, done.stderr) == (
        1, "numpy is not installed; run `pip install tfkws` there, which brings it.\n",
    )  # fmt: skip


@pytest.mark.usefixtures("software_gpu")
def test_times_a_model_on_a_gpu_with_numpy_and_a_runtime_alone(tmp_path: Path, abs_file: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros(3, np.float32))
    request = {"model": str(abs_file), "examples": "x.npy", "runtime": "litert-gpu", "kernels": "xnnpack",
               "threads": 1, "warmup_runs": 2, "runs": 12, "seconds": 5}  # fmt: skip
    done = run_alone(tmp_path, "time", request, ["numpy", "ai_edge_litert", "ml_dtypes"])
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    told = answer["accelerator"]
    assert ml_dtypes.__name__ == "ml_dtypes"  # which ai-edge-litert brings
    assert (len(answer["samples_ns"]), len(told["without_transfer_ns"])) == (12, 12)
    assert told["adapter"]["software"] and told["adapter"]["driver"] and told["largest_difference"] == 0
    (tmp_path / "more").mkdir()
    done = run_alone(tmp_path / "more", "try", {"runtime": "litert-gpu"}, ["numpy", "ai_edge_litert", "ml_dtypes"])
    assert (done.returncode, done.stderr) == (0, "")


def test_a_device_without_a_gpu_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES"):
        monkeypatch.setenv(name, str(tmp_path / "none.json"))
    done = run_alone(tmp_path, "try", {"runtime": "litert-gpu"}, ["numpy", "ai_edge_litert", "ml_dtypes"])
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("No GPU can be used: ")
