"""A search as tables, from `front.json`, `config.json` and `freezes.json`: its Pareto front, and what was frozen."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tfkws.intervals import NORMAL_QUANTILE
from tfkws.units import format_count, format_percent, format_us
from tfkws.views.table import Column, Record, Table, number, table_of, text

FREEZES = (
    text("after stage", "stage"),
    text("parameter", "param"),
    text("value", "value"),
    number("support", "support", format_percent),
    text("reason", "reason"),
)


def front_table(status: Record) -> Table:
    """Return one row a member of the front: TOP-1 error in percent, MACs, parameters and seconds of training.

    Args:
        status: content of `front.json`.
    """
    columns = (
        number("trial", _number_of),
        number("TOP-1 error", _error_of),
        number("MACs", "macs", format_count),
        number("parameters", "param_count", format_count),
        *map(_cost_column, (*status["objectives"][2:], *_further_limits(status))),
        text("network", "network"),
        number("seconds", "seconds", lambda seconds: f"{seconds:.0f}"),
    )
    note = "TOP-1 error on the whole validation split ± its standard error; MACs are exact." + _majority_note(status)
    return table_of(progress_sentence(status), columns, status["members"], note)


def _majority_note(status: Record) -> str:
    """Say what always answering the commonest class would score, and which members are no better than that."""
    majority = status.get("majority_error")
    if majority is None:
        return ""
    said = f" Always answering the commonest class has {format_percent(majority)}."
    none_better = [
        str(member["number"])
        for member in status["members"]
        if member["top1_error"] + NORMAL_QUANTILE * member["standard_error"] >= majority
    ]
    return said + (f" No better than that by their intervals: trials {', '.join(none_better)}." if none_better else "")


def _further_limits(status: Record) -> list[str]:
    """Return the costs that are limited and told of each member, without those that have a column anyhow."""
    has_column = ("macs", "param_count", *status["objectives"])
    limited = [name for name in status.get("limits", {}) if name not in has_column]
    return [name for name in limited if all(name in member for member in status["members"])]


def _number_of(member: Record) -> str:
    started_from = member.get("started_from")
    return f"{member['number']}" if started_from is None else f"{member['number']} (from {started_from})"


def _error_of(member: Record) -> str:
    error, unit = format_percent(member["top1_error"]).split()
    return f"{error} ± {format_percent(member['standard_error']).split()[0]} {unit}"


def _cost_column(name: str) -> Column:
    """Return the column of a further objective; "predicted_latency_us@gpu" is headed "predicted latency@gpu"."""
    return number(_spoken(name), name, _shown(name))


def _spoken(name: str) -> str:
    """Return the name of a cost in words, without its unit."""
    spoken = {"macs": "MACs", "param_count": "parameters"}.get(name, name)
    return spoken.replace("_us", "").replace("_kib", "").replace("_", " ")


def _shown(name: str) -> Callable[[float], str]:
    """Return what writes a cost with its unit."""
    if "_kib" in name:
        return lambda kib: f"{kib:.1f} KiB"
    return format_us if "_us" in name else format_count


def finished_trials(status: Record) -> int:
    """Return how many trials are done: completed, stopped early and infeasible."""
    return int(status["completed"] + status["stopped"] + status["infeasible"])


def progress_sentence(status: Record) -> str:
    """Say how far a search is: finished trials, hypervolume (0..1) and minutes left.

    Args:
        status: content of `front.json`.
    """
    finished = finished_trials(status)
    seconds_left = status["seconds_left"]
    is_open = seconds_left is not None and finished < status["planned"]
    left = f", about {seconds_left / 60:.0f} min left" if is_open else ""
    kind = "Fine-tuned front" if status["fine_tuned"] else "Front"
    return (
        f"{kind} of {len(status['members'])} after {finished} of {status['planned']} trials "
        f"({status['running']} running, {status['stopped']} stopped early, {status['infeasible']} infeasible); "
        f"hypervolume {status['hypervolume']:.4f}{left}"
    )


def finished_sentence(status: Record) -> str:
    """Say what has come of a search since the last trial finished; empty where none has finished yet.

    Args:
        status: content of `front.json`.
    """
    finished, members, seconds_left = finished_trials(status), status["members"], status["seconds_left"]
    if not finished:
        return ""
    best = f", TOP-1 error {format_percent(min(each['top1_error'] for each in members))} at best" if members else ""
    left = f"; about {seconds_left / 60:.0f} min left" if seconds_left and finished < status["planned"] else ""
    return (
        f"{finished} of {status['planned']} trials done, {status['stopped']} stopped early, {status['infeasible']} "
        f"infeasible; front of {len(members)}{best}{left}"
    )


def next_step(status: Record, folder: str) -> str:
    """Return the folder of a search and the line to type next; that converts the front's most accurate member.

    Of a search with limits the best one under them is named first.

    Args:
        status: content of `front.json`.
        folder: of the search.
    """
    finished = finished_trials(status)
    if finished < status["planned"]:
        return f"{folder}\nGo on: tfkws search --resume --out {shlex.quote(folder)}"
    if not status["members"]:
        return f"{folder}\nNo trial is on the front; allow more error or cost, or search longer, in another --out."
    if not status.get("limits"):
        best = min(status["members"], key=lambda member: float(member["top1_error"]))["number"]
        return f"{folder}\n{_convert(folder, best)}"
    best = status["best_under_budget"]
    found = f"{budget_sentence(status)}\n{folder}"
    return found if best is None else f"{found}\n{_convert(folder, best)}"


def _convert(folder: str, number: int) -> str:
    return f"Next: tfkws convert {shlex.quote(folder)}:{number} --quantize int8"


def budget_sentence(status: Record) -> str:
    """Name the best member under the limits of a search, and what it takes of each.

    Args:
        status: content of `front.json` of a search with limits.
    """
    limits = status["limits"]
    best = [member for member in status["members"] if member["number"] == status["best_under_budget"]]
    if not best:
        allowed = ", ".join(f"{_spoken(name)} {_shown(name)(limit)}" for name, limit in limits.items())
        return f"No member of the front is under the budget: {allowed} at most."
    taken = [
        f"{_spoken(name)} {_shown(name)(best[0][name])} of {_shown(name)(limit)}"
        for name, limit in limits.items()
        if name in best[0]
    ]
    return ", ".join([f"Best under budget: trial {best[0]['number']}, TOP-1 error {_error_of(best[0])}", *taken]) + "."


def search_sentence(config: Mapping[str, Any], status: Record) -> str:
    """Say what was searched and how; `config` is the part "search" of `config.json`."""
    lengths = f"{config['iterations']} iterations each"
    if status["fine_tuned"]:
        lengths += f", the front fine-tuned with {config['fine_tune_iterations']}"
    return (
        f"Space {config['space']}, strategy {config['strategy']}, stages of {', '.join(map(str, config['stages']))} "
        f"candidates, {lengths}: {status['completed']} completed, {status['stopped']} stopped early, "
        f"{status['infeasible']} infeasible."
    )


def freezes_table(stages: Sequence[Sequence[Record]]) -> Table:
    """Return what each stage froze; `stages` is the part "stages" of `freezes.json`."""
    rows = [{"stage": stage, **freeze} for stage, freezes in enumerate(stages, start=1) for freeze in freezes]
    return table_of("Frozen because the front agrees", FREEZES, rows)
