"""The form "c": arrays, settings and a front end in C99 for TensorFlow Lite Micro, with what its own interpreter said.

The arena is measured, and the golden outputs are TensorFlow Lite Micro's; how far LiteRT's answers are from them is
told.
"""

from typing import Any

from tfkws.config import NO_WORDS, ExportSettings
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.export.c_golden import golden_inputs, golden_run
from tfkws.tflite.export.c_sources import golden_sources, model_sources, operators_header
from tfkws.tflite.export.exported import Exported, filled, template
from tfkws.tflite.export.script_settings import check_for_script, settings_of
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.agreement import MicroAgreement, compare_with_micro
from tfkws.tflite.micro.arena import as_on_micro, check_arena
from tfkws.tflite.micro.interpreter import MicroRun
from tfkws.tflite.micro.operators import operators_of, resolver_call
from tfkws.tflite.runtime.model import open_model
from tfkws.units import format_bytes, speech


def c_folder(bundle: Bundle, settings: ExportSettings) -> Exported:
    """Return the folder of a bundle for C.

    Raises:
        ConversionError: TensorFlow Lite Micro cannot run the network, or its arena is larger than allowed.
        RuntimeUnavailableError: the package tflite-micro is not installed.
    """
    check_for_script(bundle)
    file, steps = as_on_micro(bundle.model), settings_of(bundle)
    model = open_model(bundle.model)
    compared = compare_with_micro(bundle.model, golden_inputs(bundle, model), model)
    run = compared.run
    check_arena(run.arena, settings.max_arena_kib)
    golden = golden_run(bundle, model, steps, compared.inputs, run)
    facts = _facts(file, compared)
    files = {
        **model_sources(bundle, file, model, run, steps),
        **golden_sources(golden, model),
        "operators.h": operators_header(file.graph),
        "front_end.c": template("c/micro_front_end.c" if bundle.features.kind == "micro" else "c/front_end.c"),
        **{name: template(f"c/{name}") for name in ("front_end.h", "storing.c", "self_test.c", "main.cc")},
        "README.md": _readme(bundle, file, run, facts),
    }
    return Exported(files, facts, COMPILE)


_ITS_TRANSFORM = (
    "its Fourier transform has {} points and keeps four floats a point, so put the device's own (CMSIS-DSP, ESP-DSP) "
    "into `transform` where time or memory is short. Frames that windows share need be computed once only: `kws_frame` "
    "computes one"
)
_ITS_NOISE = (
    "in whole numbers. It keeps the noise of its bands: give it all audio in order, and call `kws_forget` after a pause"
)
COMPILE = "cc -std=c99 self_test.c model.c golden.c front_end.c storing.c -lm -o self_test && ./self_test"


def _facts(file: TfliteFile, compared: MicroAgreement) -> dict[str, Any]:
    told = compared.to_dict()
    sizes = {name: told[name] for name in ("arena_bytes", "maps_bytes", "structures_bytes")}
    rest = {"model_bytes": len(file.content), "operators": list(operators_of(file.graph))}
    return sizes | rest | {"answers_beside_litert": compared.sentence}


def _readme(bundle: Bundle, file: TfliteFile, run: MicroRun, facts: dict[str, Any]) -> bytes:
    features, detector, points = bundle.features, bundle.detector, bundle.features.fft_length
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
        front_end=f"{features.name}; {_ITS_NOISE if features.kind == 'micro' else _ITS_TRANSFORM.format(points)}",
        threshold=f"{detector.threshold:g}",
        window_ms=f"{detector.window_ms:g}",
        hop_ms=f"{detector.hop_ms:g}",
        refractory_ms=f"{detector.refractory_ms:g}",
        speech=speech(bundle.synthetic_speech),
        digest=bundle.digest,
    )
