"""The form "python": a script on numpy and ai-edge-litert alone, with tables for its front end beside it.

The script, `templates/detect.py`, is the same for every bundle. It takes `take` samples, computes their feature map,
asks the network, and goes on by `hop` samples: for a network that answers whole windows these are window and hop of the
detector, for one that keeps a state the new samples of one step. What differs stands in `settings.json`.
"""

import io
from math import ceil
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from tfkws.config import NO_WORDS, ExportSettings, FeatureConfig
from tfkws.errors import ConversionError
from tfkws.features.mel import tables_of
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.export.exported import Exported, json_file
from tfkws.units import speech

TEMPLATES = Path(__file__).parent / "templates"
NEEDS = b"numpy>=1.26\nai-edge-litert>=2.1.6\n"


def python_folder(bundle: Bundle, settings: ExportSettings) -> Exported:
    """Return the folder of a bundle for Python.

    Raises:
        ConversionError: its detector judges chunks, or its front end has no tables.
    """
    check_for_script(bundle)
    golden = bundle.golden
    files = {
        "detect.py": (TEMPLATES / "detect.py").read_bytes(),
        "self_test.py": (TEMPLATES / "self_test.py").read_bytes(),
        "model.tflite": bundle.model.content,
        "settings.json": json_file(settings_of(bundle)),
        "front_end.npz": _arrays(**front_end_tables(bundle.features)),
        "golden.npz": _arrays(audio=golden.audio, outputs=golden.outputs),
        "requirements.txt": NEEDS,
        "README.md": _readme(bundle).encode(),
    }
    return Exported(files, {"model_bytes": len(bundle.model.content)}, "python self_test.py")


def check_for_script(bundle: Bundle) -> None:
    """Refuse a bundle that the script cannot answer as `tfkws.Detector` does.

    Raises:
        ConversionError: it is one.
    """
    if bundle.detector.chunk_ms is not None:
        raise ConversionError("The script slides its window, and this bundle's detector judges chunks; bundle it anew.")
    if bundle.features.kind not in ("mfcc", "log_mel"):
        raise ConversionError(
            f"The script computes mfcc and log_mel, and this bundle's front end is {bundle.features.kind}; run it with "
            "tfkws, or export it to what has this front end."
        )


def settings_of(bundle: Bundle) -> dict[str, Any]:
    """Return what the script reads from settings.json; times are in samples.

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
        "frame_hop": features.hop_samples,
        "fft_length": features.fft_length,
        "floor": tables_of(features).floor,
        "time_first": features.time_first,
    }


def front_end_tables(features: FeatureConfig) -> dict[str, np.ndarray]:
    """Return what the script multiplies with, all float32; log-mel's cosines are the identity."""
    tables = tables_of(features)
    cosines = np.eye(features.bands, dtype=np.float32) if tables.cosines is None else tables.cosines
    return {
        "window": tables.window,
        "filters": tables.filters,
        "cosines": cosines,
        "mean": tables.mean,
        "scale": tables.scale,
    }


def _arrays(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _readme(bundle: Bundle) -> str:
    words = [label for label in bundle.labels if label not in NO_WORDS]
    return Template((TEMPLATES / "python.md").read_text(encoding="utf-8")).substitute(
        words=", ".join(words),
        rate=bundle.features.sample_rate_hz,
        front_end=bundle.features.name,
        threshold=f"{bundle.detector.threshold:g}",
        speech=speech(bundle.synthetic_speech),
        digest=bundle.digest,
    )
