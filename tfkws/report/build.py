"""Read results, compose the page, write it in every format."""

import re
from collections.abc import Iterator
from pathlib import Path

from tfkws.report.collect import Results, collect
from tfkws.report.feature_sections import feature_sections
from tfkws.report.model_sections import headline, model_sections
from tfkws.report.page import Card, Drawing, Section, render_html, render_markdown
from tfkws.report.search_sections import search_sections
from tfkws.run_folder import write_text
from tfkws.views.table import Table

SYNTHETIC = (
    "Synthetic speech: every score on this page comes from speech made by a synthesiser. "
    "It shows that the pipeline works, not how well the network hears people."
)


def write_report(folder: Path, out: Path) -> Path:
    """Write `index.html`, `report.md`, one PNG a figure and one CSV a table into `out`; return the page's path.

    Raises:
        RunFolderError: `folder` holds no results, or a result file is damaged.
    """
    results = collect(folder)
    sections = (*feature_sections(folder / "features.json"), *_sections(results))
    title = f"tfkws: {folder.resolve().name}"
    lead = "Scores carry 95 % intervals, resampled over speakers; times are medians of unprofiled runs."
    warning = SYNTHETIC if _synthetic(results) else ""
    cards: tuple[Card, ...] = headline(results.models[-1]) if results.models else ()
    for section in sections:
        _write_parts(section, out)
    write_text(out / "report.md", render_markdown(title, lead, warning, cards, sections))
    write_text(out / "index.html", render_html(title, lead, warning, cards, sections))
    return out / "index.html"


def _sections(results: Results) -> Iterator[Section]:
    for search in results.searches:
        yield from search_sections(search)
    for model in results.models:
        yield from model_sections(model)


def _synthetic(results: Results) -> bool:
    return any(model.config.get("synthetic_speech") for model in results.models)


def _write_parts(section: Section, out: Path) -> None:
    for part in section.parts:
        if isinstance(part, Table):
            write_text(out / f"{_slug(section.title)}-{_slug(part.title)}.csv", part.to_csv())
        elif isinstance(part, Drawing):
            part.save(out)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]
