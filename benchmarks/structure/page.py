"""Sizes and habits of the code: of the tree as it lies here, beside those of a revision of git.

    python -m benchmarks structure [--at REV]

Without --at, both sides of the page are measured again. With --at, the table of that revision alone is printed, and
nothing is written. Needs git, and no data.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from benchmarks.records import ROOT, say
from benchmarks.structure.habits import habits
from benchmarks.structure.measure import Sizes, measure_sizes
from benchmarks.structure.sources import Sources, inside, sources_at, sources_here
from tfkws.run_folder import read_json, write_json, write_text
from tfkws.units import format_percent
from tfkws.views.table import Table

BEFORE = "b6ef76d"  # the revision that was read before the code was put into rooms
RECORD = "structure.json"
PACKAGE = ("tfkws", "tuner", "tflite")
ROOMS = (PACKAGE, ("tuner",), ("tflite",), ("tfkws/models",), ("tfkws/cli",), ("tfkws/report",), ("tfkws/pipeline",),
         ("benchmarks",))  # fmt: skip
Columns = Mapping[str, Mapping[str, str]]  # of a side: room or habit, to what is shown


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the revision."""
    parser.add_argument("--at", metavar="REV", help="print the table of a revision, and write nothing")


def measure(options: argparse.Namespace) -> None:
    """Measure both sides and write them as JSON.

    Raises:
        SystemExit: a revision was asked for, whose table was printed instead; or git does not know it.
    """
    if options.at:
        say(lay_out({options.at: measure_sources(sources_at(ROOT, options.at))}))
        raise SystemExit
    sides = {BEFORE: sources_at(ROOT, BEFORE), "now": sources_here(ROOT)}
    write_json(options.out / RECORD, {side: measure_sources(sources) for side, sources in sides.items()})


def measure_sources(sources: Sources) -> dict[str, dict[str, str]]:
    """Return the sizes of every room and the habits of the whole, as they are shown."""
    rooms = {" + ".join(room): cells(measure_sizes(inside(sources, *room))) for room in ROOMS}
    return rooms | {"habits": habits(inside(sources, *PACKAGE), inside(sources, "tests"))}


def cells(sizes: Sizes) -> dict[str, str]:
    """Return sizes as text by column."""
    return {
        "files": str(sizes.files),
        "lines": f"{sizes.lines:,}",
        "file: median, p90, max": ", ".join(map(str, sizes.file_lines)),
        "body: median, p90, max": ", ".join(map(str, sizes.body_lines)),
        "parameters: p90, max": ", ".join(map(str, sizes.parameters)),
        "public with docstring": format_percent(sizes.documented),
        "of these with shape, unit or raises": format_percent(sizes.telling),
    }


def write_tables(folder: Path) -> None:
    """Write README.md from the record under `folder`."""
    text = lay_out(read_json(folder / RECORD))
    write_text(folder / "README.md", text)
    say(text)


def lay_out(sides: Mapping[str, Columns]) -> str:
    """Return the page: sizes by room and side, and habits side by side."""
    rooms = [room for room in next(iter(sides.values())) if room != "habits"]
    columns = list(next(iter(sides.values()))[rooms[0]])
    sizes = tuple((room, side, *sides[side][room].values()) for room in rooms for side in sides)
    counted = next(iter(sides.values()))["habits"]
    rows = tuple((name, *(sides[side]["habits"][name] for side in sides)) for name in counted)
    note = "Lines of a body are those after its docstring. p90 is the ninth decile."
    tables = (
        Table("Sizes", ("folder", "tree", *columns), sizes, tuple(columns), note),
        Table("Habits of tfkws, tuner and tflite", ("what", *sides), rows, tuple(sides)),
    )
    head = "# Structure of the code\n\nWritten by `python -m benchmarks structure`, from syntax trees alone.\n\n"
    return head + "\n".join(table.to_markdown() for table in tables)
