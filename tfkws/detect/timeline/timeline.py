"""A timeline: what is said when in one audio file, and under which noise and in which room.

A composed file has a `.json` beside it with all of this. Of a file that people recorded, only the label track is known.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from tfkws.config.strict import Config, NotNegative, Positive, read
from tfkws.detect.events import Utterance
from tfkws.errors import ConfigError, DataError, RunFolderError
from tfkws.run_folder import read_json, write_json

FORMAT, VERSION = "tfkws timeline", 1
DRY = "dry"  # the room of speech that went through no room response

Kind = Literal["word", "other word", "sentence"]
Source = Literal["recorded", "composed", "synthetic"]
SOURCES: dict[Source, str] = {
    "recorded": "recorded in one piece",
    "composed": "composed from recordings",
    "synthetic": "composed, speech synthesised",
}


@dataclass(frozen=True)
class Scene(Config):
    """A stretch of one noise, ratio and room.

    Attributes:
        start_s, end_s: where it lies.
        room: name of the room response, or "dry".
        snr_db: of speech at -26 dBFS to the noise; None without noise.
        noise: file of the noise; "" without.
        noise_part: which part of that file was used.
    """

    start_s: NotNegative
    end_s: Positive
    room: str
    snr_db: float | None
    noise: str
    noise_part: str


@dataclass(frozen=True)
class SpokenEvent(Config):
    """One recording on the timeline.

    Attributes:
        start_s, end_s: where the recording lies; the room's echo may go on after it.
        kind: the wake word, another word, or a sentence.
        label: the word; "" of a sentence.
        file: below the folder it was taken from.
        speaker, split: who says it, by file name, and the split that this makes; "" where not known.
        source: whether the recording is of a person or synthesised.
        level_dbfs: mean power of its active frames, full scale 1.
        snr_db: that level less the noise's; None without noise.
        room: as in `Scene`.
    """

    start_s: NotNegative
    end_s: Positive
    kind: Kind
    label: str
    file: str
    speaker: str
    split: str
    source: Literal["recorded", "synthetic"]
    level_dbfs: float
    snr_db: float | None
    room: str

    @property
    def name(self) -> str:
        """What was said, for a table: the word, or "a sentence"."""
        return self.label or "a sentence"


@dataclass(frozen=True)
class Timeline:
    """Everything known of one audio file.

    Attributes:
        source: whether it was recorded in one piece, composed from recordings, or holds synthesised speech.
        duration_s: of the audio.
        utterances: the wake words, in order.
        scenes, events: of a composed file.
        about: how it was composed: settings, folders, seed.
    """

    source: Source
    duration_s: float
    utterances: tuple[Utterance, ...] = ()
    scenes: tuple[Scene, ...] = ()
    events: tuple[SpokenEvent, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    def scene_at(self, time_s: float) -> Scene | None:
        """Return the scene at a time, the last one after the end; None where no scenes are known."""
        place = bisect_right(self.scenes, time_s, key=lambda scene: scene.start_s)
        return self.scenes[place - 1] if place else None

    def event_before(self, time_s: float, within_s: float) -> SpokenEvent | None:
        """Return what was said last before a time, unless it had ended for longer than `within_s`."""
        place = bisect_right(self.events, time_s, key=lambda event: event.start_s)
        last = self.events[place - 1] if place else None
        return last if last is not None and time_s <= last.end_s + within_s else None


def utterances_of(events: tuple[SpokenEvent, ...]) -> tuple[Utterance, ...]:
    """Return the wake words among the events."""
    return tuple(
        Utterance(event.label, event.start_s, event.end_s, event.speaker) for event in events if event.kind == "word"
    )


def write_timeline(path: Path, timeline: Timeline) -> None:
    """Write the provenance of an audio file beside it, whole or not at all."""
    values = {
        "format": FORMAT,
        "version": VERSION,
        "source": timeline.source,
        "duration_s": timeline.duration_s,
        "about": dict(timeline.about),
        "scenes": [asdict(scene) for scene in timeline.scenes],
        "events": [asdict(event) for event in timeline.events],
    }
    write_json(path, values)


def read_timeline(path: Path) -> Timeline:
    """Read what `write_timeline` wrote; utterances are the wake words among the events.

    Raises:
        DataError: it is damaged, of a newer version, or something else.
    """
    try:
        values = read_json(path)
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            raise DataError(f"{path} is not the provenance of a timeline; move it from beside the audio.")
        if values.get("version") != VERSION:
            raise DataError(
                f"{path} has version {str(values.get('version'))[:20]}; this tfkws reads {VERSION}; upgrade."
            )
        events = tuple(SpokenEvent.from_dict(event) for event in values["events"])
        return Timeline(
            source=read(Source, values["source"], "source"),
            duration_s=read(Positive, values["duration_s"], "duration_s"),
            utterances=utterances_of(events),
            scenes=tuple(Scene.from_dict(scene) for scene in values["scenes"]),
            events=events,
            about=read(dict[str, Any], values["about"], "about"),
        )
    except (ConfigError, RunFolderError, KeyError, TypeError) as error:
        raise DataError(f"{path} is damaged ({error}); compose it again, or move it away: the labels stay.") from error
