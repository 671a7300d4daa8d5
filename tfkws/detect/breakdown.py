"""False accepts an hour and false rejects of counted files: in all, by noise, by room, and what set them off."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tfkws.detect.decision import Detection
from tfkws.detect.events import Utterance, seconds_without
from tfkws.detect.long_audio import Counted
from tfkws.detect.rates import HourlyRate
from tfkws.detect.rejects import RejectRate, reject_rate
from tfkws.detect.timeline.timeline import Scene

SceneKey = Callable[[Scene], str]
NO_NOISE = "clean"


@dataclass(frozen=True)
class Row:
    """What happened in one part of the audio.

    Attributes:
        name: of the part.
        doubles: further detections of words that were heard already.
    """

    name: str
    false_accepts: HourlyRate
    rejects: RejectRate
    doubles: int

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "name": self.name,
            "false_accepts": self.false_accepts.to_dict(),
            "rejects": self.rejects.to_dict(),
            "doubles": self.doubles,
        }


def snr_of(scene: Scene) -> str:
    """Name a scene's ratio of speech to noise.

    >>> snr_of(Scene(0.0, 60.0, "dry", 10.0, "noise.wav", "all"))
    '10 dB'
    """
    return NO_NOISE if scene.snr_db is None else f"{scene.snr_db:g} dB"


def room_of(scene: Scene) -> str:
    """Name a scene's room."""
    return scene.room


def whole(name: str, counted: Sequence[Counted], latency_s: float) -> Row:
    """Return one row for files as a whole; a false accept can happen wherever no word is being waited for."""
    seconds = sum(
        seconds_without((0.0, each.heard.timeline.duration_s), each.heard.timeline.utterances, latency_s)
        for each in counted
    )
    pairs = [pair for each in counted for pair in zip(each.heard.timeline.utterances, each.matching.hits, strict=True)]
    return Row(
        name,
        HourlyRate(sum(len(each.matching.false_accepts) for each in counted), seconds / 3600),
        _rejects(pairs),
        sum(len(each.matching.doubles) for each in counted),
    )


def by_scene(counted: Sequence[Counted], latency_s: float, key: SceneKey) -> list[Row]:
    """Return a row for each value of `key` of the scenes, sorted; none for files without scenes."""
    hours: dict[str, float] = {}
    accepts: Counter[str] = Counter()
    doubles: Counter[str] = Counter()
    pairs: dict[str, list[tuple[Utterance, int | None]]] = {}
    for each in counted:
        timeline = each.heard.timeline
        for scene in timeline.scenes:
            free_s = seconds_without((scene.start_s, scene.end_s), timeline.utterances, latency_s)
            hours[key(scene)] = hours.get(key(scene), 0.0) + free_s / 3600
        for counter, numbers in ((accepts, each.matching.false_accepts), (doubles, each.matching.doubles)):
            for number in numbers:
                if heard_in := timeline.scene_at(each.detections[number].time_s):
                    counter[key(heard_in)] += 1
        for utterance, hit in zip(timeline.utterances, each.matching.hits, strict=True):
            if said_in := timeline.scene_at(utterance.start_s):
                pairs.setdefault(key(said_in), []).append((utterance, hit))
    return [
        Row(name, HourlyRate(accepts[name], hours[name]), _rejects(pairs.get(name, [])), doubles[name])
        for name in sorted(hours, key=_order)
    ]


def triggers(counted: Sequence[Counted], latency_s: float) -> list[tuple[str, int]]:
    """Return what was said before the false accepts of composed files, most frequent first."""
    found: Counter[str] = Counter()
    for each, detection in false_accepts(counted):
        if each.heard.timeline.events:
            event = each.heard.timeline.event_before(detection.time_s, latency_s)
            found[event.name if event else "no speech"] += 1
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def false_accepts(counted: Sequence[Counted]) -> Iterator[tuple[Counted, Detection]]:
    """Yield every false accept with its file."""
    for each in counted:
        for number in each.matching.false_accepts:
            yield each, each.detections[number]


def _rejects(pairs: Sequence[tuple[Utterance, int | None]]) -> RejectRate:
    return reject_rate([hit is None for _, hit in pairs], [utterance.speaker for utterance, _ in pairs])


def _order(name: str) -> tuple[int, float, str]:
    """Clean first, then ratios from high to low, then names."""
    if name == NO_NOISE:
        return 0, 0.0, name
    if name.endswith(" dB"):
        return 1, -float(name.removesuffix(" dB")), name
    return 2, 0.0, name
