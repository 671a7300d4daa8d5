"""What `tfkws quickstart` does, and what a folder of synthetic speech is made of.

The default words are the wake word `sheila` and fifteen others of the public list. Near-words of /ˈʃiːlə/ among them:
`three` and `tree` share the stressed /iː/, `seven` and `zero` begin with another sibilant (`zero` with the vowel,
too), `visual` has the voiced /ʒ/ and ends in /əl/, `follow` has /l/ in the same place, `learn` begins with it,
`happy` has the same two beats with /i/, `six` another sibilant and a close vowel.
"""

from dataclasses import dataclass
from pathlib import Path

from tfkws.config.strict import Config, Count, Seed, check

WAKE_WORD = "sheila"
NEAR_WORDS = ("three", "tree", "seven", "zero", "visual", "follow", "learn", "happy", "six")
OTHER_WORDS = ("yes", "no", "stop", "go", "marvin", "house")
DEFAULT_WORDS = (WAKE_WORD, *NEAR_WORDS, *OTHER_WORDS)


@dataclass(frozen=True)
class SynthesisSettings(Config):
    """What a synthetic folder is made of; the same settings give the same bytes.

    Attributes:
        words: the words, spelt as English; one may consist of several, as in "hey computer".
        voices: different voices, each with an id of its own: accent, variant, pitch and rate.
        takes: clips of each word by each voice.
        seed: keys every random draw.
    """

    words: tuple[str, ...] = DEFAULT_WORDS
    voices: Count = 200
    takes: Count = 2
    seed: Seed = 0


@dataclass(frozen=True)
class Quickstart:
    """What quickstart does; the defaults take less than six minutes on two cores.

    Lengths of training are in optimiser steps, costs in MACs.

    Attributes:
        out: folder of all results.
        data: folder in Speech Commands' layout; synthetic speech is written under `out` and taken unless it
            is given.
        word: the wake word.
        seed: keys every random draw.
        seed_iterations, trial_iterations, winner_iterations: optimiser steps of the three kinds of training.
        candidates: of the search.
        max_macs: candidates above are never drawn.
    """

    out: Path = Path("artifacts/quickstart")
    data: Path | None = None
    word: str = WAKE_WORD
    seed: Seed = 0
    seed_iterations: int = 150
    trial_iterations: int = 100
    winner_iterations: int = 300
    candidates: int = 6
    max_macs: float = 5e6

    def __post_init__(self) -> None:
        """Refuse a seed out of range before anything is made."""
        check(Seed, self.seed, "--seed")
