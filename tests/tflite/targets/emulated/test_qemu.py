"""Commands that run an emulated core; the real emulator runs marked `device`."""

import json
from pathlib import Path

import pytest

from tfkws.errors import TargetError
from tfkws.tflite.targets import kinds
from tfkws.tflite.targets.emulated import qemu
from tfkws.tflite.targets.session import COUNTING_PYTHON, PYTHON

SETUP = {"emulator": "/usr/bin/qemu-aarch64", "emulator_version": "7.2.22 (Debian)", "python": "python3.11",
         "ai_edge_litert": "2.3.0", "site": "site-2.3.0"}  # fmt: skip


def test_only_counting_uses_the_plugin(tmp_path: Path) -> None:
    (tmp_path / qemu.RECORD).write_text(json.dumps(SETUP))
    session = qemu.open_qemu("cortex-a76", tmp_path)
    try:
        plain, counting = session._programs[PYTHON], session._programs[COUNTING_PYTHON]
    finally:
        session.close()
    assert "-plugin" not in plain
    assert counting[counting.index("-plugin") + 1] == str(tmp_path / "instruction_plugin.so")
    assert plain[plain.index("-cpu") + 1] == "cortex-a76"
    assert plain[plain.index("-L") + 1] == str(tmp_path / "cores/cortex-a76")
    assert plain[-2:] == (str(tmp_path / "root/usr/bin/python3.11"), "-S")


def test_what_is_not_set_up_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(TargetError, match="run `tfkws target setup qemu-aarch64`"):
        qemu.open_qemu("cortex-a53")
    states = {finding.name.partition(":")[0]: finding.status for finding in kinds.usable_targets()}
    assert states["qemu-aarch64"] == "absent"
    folder = tmp_path / ".cache/tfkws/qemu-aarch64"
    folder.mkdir(parents=True)
    (folder / qemu.RECORD).write_text(json.dumps(SETUP))
    (found,) = [finding for finding in kinds.usable_targets() if finding.name.startswith("qemu")]
    assert (found.status, "QEMU 7.2.22" in found.detail) == ("ok", True)
