"""A folder of clips as tables: how many there are, and what is wrong with them."""

from collections.abc import Sequence

from tfkws.views.table import Column, Record, Table, number, table_of, text

SPLITS = ("training", "validation", "testing")
PROBLEMS = (text("kind", "kind"), text("where", "where"), text("detail", "detail"))


def problems_table(folder: str, report: Record) -> Table:
    """Return what `tfkws data check` found in a folder.

    Args:
        report: `CheckReport` as a dict.
    """
    summary = ", ".join(f"{kind} {count}" for kind, count in report["counts"].items()) or "nothing found"
    return table_of(f"{report['clips']} clips in {folder}: {summary}", PROBLEMS, report["problems"])


def words_table(folder: str, counts: Sequence[Record]) -> Table:
    """Return clips and speakers of each word and split; `counts` are `WordCount`s as dicts.

    Example:
        >>> yes = {"word": "yes", "clips": {"training": 9, "validation": 2, "testing": 1}}
        >>> yes["speakers"] = {"training": 3, "validation": 1, "testing": 1}
        >>> words_table("clips", [yes]).rows
        (('yes', '9 (3)', '2 (1)', '1 (1)'),)
    """
    return table_of(f"Clips (speakers) in {folder}", (text("word", "word"), *map(_split_column, SPLITS)), counts)


def engines_table(states: Sequence[Record]) -> Table:
    """Return which speech engines are here; `states` are `EngineState`s as dicts."""
    columns = (
        text("engine", "name"),
        text("here", lambda state: state["missing"] or "yes"),
        number("English speakers", lambda state: str(state["english_speakers"])),
        text("languages", lambda state: " ".join(state["languages"])),
        number("MB", lambda state: f"{state['megabytes']:.0f}" if state["megabytes"] else ""),
        text("licence", "licence"),
    )
    return table_of("Speech engines", columns, states)


def _split_column(split: str) -> Column:
    return number(split, lambda count: f"{count['clips'][split]} ({count['speakers'][split]})")
