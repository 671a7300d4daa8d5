"""The stage of `tfkws over-air score`: false accepts an hour against false rejects, on audio of any length."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from tfkws.config import DetectorConfig, FoundThreshold
from tfkws.config.hearing.over_air import CountingConfig
from tfkws.data.audio.blocks import file_digest
from tfkws.detect.breakdown import Row, by_scene, false_accepts, room_of, snr_of, triggers, whole
from tfkws.detect.detector import Detector
from tfkws.detect.long_audio import Counted, HeardAudio, count, hear
from tfkws.detect.threshold_curve import CurvePoint, check_hours, curve, negative_hours, threshold_for_rate
from tfkws.detect.timeline.timeline import SOURCES
from tfkws.errors import ConfigError
from tfkws.pipeline.over_air.labelled_audio import LabelledAudio, open_audio
from tfkws.pipeline.parts.progress import Progress, part_of_hours, silent
from tfkws.result_files import long_audio_name
from tfkws.run_folder import write_json
from tfkws.tflite.bundle.archive import write_settings


@dataclass(frozen=True)
class LongAudioScore:
    """The score of a bundle, JSON-ready, and where it was written."""

    values: dict[str, Any]
    path: Path


def score_files(
    detector: Detector, files: Sequence[LabelledAudio], counting: CountingConfig, progress: Progress = silent
) -> dict[str, Any]:
    """Let a detector hear every file and return its score, JSON-ready.

    Raises:
        ConfigError: a rate is wanted that the hours cannot show.
        DataError: no threshold gives the wanted rate.
    """
    latency_s = counting.latency_ms / 1_000
    hours = sum(file.timeline.duration_s for file in files) / 3600
    if counting.false_accepts_per_hour is not None:
        check_hours(negative_hours([file.timeline for file in files], latency_s), counting.false_accepts_per_hour)
    heard = _hear_all(detector, files, hours, progress)
    settings = detector.settings
    counted = [count(each, settings, latency_s) for each in heard]
    by_source = {name: [each for each in heard if each.timeline.source == name] for name in SOURCES}
    found = _wanted(heard, settings, counting)
    return {
        "bundle_digest": detector.bundle.digest,
        "words": list(detector.words),
        "settings": settings.to_dict(),
        "counting": counting.to_dict(),
        "files": [_about_file(each) for each in heard],
        "mixes": [name for name, group in by_source.items() if group],
        **_rows(counted, latency_s),
        "triggers": [list(each) for each in triggers(counted, latency_s)],
        "delay_s": _median_delay(counted),
        "curves": {
            name: [point.to_dict() for point in curve(group, settings, latency_s)]
            for name, group in by_source.items()
            if group
        },
        "wanted": found.to_dict() if found else None,
        "false_accepts": [_about_accept(each, detection, latency_s) for each, detection in false_accepts(counted)],
        "misses": [miss for each in counted for miss in _misses(each)],
    }


def found_settings(score: dict[str, Any]) -> DetectorConfig:
    """Return the settings with the threshold that was found, and how it was found.

    Args:
        score: of `score_files`, for a wanted rate.
    """
    point = score["wanted"]
    mixes = score["mixes"]
    found = FoundThreshold(
        wanted_per_hour=score["counting"]["false_accepts_per_hour"],
        false_accepts=point["false_accepts"],
        hours=point["hours"],
        misses=point["misses"],
        utterances=point["utterances"],
        source=mixes[0] if len(mixes) == 1 else "mixed",
        digests=tuple(file["digest"] for file in score["files"]),
    )
    return replace(DetectorConfig.from_dict(score["settings"]), threshold=point["threshold"], found=found)


def score_bundle(
    path: Path,
    files: Sequence[tuple[Path, Path | None]],
    counting: CountingConfig,
    changes: Callable[[DetectorConfig], DetectorConfig] = lambda settings: settings,
    out: Path | None = None,
    write: bool = False,
    progress: Progress = silent,
) -> LongAudioScore:
    """Score a bundle and write `long-audio-<bundle>-<digest of the files>.json` and a figure of the curve.

    Args:
        files: audio and its label track, of `pair_files`.
        changes: makes the settings to score from those of the bundle.
        out: folder of the result; None for that of the bundle.
        write: put the threshold that was found into the bundle.

    Raises:
        ConfigError: a threshold is to be written and no rate is wanted, or the hours cannot show it.
        DataError: audio or labels cannot be used.
    """
    if write and counting.false_accepts_per_hour is None:
        raise ConfigError("--write needs --false-accepts-per-hour, the rate that the threshold is to keep to.")
    detector = Detector(path)
    detector.settings = changes(detector.settings)
    opened = [open_audio(audio, labels, detector.words) for audio, labels in files]
    values = {"bundle": path.name, **score_files(detector, opened, counting, progress)}
    name = long_audio_name(path.stem, [file["digest"] for file in values["files"]])
    folder = out or path.parent
    write_json(folder / name.file, values)
    _write_figure(folder / replace(name, kind="long audio figure").file, values)
    if write:
        write_settings(path, detector.bundle, found_settings(values))
    return LongAudioScore(values, folder / name.file)


def _hear_all(detector: Detector, files: Sequence[LabelledAudio], hours: float, progress: Progress) -> list[HeardAudio]:
    heard: list[HeardAudio] = []
    done = 0.0
    for file in files:
        ends, scores = hear(detector, file.path, part_of_hours(progress, done, hours))
        digest = file_digest(file.path)
        heard.append(HeardAudio(file.path.name, digest, file.timeline, detector.labels, ends, scores))
        done += file.timeline.duration_s / 3600
    return heard


def _wanted(heard: Sequence[HeardAudio], settings: DetectorConfig, counting: CountingConfig) -> CurvePoint | None:
    if counting.false_accepts_per_hour is None:
        return None
    return threshold_for_rate(curve(heard, settings, counting.latency_ms / 1_000), counting.false_accepts_per_hour)


def _rows(counted: Sequence[Counted], latency_s: float) -> dict[str, Any]:
    groups = {name: [each for each in counted if each.heard.timeline.source == name] for name in SOURCES}
    rows: dict[str, list[Row]] = {
        "sources": [whole(name, group, latency_s) for name, group in groups.items() if group],
        "by_snr": by_scene(counted, latency_s, snr_of),
        "by_room": by_scene(counted, latency_s, room_of),
    }
    total = whole("all", counted, latency_s)
    return {name: [row.to_dict() for row in found] for name, found in rows.items()} | {"total": total.to_dict()}


def _about_file(heard: HeardAudio) -> dict[str, Any]:
    timeline = heard.timeline
    return {
        "name": heard.name,
        "digest": heard.digest,
        "source": timeline.source,
        "hours": heard.hours,
        "utterances": len(timeline.utterances),
        "training_speakers": timeline.about.get("training_speakers", 0),
    }


def _about_accept(each: Counted, detection: Any, latency_s: float) -> dict[str, Any]:
    event = each.heard.timeline.event_before(detection.time_s, latency_s)
    return {
        "file": each.heard.name,
        "time_s": round(detection.time_s, 3),
        "label": detection.label,
        "score": round(detection.score, 6),
        "after": event.name if event else "",
    }


def _misses(each: Counted) -> list[dict[str, Any]]:
    said = each.heard.timeline.utterances
    return [
        {"file": each.heard.name, "start_s": said[n].start_s, "label": said[n].label, "speaker": said[n].speaker}
        for n in each.matching.misses
    ]


def _median_delay(counted: Sequence[Counted]) -> float | None:
    """From the end of a word's label to its detection, in seconds; negative where the label ends later."""
    delays = [
        each.detections[hit].time_s - utterance.end_s
        for each in counted
        for utterance, hit in zip(each.heard.timeline.utterances, each.matching.hits, strict=True)
        if hit is not None
    ]
    return round(median(delays), 3) if delays else None


def _write_figure(path: Path, values: dict[str, Any]) -> None:
    """Draw the curves where Matplotlib is installed; the light install has none."""
    try:
        import matplotlib as _  # noqa: F401
    except ImportError:
        return
    from tfkws.report.plots import curve_figure, save_png

    save_png(curve_figure(values), path)
