"""The zoo and the cost of a network as tables, from `catalogue.json` and `cost.json`."""

from collections.abc import Sequence

from tfkws.units import format_bytes, format_exact, format_shape
from tfkws.views.table import Record, Table, number, table_of, text

COUNTS = (number("parameters", "params", format_exact), number("MACs", "macs", format_exact))
NETWORKS = (
    text("name", "name"),
    text("family", "family"),
    text("input", lambda row: format_shape(row["input_shape"][:2])),
    *COUNTS,
    text("paper", "paper"),
)
LAYERS = (
    text("layer", "name"),
    text("layer class", "layer_class"),
    text("output", "output_shape", format_shape),
    *COUNTS,
)
CLASSES = (text("layer class", "layer_class"), number("layers", "layers"), *COUNTS)


def catalogue_table(networks: Sequence[Record]) -> Table:
    """Return one row a network of the zoo."""
    return table_of(f"{len(networks)} networks", NETWORKS, networks)


def cost_table(cost: Record, per_layer: bool = False) -> Table:
    """Return what a network costs, one row a layer class or a layer; `cost` is the content of `cost.json`."""
    title = (
        f"{cost['name']}, input {format_shape(cost['input_shape'])}: {format_exact(cost['params'])} parameters, "
        f"{format_exact(cost['macs'])} MACs, weights {format_bytes(cost['weight_bytes'])}, activations at least "
        f"{format_bytes(cost['peak_activation_bytes'])}"
    )
    return table_of(title, LAYERS, cost["rows"]) if per_layer else table_of(title, CLASSES, cost["by_class"])
