"""Recordings of the phrase that a user would make: ten files of a folder, chosen by seed, and never tested on.

Of "happy", whose speakers are known by their files' names, they are all of one speaker, who is not among those that are
tested. Recordings in a folder of phrases are ten at random: where one person said them all, they are that person's;
where nobody knows who spoke, they are of up to ten strangers.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks.detectors.timelines import recordings_of
from benchmarks.phrase.audio import HAPPY
from tfkws.data.clip_index import read_index, word_of
from tfkws.data.draws import draw
from tfkws.data.splits import speaker_of, split_of
from tfkws.run_folder import whole_file

TEN = 10


@dataclass(frozen=True)
class OwnVoice:
    """The recordings of one training.

    Attributes:
        source: folder that they come from.
        files: by their name in it; what is tested leaves them out.
        speaker: who says them all; "" where that is not known.
    """

    source: Path
    files: tuple[str, ...]
    speaker: str


def own_voice(phrase: str, seed: int, words: Path, phrases: Path) -> OwnVoice:
    """Choose recordings of a phrase.

    Args:
        words: folder in Speech Commands' layout.
        phrases: folder of recorded phrases with an index.
    """
    if phrase == HAPPY:
        return _of_one_speaker(phrase, seed, words)
    every = recordings_of(phrases, phrase.replace(" ", "_").__eq__)
    files = draw([each.file for each in every], TEN, seed, "own voice")
    speakers = {each.speaker for each in every}
    return OwnVoice(phrases, tuple(files), speakers.pop() if len(speakers) == 1 else "")


def _of_one_speaker(word: str, seed: int, words: Path) -> OwnVoice:
    """Choose up to ten clips of the speaker with most of them, who is none of testing."""
    files = [file for file in read_index(words).files if word_of(file) == word and split_of(file) != "testing"]
    counts = Counter(speaker_of(file) for file in files)
    speaker = max(sorted(counts), key=lambda each: counts[each])
    mine = [file for file in files if speaker_of(file) == speaker]
    return OwnVoice(words, tuple(draw(mine, TEN, seed, "own voice")), speaker)


def laid_out(own: OwnVoice, folder: Path) -> Path:
    """Copy the recordings into one folder, each whole or not at all; what is there is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in own.files:
        path = folder / file.replace("/", "-")
        if not path.exists():
            with whole_file(path) as partial:
                partial.write_bytes((own.source / file).read_bytes())
    return folder
