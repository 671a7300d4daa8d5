"""What the code of an exported folder goes by: a bundle's times in samples, for whole windows and for streams alike."""

from math import ceil
from typing import Any

from tfkws.config import NO_WORDS
from tfkws.errors import ConversionError
from tfkws.tflite.bundle.archive import Bundle


def check_for_script(bundle: Bundle) -> None:
    """Refuse a bundle that the code of an export cannot answer as `tfkws.Detector` does.

    Raises:
        ConversionError: it is one.
    """
    if bundle.detector.chunk_ms is not None:
        raise ConversionError("An export slides its window, and this bundle's detector judges chunks; bundle it anew.")
    streams = bundle.model.metadata is not None and bundle.model.metadata.streaming is not None
    if bundle.features.kind == "micro" and not streams:
        raise ConversionError(
            "microWakeWord's front end goes on from frame to frame, and this bundle's network takes a whole window "
            "anew every time; convert the model with --streaming and bundle that."
        )


def settings_of(bundle: Bundle) -> dict[str, Any]:
    """Return what the code needs to know; times are in samples.

    A network that answers whole windows takes one every `hop`. One that keeps a state takes the new samples of a step
    with as many before them as its first frame reaches back; `end`s count as in `tfkws.detect`.
    """
    features, detector = bundle.features, bundle.detector
    rate, half = features.sample_rate_hz, features.window_samples // 2 if features.centred else 0
    streaming = bundle.model.metadata.streaming if bundle.model.metadata else None
    if streaming is None:
        hop = max(1, round(detector.hop_ms * rate / 1_000))
        steps = {"take": features.clip_samples, "hop": hop, "padding": half, "lead": 0}
        first_end = features.clip_samples
    else:
        hop = streaming.frames_per_step * features.hop_samples
        reach = hop - features.hop_samples + features.window_samples
        steps = {"take": reach, "hop": hop, "padding": 0, "lead": half}
        first_window = streaming.frames_per_step - streaming.delay_frames - features.frames
        first_end = features.clip_samples + first_window * features.hop_samples
    return {
        "labels": list(bundle.labels),
        "words": [[index, label] for index, label in enumerate(bundle.labels) if label not in NO_WORDS],
        "threshold": detector.threshold,
        "average": max(1, ceil(round(detector.window_ms * rate / 1_000) / hop)),
        "rest": round(detector.refractory_ms * rate / 1_000),
        "rate": rate,
        "clip": features.clip_samples,
        **steps,
        "first_end": first_end,
        "takes_audio": len(bundle.model.graph.input.shape) == 2,
        "window": features.window_samples,
        "frame_hop": features.hop_samples,
        "time_first": features.time_first,
    }
