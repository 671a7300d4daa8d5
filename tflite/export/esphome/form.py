"""The form "esphome": a model and a manifest as microWakeWord's, and what to paste into a device's configuration."""

from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from tfkws.config import NO_WORDS, ExportSettings, StreamConfig
from tfkws.cost.micro_structures import MicroArena
from tfkws.errors import ConversionError
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.export.esphome.arena import asked_bytes
from tfkws.tflite.export.esphome.device import INPUT_SCALE, INPUT_ZERO_POINT, MOST_FRAMES, check_operators
from tfkws.tflite.export.esphome.frames import frames_first
from tfkws.tflite.export.esphome.manifest import manifest, slug
from tfkws.tflite.export.esphome.probability import word_probability
from tfkws.tflite.export.exported import Exported, json_file
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.arena import arena_of, as_on_micro
from tfkws.units import format_bytes, speech

TEMPLATES = Path(__file__).parent.parent / "templates"


def esphome(bundle: Bundle, settings: ExportSettings) -> Exported:
    """Return a bundle as ESPHome's `micro_wake_word` takes it.

    Raises:
        ConversionError: front end, network or detector are not what a device runs; the message says what to change.
    """
    streaming, word = check_for_device(bundle)
    file = device_file(bundle, word)
    arena = arena_of(file)
    asked = asked_bytes(arena)
    _check_asked(asked, settings)
    label = bundle.labels[word]
    told = manifest(label, bundle.detector, bundle.features, streaming.frames_per_step, asked, settings)
    name = slug(label)
    files = {
        f"{name}.json": json_file(told),
        f"{name}.tflite": file.content,
        "device.yaml": _filled("esphome.yaml", name=name).encode(),
        "README.md": _readme(bundle, name, told, arena).encode(),
    }
    facts = {
        "model_bytes": len(file.content),
        "step_ms": streaming.frames_per_step * told["micro"]["feature_step_size"],
        "probability_cutoff": told["micro"]["probability_cutoff"],
        "sliding_window_size": told["micro"]["sliding_window_size"],
        "tensor_arena_size": asked,
        **({"arena_bytes": arena.arena_bytes} if arena.measured else {"arena": "estimated; needs tflite-micro"}),
    }
    return Exported(files, facts, f"python -m pymicro_wakeword --config {name}.json clip.wav")


def device_file(bundle: Bundle, word: int) -> TfliteFile:
    """Return the network with its states inside: int8 frames in, the probability of a word in uint8 out.

    Args:
        word: number of its class.

    Raises:
        ConversionError: an operator is missing on the device; the message names its layer.
    """
    return as_device_takes(bundle.model, bundle.features.time_first, word)


def as_device_takes(file: TfliteFile, time_first: bool, word: int) -> TfliteFile:
    """Return a streaming int8 file as `device_file` does that of a bundle.

    Args:
        time_first: whether its input puts frames before rows.
        word: number of its class.

    Raises:
        ConversionError: the device cannot run it; the message says what is in the way.
    """
    made = as_on_micro(word_probability(frames_first(file, time_first), word))
    check_operators(made.graph)
    return made


def check_for_device(bundle: Bundle) -> tuple[StreamConfig, int]:
    """Return how the network takes a stream, and the number of its word.

    Raises:
        ConversionError: the bundle cannot run on such a device; the message says what to change.
    """
    if bundle.features.kind != "micro":
        raise ConversionError(
            f"ESPHome computes microWakeWord's front end, and this bundle's is {bundle.features.name}; train with "
            "--features micro-40x98."
        )
    streaming = bundle.model.metadata.streaming if bundle.model.metadata else None
    if streaming is None:
        raise ConversionError(
            "ESPHome hands over a few frames at a time, and this bundle's network takes a whole window; convert the "
            "model with --quantize int8 --streaming and bundle that."
        )
    _check_input(bundle.model)
    if bundle.detector.chunk_ms is not None:
        raise ConversionError("ESPHome averages answers, and this bundle's detector judges chunks; bundle it anew.")
    words = [number for number, label in enumerate(bundle.labels) if label not in NO_WORDS]
    if len(words) != 1 or len(bundle.labels) != 2:
        raise ConversionError(
            f"ESPHome's micro_wake_word takes networks of one word against all else, and this one tells "
            f"{len(bundle.labels)} classes apart; train with --task wake-word and one word."
        )
    if streaming.frames_per_step > MOST_FRAMES:
        raise ConversionError(
            f"ESPHome counts the frames of a step to {MOST_FRAMES}, and this network takes "
            f"{streaming.frames_per_step}; convert it with a smaller --step-ms."
        )
    return streaming, words[0]


def _check_input(model: TfliteFile) -> None:
    taken = model.graph.input
    fits = taken.scales and np.isclose(taken.scales[0], INPUT_SCALE, rtol=1e-5)
    if taken.dtype != "int8" or not fits or taken.zero_points != (INPUT_ZERO_POINT,):
        raise ConversionError(
            "ESPHome hands over int8 in steps of 26/255 from 0 on, and this network takes other numbers; convert it "
            "anew with --quantize int8 --streaming."
        )


def _check_asked(asked: int, settings: ExportSettings) -> None:
    limit = settings.max_arena_kib
    if limit is not None and asked > limit * 1024:
        raise ConversionError(
            f"The manifest would ask for an arena of {format_bytes(asked)}, more than --max-arena-kib "
            f"{limit:g}; take a smaller network, such as mixednet_32."
        )


def _readme(bundle: Bundle, name: str, told: dict[str, Any], arena: MicroArena) -> str:
    return _filled(
        "esphome.md",
        name=name,
        word=told["wake_word"],
        cutoff=told["micro"]["probability_cutoff"],
        window=told["micro"]["sliding_window_size"],
        arena=f"{told['micro']['tensor_arena_size']:,} bytes ({arena.how}, a third more for ESP-NN's kernels)",
        speech=speech(bundle.synthetic_speech),
        digest=bundle.digest,
    )


def _filled(template: str, **values: Any) -> str:
    return Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(values)
