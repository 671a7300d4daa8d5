"""The report of the first run on recorded speech, written again from the result files that are committed.

    python -m benchmarks first_run --tables

The run itself is made by the `tfkws` commands that the page's README lists. `report.png` is a picture of the HTML page
in a browser and is not made here.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from tfkws.report.build import compose_report
from tfkws.run_folder import write_text

RUN_NAME = "seed_cnn-commands-quick-seed0-538b3ada"  # of the folder whose results are committed; titles name it


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the run is made by `tfkws` commands."""


def measure(options: argparse.Namespace) -> None:
    """Say how the run is made.

    Raises:
        SystemExit: always.
    """
    raise SystemExit(f"{options.out / 'README.md'} lists the commands of the run; --tables writes its report again.")


def write_tables(folder: Path) -> None:
    """Write report.md and its figures from the result files under `folder`."""
    with tempfile.TemporaryDirectory() as name:
        run = Path(name) / RUN_NAME
        run.mkdir()
        for path in folder.iterdir():
            if path.suffix in (".json", ".csv"):
                shutil.copyfile(path, run / path.name)
        report = compose_report(run)
    # The lines to type name the folder of the run, not the one it was copied to.
    write_text(folder / "report.md", report.texts["report.md"].replace(name, "artifacts/first_run"))
    for drawing in report.drawings:
        drawing.save(folder)
