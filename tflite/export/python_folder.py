"""The form "python": a script on numpy and ai-edge-litert alone, with tables for its front end beside it.

The scripts in `templates/python/` are the same for every bundle. They take `take` samples, compute their feature map,
ask the network, and go on by `hop` samples: for a network that answers whole windows these are window and hop of the
detector, for one that keeps a state the new samples of one step. What differs stands in `settings.json`.
"""

import io
from typing import Any

import numpy as np

from tfkws.config import NO_WORDS, ExportSettings, FeatureConfig
from tfkws.features.mel import tables_of
from tfkws.features.numpy_front_end import StreamingFrontEnd
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.export.exported import Exported, filled, json_file, template
from tfkws.tflite.export.micro_script import micro_front_end
from tfkws.tflite.export.script_settings import check_for_script, settings_of
from tfkws.tflite.runtime.streaming import open_streaming
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
        **_front_end(bundle.features),
        "golden.npz": _arrays(audio=golden.audio, outputs=_outputs(bundle)),
        "requirements.txt": NEEDS,
        "README.md": _readme(bundle),
    }
    return Exported(files, {"model_bytes": len(bundle.model.content)}, "python self_test.py")


def _front_end(features: FeatureConfig) -> dict[str, bytes]:
    """The module that computes a bundle's front end, and its tables."""
    if features.kind == "micro":
        return {"front_end.py": micro_front_end()}
    return {"front_end.py": template("python/front_end.py"), "front_end.npz": _arrays(**front_end_tables(features))}


def _outputs(bundle: Bundle) -> np.ndarray:
    """The answer to the end of each golden signal, float32 (signals, classes).

    microWakeWord's front end begins a clip amid its median and a stream with no noise known, as the script does.
    """
    if bundle.features.kind != "micro":
        return bundle.golden.outputs
    stream = open_streaming(bundle.model)
    answers = []
    for audio in bundle.golden.audio:
        stream.reset()
        answers.append(stream.feed(StreamingFrontEnd(bundle.features).feed(audio))[-1])
    return np.stack(answers)


def front_end_tables(features: FeatureConfig) -> dict[str, Any]:
    """Return what the front end goes by, float32 but for its transform's length; log-mel's cosines are the identity."""
    tables = tables_of(features)
    cosines = np.eye(features.bands, dtype=np.float32) if tables.cosines is None else tables.cosines
    return {
        "window": tables.window,
        "filters": tables.filters,
        "cosines": cosines,
        "mean": tables.mean,
        "scale": tables.scale,
        "fft_length": np.int64(features.fft_length),
        "floor": np.float32(tables.floor),
    }


def _limits(bundle: Bundle) -> list[int]:
    """The least and the largest number that the network's input stores; of floats none."""
    dtype = np.dtype(bundle.model.graph.input.dtype)
    return [int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)] if dtype.kind in "iu" else []


def _arrays(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _readme(bundle: Bundle) -> bytes:
    return filled(
        "python/README.md",
        words=", ".join(label for label in bundle.labels if label not in NO_WORDS),
        rate=bundle.features.sample_rate_hz,
        front_end=f"the front end {bundle.features.name}"
        + ("" if bundle.features.kind == "micro" else "; its tables: `front_end.npz`"),
        threshold=f"{bundle.detector.threshold:g}",
        speech=speech(bundle.synthetic_speech),
        digest=bundle.digest,
    )
