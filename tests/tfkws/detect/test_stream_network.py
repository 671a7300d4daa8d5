"""A network with a state in the detector: which windows it answers, blocks of any length, and what follows a hole."""

from pathlib import Path

import numpy as np
import pytest
from streaming_files import FEATURES, FRAMES, LABELS, network, streaming_file

from tfkws.config import DetectorConfig
from tfkws.detect.detector import Detector
from tfkws.errors import ConfigError
from tfkws.features.numpy_front_end import extract
from tfkws.tflite.bundle.archive import write_bundle

STEP = 2 * FEATURES.hop_samples


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stream") / "float.kws"
    write_bundle(path, streaming_file("none"), FEATURES, LABELS, DetectorConfig(window_ms=300, threshold=0.9), {})
    return path


@pytest.fixture
def audio(rng: np.random.Generator) -> np.ndarray:
    return (rng.normal(size=6_000) * np.linspace(0.01, 0.3, 6_000)).astype(np.float32)


def test_answers_are_of_whole_windows_one_a_step(bundle: Path, audio: np.ndarray) -> None:
    answers = Detector(bundle).answers(audio)
    ends = np.array([answer.end_sample for answer in answers])
    delay = network().plan.delay_frames
    first_begin = (-delay - FRAMES) % 2 * FEATURES.hop_samples
    assert ends[0] == first_begin + FEATURES.clip_samples
    assert set(np.diff(ends)) == {STEP}
    assert Detector(bundle).hop_samples == STEP
    assert Detector(bundle).delay_samples == delay * FEATURES.hop_samples
    # Of the same window as on the stream's own frames, which the network heard from the first one on.
    rows = extract(audio, FEATURES).T
    states = network().first_states()
    frames = rows[..., None][None].transpose(0, 2, 1, 3)
    for step in range(len(rows) // 2):
        said, states = network().step(frames[:, :, 2 * step : 2 * step + 2], states)
        end = ((step + 1) * 2 - delay - FRAMES) * FEATURES.hop_samples + FEATURES.clip_samples
        if end in ends:
            np.testing.assert_allclose(answers[list(ends).index(end)].raw, np.asarray(said)[0], atol=1e-5)


def test_blocks_may_have_any_length(bundle: Path, audio: np.ndarray, rng: np.random.Generator) -> None:
    whole = Detector(bundle).answers(audio)
    detector = Detector(bundle)
    pieces = [
        answer for piece in np.split(audio, np.sort(rng.integers(0, 6_000, 40))) for answer in detector.answers(piece)
    ]
    assert [piece.end_sample for piece in pieces] == [answer.end_sample for answer in whole]
    np.testing.assert_allclose([piece.raw for piece in pieces], [answer.raw for answer in whole], atol=1e-5)


def test_behind_skipped_audio_it_begins_anew(bundle: Path, audio: np.ndarray) -> None:
    detector = Detector(bundle)
    detector.feed(audio[:2_000])
    assert detector.skip(audio[2_000:3_000]) == 3_000 // STEP - 2_000 // STEP
    after = detector.answers(audio[3_000:])
    fresh = Detector(bundle).answers(audio[3_000:])
    assert [answer.end_sample - 3_000 for answer in after] == [answer.end_sample for answer in fresh]
    np.testing.assert_array_equal([answer.raw for answer in after], [answer.raw for answer in fresh])


def test_detectors_of_one_bundle_have_states_of_their_own(bundle: Path, audio: np.ndarray) -> None:
    alone = Detector(bundle).answers(audio)
    first = Detector(bundle)
    second = Detector(first.bundle, model=first._model)
    mixed = []
    for begin in range(0, 6_000, 500):
        mixed += first.answers(audio[begin : begin + 500])
        second.answers(-2 * audio[begin : begin + 500])
    np.testing.assert_allclose([one.raw for one in mixed], [one.raw for one in alone], atol=1e-5)


def test_a_model_that_was_open_already_is_not_checked_again(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Detector(bundle)
    checked: list[str] = []
    monkeypatch.setattr("tfkws.tflite.runtime.model.check_that_it_loads", lambda name, content: checked.append(name))
    Detector(first.bundle, model=first._model)
    assert checked == []
    Detector(bundle)
    assert len(checked) == 1


def test_chunks_are_refused(bundle: Path) -> None:
    with pytest.raises(ConfigError, match="keeps a state hears no chunks"):
        Detector(bundle, DetectorConfig(chunk_ms=500))
