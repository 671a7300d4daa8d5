"""Time per TFLite operator as tables, from `profile-*.json`."""

from collections.abc import Sequence

from tfkws.graphs.number_schemes import arithmetic_of
from tfkws.profiling.explain.roofline import Roofline
from tfkws.units import format_bytes, format_change, format_count, format_percent, format_rate, format_us
from tfkws.views.latency import fed_sentence
from tfkws.views.table import Record, Table, number, table_of, text

ROOFLINE = "roofline"
OPERATORS = (
    text("", "index"),
    text("operator", "opcode"),
    text("layer", "name"),
    number("time", lambda row: _time(row)),
    number("share", "share", format_percent),
    number("MACs", "macs", format_count),
    number("GMAC/s", "gmacs_per_s", format_rate),
    number("bytes moved", "bytes_moved", format_bytes),
    number("MACs/B", lambda row: row.get("intensity") or None, lambda intensity: f"{intensity:.2g}"),
    number(ROOFLINE, lambda row: _reached(row)),
    text("kernels", "kernels", "; ".join),
)
LEFT_OUT_FIRST = ("share", "GMAC/s", ROOFLINE, "bytes moved", "MACs/B", "kernels")  # in narrow terminals, from behind
NO_LIMITS = "The limits (roofline) of a target are not measured, so that no operator is held against them."
CLASSES = (
    text("layer class", "layer_class"),
    number("operators", "operators"),
    number("time", "time_us", format_us),
    number("share", "share", format_percent),
    number("MACs", "macs", format_count),
    number("GMAC/s", "gmacs_per_s", format_rate),
)


def operator_table(profile: Record) -> Table:
    """Return every operator in execution order.

    A row holds time, MACs and the share of the machine's limits that the operator reaches.

    Args:
        profile: content of an operator profile.
    """
    sentences = (_conditions(profile), fed_sentence(profile), operators_sentence(profile), limits_sentence(profile))
    note = " ".join(filter(None, sentences))
    columns = [column for column in OPERATORS if "target" not in profile or column.heading != ROOFLINE]
    there = {column.heading for column in columns}
    droppable = tuple(heading for heading in LEFT_OUT_FIRST if heading in there)
    return table_of(f"Every operator of {profile['model']}", columns, profile["rows"], note, droppable)


def _time(row: Record) -> str:
    """Return the time, or why there is none."""
    return str(row["method"]) if row["method"] in ("folded", "unknown") else format_us(row["time_us"])


def _reached(row: Record) -> str | None:
    """Return the share of the limit that counts; None in profiles without limits."""
    share = row.get("roofline_share")
    return None if share is None else f"{format_percent(share)} of {row['limit']}"


def _conditions(profile: Record) -> str:
    where = f"{profile['target']}: " if "target" in profile else ""
    return (
        f"{where}{profile['machine']['cpu']}, {profile['runtime']} {profile['runtime_version']}, {profile['kernels']} "
        f"kernels, {profile['threads']} thread(s), {profile['runs']} runs, by {profile['method']}."
    )


def operators_sentence(profile: Record) -> str:
    """Compare the sum over the operators with the whole inference without a profiler, in µs or ms."""
    call = f" and {format_us(profile['call_us'])} of the call" if profile.get("call_us") is not None else ""
    return (
        f"Sum {format_us(profile['sum_us'])}{call}, unprofiled whole {format_us(profile['whole_us'])} "
        f"({format_change(profile['difference'])}). {profile['explanation']}"
    ).rstrip()


def limits_sentence(profile: Record) -> str:
    """Say what the machine reached at most, for the profile's number type.

    Returns:
        Rates in GMAC/s and GB/s, and the knee in MACs a byte; that they are left out on a target; empty where they
        were not measured here.
    """
    if not profile.get("roofline"):
        return NO_LIMITS if "target" in profile else ""
    roofline = Roofline.from_dict(profile["roofline"])
    peak = arithmetic_of(profile["number_type"]) or "float32"
    peaks = ", ".join(f"{rate / 1e9:.0f} GMAC/s in {kind}" for kind, rate in roofline.peak_macs_per_s.items())
    levels = ", ".join(
        f"{level.name} {level.bytes_per_s / 1e9:.0f} GB/s (knee {roofline.knee(peak, level):.1f} MACs/B)"
        for level in roofline.levels
    )
    return f"Limits measured {roofline.when}: {peaks}; {levels}."


def class_table(profile: Record) -> Table:
    """Return time, MACs and rate by layer class, as paper A's Table 2 groups them."""
    classes = dict.fromkeys(row["layer_class"] for row in profile["rows"])
    members = ([row for row in profile["rows"] if row["layer_class"] == name] for name in classes)
    return table_of(f"Time by layer class of {profile['model']}", CLASSES, map(_class_row, members))


def _class_row(rows: Sequence[Record]) -> Record:
    time_us = sum(row["time_us"] for row in rows)
    macs = sum(row["macs"] or 0 for row in rows)
    return {
        "layer_class": rows[0]["layer_class"],
        "operators": len(rows),
        "time_us": time_us,
        "share": sum(row["share"] for row in rows),
        "macs": macs,
        "gmacs_per_s": macs / time_us / 1e3 if macs and time_us else None,
    }
