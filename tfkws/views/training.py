"""Trainings as tables: the settings of one, the mean over several seeds, before and after a compression."""

from collections.abc import Mapping
from typing import Any

from tfkws.intervals import LEVEL
from tfkws.units import (
    format_bytes,
    format_count,
    format_interval,
    format_percent,
    format_points,
    format_points_interval,
    speech,
)
from tfkws.views.table import Record, Table, facts_table, number, table_of, text

SEEDS = (
    text("score", "name"),
    number("runs", "runs"),
    number("mean", "mean", format_percent),
    number(f"{LEVEL} of the mean", "interval", format_interval),
)
SIZES = (
    text("", "name"),
    number("MACs", "macs", format_count),
    number("parameters", "params", format_count),
    number("int8 file", "int8_bytes", format_bytes),
)
ACCURACIES = (
    text("network", "name"),
    number("accuracy", "accuracy", format_percent),
    number(LEVEL, "interval", format_interval),
)
DIFFERENCES = (
    text("networks", "name"),
    number("difference (points)", "difference", format_points),
    number(f"{LEVEL} (points)", "difference_interval", format_points_interval),
)


def network_name(model: Mapping[str, Any]) -> str:
    """Return a network's name with its own parameters; `model` is the part of that name in `config.json`.

    Example:
        >>> network_name({"name": "kws10", "variant": {}})
        'kws10'
        >>> network_name({"name": "seed_cnn", "variant": {"convs": "3x3,40 1x1,20"}})
        'seed_cnn 3x3,40 1x1,20'
        >>> network_name({"name": "effnetv2_m", "variant": {"width": 0.5}})
        'effnetv2_m width 0.5'
    """
    settings = (str(value) if name == "convs" else f"{name} {value}" for name, value in model["variant"].items())
    return " ".join([model["name"], ", ".join(settings)]).strip()


def settings_table(config: Record, training: Record | None, cost: Record | None) -> Table:
    """Return how a network was trained, sizes in bytes.

    Args:
        config: content of `config.json`.
        training, cost: content of `training.json` and `cost.json`; None where it is missing.
    """
    train = config["train"]
    result = training or {}
    facts = {
        "network": network_name(config["model"]),
        "recipe": train["recipe"],
        "optimiser": f"{train['optimizer']}, learning rate {train['learning_rate']:g}, {train['schedule']}",
        "batch size": str(train["batch_size"]),
        "iterations": str(result.get("iterations", "")),
        "seed": str(train["seed"]),
        "front end": config["features"]["name"],
        "seconds": f"{result.get('seconds', 0):.0f} on {result.get('backend', '?')}",
    }
    if cost is not None:
        facts["weights"] = format_bytes(cost["weight_bytes"])
        facts["activation peak"] = f"{format_bytes(cost['peak_activation_bytes'])} (lower bound)"
    return facts_table("Settings", facts)


def seeds_table(summary: Mapping[str, Record]) -> Table:
    """Return testing scores over several seeds, in percent; `summary` is what `summarise_seeds` returns."""
    note = "Testing split. The interval is of the mean over seeds, by Student's t on the logit scale."
    return table_of("Over seeds", SEEDS, _named(summary), note)


def before_after_tables(record: Record) -> list[Table]:
    """Return sizes, then accuracies (percent) and differences (points) of each split.

    Args:
        record: content of `compression.json`.
    """
    tables = [table_of(f"From {record['source']}", SIZES, _named(record["sizes"]))]
    for split, results in record["splits"].items():
        title = f"{split}, {results['clips']} clips, {speech(record['synthetic_speech'])}"
        baseline = results.get("majority_baseline")  # not in records of earlier versions
        always = "" if baseline is None else f" Always the commonest answer: {format_percent(baseline)}."
        note = f"Intervals are over speakers.{always}"
        tables.append(table_of(title, ACCURACIES, _named(results["accuracy"]), note))
        title = f"Differences on the same {split} clips"
        tables.append(table_of(title, DIFFERENCES, _named(results["differences"])))
    return tables


def _named(records: Mapping[str, Record]) -> list[dict[str, Any]]:
    return [{"name": name, **record} for name, record in records.items()]
