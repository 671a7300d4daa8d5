"""One table in four formats; nothing in a cell can become markup."""

import csv
import doctest
import importlib
import io

import pytest
from rich.console import Console

from tfkws.views.table import Table, number, table_of, text

TABLE = Table("Scores", ("model", "top-1"), (("<b>a|b</b>", "77.0 %"), ("c,d", "70.1 %")), ("top-1",), "95 % intervals")


def test_html_escapes_cells_and_aligns_numbers() -> None:
    html = TABLE.to_html()
    assert "&lt;b&gt;a|b&lt;/b&gt;" in html
    assert "<b>" not in html
    assert '<td class="number">77.0 %</td>' in html


def test_markdown_keeps_the_number_of_columns() -> None:
    lines = TABLE.to_markdown().splitlines()
    assert lines[0] == "**Scores**"
    assert lines[3] == "| --- | ---: |"
    assert lines[4] == "| <b>a\\|b</b> | 77.0 % |"


def test_csv_reads_back() -> None:
    rows = list(csv.reader(io.StringIO(TABLE.to_csv())))
    assert rows == [["model", "top-1"], ["<b>a|b</b>", "77.0 %"], ["c,d", "70.1 %"]]


def test_the_terminal_shows_cells_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    marked = Table("[red]title[/red]", ("[b]name[/b]", "top-1"), (("[bold]x[/bold]", "7"),), ("top-1",))
    Console(width=80).print(marked.to_terminal())
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "[red]title[/red]"
    assert any("[b]name[/b]" in line for line in lines)
    (row,) = [line for line in lines if "[bold]x[/bold]" in line]
    assert row.rstrip().endswith("    7")


def test_columns_say_where_cells_come_from() -> None:
    columns = (text("name", "name"), number("double", lambda record: record["size"] * 2, lambda value: f"{value} B"))
    table = table_of("T", columns, [{"name": "a", "size": 3}])
    assert table == Table("T", ("name", "double"), (("a", "6 B"),), ("double",))


def test_none_is_an_empty_cell_and_a_missing_key_an_error() -> None:
    assert number("x", "x", str).cell({"x": None}) == ""
    with pytest.raises(KeyError):
        number("x", "x", str).cell({})


@pytest.mark.parametrize("name", ["tfkws.views.table", "tfkws.views.latency", "tfkws.views.clips", "tfkws.units"])
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted and not result.failed


def test_a_narrow_terminal_leaves_out_the_last_droppable_columns_first_and_says_so() -> None:
    headings = ("file", "time", "share", "kernels")
    table = Table(
        "", headings, (("a" * 20, "1 ms", "3 %", "k" * 40),), ("time", "share"), "Note.", ("share", "kernels")
    )
    assert table.fitted(160) == table
    assert table.fitted(60).columns == ("file", "time", "share")
    assert table.fitted(34).columns == ("file", "time")
    assert table.fitted(34).rows == (("a" * 20, "1 ms"),)
    assert table.fitted(34).numeric == ("time",)
    assert table.fitted(34).note == "Note. Left out for want of width: share, kernels."


def test_at_80_columns_no_name_of_an_operator_is_broken() -> None:
    from rich.console import Console

    from tfkws.views.operators import operator_table

    machine = {"cpu": "cpu"}
    row = {"index": 0, "opcode": "FULLY_CONNECTED", "name": "a_layer_of_some_length/dense/BiasAdd",
           "method": "profiler", "time_us": 12.5, "share": 0.5, "macs": 10_000,
           "gmacs_per_s": 1.5, "bytes_moved": 70_000, "intensity": 0.4,
           "roofline_share": 0.3, "limit": "multiply rate", "kernels": ["Fully Connected (NC, F32) GEMM"]}  # fmt: skip
    profile = {"model": "net.tflite", "rows": [row], "machine": machine, "runtime": "litert", "runtime_version": "2",
               "kernels": "xnnpack", "threads": 1, "runs": 5, "method": "profiler", "sum_us": 1.0, "whole_us": 1.0,
               "difference": 0.0, "explanation": "", "number_type": "float32"}  # fmt: skip
    table = operator_table(profile).fitted(80)
    console = Console(width=80)
    with console.capture() as capture:
        console.print(table.to_terminal())
    assert "FULLY_CONNECTED" in capture.get() and "12.5 µs" in capture.get()
    assert len(capture.get().splitlines()) <= 7  # title, blank, heading, rule, one row, blank
    assert "kernels" not in table.columns and "kernels" in table.note


def test_a_terminal_too_narrow_for_columns_gets_lines() -> None:
    table = Table("Front", ("network", "parameters", "MACs"), (("a long name of it", "1,000", "20,000"),), ("MACs",))
    assert table.fits(80)
    assert not table.fits(30)
    assert table.to_lines() == "Front\n\nnetwork: a long name of it\nparameters: 1,000\nMACs: 20,000"
