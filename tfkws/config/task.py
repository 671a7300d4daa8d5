"""What is recognised, and the names of the classes that are no words."""

from dataclasses import dataclass
from typing import Annotated

from tfkws.config.strict import Config, Range, Whole, require

SILENCE = "_silence_"
UNKNOWN = "_unknown_"
OTHER = "_other_"
BACKGROUND_NOISE = "_background_noise_"

PAPER_B_WORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
PAPER_A_WORDS = ("sheila",)

Percent = Annotated[float, Range(0, 1000)]


@dataclass(frozen=True)
class TaskConfig(Config):
    """What is recognised: the classes and how the other clips become classes.

    Attributes:
        protocol: name in `tfkws.data.protocols.PROTOCOLS`.
        words: target words, in label order.
        unknown_percent, silence_percent: size of these classes, as percent of the target clips in a split;
            None for the protocol's own.
        seed: keys the draws of unknown and silence, together with file names.
    """

    protocol: str
    words: tuple[str, ...]
    unknown_percent: Percent | None = None
    silence_percent: Percent | None = None
    seed: Whole = 0

    def _check(self) -> None:
        require(len(self.words) > 0, "TaskConfig.words must name at least one word.")
        differ = len(set(self.words)) == len(self.words)
        require(differ, f"TaskConfig.words must differ. Received {', '.join(self.words)}.")
