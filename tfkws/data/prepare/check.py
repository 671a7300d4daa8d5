"""Looking for what is wrong with the clips of a folder before it is trained on."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.data.audio.decoder import audio_seconds, read_header
from tfkws.data.audio.files import CLIP_SAMPLES, SAMPLE_RATE_HZ
from tfkws.data.audio.wav_header import has_more_audio
from tfkws.data.clip_index import ClipIndex, read_index, word_of
from tfkws.data.decoded_set import DecodedSet, open_decoded
from tfkws.data.prepare.split_lists import contradictions
from tfkws.data.splits import SPLITS, speaker_of, split_of
from tfkws.errors import AudioError

FEW_CLIPS = 20
FEW_SPEAKERS = 10
CLIPPED_SHARE = 0.01  # of the samples at full scale
SILENT_PEAK = 100  # of 32767: -50 dBFS


@dataclass(frozen=True)
class Problem:
    """One finding.

    Attributes:
        kind: "left out", "unreadable", "more audio", "rate", "channels", "length", "clipping", "silence",
            "duplicate", "few clips", "few speakers", "split by file", "empty split" or "split lists".
        where: the file, or the word.
        detail: what was found.
    """

    kind: str
    where: str
    detail: str


@dataclass(frozen=True)
class CheckReport:
    """All findings on a folder, and how many clips were examined."""

    clips: int
    problems: tuple[Problem, ...]

    def counts(self) -> dict[str, int]:
        """Count the findings of each kind."""
        found: dict[str, int] = defaultdict(int)
        for problem in self.problems:
            found[problem.kind] += 1
        return dict(found)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {"clips": self.clips, "counts": self.counts(), "problems": [asdict(p) for p in self.problems]}


def check_folder(data_dir: Path, progress: Callable[[int, int], None] | None = None) -> CheckReport:
    """Check every clip of a folder: format, length, clipping, silence, duplicates, near-empty words and splits.

    Args:
        progress: called with (clips done, clips in all).

    Raises:
        DataError: the folder is missing or holds no clips.
    """
    index = read_index(data_dir)
    decoded = open_decoded(index)
    problems = [Problem("left out", name, reason) for name, reason in index.left_out]
    problems += [Problem("unreadable", file, reason) for file, reason in decoded.skipped]
    for row, file in enumerate(decoded.files):
        problems += _check_format(file, index.path(file))
        problems += _check_samples(file, decoded.audio[row])
        if progress is not None:
            progress(row + 1, len(decoded.files))
    problems += _find_duplicates(decoded)
    problems += _check_words(index)
    problems += _check_lists(index)
    return CheckReport(len(index.files), tuple(problems))


def _check_format(file: str, path: Path) -> list[Problem]:
    try:
        header = read_header(path)
        seconds = audio_seconds(path) if header.frames is None else header.frames / header.sample_rate_hz
        found = [Problem("more audio", file, "a second recording follows, and is not used")] * has_more_audio(path)
    except (AudioError, OSError) as error:  # it was readable a moment ago
        return [Problem("unreadable", file, str(error))]
    if header.sample_rate_hz != SAMPLE_RATE_HZ:
        found.append(Problem("rate", file, f"{header.sample_rate_hz} Hz, is resampled to {SAMPLE_RATE_HZ} Hz"))
    if header.channels != 1:
        found.append(Problem("channels", file, f"{header.channels} channels, are mixed down"))
    samples = int(seconds * SAMPLE_RATE_HZ)
    if samples > CLIP_SAMPLES:
        found.append(Problem("length", file, f"{seconds:.2f} s, the end is cut off"))
    elif samples < CLIP_SAMPLES // 2:
        found.append(Problem("length", file, f"{seconds:.2f} s, less than half of a clip"))
    return found


def _check_samples(file: str, samples: np.ndarray) -> list[Problem]:
    magnitude = np.abs(samples.astype(np.int32))
    clipped = float(np.mean(magnitude >= 32_767))
    if clipped > CLIPPED_SHARE:
        return [Problem("clipping", file, f"{100 * clipped:.1f} % of the samples at full scale")]
    if magnitude.max() < SILENT_PEAK:
        return [Problem("silence", file, f"no sample above {magnitude.max()} of 32767")]
    return []


def _find_duplicates(decoded: DecodedSet) -> list[Problem]:
    """Find clips of equal samples; worst are those under two words or in two splits, which is said."""
    first: dict[str, str] = {}
    found = []
    for file, content in zip(decoded.files, decoded.hashes, strict=True):
        original = first.setdefault(content, file)
        if original != file:
            word = "" if word_of(file) == word_of(original) else ", another word"
            split = "" if split_of(file) == split_of(original) else ", another split"
            found.append(Problem("duplicate", file, f"same samples as {original}{word}{split}"))
    return found


def _check_words(index: ClipIndex) -> list[Problem]:
    if index.is_test_set:
        return []
    speakers: dict[str, set[str]] = defaultdict(set)
    splits: dict[str, set[str]] = defaultdict(set)
    for file in index.files:
        speakers[word_of(file)].add(speaker_of(file))
        splits[word_of(file)].add(split_of(file))
    found = []
    for word, clips in index.clips_per_word().items():
        if clips < FEW_CLIPS:
            found.append(Problem("few clips", word, f"{clips} clips"))
        if index.is_split_by_file:
            found.append(
                Problem("split by file", word, "one person may be in several splits; scores tell of nobody else")
            )
        elif len(speakers[word]) < FEW_SPEAKERS:
            found.append(Problem("few speakers", word, _few_speakers(speakers[word], clips)))
        found += [Problem("empty split", word, f"no {split} clips") for split in SPLITS if split not in splits[word]]
    return found


def _few_speakers(speakers: set[str], clips: int) -> str:
    if len(speakers) > 1 or clips == 1:
        return f"{len(speakers)} speakers"
    return f"all {clips} clips are of one speaker ({min(speakers)}), so that they share a split"


def _check_lists(index: ClipIndex) -> list[Problem]:
    """Compare the data set's own lists, if there are any, with the rule that is used here."""
    if index.is_test_set:
        return []
    return [Problem("split lists", *found) for found in contradictions(index.data_dir, index.files)]


@dataclass(frozen=True)
class WordCount:
    """Clips and speakers of one word, by split."""

    word: str
    clips: dict[str, int]
    speakers: dict[str, int]


def count_words(index: ClipIndex) -> list[WordCount]:
    """Count the clips and speakers of each word and split, from file names alone; most clips first.

    In a folder of test clips, all are counted as testing.
    """
    clips: dict[tuple[str, str], set[str]] = defaultdict(set)
    speakers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for file in index.files:
        key = (word_of(file), "testing" if index.is_test_set else split_of(file))
        clips[key].add(file)
        speakers[key].add(speaker_of(file))
    return [
        WordCount(
            word,
            {split: len(clips[word, split]) for split in SPLITS},
            {split: len(speakers[word, split]) for split in SPLITS},
        )
        for word in index.clips_per_word()
    ]
