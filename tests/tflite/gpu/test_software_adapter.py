"""The software adapter's set-up with programs in place of apt-get and dpkg-deb."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tfkws.errors import RuntimeUnavailableError, TargetError
from tfkws.tflite.gpu.software_adapter import adapter_environment, set_up_adapter

APT = """#!/bin/sh
for word in "$@"; do
  case $word in
    Dir::State=*) state=${word#*=} ;;
    update) touch "$state/lists/x_Packages"; exit 0 ;;
    --print-uris) echo "'http://somewhere/c.deb' chromium-common_9_amd64.deb 31457280 SHA256:0"; exit 0 ;;
  esac
done
touch chromium-common_9_amd64.deb
"""
UNPACK = """#!/bin/sh
mkdir -p "$3/usr/lib/chromium"
printf driver > "$3/usr/lib/chromium/libvk_swiftshader.so"
printf loader > "$3/usr/lib/chromium/libvulkan.so.1"
"""


def test_only_driver_and_loader_are_kept(
    programs: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs("apt-get", APT)
    programs("dpkg-deb", UNPACK)
    folder, said = tmp_path / "adapter", list[str]()
    made = set_up_adapter(said.append, folder)
    assert said == ["Reading the package lists", "Downloading the Debian package chromium-common, 30 MiB"]
    assert made == {
        "package": "chromium-common_9_amd64.deb", "files": {"libvk_swiftshader.so": 6, "libvulkan.so.1": 6},
    }  # fmt: skip
    left = {"libvk_swiftshader.so", "libvulkan.so.1", "swiftshader.json", "setup.json"}
    assert {path.name for path in folder.iterdir()} == left
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/other")
    environment = adapter_environment(folder)
    assert environment["LD_LIBRARY_PATH"] == f"{folder}:/opt/other"
    driver = json.loads(Path(environment["VK_DRIVER_FILES"]).read_text())
    assert driver["ICD"]["library_path"] == str(folder / "libvk_swiftshader.so")
    assert set_up_adapter(said.append, folder) == made
    assert len(said) == 2  # nothing is done twice


def test_a_package_without_the_driver_is_one_sentence(programs: Callable[[str, str], None], tmp_path: Path) -> None:
    programs("apt-get", APT)
    programs("dpkg-deb", "#!/bin/sh\n")
    with pytest.raises(TargetError, match=r"no longer holds libvk_swiftshader\.so; use a GPU"):
        set_up_adapter(lambda text: None, tmp_path / "adapter")
    with pytest.raises(RuntimeUnavailableError, match="not set up; run `tfkws target setup software-gpu`"):
        adapter_environment(tmp_path / "adapter")
