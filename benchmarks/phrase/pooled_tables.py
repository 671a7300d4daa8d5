"""Tables of detectors of several seeds together, from their records alone."""

from collections import Counter
from collections.abc import Sequence

from benchmarks.phrase.pooled import (
    Accepts,
    Missed,
    Record,
    Spread,
    accepts,
    groups,
    missed,
    own_files,
    reached,
    recorded_accepts,
    recorded_misses,
)
from tfkws.intervals import LEVEL
from tfkws.units import format_bytes, format_count, format_hourly_interval, format_interval, format_percent
from tfkws.views.table import Table
from tfkws.views.training import network_name

NOBODY = "nobody recorded it"


def pooled_table(records: Sequence[Record]) -> Table:
    """Return misses on people and on synthetic voices, and false accepts on recorded speech, a row a detector."""
    rows = []
    for name, seeds in groups(records).items():
        people = recorded_misses(seeds)
        synthetic = missed([[record["synthetic"]] for record in seeds])
        bar = [reached(record) for record in seeds]
        rows.append(
            (
                name,
                str(len(seeds)),
                *missed_cells(people),
                *accepts_cells(recorded_accepts(seeds)),
                NOBODY if None in bar else f"{sum(map(bool, bar))} of {len(bar)}",
                *missed_cells(synthetic)[:1],
            )
        )
    columns = (
        "detector",
        "seeds",
        "people missed",
        f"missed, {LEVEL}",
        "false accepts an hour",
        f"an hour, {LEVEL}",
        "seeds within the bar",
        "synthetic voices missed",
    )
    note = (
        f"Means over seeds, in brackets the least and the largest. {LEVEL} intervals: of misses by drawing speakers "
        "where they are known, else recordings, with the seeds as they are; of false accepts exact for the Poisson "
        "count of one hearing. The bar: at most 5 % missed at no more than 0.5 an hour."
    )
    return Table("On recorded speech, and beside it on synthetic voices", columns, tuple(rows), columns[1:], note)


def synthetic_table(records: Sequence[Record]) -> Table:
    """Return the same on audio composed of held-out synthetic voices, in rooms and noise."""
    rows = []
    for name, seeds in groups(records).items():
        counts = [[record["synthetic"]] for record in seeds]
        rows.append((name, str(len(seeds)), *missed_cells(missed(counts)), *accepts_cells(accepts(counts))))
    columns = ("detector", "seeds", "missed", f"missed, {LEVEL}", "false accepts an hour", f"an hour, {LEVEL}")
    note = "Synthetic. Intervals of misses by drawing the speakers of the engines."
    return Table("On held-out synthetic voices, composed", columns, tuple(rows), columns[1:], note)


def own_voice_table(records: Sequence[Record]) -> Table:
    """Return what some recordings of the phrase add, on the recordings that neither training heard."""
    by_run = {record["run"]: record for record in records if "version" in record}
    rows = []
    for name, seeds in groups(records).items():
        if seeds[0]["part"] != "recordings":
            continue
        before = [by_run.get(record["run"].replace("-recordings-", "-text-")) for record in seeds]
        pairs = [(one, other) for one, other in zip(before, seeds, strict=True) if one is not None]
        if not pairs:
            continue
        text = [[_without(counts, with_own) for counts in own_files(one)] for one, with_own in pairs]
        own = [other["own_voice"] for _, other in pairs]
        rows.append(
            (
                name.partition("-")[0].replace("_", " "),
                name.split("-")[1],
                str(len(pairs)),
                f"{len(own[0]['files'])}, {'one speaker' if own[0]['speaker'] else 'speakers unknown'}",
                missed_cells(missed(text))[0],
                *missed_cells(recorded_misses([other for _, other in pairs])),
                accepts_cells(recorded_accepts([one for one, _ in pairs]))[0],
                accepts_cells(recorded_accepts([other for _, other in pairs]))[0],
            )
        )
    columns = (
        "phrase",
        "effort",
        "seeds",
        "recordings",
        "missed, text alone",
        "missed, with them",
        f"with them, {LEVEL}",
        "false accepts an hour, text alone",
        "an hour, with them",
    )
    note = "The recordings that a training had are tested in neither column. Means over seeds, least and largest."
    return Table("What recordings of the phrase add", columns, tuple(rows), columns[2:], note)


def exports_table(records: Sequence[Record]) -> Table:
    """Return into which forms bundles were exported, and whether their consumer loaded them."""
    rows = []
    for name, seeds in groups(records).items():
        forms = sorted({form for record in seeds for form in record["exports"]})
        for form in forms:
            found = [record["exports"][form] for record in seeds]
            made = [each for each in found if each["made"]]
            loaded = [each for each in made if each["loaded"]]
            said = made[0]["consumer"] if made else found[0]["why"]
            rows.append((name, form, f"{len(made)} of {len(found)}", f"{len(loaded)} of {len(made)}", said))
    columns = ("detector", "form", "made", "loaded by its consumer", "what was said")
    return Table("Exports", columns, tuple(rows), columns[2:4])


def costs_table(records: Sequence[Record]) -> Table:
    """Return network, sizes, and the time of each stage, means over seeds."""
    rows = []
    for name, seeds in groups(records).items():
        first = seeds[0]
        stages = {stage: None for record in seeds for stage in record["times"]}
        minutes = {stage: _minutes(seeds, stage, "cpu_seconds") for stage in stages}
        wall = sum(_minutes(seeds, stage, "seconds") for stage in stages)
        arena = first["measured_arena_bytes"]
        rows.append(
            (
                name,
                f"{network_name(first['model'])}, {first['window_s']:g} s",
                format_count(first["macs"]),
                format_bytes(first["int8_bytes"]),
                format_bytes(arena) if arena else "not measured",
                f"{sum(minutes.values()):.1f}",
                f"{wall:.1f}",
                ", ".join(f"{stage} {spent:.1f}" for stage, spent in minutes.items()),
            )
        )
    columns = (
        "detector",
        "network, window",
        "MACs",
        "int8 file",
        "arena",
        "CPU minutes",
        "wall minutes",
        "CPU minutes by stage",
    )
    every = [record["machine"] for seeds in groups(records).values() for record in seeds]
    machines = sorted({f"{machine['cpu']}, {machine['cores']} cores" for machine in every})
    note = (
        f"{'; '.join(machines)}. Arenas are measured by TensorFlow Lite Micro. CPU minutes are of all processes. Other "
        "programs may have had the cores besides, so that wall minutes are an upper limit. Speech that an earlier run "
        "had kept was not spoken again."
    )
    return Table("Costs", columns, tuple(rows), columns[2:7], note)


def triggers_table(records: Sequence[Record]) -> Table:
    """Return what was said before the false accepts of all seeds: how many, by the folder of the recording."""
    rows = []
    for name, seeds in groups(records).items():
        counts: Counter[str] = Counter()
        for record in seeds:
            for each in record["recorded"]["files"].values():
                counts.update(one["after"].rpartition("/")[0] or "no speech" for one in each["accepted"])
        rows += [
            (name, after, str(events)) for after, events in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        ]
    return Table("What set them off", ("detector", "after", "events"), tuple(rows), ("events",))


def missed_cells(found: Missed | None) -> tuple[str, str]:
    """Return share with range, and interval or why there is none."""
    if found is None:
        return NOBODY, ""
    interval = format_interval(found.rate.interval) if found.rate.interval else "one speaker"
    return f"{format_percent(found.shares.mean)}{_range(found.shares, 100)}", interval


def accepts_cells(found: Accepts) -> tuple[str, str]:
    """Return rate with range and hours, and interval."""
    return f"{found.rates.mean:.3g}{_range(found.rates)} in {found.hours:.3g} h", format_hourly_interval(found.interval)


def _range(spread: Spread, factor: float = 1.0) -> str:
    low, high = spread.ends
    return f" ({factor * low:.3g} to {factor * high:.3g})" if len(spread.values) > 1 else ""


def _minutes(seeds: Sequence[Record], stage: str, kind: str) -> float:
    return sum(float(record["times"].get(stage, {kind: 0.0})[kind]) for record in seeds) / 60 / len(seeds)


def _without(counts: Record, with_own: Record) -> Record:
    """Return counts without the recordings that the other training had."""
    left_out = with_own["own_voice"]["files"]
    tested = {speaker: [file for file in files if file not in left_out] for speaker, files in counts["tested"].items()}
    return counts | {"tested": {speaker: files for speaker, files in tested.items() if files}}
