"""The stage of `tfkws over-air simulate`: paper A's over-the-air protocol for some bundles, and its log."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config.hearing.simulation import AcousticsConfig, DeviceConfig, TrialsConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.detect.detector import Detector
from tfkws.detect.over_air.latency import recorded_latency_s, timed_latency_s
from tfkws.detect.over_air.scoring import Counting, Counts, count, mean_f1, mean_f1_interval
from tfkws.detect.over_air.sentences import say
from tfkws.detect.over_air.simulation import Trial, answers_of, device_of, trial_of
from tfkws.detect.over_air.surroundings import read_surroundings
from tfkws.detect.over_air.trial_log import AnswerLine, Line, WordLine, to_jsonl
from tfkws.detect.over_air.voices import Subject, recorded_subjects, synthetic_subjects
from tfkws.errors import ConfigError
from tfkws.pipeline.parts.progress import SILENT, StageProgress
from tfkws.run_folder import write_json, write_text

COUNTINGS: tuple[Counting, ...] = ("utterances", "answers")


@dataclass(frozen=True)
class Simulation:
    """What is simulated for every bundle.

    Attributes:
        word: that the subjects say; "" for the detector's only one.
        data: folder in Speech Commands' layout; None for synthesised voices.
        response, noise: files in place of a made-up room and of the data's noises.
        benchmark: a `benchmark-*.json` whose median is the latency.
    """

    trials: TrialsConfig = TrialsConfig()
    acoustics: AcousticsConfig = AcousticsConfig()
    device: DeviceConfig = DeviceConfig()
    word: str = ""
    data: Path | None = None
    response: Path | None = None
    noise: Path | None = None
    benchmark: Path | None = None


def simulate(
    bundles: Sequence[Path], plan: Simulation, out: Path, progress: StageProgress = SILENT
) -> list[dict[str, Any]]:
    """Run the protocol for each bundle; write `simulation-<bundle>.json`, and its log as `.jsonl`, into `out`.

    The same settings give the same subjects, room and noise for every bundle, and the same times of speech
    where the speakers keep their own rhythm.

    Raises:
        TfliteFileError: a bundle is damaged.
        ConfigError: a bundle hears several words and none is named, the word is unknown, or two bundles share
            a name.
        DataError: the data folder has too few speakers, or a file of noise or response is silent.
        RuntimeUnavailableError: a voice is to be synthesised and the synthesiser is not installed.
    """
    names = [bundle.stem for bundle in bundles]
    if len(set(names)) < len(names):
        raise ConfigError(f"Results are named after their bundles, and two are called alike: {', '.join(names)}.")
    results = []
    for name, bundle in zip(names, bundles, strict=True):
        progress.stage(f"{name}: {plan.trials.subjects} subjects, {plan.trials.trials} trials each")
        result, lines = simulate_bundle(bundle, plan, progress)
        write_text(out / f"simulation-{name}.jsonl", to_jsonl(lines))
        write_json(out / f"simulation-{name}.json", result)
        results.append(result)
    return results


def simulate_bundle(
    bundle: Path, plan: Simulation, progress: StageProgress = SILENT, subjects: Sequence[Subject] = ()
) -> tuple[dict[str, Any], list[Line]]:
    """Run the protocol for one bundle.

    Returns:
        The result, JSON-ready, and the log.

    Raises:
        TfkwsError: as `simulate`.
    """
    detector = open_for_trials(bundle, plan.device)
    word = word_of(detector, plan.word)
    subjects = subjects or subjects_of(plan, word)
    surroundings = read_surroundings(plan.acoustics, plan.trials.seed, plan.data, plan.response, plan.noise)
    latency_s, source = latency_of(detector, plan)
    device = device_of(plan.device, detector, latency_s)
    trials: list[dict[str, Any]] = []
    lines: list[Line] = []
    with progress.bar("trials") as advance:
        for subject, number in ((each, number) for each in subjects for number in range(plan.trials.trials)):
            trial = trial_of(device, subject, number, plan.trials)
            speech = say(trial.sentences, trial.utterances, trial.samples)
            audio = surroundings.record(speech, subject.name, number, plan.trials.seed)
            ones, scores = answers_of(detector, word, trial.hearing, audio, plan.acoustics.capture_hz)
            trials.append(trial_record(subject, number, trial, ones))
            lines += trial_lines(subject, number, trial, ones, scores)
            advance(len(trials), len(subjects) * plan.trials.trials, subject.name)
    about = {
        "bundle": bundle.name,
        "digest": detector.bundle.digest,
        "trained_on_synthetic_speech": detector.bundle.synthetic_speech,
        "word": word,
        "speech": subjects[0].source,
        "carriers": sorted({subject.carrier for subject in subjects}),
        "data": plan.data.resolve().name if plan.data else None,
        "response": plan.response.name if plan.response else None,
        "noises": [noise.name for noise in surroundings.noises],
        "settings": {name: getattr(plan, name).to_dict() for name in ("trials", "acoustics", "device")},
        "detector": detector.settings.to_dict(),
        "latency_s": latency_s,
        "latency_source": source,
    }
    return about | summary_of(trials, plan.device.counting) | {"trials": trials}, lines


def open_for_trials(bundle: Path, device: DeviceConfig) -> Detector:
    """Open a bundle with the device's chunks (ms), or with its own sliding windows where `chunk_ms` is 0.

    Raises:
        TfliteFileError: the bundle is damaged or not one.
    """
    detector = Detector(bundle)
    detector.settings = replace(detector.settings, chunk_ms=device.chunk_ms or None)
    return detector


def word_of(detector: Detector, word: str) -> str:
    """Return the word that subjects say.

    Raises:
        ConfigError: it is none of the detector's, or there are several to choose from.
    """
    if word and word not in detector.words:
        raise ConfigError(f"The bundle hears {', '.join(detector.words)} and not {word!r}; choose one with --word.")
    if not word and len(detector.words) != 1:
        raise ConfigError(f"The bundle hears {', '.join(detector.words) or 'no word'}; choose one with --word.")
    return word or detector.words[0]


def subjects_of(plan: Simulation, word: str) -> list[Subject]:
    """Return the subjects: speakers of the data's testing split, or synthesised voices.

    Raises:
        TfkwsError: as `simulate`.
    """
    if plan.data is None:
        return synthetic_subjects(word, plan.trials)
    return recorded_subjects(plan.data, word, plan.trials)


def latency_of(detector: Detector, plan: Simulation) -> tuple[float, str]:
    """Return the latency in seconds, and where it comes from.

    Raises:
        ConfigError: it is both given and to be read.
        RunFolderError, DataError: the record cannot be read, or is none.
    """
    if plan.device.latency_ms is not None and plan.benchmark is not None:
        raise ConfigError("Give --latency-ms or --benchmark, not both.")
    if plan.device.latency_ms is not None:
        return plan.device.latency_ms / 1_000, "given"
    if plan.benchmark is not None:
        return recorded_latency_s(plan.benchmark), plan.benchmark.name
    return timed_latency_s(detector), "measured here"


def trial_record(subject: Subject, number: int, trial: Trial, ones: np.ndarray) -> dict[str, Any]:
    """Return one trial, JSON-ready: counts, what was lost, and how late answers came.

    Counts are by both ways of counting. Delays are in seconds from the end of a window's audio to its printed
    answer; `lost_share` is 0..1.

    Args:
        number: of the trial, from 0; it is written from 1.
        ones: bool or int (windows,), whether each answer is the word.
    """
    hearing = trial.hearing
    words = [utterance.word for utterance in trial.utterances]
    delays = [(window.printed - window.whole) / SAMPLE_RATE_HZ for window in hearing.windows]
    return {
        "subject": subject.name,
        "trial": number + 1,
        "seconds": trial.samples / SAMPLE_RATE_HZ,
        "utterances": len(words),
        "windows": len(hearing.windows),
        "dropped_windows": hearing.dropped,
        "lost_share": round(hearing.lost_share, 6),
        "median_delay_s": round(float(np.median(delays)), 6) if delays else None,
        "longest_delay_s": round(max(delays), 6) if delays else None,
        "counts": {way: vars(count(words, hearing.windows, list(ones), way)) for way in COUNTINGS},
    }


def trial_lines(subject: Subject, number: int, trial: Trial, ones: np.ndarray, scores: np.ndarray) -> list[Line]:
    """Return one trial's part of the log; times are in seconds since its beginning.

    Args:
        number: of the trial, from 0; it is written from 1.
        ones: bool or int (windows,), whether each answer is the word.
        scores: float (windows,), probability of the word.
    """
    name: dict[str, Any] = {"subject": subject.name, "trial": number + 1}
    seconds = lambda edge: round(edge / SAMPLE_RATE_HZ, 6)  # noqa: E731
    said = [WordLine(**name, word_s=tuple(map(seconds, utterance.word))) for utterance in trial.utterances]
    answers = [
        AnswerLine(
            **name,
            answer=1 if one else 0,
            held_s=tuple(tuple(map(seconds, stretch)) for stretch in window.stretches),
            printed_s=seconds(window.printed),
            score=round(float(score), 6),
        )
        for window, one, score in zip(trial.hearing.windows, ones, scores, strict=True)
    ]
    return [*said, *answers]


def summary_of(trials: Sequence[dict[str, Any]], counting: Counting) -> dict[str, Any]:
    """Return the mean F1 (0..1) with its interval, by both ways of counting, and means of the rest.

    The chosen way is at the top level. Delays are in seconds; the share of lost audio is weighted by length.

    Args:
        trials: of `trial_record`, at least one.
    """
    scores: dict[str, Any] = {}
    for way in COUNTINGS:
        counts: dict[str, list[Counts]] = {}
        for trial in trials:
            counts.setdefault(trial["subject"], []).append(Counts(**trial["counts"][way]))
        score = {"mean_f1": mean_f1(list(counts.values())), "interval": mean_f1_interval(list(counts.values()))}
        scores |= score if way == counting else {f"by_{way}": score}
    delays = [trial["median_delay_s"] for trial in trials if trial["median_delay_s"] is not None]
    seconds = sum(trial["seconds"] for trial in trials)
    return scores | {
        "lost_share": sum(trial["lost_share"] * trial["seconds"] for trial in trials) / seconds,
        "median_delay_s": float(np.median(delays)) if delays else None,
        "longest_delay_s": max((trial["longest_delay_s"] for trial in trials if trial["windows"]), default=None),
        "dropped_windows": sum(trial["dropped_windows"] for trial in trials),
        "windows": sum(trial["windows"] for trial in trials),
    }
