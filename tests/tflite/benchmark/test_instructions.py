"""Counts from an emulator that answers what it is told; the real one counts in the tests marked `device`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from emulated_core import Emulator

from tfkws.config import CountSettings
from tfkws.tflite.benchmark.instructions import count_instructions
from tfkws.tflite.file.submodels import NULL_MODEL

MakeEmulator = Callable[..., Emulator]
CONV_MACS, DENSE_MACS = 8 * 6 * 3 * 3 * 4, 4 * 3


@pytest.fixture
def emulator() -> Iterator[MakeEmulator]:
    opened: list[Emulator] = []

    def make(*arguments: Any, **options: Any) -> Emulator:
        opened.append(Emulator(*arguments, **options))
        return opened[-1]

    yield make
    for session in opened:
        session.close()


def test_the_whole_is_counted_with_its_spread(emulator: MakeEmulator, tmp_path: Path) -> None:
    file = tmp_path / "abs.tflite"
    file.write_bytes(NULL_MODEL)
    result = count_instructions(file, emulator([50_000, 4_000], drift=50), CountSettings(repeats=3))
    assert result.repeats == (50_000, 50_050, 50_100)
    assert (result.mix.all, result.call_instructions) == (50_050, 4_050)
    assert result.spread == pytest.approx(100 / 50_050)
    assert result.emulator == "QEMU 7.2.22"
    assert (result.operators, result.difference) == ((), None)
    assert result.outputs is not None
    assert result.outputs.identical  # the "emulated" core is this machine
    assert result.outputs.largest_difference == 0


def test_operators_are_joined_with_layers_and_macs(emulator: MakeEmulator, int8_file: Path) -> None:
    """CONV_2D, MEAN, FULLY_CONNECTED, SOFTMAX of the tiny network; the call of a model takes 4,000 of each count."""
    result = count_instructions(
        int8_file, emulator([30_000, 4_000, 24_000, 4_500, 5_000, 4_600]), CountSettings(operators=True)
    )
    rows = {row.opcode: row for row in result.operators}
    assert [row.mix.all for row in result.operators] == [20_000, 500, 1_000, 600]
    assert rows["CONV_2D"].name == "unit1_conv"
    assert rows["CONV_2D"].macs == CONV_MACS
    assert rows["CONV_2D"].instructions_per_mac == pytest.approx(20_000 / CONV_MACS)
    assert rows["FULLY_CONNECTED"].macs == DENSE_MACS
    assert result.macs == CONV_MACS + DENSE_MACS
    assert result.instructions_per_mac == pytest.approx(30_000 / (CONV_MACS + DENSE_MACS))
    assert sum(row.share for row in result.operators) == pytest.approx(1)
    assert result.difference == pytest.approx(22_100 / 26_000 - 1)
    values = result.to_dict()
    assert values["unit"] == "instructions"
    assert not any({"time", "latency", "us"} & set(key.split("_")) for key in values)
