"""The generated files of a folder for C: model and settings, golden vectors, and the calls that a resolver needs."""

import zlib
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.config import NO_WORDS, FeatureConfig
from tfkws.features.mel import tables_of
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.bundle.golden_vectors import FEATURE_TOLERANCE
from tfkws.tflite.export.c_micro import band_tables, micro_tables, micro_values
from tfkws.tflite.export.c_text import array, c_type, declaration, defines, quoted
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.interpreter import MicroRun
from tfkws.tflite.micro.operators import operators_of, resolver_call
from tfkws.tflite.runtime.bare import Quantization
from tfkws.tflite.runtime.model import TfliteModel

if TYPE_CHECKING:
    from tfkws.tflite.export.c_golden import GoldenRun

_ALIGNED = """#if defined(__cplusplus)
#define KWS_ALIGNED alignas(16)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define KWS_ALIGNED _Alignas(16)
#elif defined(__GNUC__)
#define KWS_ALIGNED __attribute__((aligned(16)))
#elif defined(_MSC_VER)
#define KWS_ALIGNED __declspec(align(16))
#else
#error "put kws_model at a multiple of 16 bytes"
#endif

"""


def model_sources(
    bundle: Bundle, file: TfliteFile, model: TfliteModel, run: MicroRun, steps: dict[str, Any]
) -> dict[str, bytes]:
    """Return model.h and model.c.

    Args:
        steps: what `settings_of` tells of the bundle.
    """
    content = np.frombuffer(file.content, np.uint8)
    tables = {} if steps["takes_audio"] else _front_end_tables(bundle.features)
    labels = ", ".join(map(quoted, bundle.labels))
    header = [
        defines(_model_values(file, model, run, bundle)),
        f"typedef {c_type(model.input_quantization.dtype.name)} kws_input_t;\n",
        f"typedef {c_type(model.output_quantization.dtype.name)} kws_output_t;\n\n",
        defines(_front_end_values(bundle.features, model, steps)),
        defines(_detector_values(steps)),
        "\n",
        declaration("kws_model", content),
        f"extern const char *const kws_labels[{len(bundle.labels)}];\n",
        f"extern const uint8_t kws_is_word[{len(bundle.labels)}]; /* 0: a class that is never detected */\n",
        *(declaration(name, values) for name, values in tables.items()),
    ]
    words = np.array([label not in NO_WORDS for label in bundle.labels], np.uint8)
    source = [
        '#include "model.h"\n\n',
        _ALIGNED,
        array("kws_model", content, "KWS_ALIGNED "),
        f"const char *const kws_labels[{len(bundle.labels)}] = {{{labels}}};\n",
        array("kws_is_word", words),
        *(array(name, values) for name, values in tables.items()),
    ]
    about = f"A bundle of tfkws, digest {bundle.digest}."
    return {"model.h": _header("MODEL", about, header), "model.c": "".join(source).encode()}


def golden_sources(golden: "GoldenRun", model: TfliteModel) -> dict[str, bytes]:
    """Return golden.h and golden.c."""
    arrays = {
        "kws_golden_audio": golden.audio,
        "kws_golden_features": golden.features,
        "kws_golden_stored": golden.stored,
        "kws_golden_inputs": golden.inputs,
        "kws_golden_outputs": golden.outputs,
    }
    values = {
        "KWS_GOLDEN_RUNS": len(golden.inputs),
        "KWS_GOLDEN_STEPS": len(golden.features),
        "KWS_FEATURE_TOLERANCE": FEATURE_TOLERANCE,
    }
    header = [defines(values), "\n", *(declaration(name, each) for name, each in arrays.items())]
    source = ['#include "golden.h"\n\n', *(array(name, each) for name, each in arrays.items())]
    about = "Golden vectors: audio of the first answers with its features; inputs, run after run, with their outputs."
    return {"golden.h": _header("GOLDEN", about, header), "golden.c": "".join(source).encode()}


def operators_header(graph: TfliteGraph) -> bytes:
    """Return operators.h: the operators that a file needs, each with the call that adds it."""
    names = operators_of(graph)
    calls = "".join(f"  if (resolver.{resolver_call(name)}() != kTfLiteOk) return kTfLiteError;\n" for name in names)
    return (
        "// The operators of the network, and no others.\n"
        "#ifndef KWS_OPERATORS_H\n#define KWS_OPERATORS_H\n\n"
        '#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"\n\n'
        f"#define KWS_OPERATOR_COUNT {len(names)}\n\n"
        "inline TfLiteStatus KwsAddOperators(tflite::MicroMutableOpResolver<KWS_OPERATOR_COUNT>& resolver) {\n"
        f"{calls}  return kTfLiteOk;\n}}\n\n#endif\n"
    ).encode()


def _header(name: str, about: str, parts: list[str]) -> bytes:
    return (
        f"/* {about} */\n#ifndef KWS_{name}_H\n#define KWS_{name}_H\n\n#include <stdint.h>\n\n"
        + ('#include "model.h"\n\n' if name != "MODEL" else "")
        + '#ifdef __cplusplus\nextern "C" {\n#endif\n\n'
        + "".join(parts)
        + "\n#ifdef __cplusplus\n}\n#endif\n#endif\n"
    ).encode()


def _model_values(file: TfliteFile, model: TfliteModel, run: MicroRun, bundle: Bundle) -> dict[str, Any]:
    return {
        "KWS_MODEL_BYTES": len(file.content),
        "KWS_MODEL_CRC32": f"0x{zlib.crc32(file.content):08x}u",
        "KWS_ARENA_BYTES": f"{run.arena_bytes} /* measured with the reference kernels on 64 bits */",
        "KWS_VARIABLES": f"{model.states} /* in which the network keeps what it heard */",
        "KWS_CLASSES": len(bundle.labels),
        "KWS_INPUT_SIZE": prod(model.input_shape),
        "KWS_INPUT_SHAPE": f"{{{', '.join(map(str, (1, *model.input_shape)))}}}",
        **_quantization_values("INPUT", model.input_quantization),
        **_quantization_values("OUTPUT", model.output_quantization),
    }


def _quantization_values(side: str, stored: Quantization) -> dict[str, Any]:
    if stored.scale == 0:
        return {f"KWS_{side}_IS_FLOAT": 1}
    limits = np.iinfo(stored.dtype)
    return {
        f"KWS_{side}_IS_FLOAT": 0,
        f"KWS_{side}_SCALE": float(stored.scale),
        f"KWS_{side}_ZERO_POINT": stored.zero_point,
        f"KWS_{side}_MIN": limits.min,
        f"KWS_{side}_MAX": limits.max,
    }


def _front_end_values(features: FeatureConfig, model: TfliteModel, steps: dict[str, Any]) -> dict[str, Any]:
    values = {
        "KWS_SAMPLE_RATE_HZ": features.sample_rate_hz,
        "KWS_TAKE_SAMPLES": f"{steps['take']} /* of one answer */",
        "KWS_HOP_SAMPLES": f"{steps['hop']} /* from one answer to the next */",
        "KWS_TAKES_AUDIO": int(steps["takes_audio"]),
        "KWS_IS_MICRO": int(features.kind == "micro"),
    }
    if steps["takes_audio"]:
        return values
    values |= {
        "KWS_WINDOW_SAMPLES": features.window_samples,
        "KWS_FRAME_HOP_SAMPLES": features.hop_samples,
        "KWS_FFT_LENGTH": features.fft_length,
        "KWS_BANDS": features.bands,
        "KWS_ROWS": features.rows,
        "KWS_INPUT_FRAMES": prod(model.input_shape) // features.rows,
        "KWS_TIME_FIRST": int(features.time_first),
    }
    if features.kind == "micro":
        return values | micro_values()
    return values | {
        "KWS_IS_MFCC": int(features.kind == "mfcc"),
        "KWS_PADDING_SAMPLES": f"{steps['padding']} /* zeros before the first sample and behind the last */",
        "KWS_FLOOR": float(tables_of(features).floor),
    }


def _detector_values(steps: dict[str, Any]) -> dict[str, Any]:
    return {
        "KWS_THRESHOLD": float(steps["threshold"]),
        "KWS_AVERAGE": f"{steps['average']} /* answers */",
        "KWS_REST_SAMPLES": f"{steps['rest']} /* until a word is detected again */",
    }


def _front_end_tables(features: FeatureConfig) -> dict[str, np.ndarray]:
    """Return the tables of the front end."""
    if features.kind == "micro":
        return micro_tables()
    tables = tables_of(features)
    arrays = {
        "kws_window": tables.window,
        **band_tables(tables.filters.T),
        "kws_row_mean": tables.mean,
        "kws_row_scale": tables.scale,
    }
    return arrays if tables.cosines is None else arrays | {"kws_cosines": tables.cosines}
