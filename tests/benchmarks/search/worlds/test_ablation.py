"""Ours without one of its parts."""

from pathlib import Path

import pytest

from benchmarks.search.worlds.ablation import PARTS
from benchmarks.search.worlds.game import play, read_game
from benchmarks.search.worlds.layered import make_layered
from benchmarks.search.worlds.page import player_of


def tried(journal: Path) -> list[dict]:
    return [line["values"] for line in read_game(journal)]


def test_a_part_that_is_taken_away_is_there_again_afterwards(tmp_path: Path) -> None:
    world = make_layered(0)
    for name in ("ours", "ours-without-climbing", "ours-without-logit"):
        play(world, player_of(name, world.problem, 0), 0, 13, tmp_path / f"{name}.jsonl")
    whole, flat, linear = (tried(path) for path in sorted(tmp_path.iterdir(), key=lambda path: len(path.name)))
    assert whole[:10] == flat[:10] == linear[:10] and whole != flat and whole != linear and flat != linear
    play(world, player_of("ours", world.problem, 0), 0, 13, tmp_path / "again.jsonl")
    assert tried(tmp_path / "again.jsonl") == whole


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_there_to_be_taken_away(part: str) -> None:
    module, name, without = PARTS[part]
    assert getattr(module, name) != without
