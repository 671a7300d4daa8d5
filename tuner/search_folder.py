"""The folder of a search: what it is a search of, and that one process at a time works in it."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfkws.config import Config, SearchConfig
from tfkws.errors import SearchError
from tfkws.output_folder import check_output_folder
from tfkws.run_folder import read_json, write_json
from tfkws.tuner.problem.space import SearchSpace

CONFIG = "config.json"
FREEZES = "freezes.json"
LOCK = "search.lock"


def describe(config: SearchConfig, space: SearchSpace, run: Config | None, device: Config | None) -> dict[str, Any]:
    """Return what `config.json` of a search folder holds."""
    parts: dict[str, Any] = {"search": config, "space": space, "run": run, "device": device}
    return {name: part.to_dict() if part else None for name, part in parts.items()}


def check_out(folder: Path, config: SearchConfig, space: SearchSpace) -> None:
    """Check, before anything is read or computed, that a search can be kept in a folder.

    Raises:
        RunFolderError: it is a file or cannot be written.
        SearchError: it holds something else than this search.
    """
    check_output_folder(folder)
    if (folder / CONFIG).exists():
        there = _read_config(folder)
        _check_config(folder, there | {"search": config.to_dict(), "space": space.to_dict()})


def planned_before(folder: Path, config: SearchConfig) -> SearchConfig | None:
    """Return `config` with stages and lengths of the search that a folder holds; None where it holds none."""
    there = settings_before(folder)
    if there is None:
        return None
    return replace(
        config,
        stages=there.stages,
        iterations=there.iterations,
        fine_tune_iterations=there.fine_tune_iterations,
    )


def settings_before(folder: Path) -> SearchConfig | None:
    """Return the settings of the search that a folder holds; None where it holds none."""
    if not (folder / CONFIG).exists():
        return None
    return SearchConfig.from_dict(_read_config(folder)["search"])


def _read_config(folder: Path) -> dict[str, Any]:
    stored = read_json(folder / CONFIG)
    if not isinstance(stored, dict) or not {"search", "space"} <= stored.keys():
        raise SearchError(f"{folder} holds something else than a search; choose another --out.")
    return stored


@contextmanager
def claimed(folder: Path, description: dict[str, Any]) -> Iterator[None]:
    """Hold the folder for this process, with this description; the lock ends with the process, however it ends.

    Raises:
        SearchError: another process holds the folder, or it holds another search.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SearchError(f"Another search is running in {folder}; wait for it, or choose another --out.") from None
        _check_config(folder, description)
        yield


def _check_config(folder: Path, description: dict[str, Any]) -> None:
    if not (folder / CONFIG).exists():
        write_json(folder / CONFIG, description)
        return
    there = _read_config(folder)
    here = _as_json(description)
    there["search"] = _as_json(SearchConfig.from_dict(there["search"]).to_dict())  # younger settings: their defaults
    parts = " and ".join(name for name in here if there.get(name) != here[name])
    if parts:
        raise SearchError(
            f"{folder} holds a search with another {parts}{_differing(there, here)}; choose another --out, or go on "
            "with the one that is there by --resume."
        )


def _differing(there: dict[str, Any], here: dict[str, Any]) -> str:
    """Name the settings of the search that differ, as " (iterations 5 there, 50 here)"; empty where none does."""
    was, now = there.get("search") or {}, here["search"]
    named = [f"{name} {was.get(name)} there, {now[name]} here" for name in now if was.get(name) != now[name]]
    return f" ({'; '.join(named)})" if named else ""


def _as_json(value: Any) -> Any:
    """Return a value as it reads after JSON, where tuples are lists."""
    return json.loads(json.dumps(value))
