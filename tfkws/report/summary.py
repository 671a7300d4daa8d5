"""What a page says first: which network is best and by what, and the lines to type next."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from tfkws.report.collect import ModelResults, Results, SearchResults
from tfkws.report.page import Section
from tfkws.units import format_count, format_interval, format_percent
from tfkws.views.front import next_step
from tfkws.views.table import Record
from tfkws.views.training import network_name


def best_model(models: Sequence[ModelResults]) -> ModelResults | None:
    """Return the model of the highest validation accuracy among those of the last one's task; None where none is."""
    known = [model for model in models if _scores(model, "validation") is not None]
    if not known:
        return None
    task = _task(known[-1])
    return max((model for model in known if _task(model) == task), key=_validation_accuracy)


def summary_section(results: Results) -> Iterator[Section]:
    """Yield the section: a sentence on the best network, one on each search, and what to type next."""
    best = best_model(results.models)
    sentences = [*([_choice(best, results.models)] if best else []), *map(_search_sentence, results.searches)]
    steps = [*(next_steps(best) if best else ()), *(_search_step(search) for search in results.searches)]
    lines = [f"Next: {line}" for line in steps if line]
    if sentences or lines:
        yield Section("In short", (*sentences, *lines))


def next_steps(model: ModelResults) -> Iterator[str]:
    """Yield the commands that bring what a model's folder lacks: a file for devices, its bundle, its times."""
    folder = shlex.quote(str(model.folder))
    if "int8" not in model.recipes:
        yield f"tfkws convert {folder} --quantize int8"
        return
    if not list(Path(model.folder).glob("*.kws")):
        yield f"tfkws bundle create {folder}/int8.tflite"
    if not model.benchmarks:
        yield f"tfkws benchmark {folder}/int8.tflite"
    if not model.profiles:
        yield f"tfkws profile operators {folder}/int8.tflite"


def _choice(best: ModelResults, models: Sequence[ModelResults]) -> str:
    """Say which network is best, why, and what it reaches on clips that had no part in the choice."""
    rivals = [model for model in models if _scores(model, "validation") and _task(model) == _task(best)]
    name = f"{network_name(best.config['model'])} ({best.folder.name})"
    reached = format_percent(_validation_accuracy(best))
    if len(rivals) > 1:
        second = sorted(rivals, key=_validation_accuracy)[-2]
        lead = format_percent(_validation_accuracy(second))
        sentence = f"Of {len(rivals)} networks for this task, {name} has the highest validation accuracy: {reached}"
        sentence += f", the next {lead}."
    else:
        sentence = f"{name} is the only network here that was scored for its task; validation accuracy {reached}."
    testing = _scores(best, "testing")
    if testing is not None:
        interval = format_interval(testing["accuracy_interval"])
        sentence += f" On the testing clips, which had no part in the choice: {format_percent(testing['accuracy'])}, "
        sentence += f"{interval}; always the commonest answer: {format_percent(testing['majority_baseline'])}."
    if best.cost is not None:
        sentence += (
            f" It takes {format_count(best.cost['macs'])} MACs and {format_count(best.cost['params'])} parameters."
        )
    return sentence


def _search_sentence(search: SearchResults) -> str:
    members = search.front["members"]
    if not members:
        return f"Search {search.folder.name}: no trial is on its front."
    best = min(members, key=lambda member: float(member["top1_error"]))
    return (
        f"Search {search.folder.name}: of {len(members)} on its front, trial {best['number']} errs least on "
        f"validation, {format_percent(best['top1_error'])} with {format_count(best['macs'])} MACs."
    )


def _search_step(search: SearchResults) -> str:
    """The command of the last line of what a search prints at its end; empty where it says something else."""
    return next_step(search.front, str(search.folder)).rpartition("Next: ")[2] if search.front["members"] else ""


def _scores(model: ModelResults, split: str) -> Record | None:
    """The scores of the Keras model itself, which every model has."""
    found = [each for each in model.evaluations.values() if (each["form"], each["split"]) == ("keras", split)]
    return found[0] if found else None


def _validation_accuracy(model: ModelResults) -> float:
    scores = _scores(model, "validation")
    return float(scores["accuracy"]) if scores else -1.0


def _task(model: ModelResults) -> tuple[str, tuple[str, ...]] | None:
    scores = _scores(model, "validation")
    return (scores["protocol"], tuple(scores["words"])) if scores else None
