"""What devices say and lack, with a session that answers what it is told."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tfkws.errors import BenchmarkError, RuntimeUnavailableError, TargetError
from tfkws.tflite.targets.questions import (
    DeviceFacts,
    answer_of,
    ask_facts,
    ask_machine,
    ask_runtime_version,
    require_runtime,
)
from tfkws.tflite.targets.session import RawRun

PI = """aarch64
Linux 6.6.31+rpt-rpi-v8 #1 SMP PREEMPT Debian
4
/dev/mmcblk0p2 30000000 9000000 20000000 31% /
==> proc/cpuinfo
processor\t: 0
Features\t: fp asimd crc32 asimddp
==> proc/loadavg
0.20 0.10 0.05 1/200 900
==> proc/device-tree/model
Raspberry Pi 5 Model B Rev 1.0
==> sys/devices/system/cpu/cpu0/cpufreq/scaling_governor
ondemand
==> sys/class/thermal/thermal_zone0/temp
48300
==> sys/class/thermal/thermal_zone1/temp
51200
"""


class Told:
    """Answers by the first word of the command, or the kind of a request."""

    target = "ssh://pi@board"

    def __init__(self, **answers: Any) -> None:
        self.answers, self.pushed = answers, {}

    def push(self, name: Any, content: Any, executable: Any = False) -> None:
        self.pushed[name] = content

    def run(self, command: Any, stdin: Any = "", seconds: Any = 0) -> Any:
        key = command[2] if len(command) == 3 and command[0] == "python" and command[1] != "-c" else command[0]
        answer = self.answers[key]
        return answer if isinstance(answer, RawRun) else RawRun(answer, "", 0, 0.1)

    def close(self) -> None:
        pass


def facts(**changes: Any) -> Any:
    values: dict[str, Any] = {
        "target": "board", "architecture": "aarch64", "system": "Linux", "cores": 4, "free_bytes": 1 << 30,
        "python": "3.11.2", "packages": {"numpy": "1.26", "ai-edge-litert": "2.3.0"},
    }  # fmt: skip
    return DeviceFacts(**values | changes)


def test_a_raspberry_pi_is_read() -> None:
    found = json.dumps({"architecture": "aarch64", "python": "3.11.2", "packages": {"numpy": "1.26.4"}})
    read = ask_facts(Told(sh=PI, python="3.11.2\n", facts=found))
    assert (read.architecture, read.cores, read.free_bytes) == ("aarch64", 4, 20_480_000_000)
    assert (read.python, read.packages) == ("3.11.2", {"numpy": "1.26.4"})
    machine = ask_machine(Told(sh=PI))
    assert (machine.cpu, machine.governor) == ("Raspberry Pi 5 Model B Rev 1.0", "ondemand")
    assert (machine.temperature_c, machine.load_average, machine.flags) == (51.2, 0.2, ("asimd", "asimddp"))
    assert machine.system.startswith("Linux 6.6.31")


@pytest.mark.parametrize("python", [RawRun("", "python3: not found", 127, 0.0), "2.7.18\n", "3.8.10\n"])
def test_nothing_is_pushed_where_python_is_missing_or_old(python: Any) -> None:
    told = Told(sh=PI, python=python)
    assert ask_facts(told).packages == {}
    assert told.pushed == {}


def test_a_shell_that_is_none_is_one_sentence() -> None:
    with pytest.raises(TargetError, match="its shell must be a POSIX one"):
        ask_facts(Told(sh="Welcome to the router!\n"))


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"free_bytes": 1000}, TargetError, "has 1000 B free where temporary files go, and 1.91 MiB are needed"),
        ({"python": ""}, TargetError, "needs Python 3.9 or later and has none; name another by --python"),
        ({"python": "3.8.10"}, TargetError, "has 3.8.10"),
        ({"packages": {}}, RuntimeUnavailableError, "without NumPy; run `pip install tfkws` there"),
        (
            {"packages": {"numpy": "1.26", "tflite-runtime": "2.14.0"}},
            RuntimeUnavailableError,
            "has no ai-edge-litert; run `pip install ai-edge-litert` there, or use --runtime tflite_runtime",
        ),
    ],
)
def test_what_is_missing_is_one_sentence(changes: Any, error: Any, sentence: Any) -> None:
    require_runtime(facts(), "litert", 2_000_000)
    with pytest.raises(error, match=sentence):
        require_runtime(facts(**changes), "litert", 2_000_000)


def test_a_talking_login_shell_is_one_sentence() -> None:
    with pytest.raises(BenchmarkError, match="its login shell must print nothing of its own"):
        answer_of(RawRun("Welcome!\n{}", "", 0, 0.1), "board")


@pytest.mark.parametrize(
    "answer", ["{}", '{"runtime_version": 3}', '{"runtime_version": ["2"]}', "[]", "[1]", "3", "null"]
)
def test_a_device_that_answers_otherwise_is_one_sentence(answer: str) -> None:
    class Device:
        target = "board"

        def push(self, name: str, content: bytes, executable: bool = False) -> None: ...

        def run(self, command: Sequence[str], stdin: str = "", seconds: float = 0.0) -> RawRun:
            return RawRun(answer, "", 0, 0.0)

        def close(self) -> None: ...

    with pytest.raises(BenchmarkError, match="board"):
        ask_runtime_version(Device(), "litert")
