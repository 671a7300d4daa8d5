"""Counted instructions as tables, from `instructions-*.json`."""

from collections.abc import Sequence

from tfkws.units import format_change, format_count, format_percent
from tfkws.views.latency import run_labels
from tfkws.views.table import Record, Table, number, table_of, text

MIX = (
    number("vector", lambda row: row["mix"]["vector_arithmetic"], format_count),
    number("loads, stores", lambda row: row["mix"]["vector_memory"] + row["mix"]["scalar_memory"], format_count),
)
OPERATORS = (
    text("", "index"),
    text("operator", "opcode"),
    text("layer", "name"),
    number("instructions", lambda row: row["mix"]["all"], format_count),
    number("share", "share", format_percent),
    number("MACs", "macs", format_count),
    number("per MAC", "instructions_per_mac", lambda value: f"{value:.3f}"),
    *MIX,
)


def instructions_table(results: Sequence[Record], names: Sequence[str] = ()) -> Table:
    """Return one row a counted file; ratios are to the first.

    Args:
        results: content of `instructions-*.json`; at least one.
        names: of the results; by default files, with what differs.
    """
    labels = names or run_labels([{"threads": 1, **result} for result in results])
    base = results[0]["mix"]["all"]
    columns = (
        text("file", "label"),
        number("instructions", lambda row: row["mix"]["all"], format_count),
        number("per MAC", "instructions_per_mac", lambda value: f"{value:.3f}"),
        number("ratio", lambda row: row["mix"]["all"] / base, lambda value: f"{value:.3f}"),
        *MIX,
        text("kernels", "kernels"),
        text("target", "target"),
        text("outputs", outputs_sentence),
    )
    rows = [{**result, "label": label} for label, result in zip(labels, results, strict=True)]
    return table_of("Instructions of one inference", columns, rows, f"{_conditions(results[0])} {_spread(results)}")


def operator_instructions_table(result: Record) -> Table:
    """Return one row an operator; `result` holds `operators`."""
    whole = (
        f"Whole: {format_count(result['mix']['all'])} instructions, of which the call takes "
        f"{format_count(result['call_instructions'])}; the operators sum to "
        f"{format_change(result['difference'] or 0, digits=2)} of the rest. Outputs: {outputs_sentence(result)}."
    )
    note = f"{result['target']}, {result['kernels']} kernels: {_conditions(result)} {whole} {_spread([result])}"
    return table_of(f"{result['model']}, instructions by operator", OPERATORS, result["operators"], note)


def outputs_sentence(result: Record) -> str:
    """Say whether outputs on the emulated core are those of this machine."""
    outputs = result["outputs"]
    if outputs is None:
        return "not compared"
    if outputs["identical"]:
        return f"bit-identical with {outputs['reference_architecture']}"
    return f"within {outputs['largest_difference']:.1e} of {outputs['reference_architecture']}"


def _conditions(result: Record) -> str:
    return f"{result['emulator']}, litert {result['runtime_version']}. A count, not a time."


def _spread(results: Sequence[Record]) -> str:
    largest = max(result["spread"] for result in results)
    return f"{len(results[0]['repeats'])} counted inferences differ by {format_percent(largest, digits=4)} at most."
