"""One JSON record a trained network: measured once, read for the tables."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tfkws.data.task_data import TaskData, load_task
from tfkws.pipeline.parts.progress import StageProgress
from tfkws.pipeline.train import run_name
from tfkws.run_folder import read_json, write_json
from tfkws.training.model_folder import ModelFolder

RECORDS = "networks"


def measure_missing(
    folder: Path,
    sources: Sequence[ModelFolder],
    data_dir: Path | None,
    progress: StageProgress,
    measure: Callable[[ModelFolder, TaskData], dict[str, Any]],
) -> None:
    """Measure the networks that have no record under `folder`, on `data_dir` or the clips each was trained on."""
    for source in sources:
        record = folder / RECORDS / f"{run_name(source.config)}.json"
        if not record.exists():
            progress.stage(str(source.path))
            data = load_task(data_dir or Path(source.config.data_dir), source.config.task)
            write_json(record, measure(source, data))


def read_records(folder: Path) -> list[dict[str, Any]]:
    """All records under `folder`; ends the program where there are none."""
    records = [read_json(path) for path in sorted((folder / RECORDS).glob("*.json"))]
    if not records:
        raise SystemExit(f"{folder} holds no records; give trained model folders or a search first.")
    return records
