"""The tables of the worlds, on games that are made up."""

from typing import Any

from benchmarks.search.worlds.tables import ALL, lead, leads_table, shares, shares_table


def game(*values: float) -> dict[str, Any]:
    marks = ("25", "50", "100", "200")
    return {"shares": dict(zip(marks, values, strict=False)), "ask_seconds": 0.05}


GAMES = {
    "a": {"ours": {"0": game(0.5, 0.6), "1": game(0.7, 0.8)}, "rival": {"0": game(0.4), "1": game(0.5)}},
    "b": {"ours": {"0": game(0.3, 0.4), "1": game(0.3, 0.4)}, "rival": {"0": game(0.3)}},
}


def test_over_all_families_the_mean_of_each_seed_that_all_have() -> None:
    assert shares(GAMES, "a", "ours", 25) == {"0": 0.5, "1": 0.7}
    assert shares(GAMES, ALL, "ours", 50) == {"0": 0.5, "1": 0.6000000000000001}
    assert shares(GAMES, ALL, "rival", 25) == {"0": 0.35}
    assert shares(GAMES, "b", "nobody", 25) == {}


def test_leads_are_paired_by_seed_and_missing_where_fewer_than_two_are() -> None:
    assert lead(GAMES, "a", "rival", 25) == "+0.1500 [+0.1000, +0.2000]"
    assert lead(GAMES, "b", "rival", 25) == "" and lead(GAMES, "a", "rival", 50) == ""


def test_tables_name_every_player_and_how_many_seeds_it_played() -> None:
    text = shares_table(GAMES).to_markdown()
    assert "| a | ours | 0.6000 (2) | 0.7000 (2) |" in text and "| b | rival | 0.3000 (1) |" in text
    assert len(leads_table(GAMES).rows) == 3
