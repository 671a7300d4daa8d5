"""What a timeline is composed of: clips of a data folder, sentences, noises and room responses.

Clips are those of one split's speakers, so that no voice of the training is heard again. A noise of the data folder is
used in the split's own part of it, which training does not touch (`tfkws.data.noise.part_of`); a sentence belongs to
the validation or the testing timelines, by its name.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from tfkws.config.hearing.over_air import SpeechSplit, TimelineConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ, read_resampled
from tfkws.data.augment import prepare_response
from tfkws.data.clip_index import SYNTHETIC_MARKER, ClipIndex, read_index, word_of
from tfkws.data.draws import keyed_hash
from tfkws.data.folder_scan import audio_below
from tfkws.data.noise import Noise, generated_noises, part_of
from tfkws.data.splits import speaker_of, split_of
from tfkws.detect.timeline.timeline import DRY, Source
from tfkws.errors import ConfigError, DataError, did_you_mean
from tfkws.names import on_disk

LONGEST_S = 30.0  # of one recording on the timeline; of longer ones the beginning is laid
LONGEST_NOISE_S = 600.0
LONGEST_RESPONSE_S = 1.0
_PARTS: dict[SpeechSplit, str] = {"validation": "80 to 90 %", "testing": "90 to 100 %", "all": "all"}


@dataclass(frozen=True)
class Recording:
    """A recording that can be laid.

    Attributes:
        file: below its folder, for the provenance.
        label: the word; "" of a sentence.
        speaker, split: by the file's name; "" of a sentence, whose speaker is not known.
    """

    path: Path
    file: str
    label: str
    speaker: str
    split: str
    source: Literal["recorded", "synthetic"]

    def read(self) -> np.ndarray:
        """Decode it: float32 (samples,) at 16 kHz, at most 30 s. Raises as `read_resampled`."""
        return read_resampled(self.path)[: round(LONGEST_S * SAMPLE_RATE_HZ)]


@dataclass(frozen=True)
class NoisePart:
    """A noise and which part of its file this is."""

    noise: Noise
    part: str


@dataclass(frozen=True)
class Material:
    """Everything that may be laid.

    Attributes:
        words, others, sentences: recordings, sorted by file.
        noises: those of the split.
        responses: room responses by name, float64 (samples,) of unit energy; "dry" is not among them.
        source: of a timeline that is composed of it.
        folders: names of the folders, for the provenance.
    """

    words: tuple[Recording, ...]
    others: tuple[Recording, ...]
    sentences: tuple[Recording, ...]
    noises: tuple[NoisePart, ...]
    responses: dict[str, np.ndarray]
    source: Source
    folders: dict[str, str]

    @property
    def room_names(self) -> tuple[str, ...]:
        """Rooms that can be asked for."""
        return (DRY, *self.responses)


def gather(
    data: Path,
    settings: TimelineConfig,
    sentences: Path | None = None,
    noises: Path | None = None,
    rooms: Path | None = None,
) -> Material:
    """Find what can be laid.

    Args:
        data: folder in Speech Commands' layout.
        sentences: folder of recordings of speech without the wake words.
        noises, rooms: folders in place of the data folder's own; all of them is used.

    Raises:
        DataError: a folder is missing or empty, or the split has no clips of the words.
        ConfigError: a room is asked for that is not there.
    """
    index = read_index(data)
    clips = _clips(index, settings.split)
    words = tuple(clip for clip in clips if clip.label in settings.words)
    others = tuple(clip for clip in clips if clip.label not in settings.words and not clip.label.startswith("_"))
    said = sentences_of(sentences, settings.split) if sentences else ()
    _check_words(index, words, settings)
    if not others and not said:
        raise DataError(f"{data} has no {settings.split} clips of other words; give --sentences, or another --split.")
    responses = _responses(rooms or data, audio_below(rooms) if rooms else index.responses)
    material = Material(
        words=words,
        others=others,
        sentences=said,
        noises=_noises(index, noises, settings.split),
        responses=responses,
        source="synthetic" if any(each.source == "synthetic" for each in (*clips, *said)) else "composed",
        folders={
            name: folder.resolve().name
            for name, folder in (("clips", data), ("sentences", sentences), ("noises", noises), ("rooms", rooms))
            if folder
        },
    )
    if not material.noises and any(ratio is not None for ratio in settings.snr_db):
        raise DataError("Every noise is silent; give --noises, or --snr-db clean.")
    _check_rooms(material, settings)
    return material


def _clips(index: ClipIndex, split: SpeechSplit) -> tuple[Recording, ...]:
    source: Literal["recorded", "synthetic"] = "synthetic" if index.is_synthetic else "recorded"
    every = (
        Recording(index.path(file), file, word_of(file), speaker_of(file), split_of(file), source)
        for file in index.files
    )
    return tuple(clip for clip in every if split in ("all", clip.split))


def sentences_of(folder: Path, split: SpeechSplit) -> tuple[Recording, ...]:
    """Recordings below a folder; validation and testing take half of them each, by a hash of the name."""
    source: Literal["recorded", "synthetic"] = "synthetic" if (folder / SYNTHETIC_MARKER).exists() else "recorded"
    halves = ("validation", "testing")
    files = [
        file for file in audio_below(folder) if split == "all" or halves[keyed_hash("sentence", file) % 2] == split
    ]
    if not files:
        raise DataError(f"{folder} has no recordings for the {split} timeline; add some, or choose --split all.")
    return tuple(Recording(folder / on_disk(file), file, "", "", "", source) for file in files)


def _noises(index: ClipIndex, folder: Path | None, split: SpeechSplit) -> tuple[NoisePart, ...]:
    if folder is not None:
        found = [Noise(file, _read_short(folder / on_disk(file), LONGEST_NOISE_S)) for file in audio_below(folder)]
        return tuple(NoisePart(noise, "all") for noise in found if np.any(noise.samples))
    own = [Noise(file, _read_short(index.path(file), LONGEST_NOISE_S)) for file in index.noises]
    parts = [each if split == "all" else part_of(each, split) for each in own or generated_noises()]
    return tuple(NoisePart(part, _PARTS[split]) for part in parts if np.any(part.samples))


def _responses(folder: Path, files: tuple[str, ...] | list[str]) -> dict[str, np.ndarray]:
    found = {}
    for file in files:
        response = _read_short(folder / on_disk(file), LONGEST_RESPONSE_S)
        if np.any(response):
            found[Path(file).stem] = prepare_response(response, len(response))
    return found


def _read_short(path: Path, longest_s: float) -> np.ndarray:
    return read_resampled(path)[: round(longest_s * SAMPLE_RATE_HZ)]


def _check_words(index: ClipIndex, words: tuple[Recording, ...], settings: TimelineConfig) -> None:
    counts = index.clips_per_word()
    for word in settings.words:
        if word not in counts:
            near = did_you_mean(word, counts)
            raise DataError(f"{index.data_dir} has no clips of {word!r}.{near} It has {', '.join(counts)}.")
    if settings.words_per_hour and not settings.without_word and not words:
        raise DataError(
            f"{index.data_dir} has no {settings.split} clips of {', '.join(settings.words)}; choose another --split, "
            "or --without-word."
        )


def _check_rooms(material: Material, settings: TimelineConfig) -> None:
    for room in settings.rooms:
        if room not in material.room_names:
            near = did_you_mean(room, material.room_names)
            raise ConfigError(f"There is no room {room!r}.{near} There are {', '.join(material.room_names)}.")
