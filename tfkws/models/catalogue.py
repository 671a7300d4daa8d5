"""What `tfkws models list` prints: every registered network with its counts, read from a file instead of built.

`python -m benchmarks cost` writes the file; a test holds it to the registry and to counting.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).with_name("catalogue.json")


@dataclass(frozen=True)
class CatalogueRow:
    """One registered network; `params` and `macs` hold for `input_shape` and `num_classes`."""

    name: str
    family: str
    title: str
    paper: str
    input_shape: tuple[int, ...]
    num_classes: int
    params: int
    macs: int

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON-ready values."""
        return asdict(self) | {"input_shape": list(self.input_shape)}


def read_catalogue() -> tuple[CatalogueRow, ...]:
    """Read the catalogue that belongs to this version of the zoo."""
    rows = json.loads(CATALOGUE.read_text())
    return tuple(CatalogueRow(**row | {"input_shape": tuple(row["input_shape"])}) for row in rows)
