"""Which clips of a folder belong to a split of a task, and under which label. Names only; nothing is read."""

from dataclasses import dataclass

from tfkws.config import OTHER, SILENCE, UNKNOWN, TaskConfig
from tfkws.data.clip_index import word_of
from tfkws.data.draws import draw
from tfkws.data.protocols import Protocol, check_task
from tfkws.data.splits import Split, split_of


@dataclass(frozen=True)
class Selection:
    """Clips of one split as (file, label), sorted by file, and how many silence clips to cut besides."""

    clips: tuple[tuple[str, str], ...]
    silence_count: int


def select(files: tuple[str, ...], task: TaskConfig, split: Split, *, is_test_set: bool = False) -> Selection:
    """Choose the clips of `split`, with those of other words drawn inside the split.

    Args:
        files: clips as "word/name.wav".
        is_test_set: take every clip as it is, whoever speaks.

    Raises:
        ConfigError: the protocol is unknown, or the words do not fit it.
    """
    protocol = check_task(task)
    if is_test_set:
        return Selection(tuple((file, _label(file, task, protocol)) for file in sorted(files)), 0)
    inside = [file for file in files if split_of(file) == split]
    targets = [file for file in inside if word_of(file) in task.words]
    others = [file for file in inside if word_of(file) not in task.words]
    silence_count = round(len(targets) * _percent(task.silence_percent, protocol.silence_percent) / 100)
    if split == "testing" and protocol.tests_every_clip:
        silence_count = 0
    elif split == "testing" and protocol.testing_limits:
        targets = draw(targets, protocol.testing_limits[0], task.seed)
        others, silence_count = draw(others, protocol.testing_limits[1], task.seed), 0
    else:
        share = _percent(task.unknown_percent, protocol.unknown_percent) / 100
        others = draw(others, round(len(targets) * share), task.seed)
    if not (protocol.one_word or protocol.extra_labels):
        others = []
    return Selection(tuple((file, _label(file, task, protocol)) for file in sorted(targets + others)), silence_count)


def silence_label(protocol: Protocol) -> str:
    """Return the label that silence clips get."""
    return OTHER if protocol.one_word else SILENCE


def _percent(own: float | None, default: float) -> float:
    return default if own is None else own


def _label(file: str, task: TaskConfig, protocol: Protocol) -> str:
    word = word_of(file)
    if word in task.words:
        return word
    if protocol.one_word:
        return OTHER
    return SILENCE if word == SILENCE else UNKNOWN
