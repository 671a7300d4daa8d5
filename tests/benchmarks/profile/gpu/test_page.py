"""A card's page from made-up records: everything that a run may send back, and everything that it may lack."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

import pytest
from gpu_records import on_core, on_gpu, traced, training

from benchmarks.profile.gpu.layer_tables import layer_classes
from benchmarks.profile.gpu.page import add_options, measure, write_tables
from benchmarks.zoo_files import COMMANDS
from tfkws.run_folder import read_json, write_json
from tfkws.tflite.latency_model.model import load_latency_model

MEASURED = (*COMMANDS, "dscnn", "mnasnet1_0", "efficientnet_b1", "cnn", "efficientnet_b7")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A card with all that a run sends back, but for what a driver forbade, refused or had no time for."""
    folder = tmp_path / "made-up"
    for number, name in enumerate(MEASURED):
        layers = list(layer_classes(name))
        write_json(folder / "records" / f"{name}.json", traced(name, layers, 100.0 + 9 * len(layers) + number))
    silent = traced("densenet_bc_190_40", [], 900.0) | {"trace": {"passes": 10, "busy_us": 0.0, "kernels": 0.0}}
    write_json(folder / "records" / "densenet_bc_190_40.json", silent)
    write_json(folder / "litert" / "kws12-litert-gpu.json", on_gpu(420.0))
    write_json(folder / "litert" / "kws12-litert.json", on_core(210.0))
    write_json(folder / "litert" / "cnn-litert-gpu.json", {"refused": "Too large."})
    write_json(folder / "trainings" / "kws10-seed0.json", training())
    (folder / "origin.md").write_text("Made up.\n")
    return folder


def options_of(folder: Path, *words: str) -> Namespace:
    parser = ArgumentParser()
    parser.add_argument("--out", type=Path, default=folder)
    add_options(parser)
    return parser.parse_args(words)


def test_all_that_a_run_sends_back_stands_on_the_page(card: Path) -> None:
    write_tables(card.parent)
    text = (card / "README.md").read_text()
    for title in ("on three processors", "Layers by the card's trace", "as .tflite files", "Trained on the card",
                  "Two machines, two prices", "Paper B's Figures 5 and 6"):  # fmt: skip
        assert title in text, title
    layers = text.split("Layers by the card's trace")[1].split("as .tflite files")[0]
    cells = [line.split(" | ") for line in layers.splitlines() if line.startswith("| ")]
    assert {row[0].strip("| "): row[4] for row in cells[2:]} == dict.fromkeys(MEASURED, "100.0 %")
    assert "Too large." in text and "| kws3 |" in text.split("as .tflite files")[1]
    assert "Call to answer without a trace of kernels, and so in no table: densenet_bc_190_40 (" in text
    assert (card / "layer_classes.csv").read_text().count("\nkws12,") >= 5
    assert load_latency_model(card / "latency_model.json").circumstances.cpu == "A made-up card"


def test_written_again_it_is_the_same(card: Path) -> None:
    write_tables(card.parent)
    before = {path: path.read_bytes() for path in card.iterdir() if path.suffix in (".md", ".csv", ".json")}
    write_tables(card.parent)
    assert before == {path: path.read_bytes() for path in before} and len(before) > 10


def test_a_card_that_forbids_traces_has_a_page_of_what_is_there(card: Path) -> None:
    for path in (card / "records").iterdir():
        record = read_json(path)
        del record["trace"]
        path.write_text(json.dumps(record))
    write_tables(card.parent)
    text = (card / "README.md").read_text()
    assert "Too few networks are measured" in text and "kws12 (" in text and "as .tflite files" in text


def test_trainings_are_taken_in_where_they_are_given(card: Path, tmp_path: Path) -> None:
    measure(options_of(tmp_path))
    write_json(tmp_path / "sent" / "kws12-seed1.json", training("kws12", 1))
    measure(options_of(tmp_path, "--trainings", str(tmp_path / "sent"), "--card", card.name, "--models", str(tmp_path)))
    write_tables(card.parent)
    assert "| kws12 | eight-words | 1 |" in (card / "README.md").read_text()


@pytest.mark.parametrize("named", [[], ["--card", "another"]])
def test_trainings_without_a_card_or_a_folder_of_none_are_told(card: Path, tmp_path: Path, named: list[str]) -> None:
    with pytest.raises(SystemExit, match="--trainings needs --card, the name of a folder in"):
        measure(options_of(tmp_path, "--trainings", str(tmp_path), *named))
    with pytest.raises(SystemExit, match="holds no trainings"):
        measure(options_of(tmp_path, "--trainings", str(tmp_path / "none"), "--card", card.name))
