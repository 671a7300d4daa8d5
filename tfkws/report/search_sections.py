"""What a search came to: the front, its growth, what was frozen; and what the network is shown of a clip."""

from collections.abc import Iterator, Sequence

from tfkws.report.collect import SearchResults
from tfkws.report.commands import search_command
from tfkws.report.page import Drawing, Section
from tfkws.report.plots import map_figure
from tfkws.report.search_plots import Split, frequency_figure, front_figure, hypervolume_figure, split_trials
from tfkws.units import format_us
from tfkws.views.front import freezes_table, front_table, search_sentence
from tfkws.views.table import Record


def search_sections(search: SearchResults) -> Iterator[Section]:
    """Yield the section of one search folder."""
    summary = search_sentence(search.config["search"], search.front)
    tables = [front_table(search.front)]
    if any(search.freezes):
        tables.append(freezes_table(search.freezes))
    yield Section(
        f"Search: {search.folder.name}", (summary, *search_drawings(search), *tables, *search_command(search))
    )


def search_drawings(search: SearchResults) -> Iterator[Drawing]:
    """Yield the figures of a search.

    Yields:
        Its front, the growth of the front where more than one trial is finished, and the settings on it.
    """
    split = split_trials(search.trials, len(search.config["search"]["stages"]), search.front)
    name = search.folder.name
    caption = "Each candidate's operation count against its accuracy on the whole validation split."
    yield Drawing(front_figure(split), caption, f"front-{name}")
    history = search.front["hypervolume_history"]
    if len(history) > 1:
        caption = "Share of the objective space that the front dominates, after each finished trial."
        yield Drawing(hypervolume_figure(history), caption, f"hypervolume-{name}")
    yield _settings_drawing(search, split)


def _settings_drawing(search: SearchResults, split: Split) -> Drawing:
    choices = {param["name"]: param["choices"] for param in search.config["space"]["params"]}
    frozen = {freeze["param"]: freeze["value"] for stage in search.freezes for freeze in stage}
    caption = "How often each setting occurs on the front of the candidates, and what was frozen along the way."
    return Drawing(frequency_figure(split.front, choices, frozen), caption, f"settings-{search.folder.name}")


def feature_sections(shown: Sequence[Record]) -> Iterator[Section]:
    """Yield one clip of the wake word as the front ends of both papers show it.

    Args:
        shown: content of `features.json`.

    Yields:
        One section, none where nothing was recorded.
    """
    if shown:
        yield Section("Features of both papers", tuple(map(_feature_drawing, shown)))


def _feature_drawing(shown: Record) -> Drawing:
    caption = (
        f"{shown['clip']} as {shown['name']} (paper {shown['paper']}): {len(shown['map'])} x {len(shown['map'][0])}, "
        f"each row in deviations from its mean; {format_us(shown['us_per_clip'])} a clip in NumPy on this machine."
    )
    figure = map_figure(shown["map"], "cepstral coefficient" if "mfcc" in shown["name"] else "mel band")
    return Drawing(figure, caption, f"features-{shown['name']}")
