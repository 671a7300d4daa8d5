"""This checkout and the one that it is held against, each as one folder from which its package is imported."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.children import ROOT

PACKAGE, BESIDE = "tfkws", ("tuner", "tflite")  # the latter stand beside the package and belong into it
NOW, BEFORE = "now", "before"


@dataclass(frozen=True)
class Checkout:
    """A checkout of this package, laid out for Python.

    Attributes:
        name: "now" or "before".
        folder: of the checkout.
        staged: holds a package `tfkws` made of links into the checkout. It is put on the path, so that neither an
            installed package nor another checkout is taken.
    """

    name: str
    folder: Path
    staged: Path

    @staticmethod
    def stage(name: str, folder: Path, under: Path) -> "Checkout":
        """Lay a checkout out below a folder.

        Raises:
            SystemExit: it is not a checkout of this package.
        """
        folder = folder.resolve()
        if not (folder / PACKAGE / "__main__.py").exists():
            raise SystemExit(f"{folder} is no checkout of {PACKAGE}; make one with `git worktree add FOLDER COMMIT`.")
        staged = under / name
        (staged / PACKAGE).mkdir(parents=True)
        for path in [*(folder / PACKAGE).iterdir(), *(folder / each for each in BESIDE)]:
            (staged / PACKAGE / path.name).symlink_to(path)
        return Checkout(name, folder, staged)

    @property
    def environment(self) -> dict[str, str | None]:
        """What the environment of its commands has besides."""
        return {"PYTHONPATH": str(self.staged)}

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of `tfkws` with arguments, to be run in `staged`."""
        return [sys.executable, "-m", PACKAGE, *arguments]

    @property
    def commit(self) -> str:
        """The commit, short."""
        return commit_of(self.folder)


def commit_of(folder: Path) -> str:
    """Return the commit that a checkout is at, short; "" where git does not tell."""
    asked = ["git", "-C", str(folder), "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def stage_all(against: Path | None, under: Path) -> list[Checkout]:
    """Lay out this checkout, behind the other one where there is one."""
    before = [] if against is None else [Checkout.stage(BEFORE, against, under)]
    return [*before, Checkout.stage(NOW, ROOT, under)]
