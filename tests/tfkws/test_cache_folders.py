"""Where caches lie: as the conventions order the places, and only where a file can be made."""

import tempfile
from pathlib import Path

import pytest

from tfkws.cache_folders import cache_folders, can_write


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_the_order_is_that_of_the_conventions(tmp_path: Path) -> None:
    found = [str(folder.relative_to(tmp_path)) for folder in cache_folders("a", "b")]
    assert found[:2] == ["xdg/tfkws/a/b", "home/.cache/tfkws/a/b"]
    assert len(found) == 3 and found[2].startswith("tfkws-") and found[2].endswith("/a/b")


@pytest.mark.parametrize("value", ["", "relative/folder"])
def test_what_is_no_absolute_path_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    assert next(cache_folders("a")) == tmp_path / "home/.cache/tfkws/a"


def test_a_place_that_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "xdg").write_text("a file")
    assert not can_write(tmp_path / "xdg/tfkws/a")
    assert next(cache_folders("a")) == tmp_path / "home/.cache/tfkws/a"
    assert can_write(tmp_path / "new/folder") and not any((tmp_path / "new/folder").iterdir())
