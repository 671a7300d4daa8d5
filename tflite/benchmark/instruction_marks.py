"""Counts of executed instructions, read from the lines that the emulator's plugin prints at each mark. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from tfkws.errors import BenchmarkError
from tfkws.tflite.on_device.counting_loop import BEGIN, EMPTY_BEGIN, EMPTY_END, END, KINDS

_MARK = re.compile(r"^tfkws-mark((?: \d+){6})$", re.MULTILINE)


@dataclass(frozen=True)
class InstructionMix:
    """Executed instructions, all int: the whole, and the four classes that they fall into.

    Attributes:
        vector_arithmetic: SIMD and floating point, also moves between such registers.
        vector_memory, scalar_memory: loads and stores of vector and of general registers.
        other: integer arithmetic, branches, addresses.
    """

    all: int
    vector_arithmetic: int
    vector_memory: int
    scalar_memory: int
    other: int

    def __sub__(self, less: "InstructionMix") -> "InstructionMix":
        """Subtract class by class."""
        pairs = zip(_numbers(self), _numbers(less), strict=True)
        return InstructionMix(*(a - b for a, b in pairs))


NONE = InstructionMix(0, 0, 0, 0, 0)


def parse_marks(text: str) -> dict[int, list[InstructionMix]]:
    """Read the plugin's lines: mark to the counts at each time it was passed.

    Raises:
        BenchmarkError: there are none.

    Example:
        >>> marks = parse_marks("tfkws-mark 2 10 4 3 2 1\\ntfkws-mark 3 30 14 8 5 3")
        >>> (marks[3][0] - marks[2][0]).all
        20
    """
    marks: dict[int, list[InstructionMix]] = {}
    for found in _MARK.finditer(text):
        mark, *counts = map(int, found[1].split())
        marks.setdefault(mark, []).append(InstructionMix(*counts))
    if not marks:
        raise BenchmarkError("The emulator counted nothing; run `tfkws target setup qemu-aarch64` again.")
    return marks


def counts_of(marks: dict[int, list[InstructionMix]], models: int, repeats: int) -> list[list[InstructionMix]]:
    """Instructions of each counted run of each model, without those of an empty pair of marks.

    Raises:
        BenchmarkError: marks are missing.
    """
    counts = []
    for first in range(0, KINDS * models, KINDS):
        kinds = [marks.get(first + kind, []) for kind in (EMPTY_BEGIN, EMPTY_END, BEGIN, END)]
        if [len(kind) for kind in kinds] != [1, 1, repeats, repeats]:
            raise BenchmarkError(f"The emulator lost marks of model {first // KINDS}; run the same command again.")
        empty = kinds[1][0] - kinds[0][0]
        counts.append([end - begin - empty for begin, end in zip(kinds[2], kinds[3], strict=True)])
    return counts


def median_mix(mixes: Sequence[InstructionMix]) -> InstructionMix:
    """Return the run whose count is the (lower) median."""
    return sorted(mixes, key=lambda mix: mix.all)[(len(mixes) - 1) // 2]


def _numbers(mix: InstructionMix) -> tuple[int, ...]:
    return tuple(getattr(mix, field.name) for field in fields(mix))
