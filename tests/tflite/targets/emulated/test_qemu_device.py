"""The real emulator: set up by apt and pip, outputs against this machine's, counts against each other."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import CountSettings
from tfkws.tflite.benchmark.instructions import count_instructions
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.targets.emulated.qemu import CORES, is_set_up
from tfkws.tflite.targets.open import open_target

pytestmark = pytest.mark.device


@pytest.fixture(scope="module", autouse=True)
def emulator() -> None:
    """Set up by the command itself, which downloads 45 MiB once; where it cannot, its sentence is why it is skipped."""
    if not is_set_up():
        command = [sys.executable, "-m", "tfkws", "target", "setup", "qemu-aarch64"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(done.stderr.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, converted: Callable[[str], TfliteFile]) -> Any:
    """A network with enough multiply-accumulates to tell a core with a dot product from one without."""
    import keras

    from tfkws.models import build_model
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.recipes import RECIPES

    keras.utils.set_random_seed(0)
    model = build_model("kws12", (40, 32, 1), 10)
    maps = np.random.default_rng(0).normal(size=(8, 40, 32, 1)).astype(np.float32)
    folder = tmp_path_factory.mktemp("files")
    paths = {}
    for recipe in ("none", "int8"):
        paths[recipe] = folder / f"{recipe}.tflite"
        paths[recipe].write_bytes(convert(model, RECIPES[recipe], maps).content)
    return paths


def count(file: Any, core: Any, **options: Any) -> Any:
    with open_target(f"qemu-aarch64:{core}") as session:
        return count_instructions(file, session, CountSettings(**options))


@pytest.mark.parametrize("core", CORES)
def test_outputs_are_those_of_this_machine_and_operators_sum_to_the_whole(files: Any, core: Any) -> None:
    int8, float32 = (count(files[recipe], core, operators=True) for recipe in ("int8", "none"))
    assert int8.outputs.identical
    assert float32.outputs.largest_difference < 1e-6
    for result in (int8, float32):
        assert result.spread < 1e-4
        assert abs(result.difference) < 0.01
        assert sum(row.macs for row in result.operators) == result.macs == 8_608_200  # paper B's Table II over 2
        assert 0.05 < result.instructions_per_mac < 2
        mix = result.mix
        assert mix.all == mix.vector_arithmetic + mix.vector_memory + mix.scalar_memory + mix.other


def test_counts_repeat_in_another_process(files: Any) -> None:
    first, second = (count(files["int8"], "cortex-a53", repeats=1, compared_outputs=0).mix.all for _ in range(2))
    assert first == pytest.approx(second, rel=1e-4)


def test_the_dot_product_saves_instructions_of_int8_alone(files: Any) -> None:
    int8 = [count(files["int8"], core, repeats=1, compared_outputs=0).mix.all for core in ("cortex-a53", "cortex-a76")]
    assert int8[0] > 2 * int8[1]


def test_a_loop_of_known_length_is_counted(tmp_path: Path) -> None:
    """The plugin against arithmetic: twice the model's runs are twice the instructions, to one in a thousand."""
    from tfkws.tflite.benchmark.instruction_marks import parse_marks
    from tfkws.tflite.targets.session import COUNTING_PYTHON

    program = (
        "import ctypes\nmark = ctypes.CDLL(None).syscall\ndata = ctypes.create_string_buffer({size})\n"
        "mark(0x6B7773, 0)\nctypes.memset(data, 0, {size})\nmark(0x6B7773, 1)\n"
    )
    counts = []
    for size in (1 << 22, 1 << 23, 1 << 24):
        with open_target("qemu-aarch64:cortex-a53") as session:
            done = session.run((COUNTING_PYTHON, "-c", program.format(size=size)))
        marks = parse_marks(done.stderr)
        counts.append((marks[1][0] - marks[0][0]).vector_memory)
    # memset stores 16 bytes an instruction where it uses vectors, and zeroes cache lines of 64 by `dc zva`.
    first, second = counts[1] - counts[0], counts[2] - counts[1]
    assert counts[2] < 1 << 24
    assert second == pytest.approx(2 * first, abs=64)


def test_the_command_line_counts_and_replays(files: Any, tmp_path: Path) -> None:
    model = tmp_path / "int8.tflite"
    shutil.copy(files["int8"], model)
    outputs = []
    for target in ("qemu-aarch64:cortex-a76", f"replay:{tmp_path / 'recording'}"):
        record = ["--record", str(tmp_path / "recording")] if target.startswith("qemu") else []
        command = [sys.executable, "-m", "tfkws", "benchmark", str(model), "--target", target, "--json", *record]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        outputs.append(json.loads(done.stdout)[0])
    assert outputs[0]["unit"] == "instructions"
    assert outputs[1].pop("target") == "replay of qemu-aarch64:cortex-a76"
    assert outputs[1] == {key: value for key, value in outputs[0].items() if key != "target"}


def test_the_guest_is_arm() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tfkws", "target", "check", "qemu-aarch64", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["architecture"] == "aarch64"
