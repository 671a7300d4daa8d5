"""The form "c": arrays, settings and a front end in C99 for TensorFlow Lite Micro, with what its own interpreter said.

The arena is measured, and the golden outputs are TensorFlow Lite Micro's; how far LiteRT's answers are from them is
told.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tfkws.config import NO_WORDS, ExportSettings
from tfkws.errors import ConversionError
from tfkws.features.numpy_front_end import extract, to_float
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.export.c_sources import golden_sources, model_sources, operators_header
from tfkws.tflite.export.exported import Exported, filled, template
from tfkws.tflite.export.script_settings import check_for_script, settings_of
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.agreement import MicroAgreement, compare_with_micro
from tfkws.tflite.micro.arena import as_on_micro, check_arena
from tfkws.tflite.micro.interpreter import MicroRun
from tfkws.tflite.micro.operators import operators_of, resolver_call
from tfkws.tflite.runtime.model import TfliteModel, open_model
from tfkws.units import format_bytes, speech

SHOWN = 1  # which golden signal is written out as audio: the sweep, which reaches every band


@dataclass(frozen=True)
class GoldenRun:
    """What the device must compute again.

    Attributes:
        audio: int16 (samples,), of one answer.
        features: float32, the map of that audio in the order that the network takes.
        stored: the same as the network stores it.
        inputs: as stored, one run after the other: (runs, values).
        outputs: TensorFlow Lite Micro's, as stored: (runs, classes).
    """

    audio: np.ndarray
    features: np.ndarray
    stored: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray


def c_folder(bundle: Bundle, settings: ExportSettings) -> Exported:
    """Return the folder of a bundle for C.

    Raises:
        ConversionError: TensorFlow Lite Micro cannot run the network, its arena is larger than allowed, or the front
            end has no C code.
        RuntimeUnavailableError: the package tflite-micro is not installed.
    """
    check_for_script(bundle)
    if bundle.features.kind == "micro":
        raise ConversionError("microWakeWord's front end has no C code here; export with --to esphome.")
    file, steps = as_on_micro(bundle.model), settings_of(bundle)
    model = open_model(bundle.model)
    compared = compare_with_micro(bundle.model, _inputs(bundle, model), model)
    run = compared.run
    check_arena(run.arena, settings.max_arena_kib)
    golden = _golden(bundle, model, steps, compared.inputs, run)
    facts = _facts(file, compared)
    files = {
        **model_sources(bundle, file, model, run, steps),
        **golden_sources(golden, model),
        "operators.h": operators_header(file.graph),
        **{name: template(f"c/{name}") for name in ("front_end.h", "front_end.c", "self_test.c", "main.cc")},
        "README.md": _readme(bundle, file, run, facts),
    }
    return Exported(files, facts, COMPILE)


COMPILE = "cc -std=c99 self_test.c model.c golden.c front_end.c -lm -o self_test && ./self_test"


def _inputs(bundle: Bundle, model: TfliteModel) -> np.ndarray:
    """What the network is given, run after run: every golden signal, or of one that keeps a state a signal's steps."""
    golden, features = bundle.golden, bundle.features
    if model.takes_audio:
        return to_float(golden.audio)
    if not model.states:
        return golden.features
    axis = 0 if features.time_first else 1
    size, whole = model.input_shape[axis], golden.features[SHOWN]
    return np.stack([np.take(whole, range(at, at + size), axis) for at in range(0, features.frames - size + 1, size)])


def _golden(bundle: Bundle, model: TfliteModel, steps: dict[str, Any], inputs: np.ndarray, run: MicroRun) -> GoldenRun:
    audio = bundle.golden.audio[SHOWN][: steps["take"]]
    features = to_float(audio)
    if not model.takes_audio:
        features = extract(audio, replace(bundle.features, centred=steps["padding"] > 0))
    runs = len(inputs)
    return GoldenRun(
        audio,
        features,
        model.input_quantization.store(features),
        inputs.reshape(runs, -1),
        run.outputs.reshape(runs, -1),
    )


def _facts(file: TfliteFile, compared: MicroAgreement) -> dict[str, Any]:
    told = compared.to_dict()
    sizes = {name: told[name] for name in ("arena_bytes", "maps_bytes", "structures_bytes")}
    rest = {"model_bytes": len(file.content), "operators": list(operators_of(file.graph))}
    return sizes | rest | {"answers_beside_litert": compared.sentence}


def _readme(bundle: Bundle, file: TfliteFile, run: MicroRun, facts: dict[str, Any]) -> bytes:
    features, detector = bundle.features, bundle.detector
    return filled(
        "c/README.md",
        words=", ".join(label for label in bundle.labels if label not in NO_WORDS),
        rate=features.sample_rate_hz,
        compile=COMPILE,
        model=format_bytes(len(file.content)),
        arena=f"{run.arena_bytes:,}",
        maps=f"{run.maps_bytes:,}",
        structures=f"{run.structures_bytes:,}",
        answers=facts["answers_beside_litert"],
        calls=", ".join(resolver_call(name) for name in facts["operators"]),
        front_end=features.name,
        fft=features.fft_length,
        threshold=f"{detector.threshold:g}",
        window_ms=f"{detector.window_ms:g}",
        hop_ms=f"{detector.hop_ms:g}",
        refractory_ms=f"{detector.refractory_ms:g}",
        speech=speech(bundle.synthetic_speech),
        digest=bundle.digest,
    )
