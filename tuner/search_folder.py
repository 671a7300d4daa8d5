"""The folder of a search: what it is a search of, and that one process at a time works in it."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tfkws.config import Config, SearchConfig
from tfkws.errors import SearchError
from tfkws.run_folder import read_json, write_json
from tfkws.tuner.problem.space import SearchSpace

CONFIG = "config.json"
FREEZES = "freezes.json"
LOCK = "search.lock"


def describe(config: SearchConfig, space: SearchSpace, run: Config | None, device: Config | None) -> dict[str, Any]:
    """Return what `config.json` of a search folder holds."""
    parts: dict[str, Any] = {"search": config, "space": space, "run": run, "device": device}
    return {name: part.to_dict() if part else None for name, part in parts.items()}


@contextmanager
def claimed(folder: Path, description: dict[str, Any], resume: bool) -> Iterator[None]:
    """Hold the folder for this process, with this description; the lock ends with the process, however it ends.

    Raises:
        SearchError: another process holds the folder, or it holds another search, or this one without
            `resume`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SearchError(f"Another search is running in {folder}; wait for it, or choose another --out.") from None
        _check_config(folder, description, resume)
        yield


def _check_config(folder: Path, description: dict[str, Any], resume: bool) -> None:
    if not (folder / CONFIG).exists():
        write_json(folder / CONFIG, description)
        return
    if not resume:
        raise SearchError(f"{folder} holds a search already; go on with it by --resume, or choose another --out.")
    there = read_json(folder / CONFIG)
    here = _as_json(description)
    there["search"] = _as_json(SearchConfig.from_dict(there["search"]).to_dict())  # younger settings: their defaults
    parts = [name for name in here if there.get(name) != here[name]]
    if parts:
        raise SearchError(f"{folder} holds a search with another {' and '.join(parts)}; choose another --out.")


def _as_json(value: Any) -> Any:
    """Return a value as it reads after JSON, where tuples are lists."""
    return json.loads(json.dumps(value))
