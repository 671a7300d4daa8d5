"""Read what TFLite's `benchmark_model` and LiteRT's profiler print: text and CSV. Pure, and loud about the unknown.

The table that counts is "Run Order" under "Operator-wise Profiling Info for Regular Benchmark Runs"; a table of another
origin (LiteRT's own summary) stands alone. Three dialects, told apart by the header row:

- text with tabs (TensorFlow 2.4 and later), with or without a column [start], lines with or without "INFO: ";
- CSV (`--op_profiling_output_mode=csv`, or `--profiling_output_csv_file`), whose node types may hold commas;
- text with spaces (LiteRT), where calls and the total are those of all runs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tfkws.errors import ProfileParseError
from tfkws.tflite.profile.kernel_events import KernelRow

REGULAR = "Operator-wise Profiling Info for Regular Benchmark Runs"
RUN_ORDER = re.compile(r"=+ Run Order =+")
TOTAL = "Timings (microseconds):"
KNOWN = frozenset(
    {"node type", "start", "first", "avg ms", "%", "cdf%", "mem kb", "times called", "name"}
)  # fmt: skip
NEEDED = ("node type", "avg ms", "times called", "name")
DELEGATES = re.compile(r"TfLite\w*Delegate")
NODE = re.compile(r":(\d+)$")
TOLERANCE = 0.01
ROUNDING_US = 0.5  # of each row: times are printed in whole microseconds

TABS, CSV, SPACES = "tabs", "csv", "spaces"


@dataclass(frozen=True)
class BinaryLatency:
    """What `benchmark_model` says of uncut inferences, in microseconds.

    Attributes:
        init_us: to load and prepare the model.
        median_us: None where the version does not print it.
    """

    runs: int
    mean_us: float
    min_us: float
    max_us: float
    std_us: float
    init_us: float
    first_us: float
    median_us: float | None


@dataclass(frozen=True)
class _Table:
    """A table with its dialect, its columns and its rows as text."""

    dialect: str
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], str], ...]  # cells, and the line that they came from


def parse_latency(text: str) -> BinaryLatency:
    """Read the second "count=" line, that of the regular runs, and "Inference timings in us".

    Raises:
        ProfileParseError: one of them is missing.
    """
    lines = _lines(text)
    counts = [line for line in lines if re.match(r"count=\d+ ", line)]
    timings = next((line for line in lines if line.startswith("Inference timings in us:")), None)
    if len(counts) < 2 or timings is None:
        last = lines[-1] if lines else ""
        raise ProfileParseError(
            f"The log holds {len(counts)} lines of counts and {'' if timings else 'no '}inference timings; two and one "
            f"are needed. Its last line: {last!r}."
        )
    values = _numbers(counts[1])
    same = values.get("curr", 0.0)
    named = {name.strip(): float(value) for name, value in re.findall(r"([A-Z][\w ()]*): ([\d.e+]+)", timings[23:])}
    return BinaryLatency(
        runs=int(values["count"]),
        mean_us=values.get("avg", same),
        min_us=values.get("min", same),
        max_us=values.get("max", same),
        std_us=values.get("std", 0.0),
        init_us=named["Init"],
        first_us=named["First inference"],
        median_us=values.get("median"),
    )


def parse_profile(text: str) -> list[KernelRow]:
    """Read one row a kernel, in run order, with the time of one inference.

    Raises:
        ProfileParseError: a section, a column or the total is missing, unknown or does not add up; the
            message holds the line. Also where a whole delegate is one row.
    """
    lines = _lines(text)
    section = _regular_section(lines)
    table = _read_table(section)
    kernels = [_kernel(table, cells, line) for cells, line in table.rows]
    runs = max(calls for _, calls in kernels) if table.dialect == SPACES else 1
    rows = [KernelRow(row.kernel, row.node, row.time_us * max(1, calls) / runs) for row, calls in kernels]
    _check_sum(rows, _total_us(section) / runs, section)
    return rows


def _lines(text: str) -> list[str]:
    """Lines without what the logger puts before them; blank ones stay, since they end tables."""
    return [re.sub(r"^\s*INFO: ", "", line.rstrip()) for line in text.splitlines()]


def _regular_section(lines: Sequence[str]) -> Sequence[str]:
    """From the heading of the regular runs on, or everything where a table stands without headings."""
    heads = [i for i, line in enumerate(lines) if line.strip().startswith(REGULAR)]
    if heads:
        return lines[heads[-1] :]
    if any("Profiling Info for Benchmark Initialization" in line for line in lines) or not _has_table(lines):
        last = next((line for line in reversed(lines) if line.strip()), "")
        raise ProfileParseError(
            f"The log has no section {REGULAR!r}; run the binary with --enable_op_profiling=true. Last line: {last!r}."
        )
    return lines


def _has_table(lines: Sequence[str]) -> bool:
    return any(RUN_ORDER.search(line) for line in lines)


def _read_table(section: Sequence[str]) -> _Table:
    """The first "Run Order" table of a section."""
    start = next((i for i, line in enumerate(section) if RUN_ORDER.search(line)), None)
    if start is None or start + 1 >= len(section):
        raise ProfileParseError(f"There is no 'Run Order' table after {section[0]!r}; give the whole log.")
    header = section[start + 1]
    dialect = CSV if header.startswith("node type,") else TABS if "\t" in header.strip() else SPACES
    columns = _columns(header, dialect)
    rows = []
    for line in section[start + 2 :]:
        if not line.strip() or line.lstrip().startswith("="):
            break
        rows.append((_cells(line, dialect, len(columns)), line))
    if not rows:
        raise ProfileParseError(f"The 'Run Order' table has no rows after {header!r}.")
    return _Table(dialect, columns, tuple(rows))


def _columns(header: str, dialect: str) -> tuple[str, ...]:
    """Names of the columns, in lower case and without brackets."""
    raw = header.split(",") if dialect == CSV else re.findall(r"\[([^\]]+)\]", header)
    columns = tuple(name.strip().lower().replace("avg_ms", "avg ms") for name in raw)
    unknown = [name for name in columns if name not in KNOWN]
    missing = [name for name in NEEDED if name not in columns]
    if unknown or missing or columns[0] != "node type" or columns[-1] != "name":
        raise ProfileParseError(
            f"The table's columns are not known (unknown: {unknown}, missing: {missing}) in {header.strip()!r}; report "
            "the version of the binary."
        )
    return columns


def _cells(line: str, dialect: str, count: int) -> tuple[str, ...]:
    """Cells of a row. In CSV only the type, the first, may hold commas; names have theirs replaced by tabs."""
    if dialect == CSV:
        parts = line.rsplit(",", count - 1)
    elif dialect == TABS:
        parts = line.strip().split("\t", count - 1)
    else:
        parts = re.split(r"\s{2,}", line.strip(), maxsplit=count - 1)
    if len(parts) != count:
        raise ProfileParseError(f"A row has {len(parts)} cells where the header has {count}: {line!r}.")
    return tuple(part.strip() for part in parts)


def _kernel(table: _Table, cells: tuple[str, ...], line: str) -> tuple[KernelRow, int]:
    """A row with the time of one call, and its number of calls."""
    values = dict(zip(table.columns, cells, strict=True))
    kind, name = values["node type"], values["name"]
    if DELEGATES.fullmatch(kind):
        raise ProfileParseError(
            f"The binary tells {kind} as a single row, not its operators; use one of TensorFlow 2.10 or later, or "
            f"--kernels builtin. Line: {line!r}."
        )
    try:
        average_us, calls = 1e3 * float(values["avg ms"]), int(values["times called"])
    except ValueError:
        raise ProfileParseError(f"A row's time or number of calls is no number: {line!r}.") from None
    in_delegate = kind.startswith("Delegate/") or name.startswith(("Delegate/", "[Delegate]"))
    node = NODE.search(name)
    if node is None:
        raise ProfileParseError(f"A row names no operator, which ends in a colon and a number: {line!r}.")
    return KernelRow(kind.removeprefix("Delegate/"), None if in_delegate else int(node[1]), average_us), calls


def _total_us(section: Sequence[str]) -> float:
    """The stated total, in microseconds."""
    line = next((line for line in section if line.startswith(TOTAL)), None)
    if line is None:
        raise ProfileParseError(f"The log ends before its line {TOTAL!r}; last line: {section[-1]!r}.")
    values = _numbers(line)
    if "avg" not in values and "curr" not in values:
        raise ProfileParseError(f"The total tells no time: {line!r}.")
    return values.get("avg", values.get("curr", 0.0))


def _check_sum(rows: Sequence[KernelRow], total_us: float, section: Sequence[str]) -> None:
    """The rows must sum to the stated total within 1 %, or within what rounding to whole microseconds allows."""
    found = sum(row.time_us for row in rows)
    if abs(found - total_us) > max(TOLERANCE * total_us, ROUNDING_US * len(rows)):
        line = next(line for line in section if line.startswith(TOTAL))
        raise ProfileParseError(f"The rows sum to {found:.0f} µs, more than 1 % off the stated total: {line!r}.")


def _numbers(line: str) -> dict[str, float]:
    """Read "count=50 first=352 avg=1.2e+06" into numbers by name."""
    return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+(?:e[+-]?\d+)?)", line)}
