"""What a search came to: the front, its growth, what was frozen."""

from collections.abc import Iterator, Sequence
from typing import Any

from tfkws.report.collect import SearchResults
from tfkws.report.page import Drawing, Section
from tfkws.report.search_plots import Split, frequency_figure, front_figure, hypervolume_figure, split_trials
from tfkws.units import format_count, format_percent
from tfkws.views.table import Table


def search_sections(search: SearchResults) -> Iterator[Section]:
    """The section of one search folder."""
    front, config = search.front, search.config["search"]
    members, name = front["members"], search.folder.name
    split = split_trials(search.trials, len(config["stages"]), front)
    lengths = f"{config['iterations']} iterations each"
    if front["fine_tuned"]:
        lengths += f", the front fine-tuned with {config['fine_tune_iterations']}"
    summary = (
        f"Space {config['space']}, strategy {config['strategy']}, stages of {', '.join(map(str, config['stages']))} "
        f"candidates, {lengths}: {front['completed']} completed, {front['stopped']} stopped early, "
        f"{front['infeasible']} infeasible."
    )
    drawings = list(_drawings(search, split))
    frozen = _freezes(search.freezes)
    yield Section(f"Search: {name}", (summary, *drawings, _front_table(members), *([frozen] if frozen else [])))


def _drawings(search: SearchResults, split: Split) -> Iterator[Drawing]:
    name, history = search.folder.name, search.front["hypervolume_history"]
    caption = "Each candidate's operation count against its accuracy on the whole validation split."
    yield Drawing(front_figure(split), caption, f"front-{name}")
    if len(history) > 1:
        caption = "Share of the objective space that the front dominates, after each finished trial."
        yield Drawing(hypervolume_figure(history), caption, f"hypervolume-{name}")
    choices = {param["name"]: param["choices"] for param in search.config["space"]["params"]}
    frozen = {freeze["param"]: freeze["value"] for stage in search.freezes for freeze in stage}
    caption = "How often each setting occurs on the front of the candidates, and what was frozen along the way."
    yield Drawing(frequency_figure(split.front, choices, frozen), caption, f"settings-{name}")


def _front_table(members: Sequence[dict[str, Any]]) -> Table:
    rows = tuple(
        (
            str(m["number"]),
            m["network"],
            format_count(m["macs"]),
            format_count(m["param_count"]),
            format_percent(1 - m["top1_error"]),
            f"±{196 * m['standard_error']:.1f}",
            f"{m['seconds']:.0f}",
        )
        for m in members
    )
    columns = ("trial", "network", "MACs", "parameters", "TOP-1", "95 % (points)", "seconds")
    note = "TOP-1 on the whole validation split with its binomial interval; MACs are exact."
    return Table("Pareto front", columns, rows, columns[2:], note)


def _freezes(stages: Sequence[Sequence[dict[str, Any]]]) -> Table | None:
    rows = tuple(
        (
            str(number),
            str(freeze["param"]),
            str(freeze["value"]),
            format_percent(freeze["support"]),
            str(freeze["reason"]),
        )
        for number, freezes in enumerate(stages, start=1)
        for freeze in freezes
    )
    columns = ("after stage", "parameter", "value", "support", "reason")
    return Table("Frozen because the front agrees", columns, rows, ("support",)) if rows else None
