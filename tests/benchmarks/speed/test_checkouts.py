"""A checkout is imported as one package, whatever is installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.speed.checkouts import BEFORE, NOW, Checkout, stage_all


def make_checkout(folder: Path) -> Path:
    """Write a package of another content, laid out as this repository."""
    for path in (
        "tfkws/__init__.py",
        "tfkws/__main__.py",
        "tfkws/deep/__init__.py",
        "tuner/__init__.py",
        "tflite/x.py",
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("", encoding="utf-8")
    (folder / "tuner" / "__init__.py").write_text("", encoding="utf-8")
    (folder / "tuner" / "told.py").write_text("WORD = 'another'", encoding="utf-8")
    return folder


def test_the_package_and_what_stands_beside_it_come_from_the_checkout(tmp_path: Path) -> None:
    staged = Checkout.stage(BEFORE, make_checkout(tmp_path / "other"), tmp_path / "staged")
    code = "import tfkws.tuner.told, tfkws.deep; print(tfkws.tuner.told.WORD, tfkws.deep.__file__)"
    environment = {name: value for name, value in staged.environment.items() if value is not None}
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=staged.staged, env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["another", str(staged.staged / "tfkws" / "deep" / "__init__.py")]


def test_this_checkout_stands_last(tmp_path: Path) -> None:
    other = make_checkout(tmp_path / "other")
    assert [each.name for each in stage_all(other, tmp_path / "a")] == [BEFORE, NOW]
    assert [each.name for each in stage_all(None, tmp_path / "b")] == [NOW]


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="git worktree add"):
        stage_all(tmp_path, tmp_path / "staged")
