"""Wheels are unpacked where a module is missing, and only there; what cannot be fetched is told."""

import zipfile
from pathlib import Path

import pytest

from benchmarks.gpu import carried
from benchmarks.gpu.carried import copy_sources, fetch_loader, fetch_wheels, unpack_wheels
from benchmarks.gpu.prepared import WHEELS
from benchmarks.records import ROOT


def wheel(folder: Path, name: str, *files: str) -> None:
    (folder / WHEELS).mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / WHEELS / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        for file in files:
            archive.writestr(file, "value = 1\n")


def test_only_what_is_missing_is_unpacked(tmp_path: Path) -> None:
    wheel(tmp_path, "there", "there/__init__.py", "there-1.0.dist-info/METADATA")
    wheel(tmp_path, "missing", "missing/__init__.py", "missing/part/__init__.py")
    site = tmp_path / "site"
    assert unpack_wheels(tmp_path, site, lambda module: module == "there") == ["missing-1.0-py3-none-any.whl"]
    assert (site / "missing" / "part" / "__init__.py").exists() and not (site / "there").exists()


def test_sources_lie_as_they_are_installed(tmp_path: Path) -> None:
    copy_sources(ROOT, tmp_path)
    for path in ("tfkws/clock.py", "tfkws/tflite/recipes.py", "tfkws/tuner/search.py", "benchmarks/gpu/program.py"):
        assert (tmp_path / path).is_file()
    assert not list(tmp_path.rglob("*.pyc"))


def test_what_cannot_be_fetched_is_told_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(carried, "PACKAGES", ("keras",))
    monkeypatch.setattr("sys.executable", "/bin/false")
    fetch_wheels(tmp_path, "3.12", said.append)
    monkeypatch.setattr("shutil.which", lambda name: None)
    fetch_loader(tmp_path, said.append)
    assert said[0].startswith("Left out: keras for Python 3.12") and "has no apt-get" in said[1]
