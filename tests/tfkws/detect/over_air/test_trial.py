"""When speakers speak: on the beat, off the beat, or after the printed answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfkws.detect.over_air.device_clock import Device, overlaps
from tfkws.detect.over_air.trial import Spoken, Utterance, keep_rhythm, wait_for_answers

SECOND = 16_000
SENTENCE = Spoken(round(1.4 * SECOND), (0, SECOND // 2))


def test_a_sentence_knows_where_its_word_is_in_the_trial() -> None:
    assert Spoken(20, (5, 9)).at(100) == Utterance(100, 120, (105, 109))


def test_a_steady_speaker_says_ten_sentences_on_the_beat(rng: np.random.Generator) -> None:
    said = keep_rhythm([SENTENCE] * 10, 2 * SECOND, 0.0, 20 * SECOND, rng)
    begins = np.array([utterance.begin for utterance in said])
    assert len(said) == 10
    assert np.abs(np.diff(begins) - 2 * SECOND).max() <= 1  # rounding to samples
    assert begins[0] >= 0 and said[-1].end <= 20 * SECOND


def test_the_first_sentence_begins_anywhere_in_the_time_left_over() -> None:
    first = [
        keep_rhythm([SENTENCE] * 10, 2 * SECOND, 0.0, 20 * SECOND, np.random.default_rng(seed))[0].begin / SECOND
        for seed in range(400)
    ]
    assert 0 <= min(first) < 0.02
    assert 0.58 < max(first) <= 0.6  # 2 s less the sentence's 1.4 s
    assert np.mean(first) == pytest.approx(0.3, abs=0.03)


def test_being_off_the_beat_does_not_add_up() -> None:
    last = [
        keep_rhythm([SENTENCE] * 10, 2 * SECOND, 0.1, 30 * SECOND, np.random.default_rng(seed))[-1].begin / SECOND
        for seed in range(400)
    ]
    spread = np.sqrt(0.2**2 + 0.6**2 / 12)  # off the beat, and where the first begins
    assert np.std(last) == pytest.approx(spread, rel=0.15)


@given(period=st.integers(1, 40), unevenness=st.floats(0, 0.5), seed=st.integers(0, 99), samples=st.integers(30, 400))
def test_sentences_never_overlap_and_words_end_within_the_trial(
    period: int, unevenness: float, seed: int, samples: int
) -> None:
    sentences = [Spoken(14, (3, 8))] * 10
    said = keep_rhythm(sentences, period, unevenness, samples, np.random.default_rng(seed))
    ends = [utterance.end for utterance in said]
    assert all(end <= after.begin for end, after in zip(ends, said[1:], strict=False))
    assert all(utterance.word[1] <= samples and utterance.begin >= 0 for utterance in said)


def test_a_waiting_speaker_begins_when_the_slow_device_listens_again(rng: np.random.Generator) -> None:
    """With 3.67 s of inference each word falls into the next chunk, whatever the latency."""
    hearing = Device(SECOND, SECOND, round(3.6742 * SECOND)).hear(200 * SECOND)
    prints = [window.printed for window in hearing.windows]
    said = wait_for_answers([SENTENCE] * 10, prints, round(0.4 * SECOND), 0.0, rng)
    assert len(said) == 10
    assert [utterance.begin - 6_400 for utterance in said] == [0, *prints[:9]]
    held = overlaps(hearing.windows, [utterance.word for utterance in said])
    assert np.diagonal(held).tolist() == [8_000] * 10


def test_a_waiting_speaker_finishes_the_sentence_when_the_answer_comes_early(rng: np.random.Generator) -> None:
    said = wait_for_answers([Spoken(20, (0, 5))] * 3, [6, 12, 18, 24, 30, 36, 42, 48], 4, 0.0, rng)
    assert [utterance.begin for utterance in said] == [4, 28, 52]  # answers at 12 and 36 come within the sentences


def test_a_waiting_speaker_stops_when_no_answer_comes_any_more(rng: np.random.Generator) -> None:
    said = wait_for_answers([Spoken(20, (0, 5))] * 3, [8], 4, 0.0, rng)
    assert [utterance.begin for utterance in said] == [4]
    assert len(wait_for_answers([Spoken(20, (0, 5))] * 3, [9], 4, 0.0, rng)) == 2
