"""The form "python": a script on numpy and ai-edge-litert alone, with tables for its front end beside it.

The scripts in `templates/python/` are the same for every bundle. They take `take` samples, compute their feature map,
ask the network, and go on by `hop` samples: for a network that answers whole windows these are window and hop of the
detector, for one that keeps a state the new samples of one step. What differs stands in `settings.json`.
"""

import io

import numpy as np

from tfkws.config import NO_WORDS, ExportSettings, FeatureConfig
from tfkws.features.mel import tables_of
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.export.exported import Exported, filled, json_file, template
from tfkws.tflite.export.script_settings import check_for_script, settings_of
from tfkws.units import speech

SCRIPTS = ("detect.py", "network.py", "self_test.py")
NEEDS = b"numpy>=1.26\nai-edge-litert>=2.1.6\n"


def python_folder(bundle: Bundle, settings: ExportSettings) -> Exported:
    """Return the folder of a bundle for Python.

    Raises:
        ConversionError: its detector judges chunks, or its front end has no tables.
    """
    check_for_script(bundle)
    golden = bundle.golden
    files = {
        **{name: template(f"python/{name}") for name in SCRIPTS},
        "model.tflite": bundle.model.content,
        "settings.json": json_file(settings_of(bundle) | {"limits": _limits(bundle)}),
        "front_end.npz": _arrays(**front_end_tables(bundle.features)),
        "golden.npz": _arrays(audio=golden.audio, outputs=golden.outputs),
        "requirements.txt": NEEDS,
        "README.md": _readme(bundle),
    }
    return Exported(files, {"model_bytes": len(bundle.model.content)}, "python self_test.py")


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


def _limits(bundle: Bundle) -> list[int]:
    """The least and the largest number that the network's input stores; of floats none."""
    dtype = np.dtype(bundle.model.graph.input.dtype)
    return [int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)] if dtype.kind in "iu" else []


def _arrays(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _readme(bundle: Bundle) -> bytes:
    return filled(
        "python/README.md",
        words=", ".join(label for label in bundle.labels if label not in NO_WORDS),
        rate=bundle.features.sample_rate_hz,
        front_end=bundle.features.name,
        threshold=f"{bundle.detector.threshold:g}",
        speech=speech(bundle.synthetic_speech),
        digest=bundle.digest,
    )
