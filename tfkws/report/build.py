"""Read results and compose their report in every format."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tfkws.intervals import LEVEL
from tfkws.printable import printable
from tfkws.report.collect import ModelResults, Results, collect
from tfkws.report.left_out import sound_parts
from tfkws.report.model_sections import headline, model_sections
from tfkws.report.page import Card, Drawing, Section, render_html, render_markdown
from tfkws.report.search_sections import feature_sections, search_sections
from tfkws.report.summary import best_model, summary_section
from tfkws.report.wakeword.sections import wakeword_cards, wakeword_sections
from tfkws.run_folder import read_json
from tfkws.views.table import Table
from tfkws.views.wakeword.detector import PEOPLE

PAGE = "index.html"
FEATURES = "features.json"
LEAD = f"Scores carry {LEVEL} intervals, resampled over speakers; times are medians of unprofiled runs."
WAKEWORD_LEAD = f"A detector that was made from text. Intervals are {LEVEL}."
SYNTHETIC = "That shows that the pipeline works, not how well the network hears people."


@dataclass(frozen=True)
class Report:
    """A composed report.

    Attributes:
        texts: file name to content: the page, its Markdown, and one CSV a table.
        drawings: figures, one PNG each.
    """

    texts: dict[str, str]
    drawings: tuple[Drawing, ...]


def compose_report(folder: Path) -> Report:
    """Read the results under a folder and compose their report; nothing is written.

    Raises:
        RunFolderError: `folder` holds no results.
    """
    results = collect(folder)
    sections = (*_summary(results), *_sections(results), *_features(folder / FEATURES))
    title = f"tfkws: {_name_of(results, folder)}"
    lead = LEAD if results.models or results.searches else WAKEWORD_LEAD
    warning = synthetic_warning(results)
    cards = _cards(results)
    texts = {
        PAGE: render_html(title, lead, warning, cards, sections),
        "report.md": render_markdown(title, lead, warning, cards, sections),
        **csv_files(sections),
    }
    return Report(texts, tuple(part for section in sections for part in section.parts if isinstance(part, Drawing)))


def _name_of(results: Results, folder: Path) -> str:
    """Name a page by its phrase where it is about one detector alone, else by its folder."""
    settings = results.wakewords[0].record.get("settings") if _is_alone(results) else None
    phrase = settings.get("phrase") if isinstance(settings, dict) else None
    return printable(phrase) if isinstance(phrase, str) else folder.resolve().name


def _cards(results: Results) -> tuple[Card, ...]:
    """Figures of merit of the best network, or of the detector where there is one alone."""
    if results.models:
        return headline(_shown_first(results))
    return wakeword_cards(results.wakewords[0]) if _is_alone(results) else ()


def _is_alone(results: Results) -> bool:
    """Whether the page is about one detector from a phrase and nothing else."""
    return len(results.wakewords) == 1 and not results.models and not results.searches


def _shown_first(results: Results) -> ModelResults:
    """The model whose figures of merit head the page: the best, else the last."""
    try:
        return best_model(results.models) or results.models[-1]
    except (KeyError, TypeError, ValueError):  # of a damaged record, whose section says so
        return results.models[-1]


def _summary(results: Results) -> Iterator[Section]:
    yield from sound_parts("In short", summary_section, results, "an evaluation, cost.json or front.json")


def csv_files(sections: Sequence[Section]) -> dict[str, str]:
    """Return one CSV a table by file name; tables of one title are numbered, so that all are kept."""
    files: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for section in sections:
        for part in section.parts:
            if isinstance(part, Table):
                name = f"{_slug(section.title)}-{_slug(part.title)}"
                seen[name] += 1
                files[f"{name}-{seen[name]}.csv" if seen[name] > 1 else f"{name}.csv"] = part.to_csv()
    return files


def _features(path: Path) -> Iterator[Section]:
    def read(there: Path) -> Iterator[Section]:
        return feature_sections(read_json(there))

    if path.exists():
        yield from sound_parts("Features of both papers", read, path, path.name)


def _sections(results: Results) -> Iterator[Section]:
    if results.left_out:
        yield Section("Left out", results.left_out)
    for search in results.searches:
        name = search.folder.name
        files = f"config.json, front.json, freezes.json or journal.jsonl of {name}"
        yield from sound_parts(f"Search: {name}", search_sections, search, files)
    for model in results.models:
        yield from model_sections(model)
    for run in results.wakewords:
        yield from wakeword_sections(run, "" if _is_alone(results) else run.folder.name)


def synthetic_warning(results: Results) -> str:
    """Say which scores come from a synthesiser; nothing where none does."""
    runs = {model.folder.name: model.config for model in results.models}
    runs |= {search.folder.name: search.config.get("run", {}) for search in results.searches}
    if not runs and results.wakewords:
        return PEOPLE
    runs |= {run.folder.name: {"synthetic_speech": True} for run in results.wakewords}
    made = [name for name, run in runs.items() if run.get("synthetic_speech")]
    if not made:
        return ""
    if len(made) == len(runs):
        return f"Synthetic speech: every score on this page comes from speech made by a synthesiser. {SYNTHETIC}"
    verb = "come" if len(made) > 1 else "comes"
    what = f"what stands here of {', '.join(made)} {verb} from speech made by a synthesiser"
    return f"Synthetic speech: {what}; the other scores are of recordings. {SYNTHETIC}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]
