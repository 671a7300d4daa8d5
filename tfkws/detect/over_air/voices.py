"""The subjects of a simulation: real speakers' clips of the testing split, or synthesised voices, named as such."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from tfkws.config.hearing.simulation import TrialsConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ, read_clip, resample
from tfkws.data.clip_index import ClipIndex, read_index, word_of
from tfkws.data.draws import draw, ranked
from tfkws.data.splits import Split, speaker_of, split_of
from tfkws.detect.over_air.sentences import Sentence, cut_word, make_sentence
from tfkws.errors import DataError, did_you_mean
from tfkws.features.numpy_front_end import to_float

CARRIER = "is the wake word"
Source = Literal["recorded", "synthetic"]


@dataclass(frozen=True)
class Subject:
    """One voice.

    Attributes:
        name: the speaker's id.
        source: whether a person spoke.
        carrier: whose the other words of the sentences are: "same speaker", "other speakers", "synthesis" or "none".
        sentences: what the subject says in a trial, in turns.
    """

    name: str
    source: Source
    carrier: str
    sentences: tuple[Sentence, ...]


def recorded_subjects(data_dir: Path, word: str, settings: TrialsConfig, split: Split = "testing") -> list[Subject]:
    """Make subjects of speakers of one split.

    The sentences of a subject are all its clips of the word in turns, each with other words of the same speaker; a
    speaker with too few clips of other words gets those of other speakers of the split.

    Raises:
        DataError: there are fewer speakers of the word in the split than subjects.
    """
    index = read_index(data_dir)
    files = [file for file in index.files if split_of(file) == split and not word_of(file).startswith("_")]
    words = _by_speaker(file for file in files if word_of(file) == word)
    _check_speakers(index, word, split, words, settings.subjects)
    others = _by_speaker(file for file in files if word_of(file) != word)
    names = draw(words, settings.subjects, settings.seed, "subjects")
    source: Source = "synthetic" if index.is_synthetic else "recorded"
    return [_recorded_subject(data_dir, name, words[name], others, source, settings) for name in names]


def synthetic_subjects(word: str, settings: TrialsConfig) -> list[Subject]:
    """Make subjects of espeak-ng voices, who say "WORD is the wake word".

    Raises:
        RuntimeUnavailableError: espeakng-loader is not installed.
        SynthesisError: the synthesiser fails.
    """
    from tfkws.data.prepare.espeak import speak
    from tfkws.data.prepare.synthetic_clip import draw_voices

    subjects = []
    for name, voice in draw_voices(settings.subjects, settings.seed, "simulated subject").items():
        (said,), rate_hz = speak(word, [voice])
        (carrier,), _ = speak(CARRIER, [voice])
        parts = [cut_word(resample(to_float(each), rate_hz, SAMPLE_RATE_HZ)) for each in (said, carrier)]
        is_last = settings.word_position == "last"
        carriers = parts[1:] if settings.carrier_words else []
        subjects.append(Subject(name, "synthetic", "synthesis", (make_sentence(parts[0], carriers, is_last),)))
    return subjects


def sentences_of_trial(subject: Subject, count: int, trial: int) -> list[Sentence]:
    """Return what a subject says in a trial: all sentences in turns; each trial begins with another one."""
    return [subject.sentences[(trial * count + number) % len(subject.sentences)] for number in range(count)]


def _recorded_subject(
    data_dir: Path,
    name: str,
    clips: Sequence[str],
    others: dict[str, list[str]],
    source: Source,
    settings: TrialsConfig,
) -> Subject:
    own = others.get(name, [])
    enough = len(own) >= settings.carrier_words
    pool = own if enough else [file for files in others.values() for file in files]
    if len(pool) < settings.carrier_words:
        raise DataError(f"{data_dir} holds too few clips of other words for --carrier-words {settings.carrier_words}.")
    sentences = []
    for number in range(max(len(clips), settings.utterances)):
        clip = clips[number % len(clips)]
        order = ranked(pool, f"{settings.seed}/carriers/{name}/{number}/")[: settings.carrier_words]
        carriers = [_word(data_dir / pool[position]) for position in order]
        sentences.append(make_sentence(_word(data_dir / clip), carriers, settings.word_position == "last"))
    carrier = ("same speaker" if enough else "other speakers") if settings.carrier_words else "none"
    return Subject(name, source, carrier, tuple(sentences))


def _word(path: Path) -> np.ndarray:
    return cut_word(to_float(read_clip(path)))


def _by_speaker(files: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in files:
        found.setdefault(speaker_of(file), []).append(file)
    return found


def _check_speakers(index: ClipIndex, word: str, split: Split, speakers: dict[str, list[str]], wanted: int) -> None:
    counts = index.clips_per_word()
    if word not in counts:
        raise DataError(
            f"{index.data_dir} has no clips of {word!r}.{did_you_mean(word, counts)} It has {', '.join(counts)}; "
            "leave out --data for synthesised voices."
        )
    if len(speakers) < wanted:
        raise DataError(
            f"{index.data_dir} has {len(speakers)} {split} speakers of {word!r} and --subjects asks for {wanted}; ask "
            "for fewer, or leave out --data for synthesised voices."
        )
