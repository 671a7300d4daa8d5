"""Find what the stages wrote: JSON and CSV files of model folders and search folders, nothing else."""

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfkws.errors import RunFolderError
from tfkws.run_folder import read_json


@dataclass(frozen=True)
class ModelResults:
    """All results of one model folder; each mapping is keyed by the part of the file name that tells them apart."""

    folder: Path
    config: dict[str, Any]
    training: dict[str, Any] | None
    cost: dict[str, Any] | None
    history: list[dict[str, float]]
    evaluations: dict[str, dict[str, Any]] = field(default_factory=dict)
    parities: dict[str, dict[str, Any]] = field(default_factory=dict)
    recipes: dict[str, dict[str, Any]] = field(default_factory=dict)
    benchmarks: dict[str, dict[str, Any]] = field(default_factory=dict)
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    layers: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class SearchResults:
    """All results of one search folder."""

    folder: Path
    config: dict[str, Any]
    front: dict[str, Any]
    freezes: list[list[dict[str, Any]]]
    trials: list[dict[str, Any]]


@dataclass(frozen=True)
class Results:
    """What lies under one folder."""

    models: tuple[ModelResults, ...]
    searches: tuple[SearchResults, ...]


def collect(folder: Path) -> Results:
    """Collect every model and search under `folder`, trial folders of a search left out.

    Raises:
        RunFolderError: there is nothing to report, or a file is damaged.
    """
    if not folder.is_dir():
        raise RunFolderError(f"{folder} is not a folder; give one that `tfkws train` or `tfkws search` wrote.")
    searches = tuple(read_search(path.parent) for path in sorted(folder.rglob("front.json")))
    inside = [search.folder for search in searches]
    models = tuple(
        read_model(path.parent)
        for path in sorted(folder.rglob("training.json"))
        if not any(path.is_relative_to(search) for search in inside)
    )
    if not models and not searches:
        raise RunFolderError(f"{folder} holds no results; train or search first, then report.")
    return Results(models, searches)


def read_model(folder: Path) -> ModelResults:
    """Read one model folder."""
    return ModelResults(
        folder=folder,
        config=read_json(folder / "config.json"),
        training=_optional(folder / "training.json"),
        cost=_optional(folder / "cost.json"),
        history=_read_history(folder / "history.csv"),
        evaluations=_by_name(folder, "evaluation-", ".json"),
        parities=_by_name(folder, "", ".parity.json"),
        recipes=_by_name(folder, "", ".recipe.json"),
        benchmarks=_by_name(folder, "benchmark-", ".json"),
        profiles=_by_name(folder, "profile-", ".json"),
        layers=_by_name(folder, "layers-", ".json"),
    )


def read_search(folder: Path) -> SearchResults:
    """Read one search folder."""
    freezes = _optional(folder / "freezes.json") or {"stages": []}
    return SearchResults(
        folder=folder,
        config=read_json(folder / "config.json"),
        front=read_json(folder / "front.json"),
        freezes=freezes["stages"],
        trials=_finished_trials(folder / "journal.jsonl"),
    )


def _optional(path: Path) -> Any:
    return read_json(path) if path.exists() else None


def _by_name(folder: Path, prefix: str, suffix: str) -> dict[str, dict[str, Any]]:
    found = sorted(folder.glob(f"{prefix}*{suffix}"))
    return {path.name[len(prefix) : -len(suffix)]: read_json(path) for path in found}


def _finished_trials(journal: Path) -> list[dict[str, Any]]:
    """Finished trials of a journal; a last line that a crash cut short is left out."""
    lines = journal.read_bytes().split(b"\n")[:-1] if journal.exists() else []
    try:
        return [event for event in map(json.loads, lines) if event["event"] == "finished"]
    except (ValueError, TypeError, KeyError):
        raise RunFolderError(f"{journal} is damaged; restore it from a copy, or search again.") from None


def _read_history(path: Path) -> list[dict[str, float]]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
