"""The report of a published run is written whole."""

from pathlib import Path

import pytest

from tfkws.errors import RunFolderError
from tfkws.pipeline.report import write_report
from tfkws.report.build import compose_report

FIRST_RUN = Path(__file__).parents[3] / "artifacts" / "published" / "first_run"


def test_page_figures_and_tables_are_written(tmp_path: Path) -> None:
    page = write_report(FIRST_RUN, tmp_path / "report")
    report = compose_report(FIRST_RUN)
    assert page == tmp_path / "report" / "index.html"
    figures = {f"{drawing.name}.png" for drawing in report.drawings}
    written = {path.name for path in page.parent.iterdir()}
    assert written >= {"index.html", "report.md", *report.texts, *figures}


def test_nothing_is_written_of_a_folder_without_results(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="holds no results"):
        write_report(tmp_path, tmp_path / "report")
    assert not (tmp_path / "report").exists()
