"""Protocols by name: which clips a score was measured on. Scores compare only within a protocol.

Two public test sets share the name "12 classes": the archive of 4,890 clips and the list of 11,005. They have a name
each here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tfkws.config import OTHER, PAPER_A_WORDS, PAPER_B_WORDS, SILENCE, UNKNOWN, TaskConfig
from tfkws.errors import ConfigError, did_you_mean

WORDS_35 = (
    *PAPER_B_WORDS,
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("backward", "bed", "bird", "cat", "dog", "follow", "forward", "happy", "house", "learn", "marvin", "sheila"),
    *("tree", "visual", "wow"),
)


@dataclass(frozen=True)
class Protocol:
    """How the clips of a split become classes.

    Attributes:
        summary: one line for people.
        words: the target words when none are given.
        fixed_words: whether other words are refused, since the protocol's name stands for these.
        one_word: one target word against the rest: labels are (`_other_`, word).
        extra_labels: classes after the target words.
        unknown_percent, silence_percent: percent of the target clips in a split, unless the task says
            otherwise.
        testing_limits: at most so many (target, other) test clips; () for all.
        tests_every_clip: the test set is every clip of the testing split, without silence of our own making.
        needs_test_set: the test set is a folder that holds test clips only, with `_silence_` and `_unknown_`.
    """

    summary: str
    words: tuple[str, ...]
    fixed_words: bool = False
    one_word: bool = False
    extra_labels: tuple[str, ...] = ()
    unknown_percent: float = 0.0
    silence_percent: float = 0.0
    testing_limits: tuple[int, ...] = ()
    tests_every_clip: bool = False
    needs_test_set: bool = False


_TWELVE = {"words": PAPER_B_WORDS, "extra_labels": (UNKNOWN, SILENCE), "unknown_percent": 10.0, "silence_percent": 10.0}

DEFAULT_PROTOCOL = "wake-word"

PROTOCOLS: dict[str, Protocol] = {
    # Paper A, section 3.1: 187 clips with the word and 620 without; the training split keeps that ratio.
    "wake-word": Protocol(
        "one word against the rest; tested on 187 clips with and 620 without it, or all there are",
        words=PAPER_A_WORDS,
        one_word=True,
        unknown_percent=100 * 620 / 187,
        silence_percent=10.0,
        testing_limits=(187, 620),
    ),
    "commands": Protocol(
        "words of one's own, unknown and silence",
        words=("yes", "no", "up", "down", "left", "right", "go", "stop"),
        extra_labels=(UNKNOWN, SILENCE),
        unknown_percent=10.0,
        silence_percent=10.0,
    ),
    # Paper B, section IV: ten words, the default split.
    "commands-10": Protocol("the ten words of paper B and nothing else", words=PAPER_B_WORDS, fixed_words=True),
    "commands-12-archive": Protocol(
        "ten words, unknown and silence; tested on the archive of 4,890 test clips",
        fixed_words=True,
        needs_test_set=True,
        **_TWELVE,  # type: ignore[arg-type]
    ),
    "commands-12-list": Protocol(
        "ten words, unknown and silence; tested on all clips of the testing list (11,005 in v0.02)",
        fixed_words=True,
        tests_every_clip=True,
        **_TWELVE,  # type: ignore[arg-type]
    ),
    "words-35-list": Protocol(
        "all 35 words of v0.02, tested on the testing list", words=WORDS_35, fixed_words=True, tests_every_clip=True
    ),
}


def get_protocol(name: str) -> Protocol:
    """Return a protocol by name.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in PROTOCOLS:
        known = ", ".join(PROTOCOLS)
        raise ConfigError(f"There is no protocol {name!r}; choose one of {known}.{did_you_mean(name, PROTOCOLS)}")
    return PROTOCOLS[name]


def check_task(task: TaskConfig) -> Protocol:
    """Return the task's protocol after checking that its words fit.

    Raises:
        ConfigError: the protocol is unknown, or allows other words only.
    """
    protocol = get_protocol(task.protocol)
    if protocol.fixed_words and set(task.words) != set(protocol.words):
        raise ConfigError(
            f"Protocol {task.protocol} is about the words {', '.join(protocol.words)}; for words of your own use "
            "the protocol commands."
        )
    if protocol.one_word and len(task.words) != 1:
        raise ConfigError(f"Protocol {task.protocol} takes one word; received {', '.join(task.words)}.")
    return protocol


def make_task(protocol: str, words: tuple[str, ...] = (), seed: int = 0) -> TaskConfig:
    """Build a task from a protocol's name and, where it allows them, words of one's own.

    Raises:
        ConfigError: the protocol is unknown, or the words do not fit it.
    """
    task = TaskConfig(protocol=protocol, words=words or get_protocol(protocol).words, seed=seed)
    check_task(task)
    return task


def task_of_labels(labels: Sequence[str]) -> TaskConfig | None:
    """Return the task whose classes these are, in any order; None where no protocol has them.

    Example:
        >>> task_of_labels(["_silence_", "_unknown_", "yes", "no"]).protocol
        'commands'
        >>> task_of_labels(["yes", "no"]) is None
        True
    """
    words = tuple(label for label in labels if label not in (OTHER, SILENCE, UNKNOWN))
    for name, protocol in PROTOCOLS.items():
        fits = len(words) == 1 or not protocol.one_word
        fits = fits and (set(words) == set(protocol.words) or not protocol.fixed_words)
        if words and fits and not protocol.needs_test_set:
            task = make_task(name, words)
            if set(labels_of(task)) == set(labels):
                return task
    return None


def labels_of(task: TaskConfig) -> tuple[str, ...]:
    """Return the class labels in order.

    They are the words as given, then unknown and silence; or `_other_` and the word.

    Raises:
        ConfigError: the protocol is unknown, or the words do not fit it.
    """
    protocol = check_task(task)
    return (OTHER, *task.words) if protocol.one_word else (*task.words, *protocol.extra_labels)
