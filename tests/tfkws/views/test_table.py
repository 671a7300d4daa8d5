"""One table in four formats; nothing in a cell can become markup."""

import csv
import io

from tfkws.views.table import Table

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
