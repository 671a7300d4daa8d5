"""When the sentences of a trial are said: by speakers who keep their own rhythm, and by those who wait for answers."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.detect.over_air.device_clock import Stretch


@dataclass(frozen=True)
class Spoken:
    """How long a sentence is and where its word stands in it, in samples from its beginning."""

    samples: int
    word: Stretch

    def at(self, begin: int) -> "Utterance":
        """Return the sentence said at a time."""
        return Utterance(begin, begin + self.samples, (begin + self.word[0], begin + self.word[1]))


@dataclass(frozen=True)
class Utterance:
    """A sentence in a trial, and its word; in samples from the trial's beginning."""

    begin: int
    end: int
    word: Stretch


def keep_rhythm(
    sentences: Sequence[Spoken], period: int, unevenness: float, samples: int, rng: np.random.Generator
) -> list[Utterance]:
    """Say one sentence each period, wherever the device is.

    The first begins within the time that is left over when all are said on the beat; each is off the beat by a normally
    distributed time, but no sentence begins before the one in front of it has ended. Sentences whose word would end
    after the trial are not said.

    Args:
        period: from one sentence to the next, in samples.
        unevenness: standard deviation of the time off the beat, as a share of the period.
        samples: length of the trial.
    """
    longest = max(sentence.samples for sentence in sentences)
    beat = rng.uniform(0, max(0.0, min(period, samples - (len(sentences) - 1) * period) - longest))
    said: list[Utterance] = []
    for number, sentence in enumerate(sentences):
        wanted = beat + number * period + rng.normal(0, unevenness * period)
        said.append(sentence.at(max(round(wanted), said[-1].end if said else 0)))
    return [utterance for utterance in said if utterance.word[1] <= samples]


def wait_for_answers(
    sentences: Sequence[Spoken], prints: Sequence[int], reaction: int, unevenness: float, rng: np.random.Generator
) -> list[Utterance]:
    """Say each sentence some time after the answer to the one before was printed.

    Speakers take the first answer that is printed after the word for the answer to it, and finish the sentence in any
    case. They begin the first sentence one reaction after the device began. Sentences for which no answer comes any
    more are the last ones.

    Args:
        prints: when the answers come, rising, in samples.
        reaction: from an answer to the next sentence, in samples.
        unevenness: standard deviation of the reaction, as a share of it.
    """
    said: list[Utterance] = []
    seen = 0
    for sentence in sentences:
        pause = max(0, round(reaction * (1 + rng.normal(0, unevenness))))
        said.append(sentence.at(seen + pause))
        answer = bisect_left(prints, said[-1].word[1])
        if answer == len(prints):
            break
        seen = max(prints[answer], said[-1].end)
    return said
