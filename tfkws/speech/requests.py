"""What is asked of an engine, and what it gives back."""

from dataclasses import dataclass, replace

import numpy as np

from tfkws.data.draws import keyed_generator
from tfkws.speech.phrase import Phrase
from tfkws.speech.voice import Voice


@dataclass(frozen=True)
class Request:
    """A text to be said in a voice.

    Attributes:
        said: the phrase, or any text.
        before: words said before it in one breath.
        after: words said after it.
        take: of several that differ a little in rate and pitch.
    """

    said: Phrase | str
    voice: Voice
    before: str = ""
    after: str = ""
    take: int = 0

    @property
    def phrase(self) -> Phrase:
        """Return what is said as a phrase."""
        return self.said if isinstance(self.said, Phrase) else Phrase(self.said)

    @property
    def voice_of_take(self) -> Voice:
        """Return the voice as it speaks this take: the first as drawn, others up to 7 % faster and 4 % higher."""
        if self.take == 0:
            return self.voice
        rng = keyed_generator("take", self.voice.id, self.phrase.text, self.take)
        rate = round(self.voice.rate * rng.uniform(0.93, 1.07), 3)
        return replace(self.voice, rate=rate, pitch=round(self.voice.pitch * rng.uniform(0.96, 1.04), 3))


@dataclass(frozen=True)
class Speech:
    """What an engine made.

    Attributes:
        samples: float32 (n,) in -1..1.
        rate_hz: of the samples.
        start: number of the first sample of what was asked for; after it, those of `before`.
        end: of the sample after its last.
    """

    samples: np.ndarray
    rate_hz: int
    start: int
    end: int
