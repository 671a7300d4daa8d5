"""Keyed draws: the same key the same draw, another key another, and uniform."""

import numpy as np
import pytest

from tfkws.data.draws import draw, keyed_generator, keyed_uniforms


def test_splitmix64_gives_the_published_sequence() -> None:
    """First outputs of SplitMix64 for the seed 1234567, from the reference implementation's own test (Rosetta Code)."""
    from tfkws.data import draws

    states = np.uint64(1234567) + np.arange(1, 6, dtype=np.uint64) * draws._GOLDEN
    expected = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert draws._mix(states).tolist() == expected


def test_uniforms_depend_on_seed_epoch_and_clip_alone() -> None:
    whole = keyed_uniforms(3, 5, np.arange(100), 8)
    np.testing.assert_array_equal(keyed_uniforms(3, 5, np.array([70, 7]), 8), whole[[70, 7]])
    np.testing.assert_array_equal(keyed_uniforms(3, 5, np.arange(100), 4), whole[:, :4])
    for other in (keyed_uniforms(4, 5, np.arange(100), 8), keyed_uniforms(3, 6, np.arange(100), 8)):
        assert (other != whole).all()


def test_uniforms_are_uniform_and_uncorrelated() -> None:
    drawn = keyed_uniforms(0, 0, np.arange(50_000), 4)
    assert drawn.min() >= 0 and drawn.max() < 1
    counts, _ = np.histogram(drawn, bins=100, range=(0, 1))
    assert ((counts - 2000) ** 2 / 2000).sum() < 160  # chi squared, 99 degrees of freedom, p = 1e-4
    assert np.abs(np.corrcoef(drawn.T) - np.eye(4)).max() < 0.02


def test_generators_repeat() -> None:
    assert keyed_generator(0, "a").random() == keyed_generator(0, "a").random()
    assert keyed_generator(0, "a").random() != keyed_generator(0, "b").random()


@pytest.mark.parametrize("count", [0, 1, 10, 100, 200])
def test_draw_takes_as_many_as_there_are(count: int) -> None:
    names = [f"clip {number}" for number in range(100)]
    drawn = draw(names, count, 0)
    assert len(set(drawn)) == min(count, 100) and drawn == sorted(drawn)
    assert drawn == draw(names[::-1], count, 0)


def test_a_larger_draw_contains_the_smaller() -> None:
    names = [f"clip {number}" for number in range(100)]
    assert set(draw(names, 20, 7)) < set(draw(names, 40, 7))
