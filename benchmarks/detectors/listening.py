"""One engine over one file: what it hit, what it missed, what it heard where nothing was said."""

import time
from collections.abc import Collection, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.detectors.engines import RATE_HZ, Engine
from tfkws.data.audio.blocks import audio_blocks, file_digest
from tfkws.data.audio.files import to_int16
from tfkws.detect.decision import Detection
from tfkws.detect.events import Utterance, match, seconds_without
from tfkws.detect.rates import HourlyRate
from tfkws.detect.rejects import reject_rate
from tfkws.detect.timeline.timeline import SpokenEvent, Timeline
from tfkws.run_folder import whole_file

LATENCY_S = 1.0
KEPT_BEFORE_S, KEPT_AFTER_S = 2.0, 1.0


def hear(engine: Engine, path: Path) -> tuple[list[Detection], float]:
    """Feed a file second by second, and two of silence at its end; return detections and seconds of CPU time."""
    found: list[Detection] = []
    used = 0.0
    for block in chain(audio_blocks(path, block_s=1), [np.zeros(2 * RATE_HZ, np.float32)]):
        samples = to_int16(block)
        start = time.process_time()
        found += engine.feed(samples)
        used += time.process_time() - start
    return found, used


def score(engine: Engine, path: Path, timeline: Timeline) -> dict[str, Any]:
    """Let an engine hear a file, and return the counts by word, JSON-ready."""
    detections, used = hear(engine, path)
    return {
        "timeline": path.stem,
        "engine": engine.about.to_dict(),
        "audio_sha256": file_digest(path),
        "latency_s": LATENCY_S,
        "cpu_share": round(used / timeline.duration_s, 5),
        "words": {word: count(word, detections, timeline) for word in engine.about.words},
    }


def count(
    word: str, detections: Sequence[Detection], timeline: Timeline, left_out: Collection[str] = ()
) -> dict[str, Any]:
    """Count one word of an engine on a timeline: rejects with their interval, false accepts, and where both are.

    Args:
        left_out: files of utterances that are neither hits nor misses.
    """
    mine = [detection for detection in detections if detection.label == word]
    said = [utterance for utterance in timeline.utterances if utterance.label == word]
    matching = match(said, mine, LATENCY_S)
    hours = seconds_without((0.0, timeline.duration_s), said, LATENCY_S) / 3600
    about = [_about_miss(utterance, timeline) for utterance in said]
    told = [number for number, each in enumerate(about) if each["file"] not in left_out]
    missed = [matching.hits[number] is None for number in told]
    return {
        "rejects": reject_rate(missed, [said[number].speaker for number in told]).to_dict(),
        "false_accepts": HourlyRate(len(matching.false_accepts), hours).to_dict(),
        "doubles": len(matching.doubles),
        "missed": [about[number] for number in matching.misses if number in told],
        "accepted": [_about_accept(mine[number], timeline) for number in matching.false_accepts],
    }


def keep_audio(path: Path, counts: dict[str, Any], folder: Path) -> list[Path]:
    """Write the audio around every miss and false accept of one word, to listen to; return the files."""
    stretches = [("missed", miss["start_s"] - 0.5, miss["end_s"] + LATENCY_S) for miss in counts["missed"]]
    for each in counts["accepted"]:
        stretches.append(("accepted", each["time_s"] - KEPT_BEFORE_S, each["time_s"] + KEPT_AFTER_S))
    files = []
    folder.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(path) as source:
        for name, begin_s, end_s in stretches:
            begin_s = max(0.0, begin_s)
            source.seek(round(begin_s * RATE_HZ))
            audio = source.read(round((end_s - begin_s) * RATE_HZ), dtype="int16")
            file = folder / f"{name}-{begin_s:09.3f}.wav"
            with whole_file(file) as partial:
                soundfile.write(partial, audio, RATE_HZ, format="WAV", subtype="PCM_16")
            files.append(file)
    return files


def _about_miss(utterance: Utterance, timeline: Timeline) -> dict[str, Any]:
    event = _event_at(timeline, utterance.start_s)
    return {"file": event.file if event else "", "start_s": utterance.start_s, "end_s": utterance.end_s}


def _about_accept(detection: Detection, timeline: Timeline) -> dict[str, Any]:
    event = timeline.event_before(detection.time_s, LATENCY_S)
    return {
        "time_s": round(detection.time_s, 3),
        "score": round(detection.score, 4),
        "after": event.file if event else "",
    }


def _event_at(timeline: Timeline, start_s: float) -> SpokenEvent | None:
    return next((event for event in timeline.events if event.start_s == start_s), None)
