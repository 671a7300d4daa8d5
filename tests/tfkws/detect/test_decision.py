from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfkws.config import DetectorConfig
from tfkws.detect.decision import Answer, Decider, detect, words_of

LABELS = ("_other_", "yes", "no")
AT_ONCE = DetectorConfig(window_ms=100.0, threshold=0.5, refractory_ms=500.0)
HOP = 1_600


def run(settings: DetectorConfig, probabilities: list[list[float]], labels: tuple[str, ...] = LABELS) -> list[Answer]:
    decider = Decider(labels, settings)
    return [decider.step(16_000 + HOP * k, np.array(each)) for k, each in enumerate(probabilities)]


def times(answers: list[Answer]) -> list[tuple[str, int]]:
    """What was detected, and at which answer."""
    return [(one.label, (one.end_sample - 16_000) // HOP) for answer in answers for one in answer.detections]


def yes(*values: float) -> list[list[float]]:
    return [[1 - value, value, 0.0] for value in values]


def test_words() -> None:
    assert words_of(("_other_", "yes", "_silence_", "_unknown_", "no")) == ("yes", "no")


def test_one_rise_is_one_detection() -> None:
    assert times(run(AT_ONCE, yes(0.1, *[0.9] * 30, 0.1))) == [("yes", 1)]


def test_it_stays_awake_after_a_hit() -> None:
    """The word again after the refractory time is heard again, without a pause in which it hears nothing."""
    assert times(run(AT_ONCE, yes(0.9, 0.1, 0.1, 0.1, 0.1, 0.9, 0.1))) == [("yes", 0), ("yes", 5)]
    assert times(run(AT_ONCE, yes(0.9, 0.1, 0.9, 0.1, 0.1, 0.1, 0.1))) == [("yes", 0)]


def test_a_rise_that_outlasts_the_refractory_time_counts_then() -> None:
    assert times(run(AT_ONCE, yes(0.9, 0.1, 0.9, 0.9, 0.9, 0.9, 0.9))) == [("yes", 0), ("yes", 5)]


def test_refractory_time_is_by_label() -> None:
    assert times(run(AT_ONCE, [[0, 0.9, 0], [0, 0, 0.9]])) == [("yes", 0), ("no", 1)]


def test_silence_other_and_unknown_are_never_detected() -> None:
    assert times(run(AT_ONCE, [[0.9, 0.0, 0.1]] * 3, ("_other_", "_silence_", "_unknown_"))) == []


def test_smoothing_is_the_mean_over_its_window() -> None:
    answers = run(replace(AT_ONCE, window_ms=300.0), yes(0.3, 0.6, 0.9, 0.0, 0.0))
    assert [float(answer.scores[1]) for answer in answers] == pytest.approx([0.3, 0.45, 0.6, 0.5, 0.3])
    assert [float(answer.raw[1]) for answer in answers] == pytest.approx([0.3, 0.6, 0.9, 0.0, 0.0])


def test_answers_that_are_missing_are_not_counted() -> None:
    decider = Decider(LABELS, replace(AT_ONCE, window_ms=300.0))
    decider.step(16_000, np.array([0, 0.9, 0]))
    late = decider.step(16_000 + 3 * HOP, np.array([0, 0.3, 0]))
    assert late.scores[1] == pytest.approx(0.3)


def test_chunks_are_judged_alone() -> None:
    """As paper A prints 1 or 0 for each, without smoothing and without a refractory time."""
    settings = DetectorConfig(chunk_ms=500.0, threshold=0.5)
    assert times(run(settings, yes(0.9, 0.9, 0.4, 0.9))) == [("yes", 0), ("yes", 1), ("yes", 3)]


def test_times_and_scores() -> None:
    (answer,) = run(AT_ONCE, yes(0.75))
    (found,) = answer.detections
    assert (found.label, found.score, found.end_sample, found.time_s) == ("yes", pytest.approx(0.75), 16_000, 1.0)


def test_settings_change_while_it_runs() -> None:
    decider = Decider(LABELS, replace(AT_ONCE, threshold=0.95))
    assert decider.step(16_000, np.array([0, 0.9, 0])).detections == ()
    decider.settings = AT_ONCE
    assert len(decider.step(16_000 + HOP, np.array([0, 0.9, 0])).detections) == 1


def test_reset_forgets_everything() -> None:
    decider = Decider(LABELS, AT_ONCE)
    decider.step(16_000, np.array([0, 0.9, 0]))
    decider.reset()
    assert len(decider.step(16_000, np.array([0, 0.9, 0])).detections) == 1


@given(
    st.lists(st.floats(0, 1, width=32), max_size=40),
    st.sampled_from([100.0, 300.0]),
    st.sampled_from([0.0, 100.0, 450.0, 1_000.0]),
    st.sampled_from([0.2, 0.5, 0.8]),
    st.sampled_from([None, 500.0]),
)
def test_the_rule_over_scores_is_the_rule_step_by_step(
    values: list[float], window_ms: float, refractory_ms: float, threshold: float, chunk_ms: float | None
) -> None:
    settings = DetectorConfig(window_ms=window_ms, refractory_ms=refractory_ms, threshold=threshold, chunk_ms=chunk_ms)
    answers = run(settings, yes(*values))
    ends = np.array([answer.end_sample for answer in answers], int)
    scores = np.array([answer.scores for answer in answers], np.float32).reshape(-1, 3)
    assert detect(LABELS, settings, ends, scores) == [one for answer in answers for one in answer.detections]
