"""An emulated core whose counts are made up."""

import json
from collections.abc import Sequence

from tfkws.tflite.targets.local import LocalSession
from tfkws.tflite.targets.session import COUNTING_PYTHON, EMULATOR, RawRun


def lines(*counts: tuple[int, int]) -> str:
    """Marks as the plugin prints them: number, all, vector arithmetic, vector memory, scalar memory, other."""
    return "".join(f"tfkws-mark {mark} {total} {total // 2} {total // 4} 0 {total - total // 2 - total // 4}\n"
                   for mark, total in counts)  # fmt: skip


class Emulator(LocalSession):
    """This machine as an emulated core: the models really run, and the marks are made up.

    Args:
        instructions: of each model, in order; what the empty marks take is added.
    """

    def __init__(self, instructions: Sequence[int], drift: int = 0) -> None:
        super().__init__("qemu-aarch64:cortex-a53")
        self.instructions, self.drift = instructions, drift

    def run(self, command: Sequence[str], stdin: str = "", seconds: float = 600.0) -> RawRun:
        """Count as it was told to."""
        if command[0] == EMULATOR:
            return RawRun("qemu-aarch64 version 7.2.22 (Debian)\nCopyright\n", "", 0, 0.1)
        if command[0] != COUNTING_PYTHON:
            return super().run(command, stdin, seconds)
        repeats: int = json.loads(stdin)["repeats"]
        total = 1_000_000
        marks: list[tuple[int, int]] = []
        for index, own in enumerate(self.instructions):
            marks += [(4 * index, total), (4 * index + 1, total + 100)]
            total += 100
            for repeat in range(repeats):
                took = own + 100 + repeat * self.drift
                marks += [(4 * index + 2, total), (4 * index + 3, total + took)]
                total += took
        return RawRun('{"runtime_version": "2.3.0"}', f"INFO: noise\n{lines(*marks)}", 0, 0.1)
