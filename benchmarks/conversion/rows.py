"""Measurements for the conversion table: one model folder in every recipe, and int8 with every remedy."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import BenchmarkSettings
from tfkws.data.clip_set import ClipSet
from tfkws.errors import ConversionError
from tfkws.tflite.benchmark.latency import BenchmarkResult, benchmark_all
from tfkws.tflite.convert.calibration import draw_files
from tfkws.tflite.convert.workbench import ReferenceSplit, Workbench
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.layer_errors import LayerError, layer_errors
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.model import open_model
from tfkws.tflite.runtime.native_output import capture_native_output
from tfkws.training.metrics import score

SPLIT = "testing"
SLOWEST_PASS_S = 60.0
TIMED = BenchmarkSettings(processes=5, runs=200, seconds=4.0)
PLAIN = replace(RECIPES["int8"], ranges="minmax", correct_bias=False)
WAYS = {
    "smallest and largest value": PLAIN,
    "all but 0.01 % on either side": replace(PLAIN, ranges="percentile"),
    "least squared error": replace(PLAIN, ranges="mse"),
    "least squared error, biases corrected: the default": RECIPES["int8"],
    "the default, channels equalised": replace(RECIPES["int8"], equalise=True),
    "all but 0.01 %, biases corrected, channels equalised": replace(
        PLAIN, ranges="percentile", correct_bias=True, equalise=True
    ),
}


def measure(bench: Workbench, say: Callable[[str], None]) -> dict[str, Any]:
    """Return everything that the tables show of one model, JSON-ready."""
    made: dict[str, tuple[TfliteFile, tuple[LayerError, ...]]] = {}
    refused: dict[str, str] = {}
    for name, recipe in RECIPES.items():
        try:
            made[name] = bench.convert(recipe)
        except ConversionError as error:
            refused[name] = str(error)
    rows = {name: _row(bench, file, errors, say, name) for name, (file, errors) in made.items()}
    say("timing")
    for name, times in latencies({name: file.content for name, (file, _) in made.items()}).items():
        rows[name]["latency"] = times
    remedies = [_remedy(bench, name, file, errors, say) for name, file, errors in _int8_files(bench)]
    return {"recipes": rows, "refused": refused, "remedies": remedies}


def _row(
    bench: Workbench, file: TfliteFile, errors: tuple[LayerError, ...], say: Callable[[str], None], name: str
) -> dict[str, Any]:
    judged, note = affordable(bench.split(SPLIT), file)
    say(f"{name}: {len(judged.clips)} clips {note}")
    answers = judged.answers(file)
    clips = judged.clips
    scores = score(clips.labels, answers.argmax(axis=1), np.asarray(clips.speakers), bench.folder.config.labels)
    worst = min(errors, key=lambda error: error.snr_db, default=None)
    return {
        "contents": file.contents.to_dict(),
        "accuracy": scores.accuracy,
        "accuracy_interval": scores.accuracy_interval,
        "parity": judged.compare(answers).to_dict(),
        "clips_note": note,
        "worst_layer": worst.to_dict() if worst else None,
        "layers": [error.to_dict() for error in errors],
    }


def affordable(split: ReferenceSplit, file: TfliteFile) -> tuple[ReferenceSplit, str]:
    """Return the split, or so many clips, drawn by the hash of their names, as take 60 seconds, and a note."""
    seconds = _seconds_each(file, split.maps[:5])
    count = int(SLOWEST_PASS_S / seconds)
    if count >= len(split.clips):
        return split, ""
    chosen = np.array(draw_files(split.clips.files, count, seed=0))
    clips = split.clips
    files = tuple(clips.files[i] for i in chosen)
    speakers = tuple(clips.speakers[i] for i in chosen)
    part = ClipSet(np.asarray(clips.audio[chosen]), clips.labels[chosen], files, speakers)
    note = f"{count} of {len(clips)} clips, drawn by seed 0: all would take {seconds * len(clips) / 60:.0f} minutes"
    return ReferenceSplit(part, split.maps[chosen], split.reference[chosen]), note


def _seconds_each(file: TfliteFile, examples: np.ndarray) -> float:
    model = open_model(file, load_check=False)
    model.predict(examples[:1])
    started = time.perf_counter()
    model.predict(examples)
    return (time.perf_counter() - started) / len(examples)


def latencies(files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """Time files in turns; each is held against the float32 file of the same round."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{name}.tflite" for name in files]
        for path, content in zip(paths, files.values(), strict=True):
            path.write_bytes(content)
        results = dict(zip(files, benchmark_all(paths, TIMED), strict=True))
    return {name: _latency(result, results["none"]) for name, result in results.items()}


def _latency(result: BenchmarkResult, reference: BenchmarkResult) -> dict[str, Any]:
    pairs = zip(result.latency.process_medians_us, reference.latency.process_medians_us, strict=True)
    ratios = sorted(ours / floats for ours, floats in pairs)
    return {
        "median_us": result.latency.median_us,
        "median_interval_us": result.latency.median_interval_us,
        "p95_us": result.latency.p95_us,
        "ratio": float(np.median(ratios)),
        "ratio_range": (ratios[0], ratios[-1]),
        "rounds": len(ratios),
        "machine": {"cpu": result.before.cpu, "cores": result.before.cores, "governor": result.before.governor},
        "runtime": f"ai-edge-litert {result.runtime_version}",
        "warnings": list(result.warnings),
    }


def _int8_files(bench: Workbench) -> Iterator[tuple[str, TfliteFile, tuple[LayerError, ...]]]:
    """Yield TensorFlow's own int8 file, then ours, plain and with every remedy."""
    file = tensorflow_int8(bench)
    yield "TensorFlow's converter", file, layer_errors(bench.float_file, file, bench.examples.features)
    for name, recipe in WAYS.items():
        yield name, *bench.convert(recipe)


def _remedy(
    bench: Workbench, name: str, file: TfliteFile, errors: tuple[LayerError, ...], say: Callable[[str], None]
) -> dict[str, Any]:
    say(f"int8, {name}")
    splits = {}
    for split in ("validation", SPLIT):
        judged = bench.split(split)
        splits[split] = judged.compare(judged.answers(file)).to_dict()
    return {"name": name, "splits": splits, "logits_snr_db": _logits_snr_db(errors)}


def _logits_snr_db(errors: tuple[LayerError, ...]) -> float:
    """Return signal to noise, dB, before the softmax, which hides errors or enlarges them."""
    weighted = [error for error in errors if error.opcode in ("FULLY_CONNECTED", "CONV_2D")]
    return weighted[-1].snr_db


def tensorflow_int8(bench: Workbench) -> TfliteFile:
    """Convert the same model by TensorFlow's converter, which measures ranges on the same clips itself."""
    import tensorflow as tf

    shape = (1, *bench.model.inputs[0].shape[1:])
    function = tf.function(lambda features: bench.model(features, training=False))
    concrete = function.get_concrete_function(tf.TensorSpec(shape, tf.float32, name="features"))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    converter.representative_dataset = lambda: ([example[None]] for example in bench.draw.features)
    with capture_native_output():
        return TfliteFile(converter.convert())
