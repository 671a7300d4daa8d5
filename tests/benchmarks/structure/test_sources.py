"""Sources of a checkout made by hand, here and at a revision."""

import subprocess
from pathlib import Path

import pytest

from benchmarks.structure.sources import sources_at, sources_here


def git(root: Path, *arguments: str) -> None:
    """Run git in a checkout, whoever runs the tests."""
    settings = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(root), *settings, *arguments], check=True, capture_output=True)


def test_a_revision_is_read_as_it_was(tmp_path: Path) -> None:
    for name in ("tfkws/a.py", "tests/test_a.py", "docs/conf.py", "tuner/notes.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    git(tmp_path, "init")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-m", "all")
    before = sources_here(tmp_path)
    assert before == {"tfkws/a.py": "x = 1\n", "tests/test_a.py": "x = 1\n"}
    (tmp_path / "tfkws" / "a.py").write_text("x = 2\n")
    assert sources_at(tmp_path, "HEAD") == before
    assert sources_here(tmp_path)["tfkws/a.py"] == "x = 2\n"


def test_an_unknown_revision_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init")
    with pytest.raises(SystemExit, match="no revision"):
        sources_at(tmp_path, "nothing")
