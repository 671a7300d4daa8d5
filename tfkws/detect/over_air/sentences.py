"""Sentences with a wake word in them, as "WORD is the wake-word", made of recorded or of synthesised words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.detect.over_air.device_clock import Stretch
from tfkws.detect.over_air.trial import Spoken, Utterance
from tfkws.detect.timeline.mixing import SPEECH_DBFS, active_level_dbfs, factor

FRAME = SAMPLE_RATE_HZ // 100
GAP_SAMPLES = round(0.06 * SAMPLE_RATE_HZ)  # between two words
FADE_SAMPLES = round(0.02 * SAMPLE_RATE_HZ)
FARTHEST_DB = 30.0  # frames so far below the loudest are no speech


@dataclass(frozen=True)
class Sentence:
    """A sentence that is ready to be said.

    Attributes:
        samples: float32 (n,) at 16 kHz, each word at -26 dBFS.
        spoken: its length, and where the word is.
    """

    samples: np.ndarray
    spoken: Spoken


def speech_stretch(samples: np.ndarray) -> Stretch:
    """Return from where to where a clip (n,) holds speech: from its first to its last loud frame of 10 ms.

    A frame is loud where it lies less than 30 dB below the loudest and above the middle, in dB, between the loudest and
    the clip's quiet tenth, so that a hum or hiss under the word does not count. 20 ms are left on both sides.

    Example:
        >>> word = np.zeros(16_000, np.float32)
        >>> word[4_000:9_000] = np.sin(np.arange(5_000) / 5)
        >>> speech_stretch(word)
        (3680, 9440)
    """
    count = len(samples) // FRAME
    powers = np.square(samples[: count * FRAME], dtype=np.float64).reshape(count, FRAME).mean(axis=1)
    levels_db = 10 * np.log10(powers + 1e-12)
    loudest, quiet = levels_db.max(), np.percentile(levels_db, 10)
    loud = np.flatnonzero(levels_db >= max(loudest - FARTHEST_DB, (loudest + quiet) / 2))
    begin = max(0, int(loud[0]) * FRAME - FADE_SAMPLES)
    return begin, min(len(samples), (int(loud[-1]) + 1) * FRAME + FADE_SAMPLES)


def cut_word(clip: np.ndarray) -> np.ndarray:
    """Cut the speech out of a clip (n,), fade its ends and bring it to -26 dBFS: float32 (m,)."""
    begin, end = speech_stretch(clip)
    word = clip[begin:end].astype(np.float32)
    fade = np.linspace(0, 1, min(FADE_SAMPLES, len(word) // 2), dtype=np.float32)
    word[: len(fade)] *= fade
    word[len(word) - len(fade) :] *= fade[::-1]
    return word * factor(SPEECH_DBFS - active_level_dbfs(word))


def make_sentence(word: np.ndarray, carriers: Sequence[np.ndarray], is_last: bool = False) -> Sentence:
    """Say a word and its carriers, float32 (n,) each, one after the other with 60 ms between.

    Args:
        is_last: whether the word ends the sentence instead of beginning it.
    """
    parts = [*carriers, word] if is_last else [word, *carriers]
    pieces = [piece for part in parts for piece in (part, np.zeros(GAP_SAMPLES, np.float32))][:-1]
    samples = np.concatenate(pieces)
    begin = len(samples) - len(word) if is_last else 0
    return Sentence(samples, Spoken(len(samples), (begin, begin + len(word))))


def say(sentences: Sequence[Sentence], utterances: Sequence[Utterance], samples: int) -> np.ndarray:
    """Return a trial's speech, float32 (samples,): each sentence where its utterance begins, cut at the end."""
    audio = np.zeros(samples, np.float32)
    for sentence, utterance in zip(sentences, utterances, strict=False):
        stretch = sentence.samples[: max(0, samples - utterance.begin)]
        audio[utterance.begin : utterance.begin + len(stretch)] += stretch
    return audio
