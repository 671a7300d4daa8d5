"""How much of paper A's fall from laptop to Raspberry Pi does audio explain that is lost while the network runs?

    python -m benchmarks over-air/lost_audio --detector KWS --data SPEECH_COMMANDS

Paper A's loop is simulated with its latencies for its eight networks, and with one and the same detector for all of
them, so that they differ in latency and in nothing else. What was chosen beforehand, and not changed after the results:

- Trials of 20 s by the clock, ten sentences. Speakers who keep a rhythm begin one every 2 s, 10 % off the beat; those
  who wait begin 0.4 s after the first answer that follows their word, and go on until all ten are answered.
- The word is the first of three in its sentence, the others are clips of the same speaker. 20 speakers of the testing
  split, 5 trials each. Chunks of 1 s (paper A, section 3.2); 0.5 s (its section 3.1) beside it.
- Made-up room: 1 m, critical distance 0.6 m, 0.4 s of echo, 20 dB above the noise.
- An answer is 1 where the word has the larger of two probabilities, as in paper A (threshold 0.5). The detector is
  MatchboxNet in float32: with TC-ResNet8 and kws1 it has the highest F1 of six networks on the validation split.
- TP and FN are counted by utterance (`tfkws.detect.over_air.scoring`).
- The prediction for the Pi is paper A's own F1 on the laptop times the simulated ratio of Pi to laptop.

Besides the detector's own answers there is an idealised listener, which answers a chunk with a probability by the share
of the word that it holds, counted on the detector's answers to chunks at every tenth of a second; it allows many
repetitions. Minutes on one core; every part is a file and is kept.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmarks.over_air.listener import HALF_A_WORD, Listener, fit_listener, held_shares
from benchmarks.over_air.lost_audio_tables import write_tables
from benchmarks.over_air.paper_a import DEVICES, TABLE_1
from benchmarks.records import PUBLISHED, say
from tfkws.config import DetectorConfig
from tfkws.config.hearing.simulation import AcousticsConfig, TrialsConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.data.draws import keyed_generator
from tfkws.detect.detector import Detector
from tfkws.detect.over_air.device_clock import Capture, Device, HeardWindow
from tfkws.detect.over_air.scoring import Counting, Counts, count, mean_f1, mean_f1_interval
from tfkws.detect.over_air.sentences import say as say_sentences
from tfkws.detect.over_air.simulation import Trial, answers_of, trial_of
from tfkws.detect.over_air.surroundings import Surroundings, read_surroundings
from tfkws.detect.over_air.voices import Subject, recorded_subjects
from tfkws.run_folder import read_json, write_json
from tfkws.tflite.bundle.archive import read_bundle

__all__ = ["add_options", "measure", "write_tables"]
WORD = "happy"
Speaker = Literal["rhythm", "waiting"]
TRIALS = TrialsConfig(subjects=20)
ACOUSTICS = AcousticsConfig()
THRESHOLD = 0.5
CHUNKS_MS = (1_000, 500)
SPEAKERS: tuple[Speaker, ...] = ("rhythm", "waiting")
CAPTURES: tuple[Capture, ...] = ("blocking", "buffered")
REPEATS, CURVE_REPEATS = 600, 200
CURVES: tuple[tuple[Speaker, Capture], ...] = (
    ("rhythm", "blocking"),
    ("waiting", "blocking"),
    ("rhythm", "buffered"),
)
CURVE_S = tuple(round(float(each), 3) for each in np.arange(0, 5.001, 0.05))
LISTENER_TRIALS, LISTENER_STEP_MS = 2, 100
SENSITIVITY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("as fixed beforehand", "", {}),
    *(("rhythm", f"{period} s", {"period_s": period}) for period in (1.6, 1.8, 2.2, 2.4)),
    *(("off the beat", f"{100 * share:.0f} %", {"unevenness": share}) for share in (0.0, 0.2)),
    *(("words in the sentence", str(1 + words), {"carrier_words": words}) for words in (1, 3)),
    ("word in the sentence", "last", {"word_position": "last"}),
    ("chunk", "0.5 s", {"chunk_ms": 500}),
    ("listener", "half a word is enough", {"listener": "half"}),
    ("listener", "at the detector's own threshold", {"listener": "own"}),
    ("counting", "answers", {"counting": "answers"}),
    ("speaker", "waiting", {"speaker": "waiting"}),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("--detector", type=Path, help="a float32 bundle that hears 'happy'")
    parser.add_argument("--data", type=Path, help="Speech Commands, with its testing split and its noises")


def measure(options: argparse.Namespace) -> None:
    """Simulate what has no record yet."""
    study = None
    for stem, run in PARTS.items():
        path = options.out / f"{stem}.json"
        if not path.exists():
            study = study or open_study(options.detector, options.data, options.out)
            say(f"{stem} ...")
            write_json(path, run(study))


@dataclass(frozen=True)
class Study:
    """What all parts share."""

    bundle: Path
    data: Path
    folder: Path
    surroundings: Surroundings

    def subjects(self, settings: TrialsConfig) -> list[Subject]:
        """Return the subjects, who differ from those of other settings in their sentences alone."""
        return _subjects(self.data, settings.carrier_words, settings.word_position)

    def detector(self, chunk_ms: float) -> Detector:
        """Open the detector for chunks."""
        return Detector(self.bundle, DetectorConfig(threshold=THRESHOLD, chunk_ms=chunk_ms))

    def listener(self, chunk_ms: float, part: str = "chunks") -> Listener:
        """Return the idealised listener that was counted on the detector's answers."""
        record = read_json(self.folder / "listener.json")[part][str(int(chunk_ms))]
        return Listener(tuple(record["probabilities"]), tuple(record["windows"]))


@cache
def _subjects(data: Path, carrier_words: int, word_position: Any) -> list[Subject]:
    return recorded_subjects(data, WORD, replace(TRIALS, carrier_words=carrier_words, word_position=word_position))


def open_study(bundle: Path | None, data: Path | None, folder: Path) -> Study:
    """Read what all parts share."""
    if bundle is None or data is None:
        raise SystemExit("Give --detector and --data, or --tables to write the tables from the records.")
    return Study(bundle, data, folder, read_surroundings(ACOUSTICS, TRIALS.seed, data))


def device(latency_s: float, chunk_ms: float, capture: Capture = "blocking") -> Device:
    """Return a device that hears chunks."""
    chunk = round(chunk_ms * SAMPLE_RATE_HZ / 1_000)
    return Device(chunk, chunk, int(np.ceil(latency_s * SAMPLE_RATE_HZ)), capture)


def conditions() -> Iterator[dict[str, Any]]:
    """Yield paper A's networks on both devices, for every chunk, speaker and capture."""
    for chunk_ms in CHUNKS_MS:
        for speaker in SPEAKERS:
            for capture in CAPTURES:
                for row in TABLE_1:
                    for place, latency_s in zip(DEVICES, (row.laptop_s, row.pi_s), strict=True):
                        yield {
                            "chunk_ms": chunk_ms, "speaker": speaker, "capture": capture, "network": row.name,
                            "device": place, "latency_s": latency_s,
                        }  # fmt: skip


def count_listener(study: Study) -> dict[str, Any]:
    """Count the detector's answers to chunks that begin every tenth of a second, by the share of the word they hold.

    They are counted at paper A's threshold, and at the bundle's own, for the sensitivity.
    """
    bundle = read_bundle(study.bundle)
    about = {"bundle": study.bundle.name, "digest": bundle.digest, "threshold": THRESHOLD, "word": WORD}
    chunks: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for chunk_ms in CHUNKS_MS:
        shares, scores = _scores_of_chunks(study, chunk_ms)
        for found, threshold in ((chunks, THRESHOLD), (own, bundle.detector.threshold)):
            fitted = fit_listener(shares, scores >= threshold)
            found[str(chunk_ms)] = {"probabilities": fitted.probabilities, "windows": fitted.windows}
    return {
        "detector": about | {"own_threshold": bundle.detector.threshold},
        "trials": TRIALS.to_dict(),
        "acoustics": ACOUSTICS.to_dict(),
        "chunks": chunks,
        "chunks_at_own_threshold": own,
    }


def _scores_of_chunks(study: Study, chunk_ms: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of a word that each chunk holds, and the word's probability."""
    step = LISTENER_STEP_MS * SAMPLE_RATE_HZ // 1_000
    detector, shares, scores = study.detector(chunk_ms), [], []
    index = detector.labels.index(WORD)
    for subject in study.subjects(TRIALS):
        for number in range(LISTENER_TRIALS):
            trial = trial_of(device(0.0, chunk_ms), subject, number, TRIALS)
            audio = _record(study, subject, number, trial)
            begins = range(0, len(audio) - detector.window_samples + 1, step)
            stretches = [(begin, begin + detector.window_samples) for begin in begins]
            words = [utterance.word for utterance in trial.utterances]
            shares.append(held_shares(words, [HeardWindow((each,), each, each[1]) for each in stretches]))
            detector.reset()
            answers = detector.answers(np.concatenate([audio[begin:end] for begin, end in stretches]))
            scores.append(np.array([answer.raw[index] for answer in answers]))
    return np.concatenate(shares), np.concatenate(scores)


def ask_detector(study: Study) -> list[dict[str, Any]]:
    """Simulate paper A's networks with the detector's own answers to what is heard."""
    rows = []
    for chunk_ms, speaker, capture, trials in DETECTOR_CONDITIONS:
        chosen = [each for each in conditions() if (each["chunk_ms"], each["speaker"], each["capture"]) ==
                  (chunk_ms, speaker, capture)]  # fmt: skip
        settings = replace(TRIALS, speaker=speaker, trials=trials)
        counted = _detector_counts(study, chosen, settings)
        rows += [each | {"trials": trials} | score for each, score in zip(chosen, counted, strict=True)]
        say(f"  detector: {chunk_ms} ms, {speaker}, {capture}")
    return rows


DETECTOR_CONDITIONS: tuple[tuple[int, Speaker, Capture, int], ...] = (
    (1_000, "rhythm", "blocking", TRIALS.trials),
    (1_000, "rhythm", "buffered", TRIALS.trials),
    (500, "rhythm", "blocking", TRIALS.trials),
    (1_000, "waiting", "blocking", 2),
)


def _detector_counts(study: Study, chosen: Sequence[dict[str, Any]], settings: TrialsConfig) -> list[dict[str, Any]]:
    detector = study.detector(chosen[0]["chunk_ms"])
    found: list[list[list[Counts]]] = [[] for _ in chosen]
    lost: list[list[float]] = [[] for _ in chosen]
    for subject in study.subjects(settings):
        for counts in found:
            counts.append([])
        for number in range(settings.trials):
            audio: np.ndarray | None = None
            for index, each in enumerate(chosen):
                clock = device(each["latency_s"], each["chunk_ms"], each["capture"])
                trial = trial_of(clock, subject, number, settings)
                if audio is None or settings.speaker == "waiting":  # who keeps a rhythm says the same to every device
                    audio = _record(study, subject, number, trial)
                ones, _ = answers_of(detector, WORD, trial.hearing, audio, ACOUSTICS.capture_hz)
                found[index][-1].append(_counts(trial, list(ones)))
                lost[index].append(trial.hearing.lost_share)
    return [
        {"f1": mean_f1(each), "interval": mean_f1_interval(each), "lost_share": float(np.mean(shares))}
        for each, shares in zip(found, lost, strict=True)
    ]


def ask_listener(study: Study) -> list[dict[str, Any]]:
    """Simulate the same with the idealised listener, many times."""
    rows = []
    for each in conditions():
        listener = study.listener(each["chunk_ms"])
        clock = device(each["latency_s"], each["chunk_ms"], each["capture"])
        settings = replace(TRIALS, speaker=each["speaker"])
        rows.append(each | _listened(study, clock, settings, listener, REPEATS))
    return rows


def draw_curve(study: Study) -> list[dict[str, Any]]:
    """Simulate every latency from 0 to 5 s with the idealised listener."""
    rows = []
    for chunk_ms in CHUNKS_MS:
        for speaker, capture in CURVES:
            listener, settings = study.listener(chunk_ms), replace(TRIALS, speaker=speaker)
            points = [
                _listened(study, device(latency_s, chunk_ms, capture), settings, listener, CURVE_REPEATS)["f1"]
                for latency_s in CURVE_S
            ]
            rows.append({"chunk_ms": chunk_ms, "speaker": speaker, "capture": capture, "f1": points})
            say(f"  curve: {chunk_ms} ms, {speaker}, {capture}")
    return [{"latency_s": CURVE_S}, *rows]


def vary_choices(study: Study, capture: Capture = "blocking") -> list[dict[str, Any]]:
    """Simulate paper A's networks again with one choice changed after the other."""
    rows = []
    for what, value, change in SENSITIVITY:
        given = dict(change)
        chunk_ms = given.pop("chunk_ms", CHUNKS_MS[0])
        counting: Counting = given.pop("counting", "utterances")
        part = "chunks_at_own_threshold" if change.get("listener") == "own" else "chunks"
        listener = HALF_A_WORD if given.pop("listener", "") == "half" else study.listener(chunk_ms, part)
        settings = replace(TRIALS, **given)
        f1 = {}
        for row in TABLE_1:
            for place, latency_s in zip(DEVICES, (row.laptop_s, row.pi_s), strict=True):
                score = _listened(study, device(latency_s, chunk_ms, capture), settings, listener, REPEATS, counting)
                f1[f"{row.name}, {place}"] = score["f1"]
        rows.append({"what": what, "value": value, "f1": f1})
    return rows


def take_own_latencies(study: Study) -> list[dict[str, Any]]:
    """Simulate the same eight networks with the latencies of our files on this machine."""
    rows = []
    own = [each for each in read_json(PUBLISHED / "profile" / "latency.json") if each["name"] in PAPER_NAMES]
    for each in own:
        latency_s = each["median_us"] / 1e6
        score = _listened(study, device(latency_s, CHUNKS_MS[0]), TRIALS, study.listener(CHUNKS_MS[0]), REPEATS)
        rows.append({"network": each["name"], "type": each["type"], "latency_s": latency_s} | score)
    return rows


PAPER_NAMES = frozenset(row.name for row in TABLE_1)
PARTS: dict[str, Callable[[Study], Any]] = {
    "listener": count_listener,
    "ideal": ask_listener,
    "own": take_own_latencies,
    "sensitivity": vary_choices,
    "sensitivity_buffered": partial(vary_choices, capture="buffered"),
    "curve": draw_curve,
    "detector": ask_detector,
}


def _listened(
    study: Study,
    clock: Device,
    settings: TrialsConfig,
    listener: Listener,
    repeats: int,
    counting: Counting = "utterances",
) -> dict[str, Any]:
    """Return mean F1 of so many trials of the subjects in turns, its standard error, and the share of audio lost."""
    subjects = study.subjects(settings)
    scores, lost = [], []
    for repeat in range(repeats):
        subject, number = subjects[repeat % len(subjects)], repeat // len(subjects)
        trial = trial_of(clock, subject, number, settings)
        rng = keyed_generator(settings.seed, "listener", subject.name, number)
        words = [utterance.word for utterance in trial.utterances]
        scores.append(_counts(trial, listener.answer(words, trial.hearing.windows, rng), counting).f1)
        lost.append(trial.hearing.lost_share)
    error = float(np.std(scores, ddof=1) / np.sqrt(repeats))
    return {"f1": float(np.mean(scores)), "standard_error": error, "lost_share": float(np.mean(lost))}


def _counts(trial: Trial, ones: Sequence[bool], counting: Counting = "utterances") -> Counts:
    return count([utterance.word for utterance in trial.utterances], trial.hearing.windows, ones, counting)


def _record(study: Study, subject: Subject, number: int, trial: Trial) -> np.ndarray:
    speech = say_sentences(trial.sentences, trial.utterances, trial.samples)
    return study.surroundings.record(speech, subject.name, number, TRIALS.seed)
