"""The tables of the page, from its records alone."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.records import csv_of, read_records, write_table
from tfkws.intervals import LEVEL
from tfkws.run_folder import read_json, write_text
from tfkws.units import format_hourly, format_hourly_interval, format_interval, format_percent
from tfkws.views.table import Table

HEARD = "heard"
DIGEST_LENGTH = 16  # characters, as in other pages; whole ones are in the records
NOT_HEARD = "not heard"
Record = dict[str, Any]


def write_tables(folder: Path) -> None:
    """Write misses, false accepts, what each detector is, and lists of what was missed and accepted."""
    timelines = read_json(folder / "timelines.json")
    engines = {path.name: read_engine(path) for path in sorted((folder / HEARD).iterdir())}
    write_table(folder, "misses", misses_table(engines, [each for each in timelines if each["positives"]]))
    write_table(folder, "false_accepts", accepts_table(engines, [each for each in timelines if not each["positives"]]))
    write_table(folder, "triggers", triggers_table(engines))
    write_table(folder, "detectors", engines_table(engines, read_json(folder / "measured.json")))
    write_table(folder, "audio", audio_table(timelines))
    write_text(folder / "missed.csv", csv_of(list(_listed(engines, "missed"))))
    write_text(folder / "accepted.csv", csv_of(list(_listed(engines, "accepted"))))


def read_engine(folder: Path) -> dict[str, Record]:
    """Return the records of one engine by timeline."""
    return {record["timeline"]: record for record in read_records(folder)}


def misses_table(engines: dict[str, dict[str, Record]], timelines: list[Record]) -> Table:
    """Return misses of the words that were said, a row a detector that knows one."""
    columns = [column for each in timelines for column in (f"missed: {each['title']}", f"doubles: {each['title']}")]
    rows = []
    for name, records in engines.items():
        for word in words_of(records):
            counts = counts_on(records, timelines, word)
            if any(each and each["rejects"]["utterances"] for each in counts):
                rows.append((name, word, *(cell for each in counts for cell in _miss_cells(each))))
    note = f"In brackets {LEVEL}, by drawing clips; a clip was laid more than once, and who speaks is not known."
    return Table("Missed words", ("detector", "word", *columns), tuple(rows), tuple(columns), note)


def accepts_table(engines: dict[str, dict[str, Record]], timelines: list[Record]) -> Table:
    """Return false accepts an hour, a row a detector and word."""
    columns = [each["title"] for each in timelines]
    rows = []
    for name, records in engines.items():
        for word in words_of(records):
            rows.append((name, word, *map(_rate, counts_on(records, timelines, word))))
    note = (
        f"In brackets {LEVEL}, exact for a Poisson count. No event in T hours says that the rate lies below 3 / T. "
        "Different words are different tasks."
    )
    return Table("False accepts an hour", ("detector", "word", *columns), tuple(rows), tuple(columns), note)


def triggers_table(engines: dict[str, dict[str, Record]]) -> Table:
    """Return what was said before the false accepts: how many, by the folder of the recording."""
    rows = []
    for name, records in engines.items():
        for timeline, record in records.items():
            for word, counts in record["words"].items():
                folders = Counter(each["after"].rpartition("/")[0] or "no speech" for each in counts["accepted"])
                for phrase, events in sorted(folders.items(), key=lambda item: (-item[1], item[0])):
                    rows.append((name, word, timeline, phrase, str(events)))
    return Table("What set it off", ("detector", "word", "audio", "after", "events"), tuple(rows), ("events",))


def engines_table(engines: dict[str, dict[str, Record]], measured: Record) -> Table:
    """Return what each detector is, and say which packages were not there."""
    rows = []
    for name, records in engines.items():
        about = next(iter(records.values()))["engine"]
        shares = [record["cpu_share"] for record in records.values()]
        share = format_percent(sum(shares) / len(shares))
        package = f"{about['package']} {about['version']}"
        rows.append((name, package, ", ".join(about["words"]), about["operating_point"], about["training"], share))
    columns = ("detector", "package", "words", "operating point", "trained on", "of one core")
    machine = measured["machine"]
    note = " ".join([f"{machine['cpu']}, {machine['cores']} cores, busy with other work.", *measured["absent"]])
    return Table("Detectors", columns, tuple(rows), ("of one core",), note)


def audio_table(timelines: list[Record]) -> Table:
    """Return what was heard."""
    rows = [
        (
            each["name"],
            each["source"],
            f"{each['hours']:.2f}",
            f"{each['speech_hours']:.2f}",
            str(each["recordings"]),
            str(each["utterances"]),
        )
        for each in timelines
    ]
    columns = ("file", "source", "hours", "of them recordings", "different recordings", "words to hit")
    return Table("Audio", columns, tuple(rows), columns[2:])


def words_of(records: dict[str, Record]) -> list[str]:
    """Return the words of one engine."""
    return list(next(iter(records.values()))["engine"]["words"])


def counts_on(records: dict[str, Record], timelines: list[Record], word: str) -> list[Record | None]:
    """Return the counts of a word on each timeline; None where the engine has not heard it."""
    heard = [records.get(each["name"]) for each in timelines]
    return [record["words"][word] if record else None for record in heard]


def _miss_cells(counts: Record | None) -> tuple[str, str]:
    if counts is None:
        return NOT_HEARD, NOT_HEARD
    rejects = counts["rejects"]
    share = f"{format_percent(rejects['share'])} ({rejects['misses']} of {rejects['utterances']})"
    interval = f" {format_interval(rejects['interval'])}" if rejects["interval"] else ""
    return f"{share}{interval}", str(counts["doubles"])


def _rate(counts: Record | None) -> str:
    if counts is None:
        return NOT_HEARD
    rate = counts["false_accepts"]
    interval = f" {format_hourly_interval(rate['interval'])}" if rate["events"] else ""
    return format_hourly(rate["events"], rate["hours"]) + interval


def _listed(engines: dict[str, dict[str, Record]], key: str) -> Iterator[Record]:
    """Yield every miss or false accept with its engine, timeline and the digest of the audio."""
    for name, records in engines.items():
        for timeline, record in records.items():
            digest = record["audio_sha256"][:DIGEST_LENGTH]
            for word, counts in record["words"].items():
                for each in counts[key]:
                    yield {"detector": name, "word": word, "audio": timeline, "audio_sha256": digest, **each}
