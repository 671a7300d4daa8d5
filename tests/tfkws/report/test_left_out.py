"""A damaged record leaves its part out of the report, with a sentence; the rest of the page stays as it is."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from damage import damaged

from tfkws.report.build import PAGE, compose_report
from tfkws.report.left_out import sound_cards
from tfkws.report.page import Card

FIRST_RUN = Path(__file__).parents[3] / "artifacts" / "published" / "first_run"
RECORDS = sorted(path.name for path in FIRST_RUN.glob("*.json"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a published run with the small ones of its records, so that a page is quick to draw."""
    folder = tmp_path / "run"
    folder.mkdir()
    for path in FIRST_RUN.iterdir():
        if path.suffix in (".json", ".csv"):
            shutil.copy(path, folder)
    return folder


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


def test_one_damaged_record_of_two_leaves_the_other(folder: Path) -> None:
    change(folder / "benchmark-int8.json", median_us="fast")
    page = compose_report(folder).texts["report.md"]
    assert "Left out: benchmark-int8.json" in page and "restore it from a copy" in page
    latency = page[page.index("## Latency") : page.index("## Left out")]
    assert "none.tflite" in latency and "int8.tflite" not in latency


@pytest.mark.parametrize("name", ["benchmark-int8.json", "evaluation-int8-testing.json", "config.json", "cost.json"])
@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff", b'{"a": NaN}', b"{}", b"3"])
def test_what_is_no_record_is_left_out_and_named(name: str, content: bytes, folder: Path) -> None:
    for path in folder.glob("*.json"):
        if path.name not in (name, "training.json", "config.json", "evaluation-none-testing.json"):
            path.unlink()
    (folder / name).write_bytes(content)
    texts = compose_report(folder).texts
    assert "Left out" in texts["report.md"]
    assert name in texts["report.md"] or folder.name in texts["report.md"]
    assert "delete" not in texts["report.md"] and "Traceback" not in texts[PAGE]


def test_a_label_is_no_formula(folder: Path) -> None:
    path = folder / "evaluation-int8-testing.json"
    text = path.read_text(encoding="utf-8")
    label = json.loads(text)["labels"][0]
    path.write_text(text.replace(f'"{label}"', '"$\\\\frac{$"'), encoding="utf-8")
    page = compose_report(folder).texts[PAGE]
    assert "Left out:" not in page and "$\\frac{$" in page


def test_a_record_of_another_file_is_left_out(folder: Path) -> None:
    (folder / "int8.tflite").write_bytes(b"another file")
    page = compose_report(folder).texts["report.md"]
    assert "int8.recipe.json and int8.parity.json tell of another file" in page
    assert "none" in page[page.index("## Conversion") :]


def test_cards_that_cannot_be_made_are_left_out() -> None:
    def broken() -> list[Card]:
        raise KeyError("accuracy")

    assert list(sound_cards(broken, lambda: [Card("1 %", "error")])) == [Card("1 %", "error")]


@pytest.mark.parametrize("name", RECORDS)
def test_no_edit_of_a_record_is_a_traceback(name: str, tmp_path: Path) -> None:
    """Each edit in a folder of its own kind of record, so that a page is quick to draw; `make fuzz` does more."""
    folder = tmp_path / "run"
    folder.mkdir()
    for kept in ("config.json", "training.json", name):
        shutil.copy(FIRST_RUN / kept, folder)
    sound, draw = json.loads((FIRST_RUN / name).read_text(encoding="utf-8")), random.Random(name)
    for _ in range(6):
        (folder / name).write_text(json.dumps(damaged(sound, draw)), encoding="utf-8")
        compose_report(folder)
