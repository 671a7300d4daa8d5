"""Where published pages lie, and the records and tables that they are made of."""

import csv
import io
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tfkws.data.task_data import TaskData, load_task
from tfkws.pipeline.parts.progress import StageProgress
from tfkws.pipeline.train import run_name
from tfkws.run_folder import read_json, write_json, write_text
from tfkws.training.model_folder import ModelFolder
from tfkws.views.table import Table

ROOT = Path(__file__).parents[1]
ARTIFACTS = ROOT / "artifacts"
PUBLISHED = ARTIFACTS / "published"
NETWORKS = "networks"  # folder of one record a network


def measure_missing(
    folder: Path,
    sources: Sequence[ModelFolder],
    data_dir: Path | None,
    progress: StageProgress,
    measure: Callable[[ModelFolder, TaskData], dict[str, Any]],
) -> None:
    """Measure the networks that have no record under `folder`, and write one JSON file each.

    Args:
        folder: of the page.
        sources: trained networks.
        data_dir: folder of clips; None for the one that each network was trained on.
        progress: is told which network is measured.
        measure: returns the record of one network, JSON-ready.
    """
    for source in sources:
        record = folder / NETWORKS / f"{run_name(source.config)}.json"
        if not record.exists():
            progress.stage(str(source.path))
            data = load_task(data_dir or Path(source.config.data_dir), source.config.task)
            write_json(record, measure(source, data))


def read_records(folder: Path) -> list[dict[str, Any]]:
    """Return every JSON record in `folder`, by name.

    Raises:
        SystemExit: there is none.
    """
    records = [read_json(path) for path in sorted(folder.glob("*.json"))]
    if not records:
        raise SystemExit(f"{folder} holds no records; measure before you write tables.")
    return records


def write_table(folder: Path, stem: str, table: Table) -> None:
    """Write one table as `stem`.md and `stem`.csv."""
    write_text(folder / f"{stem}.md", table.to_markdown())
    write_text(folder / f"{stem}.csv", table.to_csv())


def csv_of(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows of the same keys as CSV with a header; "" where there are none."""
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()


def commit() -> str:
    """Return the commit of this checkout, with "+" where files of it were changed since; "" where there is no git."""
    try:
        found, changed = (
            subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
            for arguments in (("rev-parse", "HEAD"), ("status", "--porcelain", "-uno", "--", ":!artifacts"))
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found + "+" * bool(changed)


def say(text: str) -> None:
    """Print a line at once, also where the output is a file."""
    print(text, flush=True)
