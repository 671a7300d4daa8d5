"""Everything that can lie in a folder is named; nothing that cannot be read ends the reading."""

import os
from pathlib import Path

import pytest

from tfkws.data.folder_scan import scan, walk


def test_each_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "clip.WAV").write_bytes(b"")
    (tmp_path / ".hidden").write_bytes(b"")
    (tmp_path / "below").mkdir()
    (tmp_path / "link.wav").symlink_to("clip.WAV")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "zero").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    assert {entry.name: entry.kind for entry in scan(tmp_path)} == {
        "below": "folder",
        "clip.WAV": "file",
        "gone": "a link that leads nowhere",
        "link.wav": "file",
        "pipe": "a named pipe",
        "self": "a link that leads to itself",
        "zero": "a device",
    }


def test_a_walk_follows_links_and_ends(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/1.wav").write_bytes(b"")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "a/c").symlink_to("b")
    assert [entry.name for entry in walk(tmp_path)] == ["a/b/1.wav"]


def test_order_is_that_of_the_bytes_in_any_encoding(tmp_path: Path) -> None:
    for name in (b"\xff.wav", "\u00fc.wav".encode(), b"z.wav"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"")
    assert [os.fsencode(entry.name)[:1] for entry in scan(tmp_path)] == [b"z", b"\xc3", b"\xff"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(walk(tmp_path / "none"))
