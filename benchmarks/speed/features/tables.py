"""The table of front ends."""

from typing import Any

from benchmarks.speed.features.variants import OURS, VARIANTS
from benchmarks.speed.ratios import ratio, spread
from tfkws.intervals import LEVEL
from tfkws.views.table import Table


def features_table(record: dict[str, Any]) -> Table:
    """Return a row for each library, the fastest first, and then those that did not run."""
    seconds, facts = record["rounds"]["seconds"], record["peers"]
    columns = ("library", "version", "µs a clip", "over ours", "map", "what differs")
    notes = {variant.package: variant.note for variant in VARIANTS}
    rows = [
        (
            name,
            facts[name]["version"],
            spread(seconds[name]).text(0, 1e6 / facts[name]["clips"]),
            ratio(seconds[name], seconds[OURS]).text(1),
            " x ".join(map(str, facts[name]["first_answers"][0][1:])),
            notes[name],
        )
        for name in sorted(seconds, key=lambda name: spread(seconds[name]).median)
    ]
    rows += [
        (name, "", f"not installed: `{said['missing']}`" if "missing" in said else said["failed"][:100], "", "", "")
        for name, said in facts.items()
        if name not in seconds
    ]
    foreign = 100 * max(record["rounds"]["foreign"], default=0.0)
    note = (
        f"MFCC 40 x 32 of one-second clips, 50 at a time, one thread; medians of {len(record['rounds']['foreign'])} "
        f"rounds with {LEVEL} intervals. Other programs took at most {foreign:.1f} % of the cores in a round."
    )
    return Table("Front ends", columns, tuple(rows), columns[2:4], note)
