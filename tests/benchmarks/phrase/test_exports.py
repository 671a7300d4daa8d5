import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from fake_bundles import write_loudness_bundle
from micro_bundles import micro_bundle

from benchmarks.phrase import exports as module
from benchmarks.phrase.exports import exports
from benchmarks.phrase.making import measured_arena
from tfkws.tflite.bundle.archive import write_bundle


def written(path: Path) -> Path:
    bundle = micro_bundle()
    write_bundle(path, bundle.model, bundle.features, bundle.labels, bundle.detector, {"synthetic_speech": True})
    return path


def test_a_microwakeword_bundle_is_loaded_by_each_consumer_and_refused_with_the_reason(tmp_path: Path) -> None:
    found = exports(written(tmp_path / "hey.kws"))
    assert set(found) == {"c", "esphome", "openwakeword", "python"}
    if find_spec("pymicro_wakeword") is None:
        pytest.skip("pymicro-wakeword is not installed")
    assert (found["esphome"]["made"], found["esphome"]["loaded"]) == (True, True), found["esphome"]
    assert found["esphome"]["consumer"].startswith("pymicro-wakeword: ")
    assert found["openwakeword"]["made"] is False and "speech embedding" in found["openwakeword"]["why"]
    assert (found["python"]["made"], found["python"]["loaded"]) == (True, True), found["python"]
    assert (found["c"]["made"], found["c"]["loaded"]) == (True, True), found["c"]
    if find_spec("tflite_micro") is not None:
        assert (measured_arena(found) or 0) > 4_000


def test_other_bundles_are_loaded_by_python_and_a_compiler(tmp_path: Path) -> None:
    found = exports(write_loudness_bundle(tmp_path / "loud.kws"))
    assert (found["python"]["made"], found["python"]["loaded"]) == (True, True), found["python"]
    assert found["esphome"]["made"] is False and "micro-40x98" in found["esphome"]["why"]
    if find_spec("tflite_micro") is None or shutil.which("cc") is None:
        pytest.skip("tflite-micro or a C compiler is not installed")
    assert (found["c"]["made"], found["c"]["loaded"]) == (True, True), found["c"]
    assert measured_arena(found) == found["c"]["facts"]["arena_bytes"]


def test_a_consumer_that_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FORMS", ("python",))
    monkeypatch.setitem(module.LOADERS, "python", lambda folder: module._ran(["sh", "-c", "echo no; exit 3"], folder))
    found = exports(write_loudness_bundle(tmp_path / "loud.kws"))["python"]
    assert (found["made"], found["loaded"], found["consumer"]) == (True, False, "no")
