from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_bundles import loudness_bundle
from hypothesis import given, settings
from hypothesis import strategies as st

import tfkws
from tfkws.config import DetectorConfig
from tfkws.detect.detector import BLOCK, Detector
from tfkws.errors import ConfigError, TfliteFileError
from tfkws.features.numpy_front_end import extract
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.runtime.model import open_model

RATE = 16_000


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return loudness_bundle()


@pytest.fixture(scope="module")
def detector(bundle: Bundle) -> Detector:
    return Detector(bundle)


def tone(seconds: float, at: float, length: float = 1.0) -> np.ndarray:
    """Silence with a loud tone in it, float32."""
    signal = np.zeros(round(seconds * RATE), np.float32)
    begin = round(at * RATE)
    signal[begin : begin + round(length * RATE)] = 0.5 * np.sin(np.arange(round(length * RATE)) / 3)
    return signal


def test_it_is_found_at_the_top() -> None:
    assert tfkws.Detector is Detector


def test_it_hears_once_what_is_there_once(detector: Detector) -> None:
    detector.reset()
    (heard,) = detector.feed(tone(5, at=2))
    assert heard.label == "loud"
    assert 2 < heard.time_s < 3.2


def test_answers_are_those_of_the_network_to_whole_clips(detector: Detector, bundle: Bundle) -> None:
    signal = tone(3, at=1)
    detector.reset()
    answers = detector.answers(signal)
    ends = list(range(16_000, len(signal) + 1, 1_600))
    clips = np.stack([signal[end - 16_000 : end] for end in ends])
    expected = open_model(bundle.model).predict(extract(clips, bundle.features)[..., None])
    assert [answer.end_sample for answer in answers] == ends
    np.testing.assert_allclose([answer.raw for answer in answers], expected, atol=1e-4)


@settings(deadline=None, max_examples=15)
@given(sizes=st.lists(st.integers(0, 9_000), max_size=20))
def test_detections_do_not_depend_on_blocks(detector: Detector, sizes: list[int]) -> None:
    signal = tone(4, at=1.5)
    detector.reset()
    whole = [(answer.end_sample, answer.detections) for answer in detector.answers(signal)]
    detector.reset()
    parts = np.split(signal, np.cumsum(sizes).clip(max=len(signal)))
    fed = [(answer.end_sample, answer.detections) for part in parts for answer in detector.answers(part)]
    assert [end for end, _ in fed] == [end for end, _ in whole]
    assert [bool(found) for _, found in fed] == [bool(found) for _, found in whole]
    assert detector.samples_seen == len(signal)


def test_int16_and_float_are_the_same_audio(detector: Detector) -> None:
    signal = tone(3, at=1)
    detector.reset()
    first = detector.answers(signal)
    detector.reset()
    second = detector.answers(np.round(signal * 32_768).astype(np.int16))
    np.testing.assert_allclose([a.raw for a in first], [a.raw for a in second], atol=1e-3)


def test_what_is_not_a_number_is_silence_and_counted(detector: Detector) -> None:
    signal = tone(4, at=2)
    signal[1_000:1_500] = np.nan
    signal[1_600] = -np.inf
    signal[1_700] = 1e30
    detector.reset()
    assert [heard.label for heard in detector.feed(signal)] == ["loud"]
    assert detector.bad_samples == 502


def test_zeros_are_no_word(detector: Detector) -> None:
    detector.reset()
    assert detector.feed(np.zeros(5 * RATE, np.int16)) == []


def test_skipped_windows_are_counted_and_time_goes_on(detector: Detector) -> None:
    detector.reset()
    assert detector.skip(np.zeros(2 * RATE, np.float32)) == 11
    (heard,) = detector.feed(tone(2.5, at=0.5))
    assert 2.5 < heard.time_s < 3.7


def test_settings_of_the_bundle_or_other_ones(bundle: Bundle) -> None:
    assert Detector(bundle).settings == bundle.detector
    deaf = Detector(bundle, replace(bundle.detector, threshold=1.0))
    assert deaf.feed(tone(4, at=2)) == []


def test_a_new_hop_holds_at_once(bundle: Bundle) -> None:
    detector = Detector(bundle)
    detector.answers(np.zeros(RATE, np.float32))
    detector.settings = replace(bundle.detector, hop_ms=50.0)
    answers = detector.answers(np.zeros(2 * RATE, np.float32))
    assert [answer.end_sample for answer in answers][:3] == [2 * RATE, 2 * RATE + 800, 2 * RATE + 1_600]


def test_chunks_of_half_a_second_are_padded(bundle: Bundle) -> None:
    detector = Detector(bundle, DetectorConfig(chunk_ms=500.0))
    signal = tone(3, at=1, length=0.5)
    answers = detector.answers(signal)
    assert [answer.end_sample for answer in answers] == [8_000, 16_000, 24_000, 32_000, 40_000, 48_000]
    clip = np.concatenate([signal[16_000:24_000], np.zeros(8_000, np.float32)])
    expected = open_model(bundle.model).predict(extract(clip[None], bundle.features)[..., None])
    np.testing.assert_allclose(answers[2].raw, expected[0], atol=1e-4)


def test_a_chunk_longer_than_the_network_is_refused(bundle: Bundle) -> None:
    with pytest.raises(ConfigError, match="at most 1000 ms"):
        Detector(bundle, DetectorConfig(chunk_ms=2_000.0))


@pytest.mark.parametrize("audio", [np.zeros((4, 2), np.float32), np.zeros(4, np.int32), np.zeros(4, complex)])
def test_other_audio_is_refused(detector: Detector, audio: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="mono audio"):
        detector.feed(audio)


def test_detectors_that_share_a_model_hear_each_for_itself(bundle: Bundle) -> None:
    model = open_model(bundle.model)
    first, second = Detector(bundle, model=model), Detector(bundle, model=model)
    signals = (tone(5, at=1), tone(5, at=3))
    heard: list[list[float]] = [[], []]
    for block in range(0, 5 * RATE, 1_000):
        for index, detector in enumerate((first, second)):
            heard[index] += [one.time_s for one in detector.feed(signals[index][block : block + 1_000])]
    expected = [[one.time_s for one in Detector(bundle).feed(signal)] for signal in signals]
    assert heard == expected
    assert [len(times) for times in heard] == [1, 1]


def test_a_path_and_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(TfliteFileError, match="does not exist"):
        Detector(tmp_path / "none.kws")


def test_long_audio_is_worked_on_in_blocks(detector: Detector) -> None:
    detector.reset()
    signal = tone(3 * BLOCK / RATE, at=9)
    assert len(detector.feed(signal)) == 1
