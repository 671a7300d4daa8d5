"""Tables of the games: who dominates how much after how many trials, and by how much ours leads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.intervals import LEVEL, resampled_mean_interval
from tfkws.run_folder import write_text
from tfkws.views.table import Table

MARKS = (25, 50, 100, 200)
OURS, ALL = "ours", "all families"


def write_comparison(folder: Path, result: Mapping[str, Any]) -> None:
    """Write worlds.md."""
    games = result["games"]
    texts = [shares_table(games).to_markdown(), leads_table(games).to_markdown()]
    write_text(folder / "worlds.md", "\n".join(texts))


def shares(games: Mapping[str, Any], family: str, player: str, mark: int) -> dict[str, float]:
    """Return the hypervolume after `mark` trials by seed; over all families the mean of those seeds that all have."""
    if family != ALL:
        found = games[family].get(player, {})
        return {seed: game["shares"][str(mark)] for seed, game in found.items() if str(mark) in game["shares"]}
    each = [shares(games, one, player, mark) for one in games]
    return {seed: float(np.mean([one[seed] for one in each])) for seed in each[0] if all(seed in one for one in each)}


def shares_table(games: Mapping[str, Any]) -> Table:
    """Return mean hypervolumes."""
    rows = []
    for family in (*games, ALL):
        for player in players_of(games):
            found = [shares(games, family, player, mark) for mark in MARKS]
            means = [f"{np.mean(list(one.values())):.4f} ({len(one)})" if one else "" for one in found]
            rows.append((family, player, *means, suggestion(games, family, player)))
    columns = ("worlds", "player", *(f"after {mark}" for mark in MARKS), "suggestion, ms")
    note = (
        "Mean of the share of the volume between the bounds of the space that the trained candidates dominate by their "
        "errors without noise; in brackets the number of seeds. Suggestion: mean processor time."
    )
    return Table("Hypervolume against trials", columns, tuple(rows), columns[2:], note)


def leads_table(games: Mapping[str, Any]) -> Table:
    """Return how far ours is ahead of each rival in the same instances."""
    rows = []
    for family in (*games, ALL):
        for rival in players_of(games):
            if rival != OURS:
                rows.append((family, rival, *(lead(games, family, rival, mark) for mark in MARKS)))
    columns = ("worlds", "rival", *(f"after {mark}" for mark in MARKS))
    note = f"Mean difference over seeds that both have played, and its {LEVEL} interval from resampling seeds."
    return Table("Lead of ours", columns, tuple(rows), columns[2:], note)


def lead(games: Mapping[str, Any], family: str, rival: str, mark: int) -> str:
    """Return the mean difference of hypervolume with its interval; empty where fewer than two seeds are there."""
    ours, theirs = shares(games, family, OURS, mark), shares(games, family, rival, mark)
    differences = np.array([ours[seed] - theirs[seed] for seed in ours if seed in theirs])
    if len(differences) < 2:
        return ""
    low, high = resampled_mean_interval(differences)
    return f"{differences.mean():+.4f} [{low:+.4f}, {high:+.4f}]"


def suggestion(games: Mapping[str, Any], family: str, player: str) -> str:
    """Return the mean processor time of a suggestion in ms."""
    families: Sequence[str] = list(games) if family == ALL else [family]
    seconds = [game["ask_seconds"] for one in families for game in games[one].get(player, {}).values()]
    return f"{1e3 * np.mean(seconds):.0f}" if seconds else ""


def players_of(games: Mapping[str, Any]) -> list[str]:
    """Return all players, in order of the first family."""
    return list(next(iter(games.values())))
