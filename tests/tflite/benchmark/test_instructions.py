"""Counts from an emulator that answers what it is told; the real one counts in the tests marked `device`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.tflite.benchmark.instructions import count_instructions, result_name
from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.targets.local import LocalSession
from tfkws.tflite.targets.session import COUNTING_PYTHON, EMULATOR, RawRun

CONV_MACS, DENSE_MACS = 8 * 6 * 3 * 3 * 4, 4 * 3


def lines(*counts):
    """Marks as the plugin prints them: number, all, vector arithmetic, vector memory, scalar memory, other."""
    return "".join(f"tfkws-mark {mark} {total} {total // 2} {total // 4} 0 {total - total // 2 - total // 4}\n"
                   for mark, total in counts)  # fmt: skip


class Emulator(LocalSession):
    """This machine as an emulated core: the models really run, and the marks are made up.

    Args:
        instructions: of each model, in order; what the empty marks take is added.
    """

    def __init__(self, instructions, drift=0):
        super().__init__("qemu-aarch64:cortex-a53")
        self.instructions, self.drift = instructions, drift

    def run(self, command, stdin="", seconds=600.0):
        if command[0] == EMULATOR:
            return RawRun("qemu-aarch64 version 7.2.22 (Debian)\nCopyright\n", "", 0, 0.1)
        if command[0] != COUNTING_PYTHON:
            return super().run(command, stdin, seconds)
        repeats, total, marks = json.loads(stdin)["repeats"], 1_000_000, []
        for index, own in enumerate(self.instructions):
            marks += [(4 * index, total), (4 * index + 1, total + 100)]
            total += 100
            for repeat in range(repeats):
                took = own + 100 + repeat * self.drift
                marks += [(4 * index + 2, total), (4 * index + 3, total + took)]
                total += took
        return RawRun('{"runtime_version": "2.3.0"}', f"INFO: noise\n{lines(*marks)}", 0, 0.1)


@pytest.fixture
def emulator():
    opened = []

    def make(*arguments, **options):
        opened.append(Emulator(*arguments, **options))
        return opened[-1]

    yield make
    for session in opened:
        session.close()


def test_the_whole_is_counted_with_its_spread(emulator, tmp_path):
    file = tmp_path / "abs.tflite"
    file.write_bytes(NULL_MODEL)
    result = count_instructions(file, emulator([50_000, 4_000], drift=50), repeats=3)
    assert result.repeats == (50_000, 50_050, 50_100)
    assert (result.mix.all, result.call_instructions) == (50_050, 4_050)
    assert result.spread == pytest.approx(100 / 50_050)
    assert result.emulator == "QEMU 7.2.22"
    assert (result.operators, result.difference) == ((), None)
    assert result.outputs.identical  # the "emulated" core is this machine
    assert result.outputs.largest_difference == 0


def test_operators_are_joined_with_layers_and_macs(emulator, int8_file):
    """CONV_2D, MEAN, FULLY_CONNECTED, SOFTMAX of the tiny network; the call of a model takes 4,000 of each count."""
    result = count_instructions(int8_file, emulator([30_000, 4_000, 24_000, 4_500, 5_000, 4_600]), operators=True)
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


def test_other_outputs_are_told(emulator, int8_file):
    """A core whose outputs differ in one step."""

    class Wrong(Emulator):
        def run(self, command, stdin="", seconds=600.0):
            done = super().run(command, stdin, seconds)
            if command[-1] != "answer":
                return done
            answer = json.loads(done.stdout)
            answer["outputs"] = f"{(int(answer['outputs'][:2], 16) ^ 1):02x}" + answer["outputs"][2:]
            return RawRun(json.dumps(answer), "", 0, 0.1)

    session = Wrong([30_000, 4_000])
    try:
        outputs = count_instructions(int8_file, session).outputs
    finally:
        session.close()
    assert (outputs.identical, outputs.largest_difference) == (False, 1.0)


def test_names_of_results(tmp_path: Path) -> None:
    file = tmp_path / "int8.tflite"
    assert result_name(file, "xnnpack", "qemu-aarch64", operators=False) == "instructions-int8-cortex-a53.json"
    assert result_name(file, "builtin", "qemu-aarch64:cortex-a76", operators=True) == (
        "instructions-int8-cortex-a76-builtin-operators.json"
    )


@pytest.mark.parametrize(
    "options",
    [("--threads", "2"), ("--threads", "auto"), ("--runs", "10"), ("--against", "a.json"), ("--processes", "1")],
)  # fmt: skip
def test_options_for_times_are_refused_on_an_emulator(options, tmp_path):
    file = tmp_path / "abs.tflite"
    file.write_bytes(NULL_MODEL)
    done = CliRunner().invoke(app, ["benchmark", str(file), "--target", "qemu-aarch64", *options])
    assert done.exit_code == 1
    assert f"measures no time. Leave out {options[0]}." in done.stderr


def test_the_table_tells_no_time(emulator, int8_file, monkeypatch):
    session = emulator([30_000, 4_000])
    monkeypatch.setattr("tfkws.tflite.targets.open._open", lambda address, python: session)
    done = CliRunner().invoke(app, ["benchmark", str(int8_file), "--target", "qemu-aarch64"])
    assert done.exit_code == 0, done.stderr
    assert "Instructions of one inference" in done.stdout
    assert "A count, not a time" in " ".join(done.stdout.split())
    assert "bit-identical with" in done.stdout
    assert not any(unit in done.stdout for unit in (" µs", " ms", " s "))
    saved = json.loads((int8_file.parent / "instructions-int8-cortex-a53.json").read_text())
    assert (saved["unit"], saved["mix"]["all"]) == ("instructions", 30_000)
