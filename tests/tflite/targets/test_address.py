from pathlib import Path
from typing import Any

import pytest

from tfkws.errors import ConfigError
from tfkws.tflite.targets.address import (
    AdbAddress,
    LocalAddress,
    QemuAddress,
    ReplayAddress,
    SshAddress,
)
from tfkws.tflite.targets.kinds import parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("local", LocalAddress()),
        ("ssh://raspberrypi", SshAddress("raspberrypi")),
        ("ssh://pi@10.0.0.2:2222", SshAddress("10.0.0.2", "pi", 2222)),
        ("ssh://pi@[::1]:22", SshAddress("::1", "pi", 22)),
        ("adb:R58M12ABCDE", AdbAddress("R58M12ABCDE")),
        ("adb:192.168.0.9:5555", AdbAddress("192.168.0.9:5555")),
        ("qemu-aarch64", QemuAddress("cortex-a53")),
        ("qemu-aarch64:cortex-a76", QemuAddress("cortex-a76")),
        ("replay:runs/pi", ReplayAddress(Path("runs/pi"))),
    ],
)
def test_forms(text: Any, address: Any) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("pi@raspberrypi", "the forms are local, ssh://"),
        ("adb:", "No target is called"),
        ("ssh://pi:secret@host", "takes no password; put a key"),
        ("ssh://host:port", "The port of"),
        ("ssh://host/folder", "is written ssh://"),
        ("ssh://", "is written ssh://"),
        ("qemu-aarch64:cortex-a72", "emulates cortex-a53 or cortex-a76"),
    ],
)
def test_others_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        parse_address(text)
