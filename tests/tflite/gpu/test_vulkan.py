"""Adapters by Vulkan's own interface, in a child process as always, and here where there is no loader."""

import json
import subprocess

import pytest

from tfkws.tflite.gpu import vulkan
from tfkws.tflite.gpu.adapters import CHILD
from tfkws.tflite.gpu.vulkan import driver_of, list_adapters


@pytest.mark.usefixtures("software_gpu")
def test_the_software_adapter_is_shown_as_one() -> None:
    done = subprocess.run(CHILD, capture_output=True, text=True, check=True)
    (adapter,) = json.loads(done.stdout)
    assert adapter["name"].startswith("SwiftShader") and adapter["software"] and adapter["kind"] == "software"
    assert adapter["driver"].startswith("SwiftShader") and adapter["api"].startswith("1.")


def test_without_a_loader_there_is_no_driver_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vulkan, "LOADER", "libvulkan-that-is-not-there.so.1")
    with pytest.raises(OSError, match="libvulkan-that-is-not-there"):
        list_adapters()
    assert driver_of("V3D 7.1") == ""


def test_a_driver_is_that_of_the_adapter_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = [{"name": "V3D 7.1", "driver": "Mesa 25"}, {"name": "H100", "driver": "NVIDIA 580"}]
    monkeypatch.setattr(vulkan, "list_adapters", lambda: shown)
    assert (driver_of("H100"), driver_of("V3D 7.1"), driver_of("A100")) == ("NVIDIA 580", "Mesa 25", "")
