"""Damaged records leave their part out of the report and a sentence in its place; the rest of the page stands."""

import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from tfkws.errors import TfkwsError
from tfkws.printable import printable
from tfkws.report.collect import FIELD_KINDS, ModelResults
from tfkws.report.page import Card, Section, render_html, render_markdown
from tfkws.result_files import KINDS
from tfkws.views.table import Table

# What tables and figures raise on values of another type, or far beyond what a measurement gives.
DAMAGE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError, MemoryError, TfkwsError)
MEND = "restore it from a copy, or run its command again"
T = TypeVar("T")


def sound_sections(
    model: ModelResults, part: Callable[[ModelResults], Iterable[Section]], fields: Collection[str], others: str
) -> Iterator[Section]:
    """Yield the sections of one part of a model's results, without the records that cannot be shown.

    Args:
        fields: names of the mappings in `model` that the part reads.
        others: the files that it reads besides, for the sentence.
    """
    made = rendered(part, model)
    if not isinstance(made, Exception):
        yield from made
        return
    keys = dict.fromkeys(key for field in fields for key in getattr(model, field))
    faults = {key: rendered(part, _only(model, fields, (key,))) for key in keys}
    bad = {key: fault for key, fault in faults.items() if isinstance(fault, Exception)}
    rest = rendered(part, _only(model, fields, keys.keys() - bad.keys())) if bad else made
    if not isinstance(rest, Exception):
        yield from rest
    sentences = [left_out(_files(model, fields, key), fault) for key, fault in bad.items()]
    if isinstance(rest, Exception):
        sentences.append(left_out(others, rest))
    yield Section(f"Left out: {model.folder.name}", tuple(sentences))


def sound_cards(*parts: Callable[[], Iterable[Card]]) -> Iterator[Card]:
    """Yield the cards of each part that can be made; what is damaged is named further down the page."""
    for part in parts:
        made = _made(part)
        if not isinstance(made, Exception) and all(isinstance(card.value, str) for card in made):
            yield from made


def sound_parts(title: str, part: Callable[[T], Iterable[Section]], results: T, files: str) -> Iterator[Section]:
    """Yield the sections of results that are shown together or not at all."""
    made = rendered(part, results)
    yield from [Section(title, (left_out(files, made),))] if isinstance(made, Exception) else made


def left_out(files: str, fault: Exception) -> str:
    """Return the sentence about what is not on the page."""
    reason = (str(fault).strip() or type(fault).__name__).splitlines()[0][:200]
    return f"Left out: {files} cannot be shown ({type(fault).__name__}: {printable(reason)}); {MEND}."


def rendered(part: Callable[[T], Iterable[Section]], results: T) -> list[Section] | Exception:
    """Return sections that are sure to be written in every format, or what prevents it."""
    return _made(lambda: _checked(list(part(results))))


def _made(make: Callable[[], Iterable[T]]) -> list[T] | Exception:
    import matplotlib

    try:
        with warnings.catch_warnings(), matplotlib.rc_context({"text.parse_math": False}):
            warnings.simplefilter("ignore")  # Matplotlib's, about characters without a glyph and odd ranges
            return list(make())
    except DAMAGE as error:
        return error


def _checked(sections: list[Section]) -> list[Section]:
    """Write the sections in each format, which tells whether that can be done; drawings keep what was drawn."""
    written = tuple(sections)
    render_html("", "", "", (), written).encode()
    render_markdown("", "", "", (), written).encode()
    for section in sections:
        for part in section.parts:
            if isinstance(part, Table):
                part.to_csv().encode()
    return sections


def _only(model: ModelResults, fields: Collection[str], keys: Collection[str]) -> ModelResults:
    kept: dict[str, Any] = {
        field: {key: record for key, record in getattr(model, field).items() if key in keys} for field in fields
    }
    return replace(model, **kept)


def _files(model: ModelResults, fields: Collection[str], key: str) -> str:
    """Names of the files that hold the records of one key."""
    kinds = (KINDS[FIELD_KINDS[field]] for field in fields if key in getattr(model, field))
    return " or ".join(dict.fromkeys(f"{kind.prefix}{key}{kind.ending}" for kind in kinds))
