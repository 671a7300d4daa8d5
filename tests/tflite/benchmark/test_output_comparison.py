"""Outputs of an emulated core that is this machine, and of one that answers something else."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from emulated_core import Emulator

from tfkws.tflite.benchmark.output_comparison import compare_outputs
from tfkws.tflite.file.tflite_file import tflite_file
from tfkws.tflite.targets.device_archive import push_archive
from tfkws.tflite.targets.session import RawRun


class Wrong(Emulator):
    """A core whose first output differs by one step."""

    def run(self, command: Sequence[str], stdin: str = "", seconds: float = 600.0) -> RawRun:
        done = super().run(command, stdin, seconds)
        if command[-1] != "answer":
            return done
        answer = json.loads(done.stdout)
        answer["outputs"] = f"{(int(answer['outputs'][:2], 16) ^ 1):02x}" + answer["outputs"][2:]
        return RawRun(json.dumps(answer), "", 0, 0.1)


@pytest.mark.parametrize(("core", "identical", "difference"), [(Emulator, True, 0.0), (Wrong, False, 1.0)])
def test_one_step_of_one_output_is_told(
    core: type[Emulator], identical: bool, difference: float, int8_file: Path
) -> None:
    session = core([30_000, 4_000])
    try:
        push_archive(session)
        outputs = compare_outputs(session, tflite_file(int8_file.read_bytes()), "xnnpack", examples=3)
    finally:
        session.close()
    assert (outputs.examples, outputs.identical, outputs.largest_difference) == (3, identical, difference)
    assert outputs.reference_architecture
