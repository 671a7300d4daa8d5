"""One bundle over all files: misses, false accepts, and both at other thresholds."""

from collections.abc import Sequence
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
from tfkws.detect.timeline.timeline import read_timeline

LATENCY_S = 1.0
CURVE_POINTS = 40
LISTED = 200  # false accepts that a record lists


def score(bundle: Path, every: Sequence[Heard], audio: Path) -> dict[str, Any]:
    """Let a bundle hear every file that it is judged on; return counts by file and a curve, JSON-ready."""
    detector = Detector(bundle)
    (label,) = detector.words
    files, heard = {}, []
    for each in judged(every, label):
        path = audio / f"{each.plan.name}.flac"
        timeline = read_timeline(path.with_suffix(".json"))
        own = replace(timeline, utterances=tuple(one for one in timeline.utterances if one.label == label))
        ends, scores = hear(detector, path)
        heard.append(HeardAudio(path.name, file_digest(path), own, detector.labels, ends, scores))
        detections = detect(detector.labels, detector.settings, ends, scores)
        counts = count(label, detections, own)
        counts["accepted"] = counts["accepted"][:LISTED]
        files[each.plan.name] = {"audio_sha256": heard[-1].digest, **counts}
    points = curve(heard, detector.settings, LATENCY_S)
    step = max(1, len(points) // CURVE_POINTS)
    return {"files": files, "curve": [point.to_dict() for point in points[::step]]}
