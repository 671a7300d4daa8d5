"""The stage of `tfkws report`: one self-contained page of everything under a folder, its figures and its tables."""

from pathlib import Path

from tfkws.output_folder import check_output_folder
from tfkws.report.build import PAGE, compose_report
from tfkws.run_folder import write_text


def write_report(folder: Path, out: Path) -> Path:
    """Write `index.html`, `report.md`, one PNG a figure and one CSV a table into `out`; return the page's path.

    Raises:
        RunFolderError: `folder` holds no results.
    """
    check_output_folder(out)
    report = compose_report(folder)
    for drawing in report.drawings:
        drawing.save(out)
    for name, text in report.texts.items():
        if name != PAGE:
            write_text(out / name, text)
    write_text(out / PAGE, report.texts[PAGE])  # last: where it lies, what it belongs with lies beside it
    return out / PAGE
