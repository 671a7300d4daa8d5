"""One trial of paper A's over-the-air test, simulated: what is said when, what is recorded, what is answered."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.config.hearing.simulation import DeviceConfig, TrialsConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ, fit_length, resample, to_int16
from tfkws.data.draws import keyed_generator
from tfkws.detect.detector import Detector
from tfkws.detect.over_air.device_clock import Device, Hearing
from tfkws.detect.over_air.sentences import Sentence
from tfkws.detect.over_air.trial import Spoken, Utterance, keep_rhythm, wait_for_answers
from tfkws.detect.over_air.voices import Subject, sentences_of_trial
from tfkws.features.numpy_front_end import to_float


@dataclass(frozen=True)
class Trial:
    """What is said and heard in one trial.

    Attributes:
        sentences: of the subject, one for each utterance.
        utterances: those that are said.
        hearing: what the device does.
    """

    sentences: tuple[Sentence, ...]
    utterances: tuple[Utterance, ...]
    hearing: Hearing

    @property
    def samples(self) -> int:
        """Its length at 16 kHz."""
        return self.hearing.samples


def device_of(settings: DeviceConfig, detector: Detector, latency_s: float) -> Device:
    """Return the device's clock for a detector whose settings hold chunk or hop."""
    latency = int(np.ceil(latency_s * detector.sample_rate_hz))
    return Device(detector.window_samples, detector.hop_samples, latency, settings.capture)


def plan_trial(device: Device, sentences: tuple[Sentence, ...], settings: TrialsConfig, key: tuple[Any, ...]) -> Trial:
    """Decide what is said when, and what the device hears of it.

    Args:
        key: keys the draws, so that the same speaker speaks at the same times to every device, where it does not wait
            for answers.
    """
    rng = keyed_generator(*key, "times")
    spoken = [sentence.spoken for sentence in sentences]
    if settings.speaker == "waiting":
        said, samples = _waiting(device, spoken, settings, rng)
    else:
        samples, period = round(settings.trial_s * SAMPLE_RATE_HZ), round(settings.period_s * SAMPLE_RATE_HZ)
        said = keep_rhythm(spoken, period, settings.unevenness, samples, rng)
    return Trial(sentences, tuple(said), device.hear(samples))


def trial_of(device: Device, subject: Subject, number: int, settings: TrialsConfig) -> Trial:
    """Return one trial of a subject; `number` counts from 0."""
    sentences = tuple(sentences_of_trial(subject, settings.utterances, number))
    return plan_trial(device, sentences, settings, (settings.seed, subject.name, number))


def answers_of(
    detector: Detector, word: str, hearing: Hearing, audio: np.ndarray, capture_hz: int = SAMPLE_RATE_HZ
) -> tuple[np.ndarray, np.ndarray]:
    """Ask the detector about every window that the device judges.

    Args:
        word: of the detector's words.
        audio: int16 (samples,) at 16 kHz, the whole signal.
        capture_hz: rate of the sound card; what was recorded without a gap is brought to 16 kHz by itself.

    Returns:
        Whether each window is answered by 1, bool (k,), and the network's probabilities of the word, float32 (k,).
    """
    detector.reset()
    captured = _resampled(audio, SAMPLE_RATE_HZ, capture_hz)
    ones, scores = [], []
    index = detector.labels.index(word)
    for window in hearing.windows:
        begin, end = (round(edge * capture_hz / SAMPLE_RATE_HZ) for edge in window.recorded)
        recorded = _resampled(captured[begin:end], capture_hz, SAMPLE_RATE_HZ)
        new = fit_length(recorded, window.recorded[1] - window.recorded[0])
        detector.skip(new[: -detector.hop_samples])
        (answer,) = detector.answers(new[-detector.hop_samples :])
        ones.append(any(detection.label == word for detection in answer.detections))
        scores.append(float(answer.raw[index]))
    return np.array(ones, bool), np.array(scores, np.float32)


def _waiting(
    device: Device, spoken: list[Spoken], settings: TrialsConfig, rng: np.random.Generator
) -> tuple[list[Utterance], int]:
    """What a waiting speaker says, and when the answer to the last sentence is recorded."""
    reaction = round(settings.reaction_s * SAMPLE_RATE_HZ)
    longest = max(each.samples for each in spoken)
    enough = len(spoken) * (longest + 3 * reaction + 2 * (device.window + device.latency))
    windows = device.hear(enough).windows
    said = wait_for_answers(spoken, [window.printed for window in windows], reaction, settings.unevenness, rng)
    answered = next(window for window in windows if window.printed >= said[-1].word[1])
    return said, max(said[-1].end, answered.whole)


def _resampled(samples: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    return samples if from_hz == to_hz else to_int16(resample(to_float(samples), from_hz, to_hz))
