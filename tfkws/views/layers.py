"""Time per Keras layer as tables, from `layers-*.json`, and categories of any profile as in paper A's Table 2."""

from collections.abc import Mapping, Sequence

from tfkws.graphs.layer_kinds import in_order
from tfkws.profiling.explain.category_table import CategoryRow, category_rows
from tfkws.profiling.explain.steps import Steps, read_steps
from tfkws.profiling.measure.layer_profile import mean
from tfkws.units import format_bytes, format_count, format_flops, format_percent, format_us
from tfkws.views.counts import UNKNOWN
from tfkws.views.table import Column, Record, Table, number, table_of, text

CATEGORIES = (
    text("category", lambda row: row.category),
    number("layers", lambda row: row.steps),
    number("average time", lambda row: row.average_us, format_us),
    number("average FLOPS", lambda row: row.average_flops, format_flops),
    number("PAR", lambda row: row.share, format_percent),
)


def layer_table(profile: Record) -> Table:
    """Return every layer in execution order, with its time and cost.

    Args:
        profile: content of `layers-*.json`.
    """
    steps = read_steps(profile)
    return table_of(f"Every layer of {steps.network}", _layer_columns(steps), steps.steps, _conditions(profile, steps))


def _layer_columns(steps: Steps) -> tuple[Column, ...]:
    return (
        text("layer", lambda step: step.name),
        text("class", lambda step: step.what),
        number("time", lambda step: step.time_us, format_us),
        number("share", lambda step: step.time_us / steps.total_us, format_percent),
        number("MACs", lambda step: format_count(step.macs) if step.counted else UNKNOWN),
        number("bytes moved", lambda step: step.bytes_moved, format_bytes),
    )


def category_table(profile: Record) -> Table:
    """Return time (µs or ms) and FLOPS by category of layer, as paper A's Table 2 does for one network.

    Args:
        profile: content of `layers-*.json`.
    """
    steps = read_steps(profile)
    note = (
        f"{_conditions(profile, steps)} {whole_sentence(profile)} FLOPS is a count, 2 x MACs; PAR is the share of the "
        "sum."
    )
    unknown = sorted({step.what for step in steps.steps if not step.counted})
    if unknown:
        note += f" The MACs of {', '.join(unknown)} are unknown and left out."
    rows = category_rows(steps, depthwise_apart=True)
    return table_of(f"Time by category of layer of {steps.network}", CATEGORIES, rows, note)


def _conditions(profile: Record, steps: Steps) -> str:
    return f"{steps.device}, {steps.setting}; {profile['trials']} repeats of {profile['passes']} passes."


def whole_sentence(profile: Record) -> str:
    """Compare the sum over the layers with the whole network, and say what a call costs, in µs or ms."""
    compiled = mean([mean(repeat) for repeat in profile["whole_compiled_us"]])
    eager = mean([mean(repeat) for repeat in profile["whole_eager_us"]])
    return (
        f"Sum {format_us(read_steps(profile).total_us)}; the whole network takes {format_us(compiled)} compiled, "
        f"{format_us(eager)} eager. Each call costs {format_us(profile['call_us'])} besides its work."
    )


def categories_side_by_side(title: str, columns: Mapping[str, Sequence[CategoryRow]], note: str = "") -> Table:
    """Lay several profiles of one network out side by side, as paper A's Table 2 does.

    Args:
        columns: rows of each profile by its short name.
    """
    by_name = {label: {row.category: row for row in rows} for label, rows in columns.items()}
    heads = [f"{label}: {what}" for label in columns for what in ("layers", "average time", "average FLOPS", "PAR")]
    body = [
        (category, *(cell for label in columns for cell in _cells(by_name[label].get(category))))
        for category in in_order({row.category for rows in columns.values() for row in rows})
    ]
    return Table(title, ("", *heads), tuple(body), tuple(heads), note)


def _cells(row: CategoryRow | None) -> tuple[str, str, str, str]:
    if row is None:
        return "-", "-", "-", "-"
    if row.steps == 0:
        return "0", f"folded ({row.folded})", "-", "-"
    count = f"{row.steps} (+{row.folded} folded)" if row.folded else str(row.steps)
    return count, format_us(row.average_us), format_flops(row.average_flops), format_percent(row.share)
