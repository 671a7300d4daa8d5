"""`tfkws models list` and `tfkws models show`: the zoo, and what a network costs."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.cli.terminal.arguments import Group, renamed
from tfkws.cli.terminal.options import Imports, Json, read_variant
from tfkws.errors import ConfigError, ModelError
from tfkws.model_files import foreign_model

if TYPE_CHECKING:
    from tfkws.cost.report import CostReport

app = typer.Typer(cls=Group)


@app.callback()
def models() -> None:
    """The zoo: names, families, parameters, multiply-accumulates."""


FILES = (".tflite", ".keras")


class View(StrEnum):
    """How to count: every layer, or only what THOP recognises."""

    TRUE = "true"
    THOP = "thop"


@app.command("list")
def list_models(as_json: Json = False) -> None:
    """List every network, with its counts for the input and classes of its paper.

    Example: tfkws models list
    """
    from tfkws.cli.terminal.output import show
    from tfkws.models.catalogue import read_catalogue
    from tfkws.views.counts import catalogue_table

    networks = [row.to_dict() for row in read_catalogue()]
    show(networks, [catalogue_table(networks)], as_json)


@app.command("show", cls=renamed({"--input": "--input-size"}))
def show_model(
    name: Annotated[str, typer.Argument(help="A name of `tfkws models list`, or a .tflite or .keras file.")],
    input_size: Annotated[str, typer.Option(help="HEIGHTxWIDTH. Default: the paper's.")] = "",
    classes: Annotated[int | None, typer.Option(help="Number of classes. Default: the paper's.")] = None,
    convs: Annotated[str, typer.Option(help='Units of seed_cnn: "4x10,100 3x3,100".')] = "",
    settings: Annotated[list[str] | None, typer.Option("--set", help="The family's own parameter: width=0.5.")] = None,
    view: Annotated[View, typer.Option("--as", help="thop: what the profiler of paper A would report.")] = View.TRUE,
    per_layer: Annotated[bool, typer.Option("--per-layer", help="One row a layer instead of one a class.")] = False,
    imports: Imports = [],  # noqa: B006
    as_json: Json = False,
) -> None:
    """Count one network: parameters, multiply-accumulates, bytes, per layer class or per layer.

    Example: tfkws models show seed_cnn --input-size 40x32 --classes 12 --convs "3x3,40 1x1,20" --per-layer
    """
    from tfkws.cli.terminal.output import show, waiting
    from tfkws.views.counts import cost_table

    with waiting(f"Counting {name} ..."):
        report = _count(name, input_size, classes, read_variant(convs, settings or []), view).to_dict()
    show(report, [cost_table(report, per_layer)], as_json)


def _refuse_foreign(path: Path) -> None:
    if elsewhere := foreign_model(path):
        raise ModelError(elsewhere)


def _count(name: str, input_size: str, classes: int | None, variant: dict[str, Any], view: View) -> "CostReport":
    from tfkws.cost import count

    _refuse_foreign(Path(name))
    if Path(name).suffix in FILES:
        if input_size or classes is not None or variant or view is View.THOP:
            raise ConfigError("--input-size, --classes, --convs, --set, --as need a name; a file is counted as it is.")
        return count(_open(Path(name)))
    from tfkws.cost.report import as_thop
    from tfkws.models.registry import entries, find

    entry = find(entries(), name)
    shape = read_shape(input_size) if input_size else entry.family.input_shape
    report = count(entry.build(shape, entry.family.num_classes if classes is None else classes, variant))
    return as_thop(report, entry.family.name) if view is View.THOP else report


def _open(path: Path) -> Any:
    if path.suffix == ".tflite":
        return path
    from tfkws.models.saving import load_model

    return load_model(path)


def read_shape(text: str, option: str = "--input-size") -> tuple[int, int, int]:
    """Read "40x32", the value of an option, as (40, 32, 1).

    Raises:
        ConfigError: the text is not of that form, or a size is 0.
    """
    sizes = text.split("x")
    if len(sizes) != 2 or not all(size.isdecimal() and int(size) > 0 for size in sizes):
        raise ConfigError(f"{option} takes HEIGHTxWIDTH, such as 40x32. Received {text!r}.")
    return int(sizes[0]), int(sizes[1]), 1
