"""What `tfkws models list` prints: every registered network with its counts, read from a file instead of built.

`python -m benchmarks cost` counts and writes it; a test holds it to the registry and to counting.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tfkws.run_folder import write_json

CATALOGUE = Path(__file__).with_name("catalogue.json")


@dataclass(frozen=True)
class CatalogueRow:
    """One registered network.

    Attributes:
        name: what `build_model` takes.
        family: name of its family.
        title, paper: what it is and where it was published, for people.
        input_shape: (height, width, channels), without the batch.
        num_classes: at which `params` and `macs` hold, as they do for `input_shape`.
        params: trainable parameters.
        macs: multiply-accumulates of one example.
    """

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
    """Read the catalogue that belongs to this version of the zoo, in the order of `list_models()`."""
    rows = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return tuple(CatalogueRow(**row | {"input_shape": tuple(row["input_shape"])}) for row in rows)


def write_catalogue(rows: Iterable[CatalogueRow]) -> None:
    """Write the catalogue that `read_catalogue` reads."""
    write_json(CATALOGUE, [row.to_dict() for row in rows])
