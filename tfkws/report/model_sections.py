"""What one trained model came to: scores, learning curve, conversion, latency, operators, layers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from tfkws.graphs.number_schemes import arithmetic_of
from tfkws.profiling.explain.roofline import limits_of, reached_rates
from tfkws.profiling.explain.steps import read_steps
from tfkws.report.collect import ModelResults
from tfkws.report.commands import (
    benchmark_commands,
    conversion_commands,
    count_commands,
    evaluation_commands,
    layers_command,
    long_audio_command,
    operators_command,
    program_commands,
    training_command,
)
from tfkws.report.left_out import sound_cards, sound_sections
from tfkws.report.page import Card, Drawing, Section
from tfkws.report.plots import (
    bars_figure,
    confusion_figure,
    curve_figure,
    det_figure,
    history_figure,
    layer_error_figure,
    samples_figure,
)
from tfkws.report.profile_plots import roofline_figure
from tfkws.units import format_bytes, format_count, format_interval, format_percent, format_us, format_us_interval
from tfkws.views import layer_trace
from tfkws.views.conversion import conversion_table, gpu_table
from tfkws.views.counts import instructions_table, operator_instructions_table
from tfkws.views.gpu_operators import adapter_of, gpu_sentences, gpu_tables
from tfkws.views.hearing.long_audio import scenes_tables, sources_table, wanted_sentence
from tfkws.views.latency import binary_table, latency_samples, latency_table, latency_warnings, run_labels
from tfkws.views.layers import category_table
from tfkws.views.operators import class_table, operator_table
from tfkws.views.scores import per_class_table, quoted_evaluation, scores_table, thresholds_table
from tfkws.views.table import Record, Table
from tfkws.views.training import network_name, settings_table


def headline(model: ModelResults) -> tuple[Card, ...]:
    """Return the figures of merit at the head of the page, those that are known.

    They are scores in percent, parameters and MACs, size in bytes and latency in µs or ms.
    """
    parts = (_score_cards, _cost_cards, _size_cards, _latency_cards)
    cards = tuple(sound_cards(*(partial(part, model) for part in parts)))
    return (*sound_cards(partial(_name_card, model)), *cards) if cards else ()


def _name_card(model: ModelResults) -> Iterator[Card]:
    yield Card(network_name(model.config["model"]), f"network of {model.folder.name}")


def _score_cards(model: ModelResults) -> Iterator[Card]:
    quoted = quoted_evaluation(list(model.evaluations.values()))
    if quoted is not None:
        interval = format_interval(quoted["accuracy_interval"])
        majority = format_percent(quoted["majority_baseline"])
        meaning = f"accuracy, {quoted['model']}, {quoted['split']}, {interval}; always the commonest answer: {majority}"
        yield Card(format_percent(quoted["accuracy"]), meaning)
        yield Card(format_percent(quoted["f1"]), f"F1, {format_interval(quoted['f1_interval'])}")


def _cost_cards(model: ModelResults) -> Iterator[Card]:
    if model.cost is not None:
        yield Card(format_count(model.cost["macs"]), f"MACs; {format_count(model.cost['params'])} parameters")


def _size_cards(model: ModelResults) -> Iterator[Card]:
    stem = _main_key(model.recipes)
    if stem is not None:
        contents = model.recipes[stem]["contents"]
        yield Card(format_bytes(contents["size_bytes"]), f"{stem}.tflite, {contents['scheme']}")


def _latency_cards(model: ModelResults) -> Iterator[Card]:
    key = _main_key(model.benchmarks)
    if key is not None:
        result = model.benchmarks[key]
        spread = format_us_interval(result["median_interval_us"])
        meaning = f"median latency of {run_labels([result])[0]}, {spread}, {result['threads']} thread(s)"
        yield Card(format_us(result["median_us"]), meaning)


def _main_key(results: Mapping[str, Any]) -> str | None:
    """Return the int8 file where there is one, else the first."""
    return "int8" if "int8" in results else next(iter(results), None)


def model_sections(model: ModelResults) -> Iterator[Section]:
    """Yield the sections of one model folder.

    Yields:
        Scores, training, conversion, long audio, latency, instructions, operators, layers and rooflines, in
        this order; those without results are left out, and damaged records with a sentence.
    """
    for part, fields in PARTS:
        yield from sound_sections(model, part, fields, f"a record of {model.folder.name}")
    if model.left_out:
        yield Section(f"Left out: {model.folder.name}", model.left_out)


def _scores(model: ModelResults) -> Iterator[Section]:
    evaluations = list(model.evaluations.values())
    quoted = quoted_evaluation(evaluations)
    if quoted is not None:
        name = model.folder.name
        caption = f"Confusion of {quoted['model']} on {quoted['split']}, {quoted['clips']} clips."
        drawing = Drawing(confusion_figure(quoted["confusion"], quoted["labels"]), caption, f"confusion-{name}")
        thresholds = tuple(_thresholds(name, evaluations, quoted))
        scores = scores_table(evaluations).without("manifest")
        yield Section(
            f"Accuracy: {name}", (scores, drawing, per_class_table(quoted), *thresholds, *evaluation_commands(model))
        )


def _thresholds(name: str, evaluations: Sequence[Record], quoted: Record) -> Iterator[Table | Drawing]:
    """Yield the thresholds of a wake word and its DET curves on the quoted split."""
    if quoted["detection"] is None:
        return
    yield thresholds_table(quoted)
    split = quoted["split"]
    curves = {e["model"]: e["detection"]["curve"] for e in evaluations if e["split"] == split and e["detection"]}
    caption = f"Misses against false accepts at every threshold, {split} clips, on axes of normal deviates."
    yield Drawing(det_figure(curves), caption, f"det-{name}")


def _training(model: ModelResults) -> Iterator[Section]:
    if model.history:
        name = model.folder.name
        caption = f"Training of {name}; the weights kept are those of the best validation accuracy."
        drawing = Drawing(history_figure(model.history), caption, f"history-{name}")
        yield Section(
            f"Training: {name}",
            (settings_table(model.config, model.training, model.cost), drawing, *training_command(model)),
        )


def _conversion(model: ModelResults) -> Iterator[Section]:
    if model.parities:
        table = conversion_table(model.parities, model.recipes)
        on_gpu = [gpu_table(model.parities)] if any(parity.get("gpu") for parity in model.parities.values()) else []
        yield Section(
            f"Conversion: {model.folder.name}", (table, *on_gpu, *_layer_errors(model), *conversion_commands(model))
        )


def _layer_errors(model: ModelResults) -> Iterator[Drawing]:
    """Yield one figure a quantised file: how far each operator is from float32."""
    for stem, parity in model.parities.items():
        if layers := parity.get("layers"):
            bad = parity.get("first_bad_layer")
            lowest = min(layers, key=lambda row: row["snr_db"])
            caption = (
                f"Every operator of {stem}.tflite against float32 on the same clips, in execution order; most noise "
                f"is in {lowest['name']}, {lowest['snr_db']:.0f} dB."
            )
            figure = layer_error_figure(layers, bad["index"] if bad else None)
            yield Drawing(figure, caption, f"layers-{model.folder.name}-{stem}")


def _long_audio(model: ModelResults) -> Iterator[Section]:
    """Yield each score of a bundle on long audio, with the curve in place of the table of thresholds."""
    for key, score in model.long_audio.items():
        caption = f"{score['bundle']}: every threshold's false accepts an hour and missed words."
        drawing = Drawing(curve_figure(score), caption, f"long-audio-{model.folder.name}-{key}")
        title = f"Hours of audio: {model.folder.name}, {key}"
        found = filter(None, [wanted_sentence(score)])
        yield Section(
            title, (sources_table(score), *scenes_tables(score), drawing, *found, long_audio_command(model, score))
        )


def _latency(model: ModelResults) -> Iterator[Section]:
    name = model.folder.name
    stopped = latency_warnings(list(model.stopped.values()))
    results = list(model.benchmarks.values())
    commands = benchmark_commands(model)
    if results:
        caption = "Share of single inferences that took at most a time; the tail shows what else the machine did."
        drawing = Drawing(samples_figure(latency_samples(results)), caption, f"latency-{name}")
        yield Section(
            f"Latency: {name}", (latency_table(results), *latency_warnings(results), *stopped, drawing, *commands)
        )
    elif stopped:
        yield Section(f"Latency: {name}", (*stopped, *commands))
    if model.binaries:
        yield Section(
            f"Latency by benchmark_model: {name}",
            (binary_table(list(model.binaries.values())), *program_commands(model)),
        )


def _instructions(model: ModelResults) -> Iterator[Section]:
    """Yield counted files, then each that was counted operator by operator."""
    counts = list(model.instructions.values())
    whole = [count for count in counts if not count["operators"]]
    by_operator = [count for count in counts if count["operators"]]
    tables = [instructions_table(whole)] if whole else []
    tables.extend(map(operator_instructions_table, by_operator))
    if tables:
        yield Section(f"Instructions: {model.folder.name}", (*tables, *count_commands(model)))


def _operators(model: ModelResults) -> Iterator[Section]:
    for key, profile in model.profiles.items():
        caption = f"Time per operator of {profile['model']}, in execution order; folded operators cost nothing."
        drawing = Drawing(_operator_figure(profile), caption, f"operators-{model.folder.name}-{key}")
        title = f"Operators: {model.folder.name}, {key}, {profile['kernels']} kernels"
        yield Section(
            title,
            (
                class_table(profile),
                operator_table(profile),
                drawing,
                *profile["warnings"],
                operators_command(model, profile),
            ),
        )


def _operator_figure(profile: Record) -> Any:
    timed = [row for row in profile["rows"] if row["method"] not in ("folded", "unknown")]
    labels = [f"{row['index']} {row['opcode']} {row['name']}" for row in timed]
    return bars_figure(labels, [row["time_us"] for row in timed], "time per inference (µs)")


def _gpu_operators(model: ModelResults) -> Iterator[Section]:
    for key, profile in model.gpu_profiles.items():
        title = f"Operators on a GPU: {model.folder.name}, {key}, {adapter_of(profile)}"
        yield Section(
            title,
            (
                *gpu_tables(profile),
                *gpu_sentences(profile),
                *profile["warnings"],
                operators_command(model, profile),
            ),
        )


def _layers(model: ModelResults) -> Iterator[Section]:
    for profile in model.layers.values():
        setting = f"{profile['device']}, {profile['backend']}, {profile['mode']}"
        yield Section(
            f"Keras layers: {model.folder.name}, {setting}", (category_table(profile), layers_command(model, profile))
        )
    for trace in model.layer_traces.values():
        title = f"Keras layers: {model.folder.name}, {trace['device']}, {trace['backend']}, traced"
        yield Section(
            title, (layer_trace.class_table(trace), layer_trace.trace_table(trace), layers_command(model, trace))
        )


def _rooflines(model: ModelResults) -> Iterator[Section]:
    """Yield one figure for each operator profile that carries the machine's limits for its number type."""
    for key, profile in model.profiles.items():
        limits = limits_of(profile)
        steps = read_steps(profile)
        peak = arithmetic_of(steps.number_type)
        points = reached_rates(steps, limits)
        if limits is not None and peak is not None and points:
            caption = (
                f"Operators of {profile['model']} that multiply, under limits of {steps.device} measured "
                f"{limits.when}: left of a knee bandwidth is the limit, right of it the multiply rate."
            )
            figure = roofline_figure(limits, peak, {profile["model"]: points})
            drawing = Drawing(figure, caption, f"roofline-{model.folder.name}-{key}")
            yield Section(f"Roofline: {model.folder.name}, {key}", (drawing,))


# The parts of a model's results in the order of the page, with the records that they read.
PARTS: tuple[tuple[Callable[[ModelResults], Iterator[Section]], tuple[str, ...]], ...] = (
    (_scores, ("evaluations",)),
    (_training, ()),
    (_conversion, ("parities", "recipes")),
    (_long_audio, ("long_audio",)),
    (_latency, ("benchmarks", "stopped", "binaries")),
    (_instructions, ("instructions",)),
    (_operators, ("profiles",)),
    (_gpu_operators, ("gpu_profiles",)),
    (_layers, ("layers", "layer_traces")),
    (_rooflines, ("profiles",)),
)
