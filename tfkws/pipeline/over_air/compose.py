"""The stage of `tfkws over-air compose`: a labelled timeline, one file an hour, each written whole.

hour-000.flac   audio, 16 kHz mono
hour-000.txt    the wake words: start, end, label (speaker)
hour-000.json   everything that is said, and each noise, ratio and room
"""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import soundfile

from tfkws.config.hearing.over_air import TimelineConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.detect.timeline.compose import Composer
from tfkws.detect.timeline.labels import write_labels
from tfkws.detect.timeline.recordings import Material
from tfkws.detect.timeline.timeline import Scene, SpokenEvent, Timeline, read_timeline, utterances_of, write_timeline
from tfkws.errors import RunFolderError
from tfkws.pipeline.parts.progress import Progress, part_of_hours, silent
from tfkws.run_folder import whole_file


@dataclass(frozen=True)
class Composed:
    """What a folder holds now.

    Attributes:
        files: the audio, in order.
        utterances: wake words in it.
        kept: files that were there already.
        training_speakers: whose clips a training on the same folder would have used.
    """

    files: tuple[Path, ...]
    utterances: int
    kept: int
    training_speakers: int

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; files by their names."""
        return asdict(self) | {"files": [path.name for path in self.files]}


def compose_folder(material: Material, out: Path, settings: TimelineConfig, progress: Progress = silent) -> Composed:
    """Write a timeline into a folder; an interrupted run goes on with the first hour that is not there.

    Raises:
        RunFolderError: the folder holds a timeline of other settings.
    """
    lengths = _file_lengths(settings.hours)
    about = [_about(material, settings, number) for number in range(len(lengths))]
    done = _finished(out, about)
    files, utterances, kept = [], 0, len(done)
    for number, hours in enumerate(lengths):
        path = out / f"hour-{number:03d}.{settings.audio_format}"
        if number not in done:
            before = sum(lengths[:number])
            told = part_of_hours(progress, before, settings.hours)
            composer = Composer(material, settings, number, hours * 3600)
            done[number] = _compose_file(path, composer, about[number], told)
        files.append(path)
        utterances += len(done[number].utterances)
    return Composed(tuple(files), utterances, kept, training_speakers(material))


def _file_lengths(hours: float) -> list[float]:
    """Hours of each file: whole ones, and the rest."""
    count = max(1, math.ceil(hours - 1e-9))
    return [min(1.0, hours - number) for number in range(count)]


def _compose_file(path: Path, composer: Composer, about: dict[str, Any], told: Callable[[float], None]) -> Timeline:
    """Write audio, labels and, last, what tells that all is there; `told` is called with the seconds composed."""
    scenes: list[Scene] = []
    events: list[SpokenEvent] = []
    samples = 0
    with _audio_file(path) as file:
        for laid in composer.scenes():
            file.write(laid.audio)
            samples += len(laid.audio)
            scenes.append(laid.scene)
            events += laid.events
            told(samples / SAMPLE_RATE_HZ)
    timeline = Timeline(
        source=about["source"],
        duration_s=samples / SAMPLE_RATE_HZ,
        utterances=utterances_of(tuple(events)),
        scenes=tuple(scenes),
        events=tuple(events),
        about=about,
    )
    write_labels(path.with_suffix(".txt"), timeline.utterances)
    write_timeline(path.with_suffix(".json"), timeline)
    return timeline


@contextmanager
def _audio_file(path: Path) -> Iterator[soundfile.SoundFile]:
    """Open an audio file that is there as a whole at the end, or not at all.

    Raises:
        RunFolderError: it cannot be written, as when the disk is full.
    """
    kind = path.suffix[1:].upper()
    try:
        with (
            whole_file(path) as partial,
            soundfile.SoundFile(partial, "w", SAMPLE_RATE_HZ, 1, subtype="PCM_16", format=kind) as file,
        ):
            yield file
    except soundfile.SoundFileError as error:
        raise RunFolderError(f"{path} cannot be written ({error}); is the disk full?") from None


def _about(material: Material, settings: TimelineConfig, number: int) -> dict[str, Any]:
    """Return what determines a file."""
    counts = {"words": len(material.words), "others": len(material.others), "sentences": len(material.sentences)}
    return {
        "source": material.source,
        "settings": settings.to_dict(),
        "file": number,
        "folders": material.folders,
        "recordings": counts,
        "noises": [f"{each.noise.name}, {each.part}" for each in material.noises],
        "rooms": list(material.room_names),
        "training_speakers": training_speakers(material),
    }


def training_speakers(material: Material) -> int:
    """Count the speakers whose clips a training on this folder would have used."""
    every = (*material.words, *material.others)
    return len({recording.speaker for recording in every if recording.split == "training"})


def _finished(out: Path, about: list[dict[str, Any]]) -> dict[int, Timeline]:
    """Return the files that are there already, by number.

    Raises:
        RunFolderError: a file of other settings is among them.
    """
    done: dict[int, Timeline] = {}
    for path in sorted(out.glob("hour-*.json")):
        timeline = read_timeline(path)
        places = [number for number, each in enumerate(about) if timeline.about == _as_json(each)]
        if not places:
            raise RunFolderError(f"{out} holds a timeline of other settings or recordings; choose another folder.")
        done[places[0]] = timeline
    return done


def _as_json(value: Any) -> Any:
    """Return what JSON makes of a value: tuples become lists."""
    return json.loads(json.dumps(value))
