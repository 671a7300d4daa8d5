"""A game: what players are told, and that an interrupted one goes on."""

from pathlib import Path

import pytest

from benchmarks.search.table.players import Player, make_player
from benchmarks.search.worlds.game import play, read_game
from benchmarks.search.worlds.layered import make_layered
from benchmarks.search.worlds.world import World
from tfkws.tuner.fronts.front import bounds
from tfkws.tuner.records.trials import TrialRecord, Values


def player(name: str, world: World, seed: int = 0) -> Player:
    return make_player(name, world.problem, seed, *bounds(world.problem, []))


def settled(journal: Path) -> list[dict]:
    """The trials without the time that they took."""
    return [{key: value for key, value in line.items() if key != "ask_seconds"} for line in read_game(journal)]


def test_our_game_goes_on_as_if_it_had_not_been_interrupted(tmp_path: Path) -> None:
    world = make_layered(0)
    play(world, player("ours", world), 0, 14, tmp_path / "whole.jsonl")
    play(world, player("ours", world), 0, 5, tmp_path / "parts.jsonl")
    play(world, player("ours", world), 0, 14, tmp_path / "parts.jsonl")
    assert settled(tmp_path / "parts.jsonl") == settled(tmp_path / "whole.jsonl")


@pytest.mark.parametrize("name", ["optuna-tpe", "random"])
def test_what_was_played_stays_and_a_line_that_was_cut_short_is_played_again(name: str, tmp_path: Path) -> None:
    world, journal = make_layered(0), tmp_path / "game.jsonl"
    play(world, player(name, world), 0, 12, journal)
    before = read_game(journal)
    journal.write_bytes(journal.read_bytes()[:-9])
    assert read_game(journal) == before[:11]
    journal.write_bytes(b"".join(line + b"\n" for line in journal.read_bytes().split(b"\n")[:-1]))
    play(world, player(name, world, 1_000), 0, 16, journal)
    after = read_game(journal)
    assert after[:11] == before[:11] and len(after) == 16
    assert [line["share"] for line in after] == sorted(line["share"] for line in after)


class Told:
    """A player that tries the first choices in turn and keeps what it is told."""

    early = False

    def __init__(self, world: World) -> None:
        self.world, self.records = world, list[TrialRecord]()

    def ask(self) -> Values:
        values = self.world.problem.space.values_at([0] * len(self.world.problem.space.params))
        return {**values, "conv0_m": self.world.problem.space.params[1].choices[len(self.records) % 8]}

    def tell(self, record: TrialRecord) -> None:
        self.records.append(record)

    recall = tell


def test_players_are_told_noisy_errors_and_judged_by_true_ones(tmp_path: Path) -> None:
    world, told = make_layered(2), Told(make_layered(2))
    play(world, told, 7, 60, tmp_path / "game.jsonl")
    lines = read_game(tmp_path / "game.jsonl")
    failed = [record for record in told.records if record.status == "infeasible"]
    assert 0 < len(failed) < 10 and all(not record.metrics for record in failed)
    assert [line["error"] for line in lines] == [record.metrics.get("top1_error") for record in told.records]
    finished = [record for record in told.records if record.status == "completed"]
    assert lines[-1]["share"] == pytest.approx(world.share([world.point(r.values) for r in finished]), abs=1e-6)
