"""The catalogue that `tfkws models list` prints, read without building a network."""

import json
from pathlib import Path

import pytest

from tfkws.models import catalogue
from tfkws.models.catalogue import CatalogueRow, read_catalogue, write_catalogue

ROW = CatalogueRow("n", "f", "a net", "a paper", (40, 32, 1), 12, 9, 2_656_768)


def test_rows_come_back_as_they_were_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "CATALOGUE", tmp_path / "catalogue.json")
    write_catalogue([ROW])
    assert json.loads((tmp_path / "catalogue.json").read_text()) == [ROW.to_dict()]
    assert read_catalogue() == (ROW,)


def test_names_are_unique_and_counts_positive() -> None:
    rows = read_catalogue()
    assert len({row.name for row in rows}) == len(rows) > 50
    assert all(row.params > 0 and row.macs > 0 and len(row.input_shape) == 3 for row in rows)
