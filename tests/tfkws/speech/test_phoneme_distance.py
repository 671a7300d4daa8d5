"""The distance of pronunciations, beside a recursive one, and what the costs must order."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from tfkws.speech.phoneme_distance import SOUND_NAMES, distances, encode, sounds_apart
from tfkws.speech.phonemes import VOWELS


def by_recursion(sounds: Sequence[str], others: Sequence[str]) -> float:
    """The least cost of all ways to make one sequence from the other, straight from its definition."""

    @lru_cache(None)
    def rest(row: int, column: int) -> float:
        ways = [0.0] if row == len(sounds) and column == len(others) else []
        if row < len(sounds):
            ways.append((0.9 if sounds[row] in VOWELS else 0.6) + rest(row + 1, column))
        if column < len(others):
            ways.append((0.9 if others[column] in VOWELS else 0.6) + rest(row, column + 1))
        if row < len(sounds) and column < len(others):
            ways.append(sounds_apart(sounds[row], others[column]) + rest(row + 1, column + 1))
        return min(ways)

    return rest(0, 0)


def test_it_is_the_least_cost_of_all_ways() -> None:
    rng = np.random.default_rng(0)
    words = [tuple(rng.choice(SOUND_NAMES, rng.integers(1, 8))) for _ in range(60)]
    for word in words[:4]:
        np.testing.assert_allclose(distances(word, encode(words)), [by_recursion(word, other) for other in words])


def test_sounds_are_as_far_apart_one_way_as_the_other() -> None:
    table = np.array([[sounds_apart(one, other) for other in SOUND_NAMES] for one in SOUND_NAMES])
    np.testing.assert_array_equal(table, table.T)
    np.testing.assert_array_equal(np.diag(table), 0)
    assert np.all(table[~np.eye(len(table), dtype=bool)] > 0)
    assert table.max() <= 1


def test_sounds_that_are_made_alike_are_near() -> None:
    """Pairs that people confuse in noise (Miller and Nicely 1955) are nearer than pairs that they tell apart."""
    for sound, near, far in (("P", "T", "M"), ("F", "TH", "G"), ("M", "N", "S"), ("IY", "IH", "AA")):
        assert sounds_apart(sound, near) < sounds_apart(sound, far)
    assert sounds_apart("B", "AA") == 1
