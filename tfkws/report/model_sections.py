"""What one trained model came to: scores, learning curve, conversion, latency, operators."""

from collections.abc import Iterator
from typing import Any

from tfkws.report.collect import ModelResults
from tfkws.report.layer_sections import layer_sections
from tfkws.report.page import Card, Drawing, Section
from tfkws.report.plots import confusion_figure, history_figure
from tfkws.report.tflite_sections import conversion_section, headline_tflite, latency_section, operator_sections
from tfkws.units import format_bytes, format_count, format_interval, format_percent
from tfkws.views.table import Table


def headline(model: ModelResults) -> tuple[Card, ...]:
    """The figures at the head of the page."""
    cards = []
    best = main_evaluation(model)
    if best is not None:
        interval = format_interval(best["accuracy_interval"])
        cards.append(Card(format_percent(best["accuracy"]), f"accuracy, {best['model']}, {best['split']}, {interval}"))
        cards.append(Card(format_percent(best["f1"]), f"F1, {format_interval(best['f1_interval'])}"))
    if model.cost is not None:
        cards.append(Card(format_count(model.cost["macs"]), f"MACs; {format_count(model.cost['params'])} parameters"))
    return (*cards, *headline_tflite(model))


def main_evaluation(model: ModelResults) -> dict[str, Any] | None:
    """The evaluation to quote: the converted model's on the testing split where there is one."""
    testing = [e for e in model.evaluations.values() if e["split"] == "testing"]
    chosen = sorted(
        testing or model.evaluations.values(), key=lambda e: (e["form"] == "keras", e["model"] != "int8.tflite")
    )
    return chosen[0] if chosen else None


def model_sections(model: ModelResults) -> Iterator[Section]:
    """Sections of one model folder, those without results left out."""
    name = model.folder.name
    if model.evaluations:
        yield _scores(model, name)
    if model.history:
        caption = f"Training of {name}; the weights kept are those of the best validation accuracy."
        drawing = Drawing(history_figure(model.history), caption, f"history-{model.folder.name}")
        yield Section(f"Training: {name}", (_training_table(model), drawing))
    if model.parities:
        yield conversion_section(model, name)
    if model.benchmarks:
        yield latency_section(model, name)
    yield from operator_sections(model, name)
    yield from layer_sections(model, name)


def _scores(model: ModelResults, name: str) -> Section:
    rows = tuple(
        (
            e["model"],
            e["split"],
            str(e["clips"]),
            str(e["speakers"]),
            format_percent(e["accuracy"]),
            format_interval(e["accuracy_interval"]),
            format_percent(e["majority_baseline"]),
            format_percent(e["f1"]),
            format_interval(e["f1_interval"]),
            e["manifest"][:12],
        )
        for e in model.evaluations.values()
    )
    columns = ("model", "split", "clips", "speakers", "accuracy", "95 %", "majority", "F1", "95 %", "manifest")
    first = next(iter(model.evaluations.values()))
    speech = "synthetic speech" if first["synthetic_speech"] else "recorded speech"
    words = ", ".join(first["words"])
    note = f"Protocol {first['protocol']} ({words}), {speech}; {first['skipped_clips']} unusable clips left out."
    table = Table("Scores", columns, rows, ("clips", "speakers", "accuracy", "95 %", "majority", "F1"), note)
    quoted = main_evaluation(model) or first
    caption = f"Confusion of {quoted['model']} on {quoted['split']}, {quoted['clips']} clips."
    drawing = Drawing(
        confusion_figure(quoted["confusion"], quoted["labels"]), caption, f"confusion-{model.folder.name}"
    )
    return Section(f"Accuracy: {name}", (table, drawing, _per_class(quoted)))


def _per_class(evaluation: dict[str, Any]) -> Table:
    recall, precision = evaluation["recall_per_class"], evaluation["precision_per_class"]
    rows = tuple(
        (label, format_percent(recall[label]), format_percent(precision[label])) for label in evaluation["labels"]
    )
    title = f"Per class: {evaluation['model']}, {evaluation['split']}"
    return Table(title, ("class", "recall", "precision"), rows, ("recall", "precision"))


def _training_table(model: ModelResults) -> Table:
    result, train = model.training or {}, model.config["train"]
    rows = [
        ("network", f"{model.config['model']['name']} {model.config['model']['variant'] or ''}".strip()),
        ("recipe", train["recipe"]),
        ("optimiser", f"{train['optimizer']}, learning rate {train['learning_rate']:g}, {train['schedule']}"),
        ("batch size", str(train["batch_size"])),
        ("iterations", str(result.get("iterations", ""))),
        ("seed", str(train["seed"])),
        ("front end", model.config["features"]["name"]),
        ("seconds", f"{result.get('seconds', 0):.0f} on {result.get('backend', '?')}"),
    ]
    if model.cost is not None:
        rows.append(("weights", format_bytes(model.cost["weight_bytes"])))
        rows.append(("activation peak", f"{format_bytes(model.cost['peak_activation_bytes'])} (lower bound)"))
    return Table("Settings", ("setting", "value"), tuple(rows))
