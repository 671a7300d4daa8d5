"""The stage of `tfkws listen`: open bundles and a signal, and say what was heard as records."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from tfkws.config import DetectorConfig
from tfkws.config.detector import ListenConfig
from tfkws.detect.capture.files import file_blocks, stream_blocks
from tfkws.detect.detector import Detector
from tfkws.detect.live.ear import Chunk, Event
from tfkws.detect.live.listening import Source, Status, common_rate, paced
from tfkws.errors import ConfigError

ChangeSettings = Callable[[DetectorConfig], DetectorConfig]


def open_detectors(bundles: Sequence[Path], change: ChangeSettings, threads: int = 1) -> dict[str, Detector]:
    """Open each bundle with its own settings, changed as asked; by name, which is that of its file.

    Raises:
        TfliteFileError: a bundle is damaged.
        ConfigError: two are of one name, or a setting does not fit.
    """
    names = [bundle.stem for bundle in bundles]
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        raise ConfigError(f"Bundles that listen together must differ in name. Received {', '.join(doubles)} twice.")
    detectors = {bundle.stem: Detector(bundle, threads=threads) for bundle in bundles}
    for name, detector in detectors.items():
        if not detector.words:
            raise ConfigError(f"{name} has no word to listen for; its labels are {', '.join(detector.labels)}.")
        detector.settings = change(detector.settings)
    common_rate(detectors)
    return detectors


def open_source(
    detectors: Mapping[str, Detector], settings: ListenConfig, *,
    wav: Path | None = None, stdin: BinaryIO | None = None, device: str = "", live: bool = False,
) -> Source:  # fmt: skip
    """Open what is listened to: a file, a pipe, or a microphone.

    Args:
        device: number or part of the name of a microphone; empty for the default.
        live: let a file or pipe be like a microphone: it does not wait for slow detectors.

    Raises:
        AudioError: there is no such file or microphone.
        ConfigError: a file and a pipe are both given.
        RuntimeUnavailableError: PortAudio is not installed.
    """
    rate = common_rate(detectors)
    if wav is not None and stdin is not None:
        raise ConfigError("--wav and --stdin are two sources; give one of them.")
    if wav is not None:
        blocks = file_blocks(wav, rate)
        return Source(str(wav), paced(blocks, rate) if live else blocks, live)
    if stdin is not None:
        return Source("standard input", stream_blocks(stdin, settings, rate), live)
    return _microphone(device, rate)


def _microphone(device: str, rate: int) -> Source:
    from tfkws.detect.capture.microphone import Microphone, find_device

    microphone = Microphone(find_device(device), rate)
    return Source(microphone.device.name, microphone.blocks(), True, lambda: microphone.overflows)


def event_record(event: Event) -> dict[str, Any]:
    """Return an event as one JSON-ready record: times in seconds, latency in ms, score 0..1."""
    if isinstance(event, Chunk):
        words = list(event.words)
        return {"event": "chunk", "detector": event.ear, "time_s": round(event.time_s, 3), "words": words}
    return {
        "event": "near-miss" if event.near_miss else "detection",
        "detector": event.ear,
        "label": event.detection.label,
        "score": round(event.detection.score, 4),
        "time_s": round(event.detection.time_s, 3),
        "latency_ms": round(event.latency_ms, 2),
    }


def summary_of(status: Status, source: Source, detectors: Mapping[str, Detector]) -> dict[str, Any]:
    """Return how a signal was listened to, as one JSON-ready record.

    `seconds` of audio were listened to; `cpu_share` is that of one core, 0..1.
    """
    return {
        "event": "end",
        "source": source.name,
        "seconds": round(status.seconds, 3),
        "cpu_share": round(status.cpu_share, 5),
        "overflows": status.overflows,
        "recorded": status.recorded,
        "problem": status.problem,
        "detectors": list(_ears(status, detectors)),
    }


def _ears(status: Status, detectors: Mapping[str, Detector]) -> Iterable[dict[str, Any]]:
    for name, ear in status.ears.items():
        yield {
            "detector": name,
            "detections": ear.detections,
            "near_misses": ear.near_misses,
            "answered": ear.answered,
            "dropped": ear.dropped,
            "gated": ear.gated,
            "lost_s": ear.lost_samples / detectors[name].sample_rate_hz,
            "bad_samples": ear.bad_samples,
            "busy_share": ear.busy_s / status.seconds if status.seconds else 0.0,
            "settings": detectors[name].settings.to_dict(),
        }
