"""Steps that set the emulator up, with programs in place of the compiler and the emulator."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tfkws.errors import RuntimeUnavailableError, TargetError
from tfkws.tflite.targets.emulated import setup


def test_a_step_that_is_interrupted_is_done_again(tmp_path: Path) -> None:
    final = tmp_path / "root"

    def fail(part: Path) -> None:
        (part / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        setup._in_parts(final, fail)
    assert not final.exists()
    setup._in_parts(final, lambda part: (part / "whole").touch())
    assert (final / "whole").exists()
    setup._in_parts(final, fail)  # it is there: nothing is done


@pytest.mark.parametrize(("name", "part"), [("cortex-a53", "0xd03"), ("cortex-a76", "0xd0b")])
def test_each_core_is_told_to_the_guest_as_linux_tells_it(name: str, part: str, tmp_path: Path) -> None:
    """Part numbers of Arm's manuals; the A76 has the dot product (asimddp), the A53 lacks it."""
    (tmp_path / "root/usr").mkdir(parents=True)
    setup._describe_core(name, tmp_path)
    text = (tmp_path / "cores" / name / "proc/cpuinfo").read_text()
    facts = dict(line.split("\t: ") for line in text.splitlines() if line)
    assert facts["CPU part"] == part
    assert ("asimddp" in facts["Features"].split()) == (name == "cortex-a76")
    assert (tmp_path / "cores" / name / "usr").resolve() == (tmp_path / "root/usr").resolve()


def test_a_missing_compiler_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeUnavailableError, match="needs a C compiler; install one"):
        setup._build_plugin(tmp_path / "plugin.so", lambda text: None)


def test_a_plugin_that_does_not_compile_leaves_nothing(programs: Callable[[str, str], None], tmp_path: Path) -> None:
    programs("gcc", "#!/bin/sh\necho 'stdio.h: No such file' >&2\nexit 1\n")
    with pytest.raises(TargetError, match=r"cannot compile instruction_plugin.c \(stdio.h: No such file\)"):
        setup._build_plugin(tmp_path / "plugin.so", lambda text: None)
    assert not (tmp_path / "plugin.so").exists()


def test_an_emulator_on_path_that_takes_plugins_is_used(programs: Callable[[str, str], None], tmp_path: Path) -> None:
    words = '[ "$1" = -help ] && echo "-plugin FILE" || echo "qemu-aarch64 version 7.2.22 (Debian)"'
    programs("qemu-aarch64", f"#!/bin/sh\n{words}\n")
    assert setup._emulator(tmp_path, lambda text: None) == (
        str(tmp_path / "bin" / "qemu-aarch64"),
        "7.2.22 (Debian)",
    )
