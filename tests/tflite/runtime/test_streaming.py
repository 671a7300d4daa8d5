"""A streaming file run step by step, against the network itself."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
from streaming_files import FRAMES, ROWS, frames, network, steps, streaming_file

from tfkws.errors import TfliteFileError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.runtimes import available_runtimes
from tfkws.tflite.runtime.streaming import keeps_state, open_streaming

LONG = 600


def network_answers(inputs: np.ndarray) -> np.ndarray:
    """Answers of the Keras network, step by step, float32 (n, classes)."""
    answers, states = [], network().first_states()
    for one in inputs:
        answer, states = network().step(one[None], states)
        answers.append(np.asarray(answer)[0])
    return np.stack(answers)


@pytest.mark.parametrize("runtime", sorted(set(available_runtimes()) - {"tflite_runtime"}))
def test_float_answers_are_the_networks_on_every_runtime(runtime: str) -> None:
    model = open_streaming(streaming_file("none"), runtime=runtime, load_check=False)
    expected = network_answers(steps(40))
    assert np.ptp(expected, axis=0).max() > 0.2
    np.testing.assert_allclose(model.feed(frames(80)), expected, atol=1e-5)


@pytest.mark.parametrize("recipe", ["none", "int8"])
def test_frames_may_come_in_pieces_of_any_length(recipe: str, rng: np.random.Generator) -> None:
    model = open_streaming(streaming_file(recipe), load_check=False)
    stream = frames(LONG)
    whole = model.feed(stream)
    model.reset()
    cuts = np.sort(rng.integers(0, LONG, 120))
    pieces = np.concatenate([model.feed(piece) for piece in np.split(stream, cuts)])
    assert np.array_equal(pieces, whole)
    assert whole.shape == (LONG // 2, 3)


def test_a_stream_that_is_forgotten_begins_anew() -> None:
    model = open_streaming(streaming_file("int8"), load_check=False)
    first = model.feed(frames(41))  # one frame waits for its step
    model.reset()
    assert np.array_equal(model.feed(frames(41)), first)


def test_an_answer_is_of_the_window_that_it_says() -> None:
    """Far louder frames arrive; the first answer that changes is of the window that they reach, with what it pads."""
    model = open_streaming(streaming_file("none"), load_check=False)
    quiet, loud = frames(200), frames(200)
    loud[120:] = 3
    model_of_quiet = model.feed(quiet)
    model.reset()
    changed = np.flatnonzero(np.abs(model.feed(loud) - model_of_quiet).max(axis=1) > 1e-6)
    ends = [model.window_begin(int(step)) + FRAMES for step in changed]
    assert 120 - model.delay_frames < ends[0] <= 120 + model.frames_per_step
    assert (model.delay_frames, model.frames_per_step, model.window_frames) == (5, 2, FRAMES)


def test_int8_does_not_drift_over_ten_thousand_frames() -> None:
    stream, count = frames(10_000, seed=3), 500
    answers, exact = (
        open_streaming(streaming_file(recipe), load_check=False).feed(stream) for recipe in ("int8", "none")
    )
    errors = np.abs(answers - exact).max(axis=1)
    assert errors.mean() < 0.015 and np.percentile(errors, 99) < 0.06  # beyond it, ranges clip the rarest peaks
    assert errors[-count:].mean() < 1.5 * errors[100 : 100 + count].mean() + 1 / 256
    # Fed a constant for longer than anything is kept, it answers as a stream that heard nothing else.
    model = open_streaming(streaming_file("int8"), load_check=False)
    still = np.tile(frames(1, seed=9), (80, 1))
    fresh = model.feed(still)[-1]
    model.reset()
    assert np.array_equal(model.feed(np.concatenate([stream, still]))[-1], fresh)


def test_other_files_and_frames_are_refused(converted: Callable[[str], TfliteFile]) -> None:
    with pytest.raises(TfliteFileError, match="keeps no state; convert the model with --streaming"):
        open_streaming(converted("none"), load_check=False)
    model = open_streaming(streaming_file("none"), load_check=False)
    with pytest.raises(TfliteFileError, match=rf"takes frames of {ROWS} rows, \(n, {ROWS}\). Received \(4, 7\)"):
        model.feed(np.zeros((4, ROWS - 1), np.float32))


def teardown_module() -> None:
    keras.backend.clear_session()


def test_a_clip_is_answered_as_a_stream_of_its_own() -> None:
    """The network that pads sees the same zeros only before its first layer, so the answers are near, not equal."""
    from streaming_files import window_model

    model = open_streaming(streaming_file("none"), load_check=False)
    clips = np.stack([frames(FRAMES, seed).T[..., None] for seed in range(12)])
    answers = model.answer_clips(clips)
    expected = np.asarray(window_model()(clips))
    assert np.abs(answers - expected).mean() < 0.05 < np.ptp(expected, axis=0).max()
    np.testing.assert_array_equal(model.answer_clips(clips[5:6])[0], answers[5])


@pytest.mark.parametrize(
    ("name", "keeps"),
    [("streaming", True), ("fused_lstm", True), ("svdf", True), ("gru", False), ("two_inputs", False)],
)
def test_state_is_seen_in_variables_and_resources(name: str, keeps: bool) -> None:
    from odd_files import odd_file

    assert keeps_state(TfliteFile(odd_file(name))) == keeps


def test_state_is_seen_in_what_our_own_files_say() -> None:
    assert keeps_state(streaming_file("none"))
