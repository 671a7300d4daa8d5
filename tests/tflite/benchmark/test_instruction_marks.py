"""Lines of the plugin, and what they count."""

import pytest

from tfkws.errors import BenchmarkError
from tfkws.tflite.benchmark.instruction_marks import InstructionMix, counts_of, parse_marks


def lines(*counts: tuple[int, int]) -> str:
    """Marks as the plugin prints them: number, all, vector arithmetic, vector memory, scalar memory, other."""
    return "".join(f"tfkws-mark {mark} {total} {total // 2} {total // 4} 0 {total - total // 2 - total // 4}\n"
                   for mark, total in counts)  # fmt: skip


def test_marks_are_read_among_other_lines() -> None:
    marks = parse_marks("INFO: x\ntfkws-mark 2 10 4 3 2 1\nnoise tfkws-mark 9 1 1 1 1 1\ntfkws-mark 3 30 14 8 5 3\n")
    assert marks == {2: [InstructionMix(10, 4, 3, 2, 1)], 3: [InstructionMix(30, 14, 8, 5, 3)]}
    assert marks[3][0] - marks[2][0] == InstructionMix(20, 10, 5, 3, 2)


def test_no_marks_and_lost_marks_are_errors() -> None:
    with pytest.raises(BenchmarkError, match="counted nothing"):
        parse_marks("INFO: Created delegate\n")
    marks = parse_marks(lines((0, 10), (1, 20), (2, 30), (3, 90)))
    assert [count.all for count in counts_of(marks, models=1, repeats=1)[0]] == [50]
    with pytest.raises(BenchmarkError, match="lost marks of model 0"):
        counts_of(marks, models=1, repeats=2)
    with pytest.raises(BenchmarkError, match="lost marks of model 1"):
        counts_of(marks, models=2, repeats=1)
