"""Find what the stages wrote: JSON and CSV files of model folders and search folders, nothing else."""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfkws.errors import RunFolderError
from tfkws.result_files import KindName, results_in
from tfkws.run_folder import read_json
from tfkws.strict_json import parse_json


@dataclass(frozen=True)
class ModelResults:
    """All results of one model folder.

    Each mapping is keyed by `tfkws.result_files.ResultName.key`, which tells results of one kind
    apart: two benchmarks of one file with other kernels are "int8" and "int8-builtin".

    Attributes:
        config, training, cost: contents of the JSON files of those names; None where there is none.
        history: one row an epoch.
        evaluations: by file and split.
        parities, recipes: of conversions.
        benchmarks: latencies by `tfkws benchmark` that were measured to the end.
        stopped: latencies of runs that were stopped; each says so in its `warnings`.
        binaries: latencies by TFLite's `benchmark_model`.
        instructions: counts on emulated cores; each says by `operators` whether operators were counted by
            themselves.
        profiles: times per operator.
        layers: times per Keras layer, each called by itself.
        layer_traces: busy time and kernels per layer, by the device's trace of the whole network.
        long_audio: false accepts an hour and misses, of bundles.
    """

    folder: Path
    config: dict[str, Any]
    training: dict[str, Any] | None
    cost: dict[str, Any] | None
    history: list[dict[str, float]]
    evaluations: dict[str, dict[str, Any]] = field(default_factory=dict)
    parities: dict[str, dict[str, Any]] = field(default_factory=dict)
    recipes: dict[str, dict[str, Any]] = field(default_factory=dict)
    benchmarks: dict[str, dict[str, Any]] = field(default_factory=dict)
    stopped: dict[str, dict[str, Any]] = field(default_factory=dict)
    binaries: dict[str, dict[str, Any]] = field(default_factory=dict)
    instructions: dict[str, dict[str, Any]] = field(default_factory=dict)
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    layers: dict[str, dict[str, Any]] = field(default_factory=dict)
    layer_traces: dict[str, dict[str, Any]] = field(default_factory=dict)
    long_audio: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class SearchResults:
    """All results of one search folder.

    Attributes:
        folder: where they lie.
        config, front: content of `config.json` and `front.json`.
        freezes: of each stage, the parameters that it froze.
        trials: finished trials of the journal.
    """

    folder: Path
    config: dict[str, Any]
    front: dict[str, Any]
    freezes: list[list[dict[str, Any]]]
    trials: list[dict[str, Any]]


@dataclass(frozen=True)
class Results:
    """What lies under one folder: model folders and search folders."""

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
    """Read one model folder.

    Raises:
        RunFolderError: a file is damaged.
    """
    return ModelResults(
        folder=folder,
        config=read_json(folder / "config.json"),
        training=_optional(folder / "training.json"),
        cost=_optional(folder / "cost.json"),
        history=_read_history(folder / "history.csv"),
        evaluations=_results(folder, "evaluation"),
        parities=_results(folder, "parity"),
        recipes=_results(folder, "recipe"),
        benchmarks=_results(folder, "benchmark"),
        stopped=_results(folder, "benchmark", partial=True),
        binaries=_results(folder, "binary"),
        instructions=_results(folder, "instructions"),
        profiles=_results(folder, "profile"),
        layers=_results(folder, "layers"),
        layer_traces=_results(folder, "layer trace"),
        long_audio=_results(folder, "long audio"),
    )


def read_search(folder: Path) -> SearchResults:
    """Read one search folder.

    Raises:
        RunFolderError: a file of it is missing or not valid JSON.
    """
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


def _results(folder: Path, kind: KindName, *, partial: bool = False) -> dict[str, dict[str, Any]]:
    found = ((name, path) for name, path in results_in(folder) if (name.kind, name.partial) == (kind, partial))
    return {name.key: read_json(path) for name, path in found}


def _finished_trials(journal: Path) -> list[dict[str, Any]]:
    """Finished trials of a journal; a last line that a crash cut short is left out."""
    lines = journal.read_bytes().split(b"\n")[:-1] if journal.exists() else []
    try:
        return [event for event in map(parse_json, lines) if event["event"] == "finished"]
    except (ValueError, TypeError, KeyError):
        raise RunFolderError(f"{journal} is damaged; restore it from a copy, or search again.") from None


def _read_history(path: Path) -> list[dict[str, float]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
