"""Trainings of a card: taken in with what `tfkws evaluate` said, and laid out beside what a CPU's reached."""

from pathlib import Path
from typing import Any

import pytest
from gpu_records import training

from benchmarks.profile.gpu.trainings import published_scores, take_in, trainings_table, with_evaluations
from benchmarks.records import PUBLISHED
from tfkws.errors import BenchmarkError
from tfkws.run_folder import read_json, write_json


def evaluation(accuracy: float) -> dict[str, Any]:
    """Return what `tfkws evaluate` writes, as far as it matters."""
    return {
        "protocol": "commands", "words": ["yes"], "manifest": "ab", "synthetic_speech": False, "clips": 2115,
        "speakers": 304, "accuracy": accuracy, "accuracy_interval": [accuracy - 0.02, accuracy + 0.02],
        "majority_baseline": 0.11, "f1": accuracy - 0.01, "f1_interval": [0.8, 0.9], "confusion": [[1]],
    }  # fmt: skip


def rows_of(card: Path) -> list[dict[str, str]]:
    table = trainings_table(card)
    assert table is not None
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_a_training_is_taken_in_with_its_scores_on_the_clips(tmp_path: Path) -> None:
    source, models, card = tmp_path / "results", tmp_path / "models", tmp_path / "card"
    write_json(source / "kws10-seed0.json", training())
    write_json(source / "kws12-seed0.json", training("kws12", steps=12_000))
    for split, accuracy in (("validation", 0.94), ("testing", 0.9)):
        write_json(models / "kws10-seed0" / f"evaluation-keras-{split}.json", evaluation(accuracy))
    assert [path.name for path in take_in(source, models, card)] == ["kws10-seed0.json", "kws12-seed0.json"]
    first, second = rows_of(card)
    assert (first["validation"], first["testing"]) == ("94.0 % [92.0, 96.0] %", "90.0 % [88.0, 92.0] %")
    assert (first["scored on"], second["scored on"]) == ("clips", "maps of bytes")
    assert (second["validation"], second["testing"]) == ("95.0 %", "91.0 %")
    assert (second["steps"], second["of"], second["clips seen"]) == ("12,000", "40,000", "1,200,000")
    assert first["on a CPU, testing"] and not second["on a CPU, testing"]
    stored = read_json(card / "trainings" / "kws10-seed0.json")
    assert len(stored["chunks"]) <= 30 and "confusion" not in stored["evaluations"]["testing"]


def test_taken_in_again_elsewhere_the_scores_stay(tmp_path: Path) -> None:
    source, card = tmp_path / "results", tmp_path / "card"
    write_json(source / "kws10-seed0.json", training())
    write_json(card / "trainings" / "kws10-seed0.json", training(evaluations={"testing": evaluation(0.9)}))
    take_in(source, tmp_path / "no models", card)
    (row,) = rows_of(card)
    assert (row["testing"], row["scored on"]) == ("90.0 % [88.0, 92.0] %", "maps of bytes, testing on clips")


def test_networks_stand_in_the_order_of_all_tables_with_their_seeds(tmp_path: Path) -> None:
    for network, seed in (("kws12", 0), ("dscnn", 0), ("kws2", 1), ("kws2", 0), ("a stranger", 0)):
        write_json(tmp_path / "trainings" / f"{network}-seed{seed}.json", training(network, seed))
    found = [(row["network"], row["seed"]) for row in rows_of(tmp_path)]
    assert found == [("kws2", "0"), ("kws2", "1"), ("kws12", "0"), ("dscnn", "0")]
    assert trainings_table(tmp_path / "empty") is None


def test_a_wake_word_tells_f1_too(tmp_path: Path) -> None:
    told = training("dscnn", task="wake-word", evaluations={"testing": evaluation(0.97)})
    write_json(tmp_path / "trainings" / "dscnn-seed0.json", told)
    (row,) = rows_of(tmp_path)
    assert (row["task"], row["testing"]) == ("happy", "97.0 % [95.0, 99.0] %, F1 96.0 %")


def test_the_published_score_is_that_of_the_longest_training() -> None:
    rows = read_json(PUBLISHED / "accuracy" / "accuracy.json")["rows"]
    own = [row for row in rows if (row["task"], row["model"]) == ("eight-words", "kws10")]
    longest = max(row["clips_seen"] for row in own)
    rivals = [row for row in own if row["clips_seen"] == longest]
    best = max((row for row in rivals if row["split"] == "validation"), key=lambda row: float(row["float32"]))["recipe"]
    (score,) = (row["float32"] for row in rivals if (row["split"], row["recipe"]) == ("testing", best))
    told = published_scores(PUBLISHED)["commands", "kws10"]
    assert told.startswith(f"{100 * score:.1f} % [") and told.endswith(f"{best}, {longest:,} clips")
    assert published_scores(PUBLISHED)["wake-word", "kws10"].startswith("F1 ")


def test_few_losses_are_all_kept(tmp_path: Path) -> None:
    assert len(with_evaluations(training(chunks=[{}, {}]), tmp_path, {})["chunks"]) == 2
    assert with_evaluations(training(chunks=[]), tmp_path, {})["chunks"] == []


def test_a_record_of_something_else_is_one_sentence(tmp_path: Path) -> None:
    write_json(tmp_path / "results" / "x.json", {"network": "kws1", "seed": 0})
    with pytest.raises(BenchmarkError, match="x.json is no record of .*: it lacks task, steps, .*; take it away"):
        take_in(tmp_path / "results", tmp_path, tmp_path / "card")
