"""An exported folder as a table, from its `export.json`."""

from collections.abc import Mapping
from typing import Any

from tfkws.units import format_bytes
from tfkws.views.table import Record, Table, facts_table, number, table_of, text

FILES = (text("file", "file"), number("size", "size_bytes", format_bytes))
# What is measured of a form, and how it is shown; other facts are shown as they are.
SHOWN = {"arena_bytes": ("arena, measured", format_bytes), "model_bytes": ("model", format_bytes)}


def export_tables(record: Record) -> list[Table]:
    """Return the files of a folder, and what was measured of them."""
    files = [{"file": name, **about} for name, about in record["files"].items()]
    return [table_of("Files", FILES, files), facts_table("Measured", _facts(record["facts"]))]


def _facts(facts: Mapping[str, Any]) -> dict[str, str]:
    shown = {}
    for key, value in facts.items():
        title, form = SHOWN.get(key, (key.replace("_", " "), _plain))
        shown[title] = form(value)
    return shown


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
