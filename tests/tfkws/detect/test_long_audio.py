"""A detector hears a file: where words lie, at its edges too, and what is counted."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_bundles import loudness_bundle

from tfkws.config import DetectorConfig
from tfkws.detect.detector import Detector
from tfkws.detect.events import Utterance
from tfkws.detect.long_audio import HeardAudio, count, hear
from tfkws.detect.timeline.timeline import Timeline

SETTINGS = DetectorConfig(hop_ms=100, window_ms=100, threshold=0.5)


def write(path: Path, seconds: float, tones: list[float], rate: int = 16_000) -> Path:
    """Write silence with a tone of 0.9 s at each of these times."""
    samples = np.zeros(round(seconds * rate))
    for start in tones:
        span = slice(round(start * rate), round((start + 0.9) * rate))
        samples[span] += 0.5 * np.sin(np.arange(len(samples[span])) * 16_000 / rate / 3)
    soundfile.write(path, samples, rate)
    return path


def timeline(seconds: float, words: list[float]) -> Timeline:
    return Timeline("recorded", seconds, tuple(Utterance("loud", start, start + 0.9) for start in words))


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_words_are_found_where_they_are_at_the_edges_too(rate: int, tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", 20.0, [0.0, 7.0, 19.1], rate)
    detector = Detector(loudness_bundle(), SETTINGS)
    ends, scores = hear(detector, path)
    heard = HeardAudio("a.wav", "", timeline(20.0, [0.0, 7.0, 19.1, 12.0]), detector.labels, ends, scores)
    counted = count(heard, SETTINGS, 1.0)
    assert counted.matching.misses == (3,)
    assert (counted.matching.doubles, counted.matching.false_accepts) == ((), ())


def test_scores_are_those_of_feeding_the_detector(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", 6.0, [2.0])
    audio = soundfile.read(path, dtype="float32")[0]
    detector = Detector(loudness_bundle(), SETTINGS)
    silence = np.zeros(16_000, np.float32)
    wanted = detector.answers(np.concatenate([silence, audio, silence]))
    ends, scores = hear(detector, path)
    assert ends[0] > 0 and ends[-1] < 6 * 16_000 + 16_000
    by_end = {each.end_sample - 16_000: each.scores for each in wanted}
    assert scores == pytest.approx(np.stack([by_end[int(end)] for end in ends]), abs=1e-6)


def test_what_is_said_without_a_label_is_a_false_accept(tmp_path: Path) -> None:
    detector = Detector(loudness_bundle(), SETTINGS)
    ends, scores = hear(detector, write(tmp_path / "a.wav", 10.0, [2.0, 6.0]))
    heard = HeardAudio("a.wav", "", timeline(10.0, [2.0]), detector.labels, ends, scores)
    counted = count(heard, SETTINGS, 1.0)
    (number,) = counted.matching.false_accepts
    assert 6.0 < counted.detections[number].time_s < 7.9
    assert heard.hours == 10 / 3600


def test_a_file_of_one_sample_gives_windows_of_nearly_silence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(1), 16_000)
    ends, scores = hear(Detector(loudness_bundle(), SETTINGS), tmp_path / "a.wav")
    assert len(ends) == len(scores) and scores.shape[1] == 2


def test_progress_counts_the_seconds(tmp_path: Path) -> None:
    told: list[float] = []
    hear(Detector(loudness_bundle(), SETTINGS), write(tmp_path / "a.wav", 3.0, []), told.append)
    assert told[-1] == pytest.approx(5.0)  # with a second of silence before and after
