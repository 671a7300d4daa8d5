"""One simulated trial: the device hears what its clock says, and the detector is asked about exactly that."""

from dataclasses import replace

import numpy as np
import pytest
from fake_bundles import loudness_bundle

from tfkws.config import DetectorConfig
from tfkws.config.hearing.simulation import DeviceConfig, TrialsConfig
from tfkws.detect.detector import Detector
from tfkws.detect.over_air.device_clock import Device
from tfkws.detect.over_air.sentences import make_sentence
from tfkws.detect.over_air.simulation import answers_of, device_of, trial_of
from tfkws.detect.over_air.voices import Subject
from tfkws.features.numpy_front_end import to_float

SECOND = 16_000
CHUNKS = DetectorConfig(chunk_ms=1_000.0)
SENTENCE = make_sentence(np.ones(8_000, np.float32), [np.ones(8_000, np.float32)])
ANNA = Subject("anna", "recorded", "same speaker", (SENTENCE,))


def loud_seconds(*begins: int, seconds: int = 12) -> np.ndarray:
    audio = np.zeros(seconds * SECOND, np.int16)
    for begin in begins:
        audio[begin : begin + SECOND] = 16_000 * np.sin(np.arange(SECOND) / 3)
    return audio


def test_the_clock_of_a_detector_has_its_window_and_hop() -> None:
    detector = Detector(loudness_bundle(), CHUNKS)
    assert device_of(DeviceConfig(), detector, 0.10001) == Device(SECOND, SECOND, 1_601)
    sliding = Detector(loudness_bundle(), DetectorConfig(hop_ms=50.0))
    assert device_of(DeviceConfig(capture="buffered"), sliding, 0.0) == Device(SECOND, 800, 0, "buffered")


@pytest.mark.parametrize("capture_hz", [16_000, 44_100, 48_000])
def test_what_is_said_while_the_network_runs_is_never_heard(capture_hz: int) -> None:
    detector = Detector(loudness_bundle(), CHUNKS)
    hearing = Device(SECOND, SECOND, 2 * SECOND).hear(12 * SECOND)  # hears 0 to 1, 3 to 4, 6 to 7, 9 to 10
    ones, scores = answers_of(detector, "loud", hearing, loud_seconds(3 * SECOND, 7 * SECOND), capture_hz)
    assert ones.tolist() == [False, True, False, False]
    assert scores[1] > 0.5 > max(scores[0], scores[2], scores[3])


@pytest.mark.parametrize("hop_ms", [100.0, 1_000.0])
def test_a_device_that_loses_nothing_answers_as_the_detector_does(hop_ms: float) -> None:
    settings = DetectorConfig(hop_ms=hop_ms, window_ms=max(300.0, hop_ms))
    detector, audio = Detector(loudness_bundle(), settings), loud_seconds(3 * SECOND, 7 * SECOND + 500)
    device = device_of(DeviceConfig(capture="buffered"), detector, 0.01)
    ones, scores = answers_of(detector, "loud", device.hear(len(audio)), audio)
    expected = Detector(loudness_bundle(), settings).answers(audio)
    np.testing.assert_allclose(scores, [answer.raw[1] for answer in expected], atol=1e-6)
    assert ones.tolist() == [bool(answer.detections) for answer in expected]


def test_dropped_windows_are_skipped_and_the_others_hold_what_they_should() -> None:
    settings = DetectorConfig(hop_ms=250.0, window_ms=250.0)
    detector, audio = Detector(loudness_bundle(), settings), loud_seconds(3 * SECOND, 7 * SECOND + 500)
    hearing = device_of(DeviceConfig(capture="buffered"), detector, 0.6).hear(len(audio))
    assert hearing.dropped > 20
    _, scores = answers_of(detector, "loud", hearing, audio)
    alone = Detector(loudness_bundle(), CHUNKS)
    for window, score in zip(hearing.windows, scores, strict=True):
        ((begin, end),) = window.stretches
        alone.reset()
        (answer,) = alone.answers(to_float(audio[begin:end]))
        assert score == pytest.approx(answer.raw[1], abs=1e-6)


def test_who_keeps_a_rhythm_says_the_same_to_every_device() -> None:
    fast, slow = (trial_of(Device(SECOND, SECOND, latency), ANNA, 0, TrialsConfig()) for latency in (0, 50_000))
    assert fast.utterances == slow.utterances
    assert fast.samples == slow.samples == 20 * SECOND
    assert trial_of(Device(SECOND, SECOND, 0), ANNA, 1, TrialsConfig()).utterances != fast.utterances


def test_who_waits_is_answered_ten_times_however_long_it_takes() -> None:
    settings = TrialsConfig(speaker="waiting")
    for latency, seconds in ((0, 15.0), (50_000, 38.5)):  # ten of 1.5 s, or nine turns of 4.1 s and the tenth chunk
        trial = trial_of(Device(SECOND, SECOND, latency), ANNA, 0, settings)
        assert len(trial.utterances) == 10
        assert trial.samples / SECOND == pytest.approx(seconds, abs=1.5)
        last = trial.hearing.windows[-1]
        assert last.printed >= trial.utterances[-1].word[1]
    uneven = trial_of(Device(SECOND, SECOND, 0), ANNA, 0, replace(settings, unevenness=0.0))
    assert uneven.utterances[0].begin == round(0.4 * SECOND)
