"""The same networks as .tflite files by LiteRT on the card and on one core beside it, where a run has measured them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.profile.gpu.measured import NETWORKS, read_whole
from tfkws.tflite.gpu.tolerance import FLOAT32, HALF
from tfkws.units import format_percent, format_us
from tfkws.views.table import Table, number, table_of, text

LITERT = "litert"  # folder of a file a network and runtime
IN_FILE = ("GPU, p95", "first call", "load")  # columns that the page leaves to the CSV file
NOT_MEASURED = "not measured"
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Files:
    """What was recorded of one network's file by each runtime: empty where nothing, `refused` where it did not run."""

    name: str
    full: Record
    half: Record
    core: Record

    @property
    def records(self) -> list[Record]:
        """Return what is there."""
        return [record for record in (self.full, self.half, self.core) if record]

    @property
    def alone_us(self) -> float | None:
        """Return the median without transfer, µs."""
        inside = told(self.full, "without_transfer")
        return float(inside["median_us"]) if inside else None

    @property
    def transfer(self) -> float | None:
        """Return the share of an inference in which input and output travel, 0..1."""
        return None if self.alone_us is None else max(0.0, 1 - self.alone_us / self.full["median_us"])

    @property
    def against_core(self) -> float | None:
        """Return how many times as long as one core the GPU takes; None of a software adapter, which is no GPU."""
        both = "median_us" in self.full and "median_us" in self.core
        if not both or told(self.full, "adapter")["software"]:
            return None
        return float(self.full["median_us"] / self.core["median_us"])


def told(record: Record, key: str) -> Any:
    """Return what a record tells of the acceleration; None where no GPU computed."""
    return (record.get("acceleration") or {}).get(key)


COLUMNS = (
    text("network", lambda files: files.name),
    number("GPU, float32", lambda files: files.full.get("median_us"), format_us),
    number("GPU, p95", lambda files: files.full.get("p95_us"), format_us),
    number("without transfer", lambda files: files.alone_us, format_us),
    number("transfer", lambda files: files.transfer, lambda share: format_percent(share, 0)),
    number("GPU, half", lambda files: files.half.get("median_us"), format_us),
    number("one core there", lambda files: files.core.get("median_us"), format_us),
    number("GPU / core", lambda files: files.against_core, lambda factor: f"{factor:.2f}"),
    number("first call", lambda files: told(files.full, "first_call_us"), format_us),
    number("load", lambda files: files.full.get("load_us"), format_us),
    number("off by", lambda files: told(files.full, "largest_difference"), lambda value: f"{value:.1e}"),
    number("off by, half", lambda files: told(files.half, "largest_difference"), lambda value: f"{value:.1e}"),
)


def litert_table(folder: Path) -> Table | None:
    """Lay out what lies in the folder of a card; None where no file was measured there.

    A network without any record has a row that says so; one that was refused has the reason, which stands in the note
    where it is that of several.

    Raises:
        RunFolderError, BenchmarkError: a file is damaged, or no such record.
    """
    runtimes = ("litert-gpu", "litert-gpu-half", "litert")
    rows = [Files(name, *(_read(folder / LITERT / f"{name}-{each}.json") for each in runtimes)) for name in NETWORKS]
    if not any(files.records for files in rows):
        return None
    shared = shared_reasons(rows)
    columns = (*COLUMNS, text("remark", lambda files: _remark(files, shared)))
    return table_of("The same networks as .tflite files", columns, rows, _note(rows, shared))


def _read(path: Path) -> Record:
    if not path.exists():
        return {}
    record = read_whole(path, ())
    return record if "refused" in record else read_whole(path, ("median_us", "p95_us", "load_us"))


def shared_reasons(rows: Sequence[Files]) -> list[str]:
    """Return the reasons for which more than one network was refused, in the order in which they stand."""
    named = [{str(record["refused"]): None for record in files.records if "refused" in record} for files in rows]
    networks = Counter(reason for reasons in named for reason in reasons)
    return [reason for reason, count in networks.items() if count > 1]


def _remark(files: Files, shared: Sequence[str]) -> str:
    """Say what computed and what did not; once where it is the same for both precisions."""
    if not files.records:
        return NOT_MEASURED
    adapters = [adapter_of(record) for record in files.records if record.get("acceleration")]
    remarks = [_of_record(record, shared) for record in files.records]
    return "; ".join(dict.fromkeys(filter(None, (*adapters, *remarks))))


def adapter_of(record: Record) -> str:
    """Return the name of what computed, with the word that no time of a software adapter is shown without."""
    adapter = told(record, "adapter")
    return f"{adapter['name']}, {'software adapter' if adapter['software'] else 'hardware'}"


def _of_record(record: Record, shared: Sequence[str]) -> str:
    if "refused" in record:
        reason = str(record["refused"])
        return f"refused ({shared.index(reason) + 1})" if reason in shared else reason
    if not record.get("acceleration"):
        return ""
    difference, precision = told(record, "largest_difference"), told(record, "precision")
    words = [] if told(record, "fully_accelerated") else [f"partly on the CPU in {precision}"]
    if difference is None:
        words.append(f"an answer is no number in {precision}")
    elif difference > told(record, "tolerance"):
        words.append(f"answers NOT within the tolerance in {precision}")
    return "; ".join(words)


def _note(rows: Sequence[Files], shared: Sequence[str]) -> str:
    core = next((files.core for files in rows if "median_us" in files.core), None)
    where = "" if core is None else f" One core: {core['before']['cpu']}, threads: {core['threads']}."
    reasons = "".join(f" ({number}) {reason}" for number, reason in enumerate(shared, 1))
    timed = [record for files in rows for record in files.records if "median_us" in record]
    doubtful = sum(bool(record.get("warnings")) for record in timed)
    warned = f" {doubtful} of {len(timed)} runs warn of scatter, load or answers (`warnings`)." if doubtful else ""
    return (
        "Median of one inference with transfer of input and output, LiteRT's WebGPU accelerator; half: its default, "
        "float16. Weights are random, drawn where it was measured. Off by: the largest difference of an answer from "
        f"the CPU's; {FLOAT32:g} and, in half precision, {HALF:g} are allowed. Drawn weights make some networks answer "
        f"0 and 1 whatever they are given; a difference far below 1e-9 says nothing.{where}{warned}{reasons}"
    )
