"""Find, train, convert, profile, run and listen with keyword-spotting networks for small CPUs."""

from __future__ import annotations  # this file goes to devices whose Python is older

import importlib
from typing import Any

__version__ = "0.1.0"
_SHOWN = {"Detector": "tfkws.detect.detector"}  # where they are; NumPy stays behind


def __getattr__(name: str) -> Any:
    """Import `tfkws.Detector` when it is first asked for."""
    if name in _SHOWN:
        return getattr(importlib.import_module(_SHOWN[name]), name)
    raise AttributeError(f"module 'tfkws' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_SHOWN})
