"""Words cut from clips and put into sentences."""

import numpy as np
import pytest

from tfkws.detect.over_air.sentences import cut_word, make_sentence, say, speech_stretch
from tfkws.detect.over_air.trial import Spoken, Utterance
from tfkws.detect.timeline.mixing import active_level_dbfs


def clip(begin: int, end: int, hiss: float = 1e-4) -> np.ndarray:
    samples = np.random.default_rng(0).normal(0, hiss, 16_000)
    samples[begin:end] += 0.3 * np.sin(np.arange(end - begin) / 5)
    return samples.astype(np.float32)


@pytest.mark.parametrize("hiss", [0.0, 1e-4, 1e-2, 0.03])
@pytest.mark.parametrize(("begin", "end"), [(4_000, 9_000), (0, 5_000), (9_000, 16_000)])
def test_speech_is_found_to_20_ms_and_a_frame(begin: int, end: int, hiss: float) -> None:
    found = speech_stretch(clip(begin, end, hiss))
    assert max(0, begin - 480) <= found[0] <= begin
    assert end <= found[1] <= min(16_000, end + 480)


def test_digital_silence_is_speech_from_end_to_end() -> None:
    assert speech_stretch(np.zeros(16_000, np.float32)) == (0, 16_000)


def test_a_cut_word_is_level_and_begins_and_ends_softly() -> None:
    word = cut_word(clip(4_000, 9_000))
    assert active_level_dbfs(word) == pytest.approx(-26, abs=0.1)
    assert word[0] == 0 and word[-1] == 0


def test_the_word_begins_or_ends_its_sentence() -> None:
    word, first, second = (np.full(length, value, np.float32) for length, value in ((5, 1), (3, 2), (4, 3)))
    begins, ends = make_sentence(word, [first, second]), make_sentence(word, [first, second], is_last=True)
    assert begins.spoken == Spoken(12 + 2 * 960, (0, 5))
    assert ends.spoken == Spoken(12 + 2 * 960, (7 + 2 * 960, 12 + 2 * 960))
    for sentence in (begins, ends):
        np.testing.assert_array_equal(sentence.samples[slice(*sentence.spoken.word)], word)
        assert len(sentence.samples) == sentence.spoken.samples
    assert make_sentence(word, []).spoken == Spoken(5, (0, 5))


def test_sentences_sound_where_they_are_said_and_the_trial_cuts_the_last() -> None:
    sentence = make_sentence(np.ones(4, np.float32), [])
    audio = say([sentence] * 3, [Utterance(2, 6, (2, 6)), Utterance(9, 13, (9, 13))], 11)
    assert audio.tolist() == [0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1]
