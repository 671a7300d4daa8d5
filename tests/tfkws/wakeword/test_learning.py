from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tfkws.config.wakeword import Lessons
from tfkws.features.front_ends import get_front_end
from tfkws.wakeword.learning import Course, as_input, places_of, training_recipe
from tfkws.wakeword.rows import Rows
from tfkws.wakeword.windows import NO, YES, Span, Variety

FEATURES = replace(get_front_end("logmel-40x98"), frames=20, bands=8, rows=8, row_mean=(0.0,) * 8, row_std=(1.0,) * 8)
SPAN = Span(frames=20, early=-4, late=5)
FEW = Lessons(with_phrase=4, after_speech=3, anywhere=3, mined=3)


def rows() -> Rows:
    """Noise in which the phrase is a stretch of loud upper bands and other speech one of loud lower bands."""
    rng = np.random.default_rng(0)
    values = rng.normal(0, 0.3, (4_000, 8))
    words = [(start, start + 12) for start in range(100, 4_000, 200)]
    others = [(start, start + 12) for start in range(200, 4_000, 200)]
    for start, end in words:
        values[start:end, 4:] += 3.0
    for start, end in others:
        values[start:end, :4] += 3.0
    return Rows(values.astype(np.float16), np.array([0, 4_000]), np.array(words), np.array(others))


@pytest.fixture(scope="module")
def course() -> Any:
    import keras

    from tfkws.models import build_model

    keras.utils.set_random_seed(0)
    network = build_model(
        "seed_cnn", input_shape=FEATURES.input_shape, num_classes=2, convs="3x3,6 3x3,6 3x3,6 3x3,6 3x3,6 3x3,6"
    )
    recipe = training_recipe(FEW, steps=60, seed=0)
    return Course(network, FEATURES, rows(), recipe, FEW, SPAN, Variety(time_mask=2, band_mask=1, masks=1))


def test_the_recipe_averages_over_its_share_of_the_steps() -> None:
    recipe = training_recipe(Lessons(average_steps=0.02), steps=5_000, seed=3)
    assert recipe.average_decay == pytest.approx(0.99)
    assert (recipe.iterations, recipe.seed, recipe.batch_size) == (5_000, 3, 64)


def test_places_are_of_their_kind() -> None:
    places = places_of(rows(), SPAN)
    assert set(places.classes[places.speech]) == {NO}
    assert set(places.classes[places.without]) == {NO}
    assert (places.classes == YES).any()


def test_a_batch_has_windows_of_every_kind_and_comes_again(course: Any) -> None:
    inputs, classes = course.batch(7)
    assert inputs.shape == (13, *FEATURES.input_shape)
    assert classes.tolist() == [1] * 4 + [0] * 9
    again, _ = course.batch(7)
    assert np.array_equal(inputs, again)
    assert not np.array_equal(inputs, course.batch(8)[0])


def test_it_learns_and_finds_its_false_accepts(course: Any) -> None:
    course.learn(60)
    places = places_of(course.rows, SPAN)
    with_phrase = course.scores(course.rows, np.flatnonzero(places.classes == YES)[:200])
    without = course.scores(course.rows, places.without[::10])
    assert np.median(with_phrase) > np.quantile(without, 0.9)
    found = course.mine()
    assert found == len(course.mined)
    assert set(places.classes[course.mined]) <= {NO}
    louder = course.scores(course.rows, course.mined[:20])
    assert louder.mean() >= without.mean()


def test_scores_leave_the_weights_as_they_were(course: Any) -> None:
    before = [weight.copy() for weight in course.learner.model.get_weights()]
    course.scores(course.rows, np.arange(100, 200))
    after = course.learner.model.get_weights()
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_inputs_are_normalised_and_turned() -> None:
    features = replace(FEATURES, row_mean=(2.0,) * 8, row_std=(4.0,) * 8)
    windows = np.full((3, 20, 8), 6.0, np.float32)
    assert as_input(windows, features).shape == (3, 8, 20, 1)
    assert as_input(windows, features)[0, 0, 0, 0] == 1.0
    assert as_input(windows, replace(features, time_first=True)).shape == (3, 20, 8, 1)
    assert as_input(windows, replace(features, row_mean=(), row_std=()))[0, 0, 0, 0] == 6.0


def test_answers_are_of_the_phrase(course: Any) -> None:
    windows = np.random.default_rng(0).normal(0, 1, (5, 20, 8)).astype(np.float32)
    expected, _ = course.learner.judged(as_input(windows, FEATURES))  # held against Keras in native/test_step.py
    assert course.answer(windows) == pytest.approx(expected[:, 1])
    assert not np.allclose(expected[:, 0], expected[:, 1])
