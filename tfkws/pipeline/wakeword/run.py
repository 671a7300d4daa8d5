"""All stages of a detector from a phrase, each kept in the run's folder, with the times that they took."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import FeatureConfig
from tfkws.config.wakeword import NetworkLimits, WakewordConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.data.folder_scan import audio_below
from tfkws.errors import ConfigError
from tfkws.features.front_ends import get_front_end
from tfkws.output_folder import check_output_folder
from tfkws.pipeline.parts.progress import SILENT, StageProgress
from tfkws.pipeline.report import write_report
from tfkws.pipeline.wakeword.detector import convert_and_bundle, write_network
from tfkws.pipeline.wakeword.laying import lay
from tfkws.pipeline.wakeword.network import choose_network, cost_of
from tfkws.pipeline.wakeword.plan import plan_lines
from tfkws.pipeline.wakeword.record import asked, heard, network_of, said, voices_of
from tfkws.pipeline.wakeword.recorded import read_own, read_speech
from tfkws.pipeline.wakeword.sources import MODEL, RECORD, SPOKEN, Sources, claim, open_earlier
from tfkws.pipeline.wakeword.speech import Said, all_said, speak
from tfkws.pipeline.wakeword.stage_times import Run
from tfkws.pipeline.wakeword.training import train_rounds
from tfkws.processor import cores_allowed
from tfkws.report.build import PAGE
from tfkws.run_folder import read_record, write_json
from tfkws.speech.phrase import Phrase, parse_phrase
from tfkws.speech.voices import available_engines, find_engine
from tfkws.units import format_count
from tfkws.wakeword.networks import fitted
from tfkws.wakeword.pools import Spoken, read_spoken, write_spoken
from tfkws.wakeword.rows import normalised

REPORT = "report"  # where `tfkws report` writes by itself, too
LONG_SHARE = 0.95  # of the phrase's utterances are no longer than the window is made for


@dataclass(frozen=True)
class Made:
    """A detector that was made: its bundle, what is told of it, JSON-ready, and the report of that."""

    bundle: Path
    record: dict[str, Any]
    page: Path


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
    claim(folder, config, engines, sources, limits)
    count = workers or cores_allowed()
    everything = all_said(phrase, config, engines)
    for line in plan_lines(phrase, config, engines, everything, sources.speech is not None, count):
        progress.say(line)
    run = Run(folder, progress)
    if (folder / RECORD).exists() and (folder / bundle_name(config)).exists():
        page = folder / REPORT / PAGE
        page = page if page.exists() else write_report(folder, folder / REPORT)
        return Made(folder / bundle_name(config), read_record(folder / RECORD), page)
    spoken = _spoken(run, phrase, config, everything, sources, count)
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
        progress.say(f"{model.name}: {format_count(cost.macs)} MACs, {cost.sizes}")
    with run.stage("training", "Learn, in rounds"):
        network, rounds = train_rounds(
            config, model, features, training, validation, folder, progress, earlier and earlier.load_keras()
        )
        model_folder = write_network(folder / MODEL, network, config, model, features)
    with run.stage("detector", "Convert to int8, choose the threshold, bundle"):
        converted = convert_and_bundle(model_folder, spoken, config, validation, folder / bundle_name(config), progress)
    record = {
        **asked(config, engines, sources, limits),
        **said(spoken, _voices(everything, sources)),
        **network_of(features, model, cost),
        "rounds": [vars(each) for each in rounds],
        **heard(converted, config.false_accepts_per_hour),
        "times": run.times,
    }
    write_json(folder / RECORD, record)
    return Made(converted.bundle, record, write_report(folder, folder / REPORT))


def shortened(config: WakewordConfig) -> WakewordConfig:
    """Return the settings of a retraining that begins with a trained network: a quarter of the steps."""
    effort = config.effort
    less = replace(effort, steps=max(1, effort.steps // 4), rounds=max(1, effort.rounds // 2))
    return replace(config, sizes=less)


def bundle_name(config: WakewordConfig) -> str:
    """Return the file name of a phrase's bundle."""
    return f"{config.phrase.replace(' ', '_')}.kws"


def _spoken(
    run: Run, phrase: Phrase, config: WakewordConfig, everything: Sequence[Said], sources: Sources, workers: int
) -> Spoken:
    path = run.folder / SPOKEN
    with run.stage("speech", "Say the phrase, what sounds like it, and sentences"):
        if not path.exists():
            with run.progress.bar("speak") as advance:
                if sources.earlier:
                    spoken = read_spoken(sources.earlier / SPOKEN)
                else:
                    spoken = speak(everything, workers, lambda done, total: advance(done, total, ""))
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


def _voices(everything: Sequence[Said], sources: Sources) -> list[dict[str, Any]]:
    """Return whose voices were heard; those of an earlier run stand in its record."""
    if sources.earlier:
        voices: list[dict[str, Any]] = read_record(sources.earlier / RECORD).get("voices", [])
        return voices
    return voices_of(everything)


def _laid(run: Run, split: Any, config: WakewordConfig, features: FeatureConfig, workers: int) -> Any:
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
