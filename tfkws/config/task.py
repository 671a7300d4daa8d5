"""What is recognised, and the names of the classes that are no words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from tfkws.config.strict import Config, Range, Seed, read, require
from tfkws.names import composed, text_of
from tfkws.printable import printable

SILENCE = "_silence_"
UNKNOWN = "_unknown_"
OTHER = "_other_"
NO_WORDS = frozenset({SILENCE, UNKNOWN, OTHER})  # classes that are never detected
BACKGROUND_NOISE = "_background_noise_"

PAPER_B_WORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
PAPER_A_WORDS = ("sheila",)

LONGEST_LABEL = 200  # characters

Percent = Annotated[float, Range(0, 1000)]


@dataclass(frozen=True)
class TaskConfig(Config):
    """What is recognised: the classes and how the other clips become classes.

    Attributes:
        protocol: name in `tfkws.data.protocols.PROTOCOLS`.
        words: target words, in label order; accents are composed, as in the names of folders that are compared
            with them.
        unknown_percent, silence_percent: size of these classes, as percent of the target clips in a split;
            None for the protocol's own.
        seed: keys the draws of unknown and silence, together with file names.
    """

    protocol: str
    words: tuple[str, ...]
    unknown_percent: Percent | None = None
    silence_percent: Percent | None = None
    seed: Seed = 0

    def _check(self) -> None:
        object.__setattr__(self, "words", tuple(composed(text_of(word) or word) for word in self.words))
        require(len(self.words) > 0, "TaskConfig.words must name at least one word.")
        differ = len(set(self.words)) == len(self.words)
        require(differ, f"TaskConfig.words must differ. Received {', '.join(self.words)}.")


def read_labels(values: Any) -> tuple[str, ...]:
    """Read the names of a network's classes from what JSON makes of them.

    Raises:
        ConfigError: they are no list of texts, or `check_labels` refuses them.
    """
    labels: tuple[str, ...] = read(tuple[str, ...], values, "labels")
    check_labels(labels)
    return labels


def check_labels(labels: Sequence[str]) -> None:
    r"""Check the names of a network's classes: there are some, and each is one line of text that no other is.

    Raises:
        ConfigError: a label is empty, longer than `LONGEST_LABEL`, holds control codes, or comes twice.

    Example:
        >>> check_labels(["yes", "yes\x1b[2J"])
        Traceback (most recent call last):
        ...
        tfkws.errors.ConfigError: labels must be lines of text without control codes. Received 'yes\x1b[2J'.
    """
    require(len(labels) > 0, "labels must name at least one class.")
    for label in labels:
        require(label.strip() != "", "labels must not be empty.")
        plain = len(label) <= LONGEST_LABEL and printable(label) == label
        require(plain, f"labels must be lines of text without control codes. Received {label[:LONGEST_LABEL]!r}.")
    require(len(set(labels)) == len(labels), f"labels must differ. Received {', '.join(labels)}.")
