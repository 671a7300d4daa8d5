"""The front against paper B's seed network, both trained alike: scores, differences and their intervals."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.answers import SPLITS, counts_of
from benchmarks.over_runs import difference_over_runs, mean_over_runs
from benchmarks.records import read_records, say
from tfkws.intervals import LEVEL
from tfkws.run_folder import write_json, write_text
from tfkws.training.metrics import accuracy
from tfkws.units import format_count, format_interval, format_percent
from tfkws.views.table import Table

SEED_NETWORK = "seed network"
Records = Sequence[Mapping[str, Any]]


def write_proof(out: Path) -> None:
    """Write proof.json and proof.md from the records."""
    records = read_records(out / "contenders")
    groups: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for one in sorted(records, key=lambda r: (r["iterations"], -r["macs"], r["name"], r["recipe"], r["seed"])):
        groups.setdefault((one["name"], one["recipe"], one["iterations"]), []).append(one)
    rows = judge_all(list(groups.values()), out)
    write_json(out / "proof.json", rows)
    write_text(out / "proof.md", proof_table(rows).to_markdown())
    say(proof_table(rows).to_markdown())


def judge_all(groups: Sequence[Records], out: Path) -> list[dict[str, Any]]:
    """Judge each network against the seed network, trained as long and by the recipe with which that validates best."""
    alone = [judge(records, None, out) for records in groups]
    rivals: dict[int, int] = {}
    for place, row in enumerate(alone):
        if row["name"] == SEED_NETWORK:
            best = rivals.setdefault(row["iterations"], place)
            if row["validation"]["accuracy"] > alone[best]["validation"]["accuracy"]:
                rivals[row["iterations"]] = place
    return [
        row if rivals.get(row["iterations"], place) == place else judge(records, groups[rivals[row["iterations"]]], out)
        for place, (row, records) in enumerate(zip(alone, groups, strict=True))
    ]


def judge(records: Records, rival: Records | None, out: Path) -> dict[str, Any]:
    """Return the accuracy of one network over its trainings, 0..1, and its difference from those of `rival`."""
    same = ("name", "recipe", "iterations", "macs", "values")
    result = {name: records[0][name] for name in same} | {"seeds": len(records)}
    for split in SPLITS:
        counts = counts_of(records, split, out)
        mean, interval = mean_over_runs(counts, accuracy)
        result[split] = {"accuracy": mean, "interval": interval}
        if rival is not None:
            difference, interval = difference_over_runs(counts_of(rival, split, out), counts, accuracy)
            result[split] |= {"difference": difference, "difference_interval": interval}
            result["times_fewer_macs"] = rival[0]["macs"] / records[0]["macs"]
    return result


def proof_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Lay out proof.md."""
    cells = tuple(
        (
            row["name"], row["recipe"], str(row["iterations"]), format_count(row["macs"]),
            f"{row.get('times_fewer_macs', 1):.1f}", str(row["seeds"]),
            *(cell for split in ("testing", "validation") for cell in _scores(row[split])),
        )
        for row in rows
    )  # fmt: skip
    scores = ("TOP-1", LEVEL, "minus the seed network, points", f"{LEVEL} ")
    columns = (
        "network", "recipe", "iterations", "MACs", "times fewer", "trainings",
        *(f"{split} {name}" for split in ("testing", "validation") for name in scores),
    )  # fmt: skip
    note = (
        "Chosen by validation, trained anew with other seeds by the length of the fine-tuning. The front is held "
        "against the seed network, trained as long and by the recipe with which that validates best. Intervals are "
        f"{LEVEL} bootstrap intervals over speakers and trainings. Recorded speech, split by speaker."
    )
    return Table("The front against paper B's seed network, trained alike", columns, cells, columns[2:], note)


def _scores(found: Mapping[str, Any]) -> tuple[str, ...]:
    own = (format_percent(found["accuracy"]), format_interval(found["interval"]))
    if "difference" not in found:
        return (*own, "", "")
    low, high = (100 * end for end in found["difference_interval"])
    return (*own, f"{100 * found['difference']:+.1f}", f"[{low:+.1f}, {high:+.1f}]")
