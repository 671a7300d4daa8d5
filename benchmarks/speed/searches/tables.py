"""The tables of whole searches."""

from collections.abc import Sequence

from benchmarks.speed.searches.results import SearchResult, error_change, pairs, shared
from tfkws.intervals import LEVEL
from tfkws.views.table import Table


def every_search(results: Sequence[SearchResult]) -> Table:
    """Return a row for each search: how long it took, and what it found."""
    columns = ("space", "seed", "checkout", "minutes", "trials an hour", "lowest error", "GiB", "others, of the cores")
    rows = tuple(
        (
            result.space,
            str(result.seed),
            f"{result.checkout} ({result.commit})",
            f"{result.seconds / 60:.1f}" + (f" in {result.runs} runs" if result.runs > 1 else ""),
            f"{result.trials_an_hour:.0f}",
            f"{100 * min(result.errors.values()):.1f} %" if result.errors else "",
            f"{result.peak_bytes / 2**30:.1f}",
            f"{100 * result.foreign:.0f} %",
        )
        for result in results
    )
    note = (
        "Wall clock of the whole command; the errors are of the validation split; memory is the largest sum over the "
        "command and its workers."
    )
    return Table("Searches of 24 candidates", columns, rows, columns[3:], note)


def now_over_before(results: Sequence[SearchResult]) -> Table:
    """Return a row for each search that both checkouts have run: its time as a ratio, and the change of its errors."""
    columns = ("space", "seed", "time now over before", "candidates of both", "error now minus before, points")
    rows = []
    for pair in pairs(results):
        before, now = pair
        change = error_change(pair)
        rows.append(
            (
                now.space,
                str(now.seed),
                f"{now.seconds / before.seconds:.2f}",
                str(shared(pair)),
                change.text(1, 100) if change else "",
            )
        )
    note = f"Errors of the same candidates with the same seed, mean and {LEVEL} interval (Student's t)."
    return Table("The same searches, this checkout and the one before", columns, tuple(rows), columns[2:], note)
