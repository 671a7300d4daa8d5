"""Python sources of the project, as they lie here or as they were at a revision of git."""

import io
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

CODE = ("tfkws", "tuner", "tflite", "benchmarks")
TESTS = "tests"

Sources = Mapping[str, str]  # path below the root, with slashes, to text


def sources_here(root: Path) -> Sources:
    """Return every Python file of code and tests under a checkout."""
    paths = [path for top in (*CODE, TESTS) for path in sorted((root / top).rglob("*.py"))]
    return {path.relative_to(root).as_posix(): path.read_text() for path in paths}


def sources_at(root: Path, revision: str) -> Sources:
    """Return every Python file of code and tests at a revision.

    Raises:
        SystemExit: git knows no such revision.
    """
    archive = subprocess.run(["git", "-C", str(root), "archive", revision], capture_output=True, check=False)
    if archive.returncode:
        raise SystemExit(f"git has no revision {revision!r}: {archive.stderr.decode().strip()}")
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        for member in sorted(tar.getmembers(), key=lambda entry: entry.name):
            if member.name.endswith(".py") and member.name.split("/")[0] in (*CODE, TESTS):
                file = tar.extractfile(member)
                found[member.name] = file.read().decode() if file else ""
    return found


def inside(sources: Sources, *folders: str) -> Sources:
    """Return the files under any of these folders.

    >>> inside({"a/b.py": "", "ab/c.py": ""}, "a")
    {'a/b.py': ''}
    """
    return {path: text for path, text in sources.items() if any(path.startswith(f"{folder}/") for folder in folders)}
