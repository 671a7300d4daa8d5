"""Count parameters and multiply-accumulates of every registered network, and of two papers' tables.

    python -m benchmarks cost

Needs no data, and one to three minutes. Rewrites the catalogue that `tfkws models list` prints, too.
"""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.cost.papers import (
    OperationRow,
    ParameterRow,
    operation_rows,
    operation_table,
    parameter_rows,
    parameter_table,
)
from benchmarks.records import write_table
from tfkws.cost.report import CostReport
from tfkws.models.catalogue import CatalogueRow, write_catalogue
from tfkws.run_folder import read_json, write_json
from tfkws.views.table import Table

MODELS = "models"
PARAMETERS = "paper_a_parameters"
OPERATIONS = "paper_b_table_ii"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add nothing: everything is counted each time."""


def measure(options: argparse.Namespace) -> None:
    """Count the zoo, with progress on stderr, and write the counts as JSON, and the catalogue."""
    from rich.console import Console
    from rich.progress import track

    from tfkws.models import list_models

    counted = list(track(count_zoo(), "Counting the zoo", len(list_models()), console=Console(stderr=True)))
    reports = {row.name: report for row, report in counted}
    models = [row.to_dict() for row, _ in counted]
    operations = [asdict(row) | {"mfpops": row.mfpops} for row in operation_rows(reports)]
    write_json(options.out / f"{MODELS}.json", models)
    write_json(options.out / f"{PARAMETERS}.json", [asdict(row) for row in parameter_rows(reports)])
    write_json(options.out / f"{OPERATIONS}.json", operations)
    write_catalogue(row for row, _ in counted)


def count_zoo() -> Iterator[tuple[CatalogueRow, CostReport]]:
    """Build and count every registered network at its family's input and classes; yields one after the other."""
    import keras

    from tfkws.cost import count
    from tfkws.models.registry import entries

    for name, entry in entries().items():
        family = entry.family
        report = count(entry.build(family.input_shape, family.num_classes, {}))
        row = CatalogueRow(
            name, family.name, entry.variant.title, family.paper, family.input_shape, family.num_classes,
            report.params, report.macs,
        )  # fmt: skip
        keras.backend.clear_session()  # 200 M parameters each, some of them
        yield row, report


def write_tables(folder: Path) -> None:
    """Write the zoo, A's parameters and B's operations as Markdown and CSV, from their JSON under `folder`."""
    parameters = tuple(ParameterRow(**row) for row in _rows(folder, PARAMETERS))
    operations = tuple(
        OperationRow(**{name: value for name, value in row.items() if name != "mfpops"})
        for row in _rows(folder, OPERATIONS)
    )
    write_table(folder, MODELS, model_table(_rows(folder, MODELS)))
    write_table(folder, PARAMETERS, parameter_table(parameters))
    write_table(folder, OPERATIONS, operation_table(operations))


def _rows(folder: Path, stem: str) -> list[dict[str, Any]]:
    return list(read_json(folder / f"{stem}.json"))


def model_table(rows: list[dict[str, Any]]) -> Table:
    """Lay out the catalogue.

    Args:
        rows: of `CatalogueRow.to_dict`.
    """
    cells = tuple(
        (
            row["name"],
            row["title"],
            " x ".join(map(str, row["input_shape"])),
            str(row["num_classes"]),
            f"{row['params']:,}",
            f"{row['macs']:,}",
            row["paper"],
        )
        for row in rows
    )
    columns = ("name", "what it is", "input", "classes", "params", "MACs", "paper")
    return Table("The zoo", columns, cells, numeric=("classes", "params", "MACs"))
