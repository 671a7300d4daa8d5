"""Find what the stages wrote: JSON and CSV files of model folders and search folders, nothing else."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tfkws.errors import RunFolderError
from tfkws.result_files import (
    WAKEWORD_RECORD,
    WAKEWORD_SETTINGS,
    KindName,
    ResultName,
    conversion_damage,
    results_in,
)
from tfkws.run_folder import read_record
from tfkws.strict_json import parse_json

T = TypeVar("T")
FIELD_KINDS: dict[str, KindName] = {  # the mappings of ModelResults, and what kind of file their records are
    "evaluations": "evaluation",
    "parities": "parity",
    "recipes": "recipe",
    "benchmarks": "benchmark",
    "stopped": "benchmark",
    "binaries": "binary",
    "instructions": "instructions",
    "profiles": "profile",
    "gpu_profiles": "gpu profile",
    "layers": "layers",
    "layer_traces": "layer trace",
    "long_audio": "long audio",
}


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
        gpu_profiles: times per operator on a GPU.
        layers: times per Keras layer, each called by itself.
        layer_traces: busy time and kernels per layer, by the device's trace of the whole network.
        long_audio: false accepts an hour and misses, of bundles.
        left_out: a sentence about each file that is damaged.
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
    gpu_profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    layers: dict[str, dict[str, Any]] = field(default_factory=dict)
    layer_traces: dict[str, dict[str, Any]] = field(default_factory=dict)
    long_audio: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


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
class WakewordResults:
    """The record of one finished run of `tfkws wakeword`, and where it lies."""

    folder: Path
    record: dict[str, Any]


@dataclass(frozen=True)
class Results:
    """What lies under one folder, of models, searches and phrases, and a sentence about each that is damaged."""

    models: tuple[ModelResults, ...]
    searches: tuple[SearchResults, ...]
    left_out: tuple[str, ...] = ()
    wakewords: tuple[WakewordResults, ...] = ()


def collect(folder: Path) -> Results:
    """Collect every model, search and detector from a phrase under `folder`, trial folders of a search left out.

    Raises:
        RunFolderError: there is nothing to report.
    """
    if not folder.is_dir():
        raise RunFolderError(f"{folder} is not a folder; give one that `tfkws train`, `search` or `wakeword` wrote.")
    files = _Files()
    inside = [path.parent for path in sorted(folder.rglob("front.json"))]
    read = [files.take(search, read_search) for search in inside]
    searches = tuple(search for search in read if search is not None)
    models = tuple(
        read_model(path.parent)
        for path in sorted(folder.rglob("training.json"))
        if not any(path.is_relative_to(search) for search in inside)
    )
    phrases = [path.parent for path in sorted(folder.rglob(WAKEWORD_SETTINGS))]
    made = [run for run in phrases if (run / WAKEWORD_RECORD).exists()]
    unfinished = [
        f"{run} holds an unfinished run of `tfkws wakeword`; go on by the same command, which ends with the report."
        for run in phrases
        if run not in made
    ]
    if not models and not inside and not made:
        sentence = f"{folder} holds no results; train or search first, then report."
        raise RunFolderError(unfinished[0] if unfinished else sentence)
    wakewords = tuple(_wakewords(made, files))
    left_out = (*files.left_out, *(f"Left out: {sentence}" for sentence in unfinished))
    return Results(models, searches, left_out, wakewords)


def _wakewords(folders: Iterable[Path], files: "_Files") -> Iterator[WakewordResults]:
    for folder in folders:
        record = files.take(folder / WAKEWORD_RECORD, read_record)
        if record is not None:
            yield WakewordResults(folder if folder.name else folder.resolve(), record)


def read_model(folder: Path) -> ModelResults:
    """Read one model folder; a damaged file is left out and named."""
    files = _Files()
    found = {field: files.results(folder, kind, partial=field == "stopped") for field, kind in FIELD_KINDS.items()}
    _leave_out_mixed(folder, found, files)
    return ModelResults(
        folder=folder,
        config=files.take(folder / "config.json", read_record) or {},
        training=files.optional(folder / "training.json", read_record),
        cost=files.optional(folder / "cost.json", read_record),
        history=files.optional(folder / "history.csv", _read_history) or [],
        **found,
        left_out=tuple(files.left_out),
    )


def _leave_out_mixed(folder: Path, found: dict[str, dict[str, Any]], files: "_Files") -> None:
    """Leave out what is recorded of a conversion whose file is another one."""
    for stem in [*found["recipes"], *found["parities"]]:
        try:
            damage = conversion_damage(folder / ResultName("model", stem).file)
        except (RunFolderError, OSError) as error:
            damage = str(error)
        if damage:
            files.left_out.append(f"Left out: {damage}; convert again with --force.")
            for field in ("recipes", "parities"):
                found[field].pop(stem, None)


def read_search(folder: Path) -> SearchResults:
    """Read one search folder.

    Raises:
        RunFolderError: a file of it is missing or damaged.
    """
    freezes = read_record(folder / "freezes.json") if (folder / "freezes.json").exists() else {"stages": []}
    return SearchResults(
        folder=folder,
        config=read_record(folder / "config.json"),
        front=read_record(folder / "front.json"),
        freezes=freezes.get("stages", []),
        trials=_finished_trials(folder / "journal.jsonl"),
    )


class _Files:
    """Reads files, and keeps a sentence about each that is damaged."""

    def __init__(self) -> None:
        self.left_out: list[str] = []

    def take(self, path: Path, read: Callable[[Path], T]) -> T | None:
        """Return what `read` makes of a file; None where it is damaged."""
        try:
            return read(path)
        except (RunFolderError, OSError) as error:
            self.left_out.append(f"Left out: {error}")
            return None

    def optional(self, path: Path, read: Callable[[Path], T]) -> T | None:
        """Return what `read` makes of a file; None where there is none, too."""
        return self.take(path, read) if path.exists() else None

    def results(self, folder: Path, kind: KindName, *, partial: bool) -> dict[str, dict[str, Any]]:
        """Return the records of one kind by their key."""
        found = ((name, path) for name, path in results_in(folder) if (name.kind, name.partial) == (kind, partial))
        read = {name.key: self.take(path, read_record) for name, path in found}
        return {key: record for key, record in read.items() if record is not None}


def _finished_trials(journal: Path) -> list[dict[str, Any]]:
    """Finished trials of a journal; a last line that a crash cut short is left out."""
    lines = journal.read_bytes().split(b"\n")[:-1] if journal.exists() else []
    try:
        return [event for event in map(parse_json, lines) if event["event"] == "finished"]
    except (ValueError, TypeError, KeyError):
        raise RunFolderError(f"{journal} is damaged; restore it from a copy, or search again.") from None


def _read_history(path: Path) -> list[dict[str, float]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    except (ValueError, TypeError, csv.Error) as error:
        raise RunFolderError(f"{path} is damaged ({error}); restore it from a copy, or train again.") from None
