"""Records that a real run left behind, as its folder holds them."""

import json
from pathlib import Path
from typing import Any

import pytest

FIRST_RUN = Path(__file__).parents[3] / "artifacts" / "published" / "first_run"


@pytest.fixture(scope="session")
def first_run() -> dict[str, dict[str, Any]]:
    """Return every JSON file of the published first run, by its name without the ending."""
    return {path.name.removesuffix(".json"): json.loads(path.read_text()) for path in FIRST_RUN.glob("*.json")}
