"""The timing process, with programs in its place that answer, refuse, crash and hang; and on the software adapter."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import BenchmarkError, RuntimeUnavailableError, TfliteFileError
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.profile.on_gpu import timing
from tfkws.tflite.profile.on_gpu.timing import Plan, time_on_gpu

PRELUDE = """
import json, os, pathlib, signal, sys, time
request = json.load(sys.stdin)
contents = [pathlib.Path(each).read_bytes() for each in request["models"]]
doing = pathlib.Path(request["doing"])
def answer(values): pathlib.Path(request["answer"]).write_text(json.dumps(values))
def timed(): answer({"refused": {}, "facts": {}, "rounds_us": [[float(len(each)) for each in contents]] * 5})
"""
Child = Callable[[str], tuple[str, ...]]


@pytest.fixture
def child(tmp_path: Path) -> Child:
    """Words that start a script in the place of the timing process."""

    def words(script: str) -> tuple[str, ...]:
        program = tmp_path / "child.py"
        program.write_text(PRELUDE + script)
        return sys.executable, str(program)

    return words


def test_a_file_that_crashes_the_driver_is_left_out_and_the_others_are_timed(child: Child) -> None:
    crash = (
        "for n, each in enumerate(contents):\n    doing.write_text(str(n))\n    if each == b'bad': os.abort()\ntimed()"
    )
    found = time_on_gpu([b"a", b"bad", b"ccc", b"bad"], Plan(), child=child(crash))
    assert np.median(found.rounds_us, axis=0).tolist() == [1, 3]
    assert list(found.refused) == [1, 3] and "ended the process" in found.refused[1]


def test_refusals_keep_their_numbers_beside_crashes(child: Child) -> None:
    script = (
        "for n, each in enumerate(contents):\n    doing.write_text(str(n))\n    if each == b'bad': os.abort()\n"
        "answer({'refused': {'1': 'no'}, 'facts': {}, 'rounds_us': [[1.0, 3.0]] * 5})"
    )
    found = time_on_gpu([b"a", b"bad", b"no", b"ccc"], Plan(), child=child(script))
    assert found.refused[2] == "no" and set(found.refused) == {1, 2}
    assert [found.column(n) is None for n in range(4)] == [False, True, True, False]


@pytest.mark.parametrize("last", ["0", "time"])
def test_a_crash_at_the_file_itself_or_while_timing_is_one_sentence(child: Child, last: str) -> None:
    with pytest.raises(BenchmarkError, match=r"^The GPU stopped in the middle: its process ended with -6; install"):
        time_on_gpu([b"a", b"b"], Plan(), child=child(f"doing.write_text('{last}'); os.abort()"))


def test_a_lost_device_is_told_as_such(child: Child) -> None:
    lost = "doing.write_text('time'); sys.stderr.write('VK_ERROR_DEVICE_LOST'); sys.exit(1)"
    with pytest.raises(BenchmarkError, match="the device was lost"):
        time_on_gpu([b"a"], Plan(), child=child(lost))


def test_a_hang_ends(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "LOAD_SECONDS", 0.5)
    monkeypatch.setattr(timing, "LONGEST_SECONDS", 0.5)
    with pytest.raises(BenchmarkError, match="did not answer within"):
        time_on_gpu([b"a"], Plan(seconds=0.5), child=child("time.sleep(60)"))


def test_the_childs_own_sentence_keeps_its_class(child: Child) -> None:
    for error in (RuntimeUnavailableError, TfliteFileError):
        script = f"answer({{'error': '{error.__name__}', 'message': 'No GPU.'}})"
        with pytest.raises(error, match=r"^No GPU\.$"):
            time_on_gpu([b"a"], Plan(), child=child(script))


def test_runs_are_shared_out_to_rounds() -> None:
    plans = [Plan(runs=runs) for runs in (200, 10, 1, 45)]
    assert [(plan.rounds, plan.block) for plan in plans] == [(20, 10), (10, 1), (1, 1), (23, 2)]


@pytest.mark.usefixtures("software_gpu")
def test_files_on_the_software_adapter_take_turns_and_damaged_ones_are_refused() -> None:
    found = time_on_gpu([chain(4), NULL_MODEL, b"no model", chain(2)], Plan(runs=6))
    assert found.rounds_us.shape == (6, 3) and (found.rounds_us > 0).all()
    assert list(found.refused) == [2]
    adapter = found.facts["adapter"]
    assert adapter["software"] and "SwiftShader" in adapter["driver"]
