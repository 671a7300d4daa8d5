"""The table of kinds of targets: each row reads what it says it reads, and no other row does."""

import pytest

from tfkws.tflite.targets.kinds import TARGET_KINDS, TargetKind, kind_of, parse_address, target_forms, usable_targets

ADDRESSES = {
    "local": "local",
    "ssh": "ssh://pi@board:22",
    "adb": "adb:R58",
    "qemu-aarch64": "qemu-aarch64:cortex-a76",
    "replay": "replay:runs/pi",
}


@pytest.mark.parametrize("kind", TARGET_KINDS, ids=lambda kind: kind.name)
def test_an_address_is_of_one_kind(kind: TargetKind) -> None:
    text = ADDRESSES[kind.name]
    assert kind_of(parse_address(text)) is kind
    assert [other.name for other in TARGET_KINDS if other.address.parse(text) is not None] == [kind.name]


def test_each_kind_is_listed_and_explained() -> None:
    assert len(usable_targets()) == len(TARGET_KINDS)
    assert target_forms() == "local, ssh://[user@]host[:port], adb:SERIAL, qemu-aarch64[:CPU] or replay:DIR"
