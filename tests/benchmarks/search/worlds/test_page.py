"""The page of the worlds: which games are played, and what of them is published."""

from argparse import ArgumentParser
from pathlib import Path

from benchmarks.search.worlds import page
from benchmarks.search.worlds.game import read_game
from tfkws.run_folder import read_json


def test_games_are_played_once_go_on_and_are_collected(tmp_path: Path) -> None:
    parser = ArgumentParser()
    page.add_options(parser)
    parser.add_argument("--out", type=Path, default=tmp_path / "out")
    shared = ["--work", str(tmp_path / "work"), "--seeds", "1", "--first-seed", "3", "--players"]
    page.measure(parser.parse_args([*shared, "random:1:20,optuna-nsga2:1:4", "--trials", "20"]))
    journals = {path.stem: path for path in (tmp_path / "work").iterdir()}
    names = ("random", "optuna-nsga2")
    assert set(journals) == {f"{family}-{name}-3" for family in page.FAMILIES for name in names}
    before = {name: path.read_bytes() for name, path in journals.items()}
    page.measure(parser.parse_args([*shared, "random:1:26,optuna-nsga2:1:4"]))
    for name, path in journals.items():
        assert path.read_bytes().startswith(before[name])
        assert len(read_game(path)) == (26 if "random" in name else 4)
    page.measure(parser.parse_args([*shared, "random,optuna-nsga2", "--collect"]))
    page.write_tables(tmp_path / "out")
    games = read_json(tmp_path / "out" / page.RECORD)["games"]
    assert games["forest"]["random"]["3"]["shares"] == {"25": read_game(journals["forest-random-3"])[24]["share"]}
    assert games["forest"]["optuna-nsga2"]["3"]["shares"] == {}
    assert "| forest | random |" in (tmp_path / "out" / "worlds.md").read_text()
