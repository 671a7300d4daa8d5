"""Time per Keras layer by paper A's categories, and operators under the machine's limits."""

from collections.abc import Iterator
from typing import Any

from tfkws.profiling.explain.category_table import category_rows
from tfkws.profiling.explain.limits import limits_of, reached_rates
from tfkws.profiling.explain.roofline import peak_of
from tfkws.profiling.explain.steps import read_steps
from tfkws.profiling.measure.layer_profile import mean
from tfkws.report.collect import ModelResults
from tfkws.report.page import Drawing, Section
from tfkws.report.profile_plots import roofline_figure
from tfkws.units import format_percent, format_us
from tfkws.views.table import Table


def layer_sections(model: ModelResults, name: str) -> Iterator[Section]:
    """One section a layer profile, and one roofline for each operator profile that carries limits."""
    for profile in model.layers.values():
        title = f"Keras layers: {name}, {profile['device']}, {profile['backend']}, {profile['mode']}"
        yield Section(title, (_categories(profile),))
    for stem, profile in model.profiles.items():
        if profile.get("roofline"):
            yield from _roofline(profile, name, f"{model.folder.name}-{stem}")


def _categories(profile: dict[str, Any]) -> Table:
    """Paper A's table for one model."""
    steps = read_steps(profile)
    rows = tuple(
        (r.category, str(r.steps), format_us(r.average_us), f"{r.average_flops:.2E}" if r.flops else "0",
         format_percent(r.share)) for r in category_rows(steps, depthwise_apart=True)
    )  # fmt: skip
    columns = ("category", "layers", "average time", "average FLOPS", "PAR")
    compiled, eager = (mean([mean(t) for t in profile[f"whole_{mode}_us"]]) for mode in ("compiled", "eager"))
    note = (
        f"{steps.device}, {steps.setting}; {profile['trials']} trials of {profile['passes']} passes. Sum "
        f"{format_us(steps.total_us)}, whole network {format_us(compiled)} compiled and {format_us(eager)} eager; each "
        f"call costs {format_us(profile['call_us'])} besides its work. FLOPS is a count, 2 x MACs; PAR the share."
    )  # fmt: skip
    return Table("Time by category of layer", columns, rows, columns[1:], note)


def _roofline(profile: dict[str, Any], name: str, stem: str) -> Iterator[Section]:
    limits, steps = limits_of(profile), read_steps(profile)
    peak = peak_of(steps.number_type)
    points = reached_rates(steps, limits)
    if limits is not None and peak is not None and points:
        caption = (
            f"Operators of {profile['model']} that multiply, under limits of {steps.device} measured {limits.when}: "
            "left of a knee bandwidth is the limit, right of it the multiply rate."
        )
        figure = roofline_figure(limits, peak, {profile["model"]: points})
        yield Section(f"Roofline: {name}, {profile['model']}", (Drawing(figure, caption, f"roofline-{stem}"),))
