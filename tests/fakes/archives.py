"""A small gzipped tar of a data set, made in memory."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

FILES = {"./yes/a_nohash_0.wav": bytes(range(256)) * 400, "./no/b_nohash_0.wav": b"123", "./LICENSE": b"CC BY 4.0"}


def make_archive(members: Mapping[str, bytes | tarfile.TarInfo]) -> bytes:
    """Return the bytes of a `.tar.gz` of files by name; what is no file is given as its entry."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                tar.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return raw.getvalue()


def unpacked(target: Path) -> dict[str, bytes]:
    """Read the files under `target`, in the form of `FILES`."""
    return {f"./{path.relative_to(target)}": path.read_bytes() for path in target.rglob("*") if path.is_file()}
