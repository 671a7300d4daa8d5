"""The report of a published run, composed without writing anything."""

import csv
import io
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tfkws.errors import RunFolderError
from tfkws.report.build import PAGE, compose_report, csv_files, synthetic_warning
from tfkws.report.collect import ModelResults, Results
from tfkws.report.page import Section
from tfkws.views.table import Table

FIRST_RUN = Path(__file__).parents[3] / "artifacts" / "published" / "first_run"
EMPTY = {"meta", "link", "br", "img", "path", "use", "rect", "circle", "line"}


class Balance(HTMLParser):
    """Holds every end tag against the last open one."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            assert self.open.pop() == tag


def test_the_page_is_whole_and_self_contained() -> None:
    report = compose_report(FIRST_RUN)
    page = report.texts[PAGE]
    balance = Balance()
    balance.feed(page)
    assert balance.open == []
    assert {"table", "svg", "figure", "section"} <= balance.seen
    assert page.count("<svg") == len(report.drawings) == 5
    assert "src=" not in page and 'rel="stylesheet"' not in page


def test_every_table_is_a_csv_file_and_every_figure_is_linked() -> None:
    report = compose_report(FIRST_RUN)
    tables = [name for name in report.texts if name.endswith(".csv")]
    assert len(tables) == report.texts[PAGE].count("<table>")
    assert all(f"({drawing.name}.png)" in report.texts["report.md"] for drawing in report.drawings)


def test_tables_of_one_title_do_not_replace_each_other() -> None:
    tables = tuple(Table("Same", ("a",), ((value,),)) for value in ("1", "2"))
    files = csv_files([Section("S", tables)])
    assert list(files) == ["s-same.csv", "s-same-2.csv"]
    assert [list(csv.reader(io.StringIO(text)))[1] for text in files.values()] == [["1"], ["2"]]


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="holds no results"):
        compose_report(tmp_path)


def results_of(**synthetic: bool) -> Results:
    config = {name: {"synthetic_speech": is_synthetic} for name, is_synthetic in synthetic.items()}
    return Results(tuple(ModelResults(Path(name), config[name], None, None, []) for name in config), ())


def test_the_warning_names_the_networks_that_heard_a_synthesiser() -> None:
    assert synthetic_warning(results_of(happy=False)) == ""
    assert "every score on this page comes from speech made by a synthesiser" in synthetic_warning(results_of(yes=True))
    mixed = synthetic_warning(results_of(happy=False, yes=True))
    assert "what stands here of yes comes from" in mixed and "the other scores are of recordings" in mixed
    assert "happy" not in mixed


def test_the_cards_name_their_network() -> None:
    page = compose_report(FIRST_RUN).texts["report.md"]
    assert "- **seed_cnn 3x3,40 1x1,20 1x1,20 3x3,20 5x5,20 3x3,30** network of first_run" in page.split("##")[0]
