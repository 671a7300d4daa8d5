"""Conversions as tables, from `*.parity.json` and `*.recipe.json`, and what a .tflite file holds."""

from collections.abc import Callable, Mapping
from typing import Any

from tfkws.intervals import LEVEL
from tfkws.units import (
    format_bytes,
    format_count,
    format_percent,
    format_points,
    format_points_interval,
    format_shape,
    format_us,
    speech,
)
from tfkws.views.counts import sentences
from tfkws.views.table import Record, Table, facts_table, number, table_of, text
from tfkws.views.training import network_name

CONVERSION = (
    text("recipe", "recipe"),
    text("in the file", "scheme"),
    number("size", "size_bytes", format_bytes),
    text("split", "split"),
    number("clips", "clips"),
    number("Keras", "reference_accuracy", format_percent),
    number("TFLite", "candidate_accuracy", format_percent),
    number("difference (points)", "difference", format_points),
    number(f"{LEVEL} (points)", "difference_interval", format_points_interval),
    number("same answer", "agreement", format_percent),
    number("largest error", "max_output_error", lambda error: f"{error:.2g}"),
    text("gate", "passed", lambda passed: "passed" if passed else "REJECTED"),
)
REMEDIES = (
    text("recipe", "recipe"),
    number("TFLite", "accuracy", format_percent),
    number(f"{LEVEL} (points)", "difference_interval", format_points_interval),
    number("same answer", "agreement", format_percent),
    number("mean error", "mean_output_error", lambda error: f"{error:.2g}"),
    text("gate", "passed", lambda passed: "passed" if passed else "REJECTED"),
)
ON_GPU = (
    text("recipe", "recipe"),
    text("adapter", "adapter"),
    text("precision", "precision"),
    text("fell back to the CPU", "fell_back"),
    number("largest difference", "max_difference", lambda error: f"{error:.2g}"),
    number("tolerance", "tolerance", lambda error: f"{error:.2g}"),
    text("within", "within", lambda within: "within" if within else "NOT within"),
)
STREAM = (
    text("split", "split"),
    number("clips", "clips"),
    number("mean difference", "difference", lambda error: f"{error:.2g}"),
    text("window hears", "window"),
    text("stream hears", "stream"),
    number("rightly heard (points)", "points", format_points),
    number(f"{LEVEL} (points)", "interval", format_points_interval),
)


def conversion_table(parities: Mapping[str, Record], recipes: Mapping[str, Record]) -> Table:
    """Return one row a converted file and split; differences are in points of accuracy.

    Args:
        parities: content of `<stem>.parity.json` by stem; at least one.
        recipes: content of `<stem>.recipe.json` by stem; one may be missing.
    """
    rows = [
        {"recipe": stem, "passed": parity["passed"], **_contents(recipes, stem), "split": split, **report}
        for stem, parity in parities.items()
        for split, report in parity["splits"].items()
    ]
    first = next(iter(parities.values()))
    note = (
        f"Accuracy on {speech(first['synthetic_speech'])}. Differences are TFLite minus Keras, clip by clip, with an "
        f"interval over speakers; errors are of single outputs. The gate allows {first['gate_points']} points beyond "
        f"noise on the {first['judged_on']} split; types are read from the file.{_remedies(parities)}"
    )
    return table_of("Parity with the Keras model", CONVERSION, rows, note)


def _contents(recipes: Mapping[str, Record], stem: str) -> dict[str, Any]:
    contents = recipes.get(stem, {}).get("contents", {})
    return {"scheme": contents.get("scheme"), "size_bytes": contents.get("size_bytes")}


def _remedies(parities: Mapping[str, Record]) -> str:
    told = [f" {stem}: {' and '.join(p['remedies'])}." for stem, p in parities.items() if p.get("remedies")]
    return "".join(told)


def remedies_table(parity: Record) -> Table:
    """Return the conversions that `--repair` tried, the cheapest remedy first; differences are in points.

    Args:
        parity: content of `<stem>.parity.json`, with `attempts`.
    """
    return table_of("Remedies tried, on the validation split", REMEDIES, parity["attempts"])


def converted_tables(stem: str, parity: Record, recipe: Record) -> list[Table]:
    """Return everything about one conversion.

    The tables are the remedies where some were tried, parity, and what is in the file, sizes in bytes.
    """
    tried = [remedies_table(parity)] if parity["attempts"] else []
    streamed = [stream_table(parity["stream"])] if "stream" in parity else []
    on_gpu = [gpu_table({stem: parity})] if parity.get("gpu") else []
    on_micro = [micro_table(parity["micro"])] if "micro" in parity else []
    judged = [*tried, conversion_table({stem: parity}, {stem: recipe}), *streamed, *on_gpu, *on_micro]
    return [*judged, contents_table("What the file holds", recipe["contents"])]


def micro_table(told: Record) -> Table:
    """Return the part "micro" of a parity file: arena, and answers beside LiteRT's."""
    facts = {
        "arena": format_bytes(told["arena_bytes"]),
        "of it for maps": format_bytes(told["maps_bytes"]),
        "of it for structures": format_bytes(told["structures_bytes"]),
        f"answers to {told['examples']} clips, beside LiteRT's": told["answers_beside_litert"],
    }
    return facts_table("In TensorFlow Lite Micro", facts, "Measured with its reference kernels on 64 bits.")


def gpu_table(parities: Mapping[str, Record]) -> Table:
    """Return one row a converted file and precision: what a GPU answered beside the CPU, on the same clips.

    Args:
        parities: content of `<stem>.parity.json` by stem; one without `gpu` has no row.
    """
    answers = [{"recipe": stem, **answer} for stem, parity in parities.items() for answer in parity.get("gpu", ())]
    rows = [{**answer, "adapter": _adapter(answer), "fell_back": _fell_back(answer)} for answer in answers]
    faults = dict.fromkeys(answer["known_fault"] for answer in answers if answer["known_fault"])
    reasons = dict.fromkeys(answer["reason"] for answer in answers if answer["reason"])
    note = " ".join(["Largest difference of a probability from the CPU's.", *faults, *reasons])
    return table_of("On a GPU", ON_GPU, rows, note)


def _adapter(answer: Record) -> str:
    adapter = answer["adapter"]
    return "" if adapter is None else f"{adapter['name']}{' (software adapter)' if adapter['software'] else ''}"


def _fell_back(answer: Record) -> str:
    """What ran on the CPU instead; empty where nothing ran."""
    if answer["operators"] is None:
        return ""
    refused, count = ", ".join(answer["operators"]["refused"]), answer["operators"]["cpu"]
    if answer["fully_accelerated"]:
        return "nothing"
    return f"{count or 'some'} operators ({refused or 'the accelerator does not say which'})"


def stream_table(stream: Record) -> Table:
    """Return a streaming file beside the sliding window, a row a split.

    Times are in ms, differences in points of accuracy.

    Args:
        stream: the part "stream" of a parity file.
    """
    rows = [
        {"split": split, "clips": each["clips"], "difference": each["mean_difference"],
         "window": f"{each['words_heard'][0]} of {each['words']}, {each['others_heard'][0]} false",
         "stream": f"{each['words_heard'][1]} of {each['words']}, {each['others_heard'][1]} false",
         "points": each["difference"], "interval": each["difference_interval"]}
        for split, each in stream["splits"].items()
    ]  # fmt: skip
    same = "It gives the window's own answers." if stream["equals_window"] else (
        f"The window's network sees zeros beyond its ends at {len(stream['padded_layers'])} layers, where this one has "
        "real neighbours."
    )  # fmt: skip
    note = (
        f"One answer every {stream['step_ms']:g} ms, that of the window which ended {stream['delay_ms']:g} ms ago. "
        f"{same} Clips lie one after the other in a recording; words heard at thresholds found on validation."
    )
    return table_of("Against the sliding window, on whole recordings", STREAM, rows, note)


def timing_sentence(recipe: str, hint: Record) -> str:
    """Say whether a converted file is faster than float32 on this CPU.

    Example:
        >>> timing_sentence("int8", {"file_us": 450.0, "float_us": 600.0, "ratio": 0.75, "pays": True})
        'Latency, a first look: 450 µs against 600 µs in float32, 0.75 times as long; `tfkws benchmark` measures.'
    """
    verdict = "" if hint["pays"] else f" {recipe} does not pay on this CPU; `tfkws profile` shows where the time goes."
    return (
        f"Latency, a first look: {format_us(hint['file_us'])} against {format_us(hint['float_us'])} in float32, "
        f"{hint['ratio']:.2f} times as long; `tfkws benchmark` measures.{verdict}"
    )


def contents_table(title: str, contents: Record) -> Table:
    """Return what was read from a .tflite file: sizes in bytes, MACs, number types and operators.

    Args:
        contents: `FileContents` as a dict.
    """
    macs = contents["macs"]
    facts = {
        "scheme": contents["scheme"],
        "size": f"{format_bytes(contents['size_bytes'])}, metadata {format_bytes(contents['metadata_bytes'])} of it",
        "weights": _by_name(contents["weight_bytes"], format_bytes),
        "arena for activations": format_bytes(contents["arena_bytes"]),
        "MACs": "not countable" if macs is None else format_count(macs),
        "input": f"{contents['input_dtype']} {format_shape(contents['input_shape'])}",
        "output": contents["output_dtype"],
        "values between operators": _by_name(contents["activation_dtypes"], str),
        "operators": _by_name(contents["operators"], str),
    }
    return facts_table(title, facts, sentences(contents.get("notes", ())))


def metadata_table(metadata: Record | None, conversion: str = "") -> Table:
    """Return what a .tflite file says about itself: rates in Hz, times in ms, threshold 0..1.

    Args:
        metadata: of tfkws, as a dict; None where there is none.
        conversion: name of the recipe with its remedies.
    """
    if metadata is None:
        return facts_table("What it says about itself", {"metadata": "none of tfkws"})
    features = metadata["features"]
    detector = metadata["detector"]
    task = metadata["task"]
    normalised = "normalised by row" if features["row_mean"] else "not normalised"
    facts = {
        "labels": ", ".join(metadata["labels"]),
        "network": network_name(metadata["model"]),
        "input": metadata["input"],
        "front end": f"{features['name']}, {features['sample_rate_hz']} Hz, {normalised}",
        "trained for": f"{task['protocol']}: {', '.join(task['words'])}",
        "threshold": f"{detector['threshold']:.4g}, averaged over {detector['window_ms']:g} ms",
        "conversion": conversion,
        "speech": speech(metadata["synthetic_speech"]),
        "written by": metadata["tool"],
    }
    return facts_table("What it says about itself", facts)


def _by_name(values: Mapping[str, Any], show: Callable[[Any], str]) -> str:
    return ", ".join(f"{name} {show(value)}" for name, value in values.items()) or "none"
