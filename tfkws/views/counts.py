"""What was counted, as tables: the zoo and the cost of a network; instructions, from `instructions-*.json`."""

from collections.abc import Sequence

from tfkws.units import format_bytes, format_change, format_count, format_exact, format_percent, format_shape
from tfkws.views.latency import run_labels
from tfkws.views.table import Record, Table, number, table_of, text

COUNTS = (number("parameters", "params", format_exact), number("MACs", "macs", format_exact))
NETWORKS = (
    text("name", "name"),
    text("family", "family"),
    text("input", lambda row: format_shape(row["input_shape"][:2])),
    *COUNTS,
    text("paper", "paper"),
)
UNKNOWN = "unknown"
LAYERS = (
    text("layer", "name"),
    text("layer class", "layer_class"),
    text("output", "output_shape", format_shape),
    COUNTS[0],
    number("MACs", lambda row: UNKNOWN if row["macs"] is None else format_exact(row["macs"])),
)
CLASSES = (text("layer class", "layer_class"), number("layers", "layers"), *COUNTS)
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


def catalogue_table(networks: Sequence[Record]) -> Table:
    """Return one row a network of the zoo.

    Args:
        networks: `CatalogueRow`s as dicts, with parameters and MACs.
    """
    return table_of(f"{len(networks)} networks", NETWORKS, networks)


def cost_table(cost: Record, per_layer: bool = False) -> Table:
    """Return what a network costs, one row a layer class or a layer: parameters and MACs, sizes in bytes.

    Args:
        cost: content of `cost.json`.
        per_layer: whether each layer has its row.
    """
    title = (
        f"{cost['name']}, input {format_shape(cost['input_shape'])}: {format_exact(cost['params'])} parameters, "
        f"{format_exact(cost['macs'])} MACs, weights {format_bytes(cost['weight_bytes'])}, activations at least "
        f"{format_bytes(cost['peak_activation_bytes'])}"
    )
    note = sentences(cost.get("notes", ()))
    return (
        table_of(title, LAYERS, cost["rows"], note) if per_layer else table_of(title, CLASSES, cost["by_class"], note)
    )


def sentences(notes: Sequence[str]) -> str:
    """Return notes (str) as sentences.

    Example:
        >>> sentences(("a loop of 12 passes", "axis 0 is open"))
        'A loop of 12 passes. Axis 0 is open.'
    """
    return " ".join(f"{note[:1].upper()}{note[1:]}." for note in notes)


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
    """Say whether outputs on the emulated core are those of this machine.

    Returns:
        "bit-identical with ...", the largest absolute difference as a float, or "not compared".
    """
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
