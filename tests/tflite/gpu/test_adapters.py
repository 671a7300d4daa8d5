"""What the doctor makes of the adapters, and whether one is there for the gate."""

import re
import sys
from pathlib import Path

import pytest

from tfkws.tflite.gpu import adapters
from tfkws.tflite.gpu.adapters import find_adapters


@pytest.mark.usefixtures("software_gpu")
def test_the_doctor_lists_it_and_tries_the_runtime() -> None:
    first, runtime = find_adapters()
    assert first.name.startswith("SwiftShader") and first.detail.startswith("software adapter")
    assert (runtime.name, runtime.status) == ("litert-gpu", "ok")
    assert runtime.detail.endswith("(software)")


@pytest.mark.parametrize(
    ("script", "status", "detail", "mend"),
    [
        ("raise OSError('libvulkan.so.1: cannot open shared object file')", "absent", "no Vulkan loader", "libvulkan1"),
        ("print('[]')", "absent", "shows no adapter", "mesa-vulkan-drivers.*tfkws target setup software-gpu"),
        ("import os; os.abort()", "broken", "ended with -6", "newer driver"),
        ("import time; time.sleep(9)", "broken", "no answer within 0.5 s", "newer driver"),
    ],
)
def test_what_is_missing_or_broken_is_one_line_with_its_mend(
    script: str, status: str, detail: str, mend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters, "SECONDS", 0.5)
    program = tmp_path / "child.py"
    program.write_text(script)
    (finding,) = find_adapters((sys.executable, str(program)))
    assert finding.status == status
    assert detail in finding.detail
    assert re.search(mend, finding.mend)
