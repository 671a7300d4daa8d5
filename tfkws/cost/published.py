"""Generate artifacts/published/cost and the catalogue of the zoo: `make cost-tables`, from the top of a checkout."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from tfkws.cost import count
from tfkws.cost.paper_tables import operation_rows, operation_table, parameter_rows, parameter_table
from tfkws.cost.report import CostReport
from tfkws.models.catalogue import CATALOGUE, CatalogueRow
from tfkws.run_folder import write_json, write_text
from tfkws.views.table import Table

FOLDER = Path("artifacts/published/cost")


def count_zoo() -> Iterator[tuple[CatalogueRow, CostReport]]:
    """Build and count every registered network at its family's input and classes."""
    import keras

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


def write_published(folder: Path, rows: list[CatalogueRow], reports: Mapping[str, CostReport]) -> None:
    """Write models, A's parameters and B's operations as JSON, Markdown and CSV."""
    parameters, operations = parameter_rows(reports), operation_rows(reports)
    write_json(folder / "models.json", [row.to_dict() for row in rows])
    write_json(folder / "paper_a_parameters.json", [asdict(row) for row in parameters])
    write_json(folder / "paper_b_table_ii.json", [asdict(row) | {"mfpops": row.mfpops} for row in operations])
    tables = {
        "models": model_table(rows),
        "paper_a_parameters": parameter_table(parameters),
        "paper_b_table_ii": operation_table(operations),
    }
    for name, table in tables.items():
        write_text(folder / f"{name}.md", table.to_markdown())
        write_text(folder / f"{name}.csv", table.to_csv())


def model_table(rows: list[CatalogueRow]) -> Table:
    """Lay out the catalogue."""
    return Table(
        title="The zoo",
        columns=("name", "what it is", "input", "classes", "params", "MACs", "paper"),
        rows=tuple(
            (
                row.name,
                row.title,
                " x ".join(map(str, row.input_shape)),
                str(row.num_classes),
                f"{row.params:,}",
                f"{row.macs:,}",
                row.paper,
            )
            for row in rows
        ),
        numeric=("classes", "params", "MACs"),
    )


def main() -> None:
    """Count the zoo, with progress on stderr, and write everything."""
    from rich.console import Console
    from rich.progress import track

    from tfkws.models import list_models

    total = len(list_models())
    counted = list(track(count_zoo(), "Counting the zoo", total, console=Console(stderr=True)))
    rows = [row for row, _ in counted]
    write_published(FOLDER, rows, {row.name: report for row, report in counted})
    write_json(CATALOGUE, [row.to_dict() for row in rows])


if __name__ == "__main__":
    main()
