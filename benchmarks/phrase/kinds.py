"""Which detectors are made: of which phrase, with how much effort, from what besides text, with which seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from tfkws.config.wakeword import WakewordConfig

Effort = Literal["quick", "full"]
Part = Literal["text", "recordings", "speech", "micro"]
EFFORTS: tuple[Effort, ...] = get_args(Effort)
PARTS: tuple[Part, ...] = get_args(Part)
MICRO = "micro-40x98"  # front end that ESPHome computes
OWN_VOICE = ("android", "athena", "happy")  # phrases of which some recordings can be spared


@dataclass(frozen=True)
class Kind:
    """One detector.

    Attributes:
        phrase: as it is written.
        part: `text` from text alone; `recordings` that one trained on with some recordings of the phrase; `speech`
            with recorded words of other people among the negatives; `micro` from text alone with `MICRO`.
    """

    phrase: str
    effort: Effort
    part: Part
    seed: int

    @property
    def name(self) -> str:
        """Name of the run, of its folder and of its record.

        >>> Kind("hey chatterbox", "quick", "text", 2).name
        'hey_chatterbox-quick-text-seed2'
        """
        return f"{self.phrase.replace(' ', '_')}-{self.effort}-{self.part}-seed{self.seed}"

    @property
    def config(self) -> WakewordConfig:
        """Settings of the training."""
        plain = WakewordConfig(self.phrase, quick=self.effort == "quick", seed=self.seed)
        return WakewordConfig(**vars(plain) | {"front_end": MICRO}) if self.part == "micro" else plain


def kinds(words: Sequence[str], efforts: Sequence[str], parts: Sequence[str], seeds: Sequence[int]) -> list[Kind]:
    """Return every detector that is asked for, a seed of all phrases before the next one.

    Raises:
        SystemExit: there is no such part or effort.
    """
    for name, known in (*((each, EFFORTS) for each in efforts), *((each, PARTS) for each in parts)):
        if name not in known:
            raise SystemExit(f"There is no {name!r}; choose of {', '.join(known)}.")
    return list(_every(words, cast(Sequence[Effort], efforts), cast(Sequence[Part], parts), seeds))


def _every(
    words: Sequence[str], efforts: Sequence[Effort], parts: Sequence[Part], seeds: Sequence[int]
) -> Iterator[Kind]:
    for seed in seeds:
        for effort in efforts:
            for part in PARTS:
                yield from (
                    Kind(phrase, effort, part, seed)
                    for phrase in words
                    if part in parts and (part != "recordings" or phrase in OWN_VOICE)
                )
