"""Matching against brute force, and against cases that a person can count."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfkws.detect.events import Utterance, check_utterances, match, merged, seconds_without
from tfkws.errors import DataError

LATENCY_S = 1.0


@dataclass(frozen=True)
class Heard:
    """A detection."""

    label: str
    time_s: float


def hit_possible(utterance: Utterance, heard: Heard) -> bool:
    return utterance.label == heard.label and utterance.start_s <= heard.time_s <= utterance.end_s + LATENCY_S


def most_hits(utterances: Sequence[Utterance], heard: Sequence[Heard]) -> int:
    """The largest number of hits of any assignment, by trying every one."""
    if not utterances:
        return 0
    first, rest = utterances[0], utterances[1:]
    best = most_hits(rest, heard)
    for number, each in enumerate(heard):
        if hit_possible(first, each):
            best = max(best, 1 + most_hits(rest, [*heard[:number], *heard[number + 1 :]]))
    return best


labels = st.sampled_from(["happy", "go"])
tenths = st.integers(0, 60).map(lambda value: value / 10)
utterances = st.builds(lambda label, start, length: Utterance(label, start, start + length), labels, tenths, tenths)
detections = st.builds(Heard, labels, tenths)


@given(st.lists(utterances, max_size=5), st.lists(detections, max_size=6))
def test_no_assignment_hits_more(said: list[Utterance], heard: list[Heard]) -> None:
    matching = match(said, heard, LATENCY_S)
    hits = [(utterance, detection) for utterance, detection in enumerate(matching.hits) if detection is not None]
    assert len(hits) == most_hits(said, heard)
    assert all(hit_possible(said[utterance], heard[detection]) for utterance, detection in hits)
    assert len({detection for _, detection in hits}) == len(hits)


@given(st.lists(utterances, max_size=5), st.lists(detections, max_size=6))
def test_every_detection_is_counted_once(said: list[Utterance], heard: list[Heard]) -> None:
    matching = match(said, heard, LATENCY_S)
    used = [hit for hit in matching.hits if hit is not None]
    assert sorted([*used, *matching.doubles, *matching.false_accepts]) == list(range(len(heard)))
    for number in matching.false_accepts:
        assert not any(hit_possible(each, heard[number]) for each in said)
    for number in matching.doubles:
        assert any(hit_possible(each, heard[number]) for each in said)


def test_one_long_answer_to_one_word_is_a_hit_and_doubles() -> None:
    said = [Utterance("happy", 10.0, 10.7)]
    heard = [Heard("happy", time) for time in (9.9, 10.5, 11.0, 11.7, 11.71)]
    matching = match(said, heard, LATENCY_S)
    assert (matching.hits, matching.doubles, matching.false_accepts) == ((1,), (2, 3), (0, 4))
    assert matching.misses == ()


def test_another_word_than_the_one_said_is_a_false_accept() -> None:
    matching = match([Utterance("happy", 10.0, 10.7)], [Heard("go", 10.5)], LATENCY_S)
    assert (matching.misses, matching.false_accepts) == ((0,), (0,))


@given(st.lists(st.tuples(tenths, tenths), max_size=5), st.lists(tenths, min_size=2, max_size=2))
def test_seconds_without_words_are_those_of_a_fine_grid(pairs: list[tuple[float, float]], ends: list[float]) -> None:
    said = [Utterance("happy", start, start + length) for start, length in pairs]
    stretch = (min(ends), max(ends))
    grid = np.arange(0.0, 15.0, 0.01) + 0.005
    free = (grid > stretch[0]) & (grid < stretch[1])
    for each in said:
        free &= ~((grid > each.start_s) & (grid < each.end_s + LATENCY_S))
    assert seconds_without(stretch, said, LATENCY_S) == pytest.approx(free.sum() * 0.01, abs=1e-6)


def test_union_of_stretches() -> None:
    assert merged([]) == []
    assert merged([(2.0, 3.0), (0.0, 1.0), (1.0, 1.5)]) == [(0.0, 1.5), (2.0, 3.0)]


def test_overlapping_utterances_are_refused() -> None:
    check_utterances([Utterance("happy", 0, 1), Utterance("happy", 1, 2), Utterance("go", 0.5, 3)])
    with pytest.raises(DataError, match=r"'happy' overlap, 0.00 to 1.00 s and 0.50 to 2.00 s"):
        check_utterances([Utterance("happy", 0.5, 2), Utterance("happy", 0, 1)])
