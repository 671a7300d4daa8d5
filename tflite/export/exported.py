"""What an export gives: files of one folder, and what is known of them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from tfkws.config import ExportSettings
from tfkws.printable import printable
from tfkws.tflite.bundle.archive import Bundle

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Exported:
    """The files of one folder.

    Attributes:
        files: content of each, by its path within the folder, with "/" between the parts.
        facts: what was measured of them, JSON-ready; shown, and kept in the folder's record.
        next: the line to type next, within the folder.
    """

    files: Mapping[str, bytes]
    facts: Mapping[str, Any]
    next: str


Form = Callable[[Bundle, ExportSettings], Exported]


def json_file(value: Any) -> bytes:
    """Return a JSON file's bytes, indented, keys in their order."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def template(name: str) -> bytes:
    """Return a file that is the same in every folder of a form, by its path within `templates/`."""
    return (TEMPLATES / name).read_bytes()


def filled(name: str, **values: Any) -> bytes:
    """Return a template with its `$names` filled in; control codes, which text may hold, are written out."""
    plain = {key: printable(value) if isinstance(value, str) else value for key, value in values.items()}
    return Template(template(name).decode()).substitute(plain).encode()
