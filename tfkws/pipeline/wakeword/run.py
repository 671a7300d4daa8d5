"""All stages of a detector from a phrase, each kept in the run's folder, with the times that they took."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import FeatureConfig, ModelConfig
from tfkws.config.wakeword import NetworkLimits, WakewordConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.detect.rates import HourlyRate
from tfkws.errors import ConfigError, RunFolderError
from tfkws.features.front_ends import get_front_end
from tfkws.intervals import share_interval
from tfkws.output_folder import check_output_folder
from tfkws.pipeline.parts.progress import SILENT, StageProgress
from tfkws.pipeline.wakeword.detector import convert_and_bundle, write_network
from tfkws.pipeline.wakeword.laying import lay
from tfkws.pipeline.wakeword.network import choose_network, cost_of
from tfkws.pipeline.wakeword.plan import plan_lines
from tfkws.pipeline.wakeword.recorded import audio_below, read_own, read_speech
from tfkws.pipeline.wakeword.speech import all_said, speak
from tfkws.pipeline.wakeword.training import Round, train_rounds
from tfkws.printable import printable
from tfkws.run_folder import read_record, write_json
from tfkws.speech.phrase import Phrase, parse_phrase
from tfkws.speech.voices import available_engines, find_engine
from tfkws.training.model_folder import ModelFolder, open_model_folder
from tfkws.units import format_bytes, format_count
from tfkws.wakeword.judging import Operating
from tfkws.wakeword.networks import NetworkCost, fitted
from tfkws.wakeword.pools import Spoken, read_spoken, write_spoken
from tfkws.wakeword.rows import normalised

SETTINGS, SPOKEN, RECORD, MODEL = "wakeword.json", "spoken.npz", "result.json", "model"
LONG_SHARE = 0.95  # of the phrase's utterances are no longer than the window is made for


@dataclass(frozen=True)
class Sources:
    """Folders of a user's own recordings; None where there are none.

    Attributes:
        speech: speech without the phrase.
        recordings: the phrase in the user's own voice.
        negatives: what a detector was mistaken about, as `tfkws listen --record` keeps it.
        front: a search, whose front the network is chosen of.
        earlier: folder of an earlier run of the same phrase, whose speech and network a short retraining begins with.
    """

    speech: Path | None = None
    recordings: Path | None = None
    negatives: Path | None = None
    front: Path | None = None
    earlier: Path | None = None

    def to_dict(self) -> dict[str, str]:
        """Return JSON-ready values."""
        return {name: str(path.resolve()) for name, path in vars(self).items() if path is not None}


@dataclass(frozen=True)
class Made:
    """A detector that was made: its bundle, and what is told of it, JSON-ready."""

    bundle: Path
    record: dict[str, Any]


class _Run:
    """The folder of one run, and how long its stages took."""

    def __init__(self, folder: Path, progress: StageProgress) -> None:
        self.folder, self.progress = folder, progress
        self.times: dict[str, dict[str, float]] = {}

    @contextmanager
    def stage(self, name: str, title: str) -> Iterator[None]:
        """Show a stage and add its times to what earlier tries took."""
        path = self.folder / "times.json"
        self.times = read_record(path) if path.exists() else {}
        self.progress.stage(title)
        begun, cpu = time.monotonic(), _cpu_s()
        try:
            yield
        finally:
            before = self.times.get(name, {"seconds": 0.0, "cpu_seconds": 0.0})
            spent = {"seconds": time.monotonic() - begun, "cpu_seconds": _cpu_s() - cpu}
            self.times[name] = {key: round(before[key] + value, 1) for key, value in spent.items()}
            write_json(path, self.times)


def make_wakeword(
    config: WakewordConfig,
    folder: Path,
    sources: Sources = Sources(),
    limits: NetworkLimits = NetworkLimits(),
    progress: StageProgress = SILENT,
    workers: int | None = None,
) -> Made:
    """Make a detector, or go on where an earlier call was stopped.

    Raises:
        PhraseError: the phrase cannot be said or heard.
        RunFolderError: the folder holds a run of other settings.
        TfkwsError: a stage cannot go on.
    """
    phrase = parse_phrase(config.phrase, config.phonemes or None, config.language)
    config = replace(config, phrase=phrase.text)
    engines = tuple(config.engines) or tuple(available_engines(config.language))
    if not engines:
        raise ConfigError(f"No synthesiser here speaks {config.language!r}; run `pip install 'tfkws[train]'`.")
    for engine in engines:
        find_engine(engine)
    features = get_front_end(config.front_end)
    for given in (sources.speech, sources.recordings, sources.negatives):
        if given is not None:
            audio_below(given)
    earlier = open_earlier(sources.earlier, config.phrase) if sources.earlier else None
    if earlier:
        config = shortened(config)
    check_output_folder(folder, "")
    _claim(folder, config, engines, sources, limits)
    count = workers or _usual_workers()
    for line in plan_lines(phrase, config, engines, sources.speech is not None, count):
        progress.say(line)
    run = _Run(folder, progress)
    if (folder / RECORD).exists() and (folder / bundle_name(config)).exists():
        return Made(folder / bundle_name(config), read_record(folder / RECORD))
    spoken = _spoken(run, phrase, config, engines, sources, count)
    features = earlier.config.features if earlier else fitted(features, _longest_s(spoken))
    with run.stage("tracks", "Lay tracks"):
        training, validation = (_laid(run, split, config, features, count) for split in ("training", "validation"))
    if not earlier:
        features = normalised(features, training.values)
    with run.stage("network", "Choose a network"):
        if earlier:
            model = earlier.config.model
            cost = cost_of(model, features, timed=limits.max_latency_us is not None)
        else:
            model, cost = choose_network(config, features, limits, sources.front)
        progress.say(f"{model.name}: {format_count(cost.macs)} MACs, int8 {format_bytes(cost.footprint.file_bytes)}")
    with run.stage("training", "Learn, in rounds"):
        network, rounds = train_rounds(
            config, model, features, training, validation, folder, progress, earlier and earlier.load_keras()
        )
        model_folder = write_network(folder / MODEL, network, config, model, features)
    with run.stage("detector", "Convert to int8, choose the threshold, bundle"):
        bundle, found = convert_and_bundle(
            model_folder, spoken, config, validation, folder / bundle_name(config), progress
        )
    record = _record(run, config, engines, sources, spoken, features, model, cost, rounds, found, bundle)
    write_json(folder / RECORD, record)
    return Made(bundle, record)


def open_earlier(folder: Path, phrase: str) -> ModelFolder:
    """Open the network of an earlier run.

    Raises:
        RunFolderError: the folder holds no finished run of the same phrase.
    """
    if not (folder / SETTINGS).is_file() or not (folder / RECORD).is_file():
        raise RunFolderError(f"{folder} holds no finished run of `tfkws wakeword`; give the folder that one wrote.")
    found = read_record(folder / SETTINGS).get("phrase")
    if found != phrase:
        raise RunFolderError(
            f"{folder} is about {printable(str(found))!r}, not {phrase!r}; give a run of the same phrase."
        )
    return open_model_folder(folder / MODEL)


def shortened(config: WakewordConfig) -> WakewordConfig:
    """Return the settings of a retraining that begins with a trained network: a quarter of the steps."""
    effort = config.effort
    less = replace(effort, steps=max(1, effort.steps // 4), rounds=max(1, effort.rounds // 2))
    return replace(config, sizes=less)


def bundle_name(config: WakewordConfig) -> str:
    """Return the file name of a phrase's bundle."""
    return f"{config.phrase.replace(' ', '_')}.kws"


def _spoken(
    run: _Run, phrase: Phrase, config: WakewordConfig, engines: tuple[str, ...], sources: Sources, workers: int
) -> Spoken:
    path = run.folder / SPOKEN
    with run.stage("speech", "Say the phrase, what sounds like it, and sentences"):
        if not path.exists():
            with run.progress.bar("speak") as advance:
                if sources.earlier:
                    spoken = read_spoken(sources.earlier / SPOKEN)
                else:
                    said = all_said(phrase, config, engines)
                    spoken = speak(said, workers, lambda done, total: advance(done, total, ""))
            if sources.speech:
                spoken = spoken.with_more(read_speech(sources.speech, phrase.text, config.seed))
            if sources.recordings:
                spoken = spoken.with_more(read_own(sources.recordings, "own"))
            if sources.negatives:
                spoken = spoken.with_more(read_own(sources.negatives, "kept"))
            write_spoken(path, spoken)
        spoken = read_spoken(path)
        run.progress.say(", ".join(f"{len(group)} {kind}, {split}" for (split, kind), group in spoken.groups.items()))
    return spoken


def _laid(run: _Run, split: Any, config: WakewordConfig, features: FeatureConfig, workers: int) -> Any:
    with run.progress.bar(f"lay {split}") as advance:
        return lay(
            run.folder / "tracks",
            run.folder / SPOKEN,
            split,
            config,
            features,
            workers,
            lambda done, total: advance(done, total, ""),
        )


def _longest_s(spoken: Spoken) -> float:
    """Return the length that nearly all utterances of the phrase keep to, after they were made to vary."""
    lengths = [len(samples) for samples in spoken.of("training", "phrase", "own")]
    return float(np.quantile(lengths, LONG_SHARE)) / SAMPLE_RATE_HZ


def _claim(
    folder: Path, config: WakewordConfig, engines: tuple[str, ...], sources: Sources, limits: NetworkLimits
) -> None:
    """Write the settings, or make sure that those there are the same.

    Raises:
        RunFolderError: they are others.
    """
    settings = config.to_dict() | {
        "engines": list(engines),
        "sources": sources.to_dict(),
        "limits": limits.to_dict(),
        "effort": config.effort.to_dict(),
    }
    path = folder / SETTINGS
    if not path.exists():
        write_json(path, settings)
    elif read_record(path) != settings:
        raise RunFolderError(f"{folder} holds a detector of other settings; choose another folder by --out.")


def _usual_workers() -> int:
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def _cpu_s() -> float:
    """Return CPU seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _record(
    run: _Run,
    config: WakewordConfig,
    engines: tuple[str, ...],
    sources: Sources,
    spoken: Spoken,
    features: FeatureConfig,
    model: ModelConfig,
    cost: NetworkCost,
    rounds: tuple[Round, ...],
    found: Operating,
    bundle: Path,
) -> dict[str, Any]:
    point = found.point
    return {
        "settings": config.to_dict() | {"engines": list(engines), "effort": config.effort.to_dict()},
        "sources": sorted(sources.to_dict()),
        "utterances": {f"{split} {kind}": len(group) for (split, kind), group in sorted(spoken.groups.items())},
        "window_s": features.clip_samples / SAMPLE_RATE_HZ,
        "model": model.to_dict(),
        "macs": cost.macs,
        "file_bytes": cost.footprint.file_bytes,
        "arena_bytes": cost.footprint.arena_bytes,
        "latency_us": cost.latency_us,
        "bundle": bundle.name,
        "rounds": [vars(each) for each in rounds],
        "detector": found.settings.to_dict(),
        "validation": {
            "source": "synthetic",
            "misses": point.misses,
            "utterances": point.utterances,
            "missed_interval": list(share_interval(point.misses, point.utterances)),
            "false_accepts": HourlyRate(point.false_accepts, point.hours).to_dict(),
        },
        "times": run.times,
    }
