from pathlib import Path

import pytest

from tfkws.errors import ConfigError, TargetError
from tfkws.tflite.targets.open import is_emulated, open_target


def test_only_devices_take_a_python() -> None:
    with pytest.raises(ConfigError, match="Only ssh and adb targets take --python"), open_target("local", "python3"):
        pass


def test_emulated_targets_are_known_before_anything_is_opened(tmp_path: Path) -> None:
    assert is_emulated("qemu-aarch64:cortex-a76")
    assert not is_emulated("ssh://nowhere.invalid")
    for recorded, emulated in (("qemu-aarch64:cortex-a53", True), ("ssh://pi@board", False)):
        (tmp_path / "recording.jsonl").write_text(f'{{"target": "{recorded}"}}\n')
        assert is_emulated(f"replay:{tmp_path}") is emulated
    with pytest.raises(TargetError, match="holds no recording"):
        is_emulated("replay:nowhere")
