"""One bundle over files of audio: misses, false accepts, who was tested, and both at other thresholds."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.detectors.listening import count
from benchmarks.phrase.audio import Heard, judged
from tfkws.data.audio.blocks import file_digest
from tfkws.detect.decision import detect
from tfkws.detect.detector import Detector
from tfkws.detect.long_audio import HeardAudio, hear
from tfkws.detect.threshold_curve import curve
from tfkws.detect.timeline.timeline import Timeline, read_timeline

LATENCY_S = 1.0
CURVE_POINTS = 40
LISTED = 200  # false accepts that a record lists
Counts = dict[str, Any]


def score(bundle: Path, every: Sequence[Heard], audio: Path, left_out: Collection[str] = ()) -> Counts:
    """Let a bundle hear every file that it is judged on; return counts by file and a curve, JSON-ready.

    Args:
        left_out: recordings of the phrase that a training has heard; there is no curve then, which would count them.
    """
    detector = Detector(bundle)
    (label,) = detector.words
    files, heard = {}, []
    for each in judged(every, label):
        listened, files[each.plan.name] = heard_file(detector, audio / f"{each.plan.name}.flac", left_out)
        heard.append(listened)
    points = [] if left_out else curve(heard, detector.settings, LATENCY_S)
    step = max(1, len(points) // CURVE_POINTS)
    return {"files": files, "curve": [point.to_dict() for point in points[::step]]}


def score_file(bundle: Path, path: Path) -> Counts:
    """Let a bundle hear one file; return its counts, JSON-ready."""
    return heard_file(Detector(bundle), path, ())[1]


def heard_file(detector: Detector, path: Path, left_out: Collection[str]) -> tuple[HeardAudio, Counts]:
    """Hear one file with its timeline beside it."""
    (label,) = detector.words
    timeline = read_timeline(path.with_suffix(".json"))
    own = replace(timeline, utterances=tuple(one for one in timeline.utterances if one.label == label))
    ends, scores = hear(detector, path)
    heard = HeardAudio(path.name, file_digest(path), own, detector.labels, ends, scores)
    counts = count(label, detect(detector.labels, detector.settings, ends, scores), own, left_out)
    counts["accepted"] = counts["accepted"][:LISTED]
    return heard, {"audio_sha256": heard.digest, **counts, "tested": tested(own, label, left_out)}


def tested(timeline: Timeline, label: str, left_out: Collection[str]) -> dict[str, list[str]]:
    """Return the recordings of a word by speaker, "" where that is not known; what is laid twice is named twice."""
    found: dict[str, list[str]] = {}
    for event in timeline.events:
        if event.kind == "word" and event.label == label and event.file not in left_out:
            found.setdefault(event.speaker, []).append(event.file)
    return {speaker: sorted(files) for speaker, files in sorted(found.items())}
