"""Adapters by Vulkan's own interface, and what the doctor makes of them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tfkws.tflite.gpu import adapters
from tfkws.tflite.gpu.adapters import CHILD, find_adapters


@pytest.mark.usefixtures("software_gpu")
def test_the_software_adapter_is_shown_as_one() -> None:
    done = subprocess.run(CHILD, capture_output=True, text=True, check=True)
    (adapter,) = json.loads(done.stdout)
    assert adapter["name"].startswith("SwiftShader") and adapter["software"] and adapter["kind"] == "software"
    assert adapter["driver"].startswith("SwiftShader") and adapter["api"].startswith("1.")


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
