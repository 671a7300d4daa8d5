"""The arena: measured here beside what microWakeWord's manifests ask for, and the estimate beside the measured one."""

import json
from pathlib import Path

import pytest
from micro_bundles import micro_bundle

from tfkws.errors import RuntimeUnavailableError
from tfkws.tflite.export.esphome import arena
from tfkws.tflite.export.esphome.arena import arena_of, estimated_bytes
from tfkws.tflite.export.esphome.form import device_file
from tfkws.tflite.file.tflite_file import TfliteFile


def published() -> list[tuple[TfliteFile, int]]:
    package = pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed")
    manifests = sorted((Path(package.__file__).parent / "models").glob("*.json"))
    asked = [json.loads(path.read_text())["micro"]["tensor_arena_size"] for path in manifests]
    return [(TfliteFile.read(path.with_suffix(".tflite")), size) for path, size in zip(manifests, asked, strict=True)]


def test_what_is_asked_for_is_enough_for_microwakewords_own_files() -> None:
    pytest.importorskip("tflite_micro", reason="tflite-micro is not installed")
    for file, asked in published():
        found = arena_of(file)
        assert found.measured_bytes is not None and found.measured_bytes < asked <= found.asked_bytes
        assert found.asked_bytes % 16 == 0 and found.asked_bytes < 1.5 * asked


def test_the_estimate_is_not_below_what_is_measured() -> None:
    pytest.importorskip("tflite_micro", reason="tflite-micro is not installed")
    for file in (*(file for file, _ in published()), device_file(micro_bundle(), 1)):
        measured = arena_of(file).measured_bytes or 0
        assert measured <= estimated_bytes(file) < 2.5 * measured


def test_without_the_package_it_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: TfliteFile) -> None:
        raise RuntimeUnavailableError("not installed")

    monkeypatch.setattr(arena, "run_on_micro", missing)
    file = device_file(micro_bundle(), 1)
    found = arena_of(file)
    assert found.measured_bytes is None and found.asked_bytes >= estimated_bytes(file)
