"""What a device offers: versions by name, and whether a runtime loads. Needs nothing but Python."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

PACKAGES = ("numpy", "ai-edge-litert", "tflite-runtime", "tfkws")


def read_facts(request: dict[str, Any]) -> dict[str, Any]:
    """Return python, architecture and packages (name to version, without loading any)."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {"python": platform.python_version(), "architecture": platform.machine(), "packages": found}


def try_runtime(request: dict[str, Any]) -> dict[str, Any]:
    """Load the runtime that `request` names, because an installed one may not work.

    Raises:
        RuntimeUnavailableError: it does not load.
    """
    from tfkws.tflite.runtime.bare import load_runtime, runtime_version

    load_runtime(request["runtime"])
    return {"runtime_version": runtime_version(request["runtime"])}
