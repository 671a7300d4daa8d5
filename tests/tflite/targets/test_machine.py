from pathlib import Path
from typing import Any

from tfkws.tflite.targets.machine import read_machine

PI = """processor\t: 0
BogoMIPS\t: 108.00
Features\t: fp asimd evtstrm aes asimdhp asimddp
CPU part\t: 0xd0b
processor\t: 1
"""


def write(root: Any, path: Any, text: Any) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def test_reads_a_raspberry_pi(tmp_path: Path) -> None:
    write(tmp_path, "proc/cpuinfo", PI)
    write(tmp_path, "proc/device-tree/model", "Raspberry Pi 5 Model B\0")
    write(tmp_path, "proc/loadavg", "0.42 0.30 0.10 1/100 200")
    write(tmp_path, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "ondemand\n")
    write(tmp_path, "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "2400000\n")
    write(tmp_path, "sys/class/thermal/thermal_zone0/temp", "48300\n")
    write(tmp_path, "sys/class/thermal/thermal_zone1/temp", "51200\n")
    write(tmp_path, "sys/devices/platform/soc/soc:firmware/get_throttled", "50005\n")
    machine = read_machine(tmp_path)
    assert machine.cpu == "Raspberry Pi 5 Model B"
    assert machine.flags == ("asimd", "asimdhp", "asimddp")
    assert (machine.governor, machine.clock_mhz, machine.temperature_c) == ("ondemand", 2400.0, 51.2)
    assert machine.throttled == 0x50005
    assert machine.load_average == 0.42


def test_reads_a_desktop(tmp_path: Path) -> None:
    write(tmp_path, "proc/cpuinfo", "model name\t: Some CPU\nflags\t\t: fpu avx2 fma foo\ncpu MHz\t\t: 2445.4\n")
    machine = read_machine(tmp_path)
    assert (machine.cpu, machine.flags, machine.clock_mhz) == ("Some CPU", ("fma", "avx2"), 2445.4)


def test_what_cannot_be_read_is_none(tmp_path: Path) -> None:
    machine = read_machine(tmp_path)
    assert machine.cpu == "unknown"
    unknown = (machine.governor, machine.clock_mhz, machine.temperature_c, machine.throttled, machine.load_average)
    assert unknown == (None,) * 5
