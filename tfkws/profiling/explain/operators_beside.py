"""One file's operators in two profiles, joined by their number in the file. Pure: from JSON values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfkws.profiling.measure.gpu_operators import FOLDED, KIND, UNKNOWN

Record = Mapping[str, Any]


@dataclass(frozen=True)
class OperatorsBeside:
    """Operators that both profiles tell from the others, often one.

    Attributes:
        operators: their numbers in the file.
        opcode, name: of all of them.
        macs: sum; 0 where they are unknown.
        first_us, second_us: sum of their times in µs; None where none is known, or they are computed elsewhere.
        ratio: of the second's time to the first's; None without both.
        refused: operators that the GPU's accelerator leaves to the CPU, with the reason; else empty.
    """

    operators: tuple[int, ...]
    opcode: str
    name: str
    macs: int
    first_us: float | None
    second_us: float | None
    ratio: float | None
    refused: str


@dataclass(frozen=True)
class _Row:
    """One row of a profile: its operators, and its time, None where it has none."""

    operators: tuple[Record, ...]
    time_us: float | None

    @property
    def numbers(self) -> set[int]:
        return {int(each["index"]) for each in self.operators}


def operators_beside(first: Record, second: Record) -> tuple[OperatorsBeside, ...]:
    """Put a file's operators in one profile beside those in another; empty unless one is of a GPU.

    Rows that share an operator are joined, and times in them are added up.

    Args:
        first, second: what `tfkws profile operators` wrote.
    """
    one_file = first.get("model_sha256") is not None and first.get("model_sha256") == second.get("model_sha256")
    if not one_file or KIND not in (first.get("kind"), second.get("kind")):
        return ()
    ones, others = _rows(first), _rows(second)
    return tuple(_beside(numbers, ones, others) for numbers in _groups([*ones, *others]))


def _rows(profile: Record) -> list[_Row]:
    rows = profile["rows"]
    if profile.get("kind") != KIND:
        return [_Row((row,), _time(row)) for row in rows]
    return [_Row(tuple(row["operators"]), _time(row)) for row in rows]


def _time(row: Record) -> float | None:
    return None if row["method"] in (FOLDED, UNKNOWN) else float(row["time_us"])


def _groups(rows: Sequence[_Row]) -> Iterator[set[int]]:
    """Smallest sets of numbers that no row crosses, in the order of the file."""
    groups: list[set[int]] = []
    for row in sorted(rows, key=lambda each: min(each.numbers)):
        touched = [group for group in groups if group & row.numbers]
        groups = [group for group in groups if not group & row.numbers]
        groups.append(row.numbers.union(*touched))
    yield from sorted(groups, key=min)


def _beside(numbers: set[int], ones: Sequence[_Row], others: Sequence[_Row]) -> OperatorsBeside:
    held = {int(each["index"]): each for row in (*ones, *others) if row.numbers <= numbers for each in row.operators}
    told = [held[number] for number in sorted(held)]
    first_us, second_us = _sum(numbers, ones), _sum(numbers, others)
    gpu = [each for row in (*ones, *others) if row.numbers <= numbers for each in row.operators if each.get("refused")]
    return OperatorsBeside(
        operators=tuple(sorted(numbers)),
        opcode=" + ".join(str(each["opcode"]) for each in told),
        name=" + ".join(dict.fromkeys(str(each["name"]) for each in told)),
        macs=sum(each["macs"] or 0 for each in told),
        first_us=first_us,
        second_us=second_us,
        ratio=second_us / first_us if first_us and second_us is not None else None,
        refused="; ".join(dict.fromkeys(f"{each['opcode']}: {each['refused']}" for each in gpu)),
    )


def _sum(numbers: set[int], rows: Sequence[_Row]) -> float | None:
    times = [row.time_us for row in rows if row.numbers <= numbers and row.time_us is not None]
    return sum(times) if times else None
