"""Unpacking: whole archives only, and nothing outside the target."""

import gzip
import tarfile
from pathlib import Path

import pytest
from archives import FILES, make_archive, unpacked

from tfkws.data.prepare.archive import unpack
from tfkws.errors import DataError


def link(name: str, to: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


EVIL: dict[str, dict[str, bytes | tarfile.TarInfo]] = {
    "parent": {"../evil": b"x"},
    "hidden parent": {"yes/../../evil": b"x"},
    "absolute": {"/tmp/tfkws_evil": b"x"},
    "backslash": {"..\\evil": b"x"},
    "drive": {"C:evil": b"x"},
    "symbolic link": {"yes": link("yes", "/tmp"), "yes/evil": b"x"},
    "hard link": {"a": link("a", "/etc/hostname", tarfile.LNKTYPE)},
    "device": {"a": link("a", "", tarfile.CHRTYPE)},
    "pipe": {"a": link("a", "", tarfile.FIFOTYPE)},
}


@pytest.mark.parametrize("kind", EVIL)
def test_nothing_is_written_outside(tmp_path: Path, kind: str) -> None:
    archive = tmp_path / "evil.tar.gz"
    archive.write_bytes(make_archive(EVIL[kind]))
    with pytest.raises(DataError, match="was not unpacked"):
        unpack(archive, tmp_path / "in" / "clips")
    assert [path for path in tmp_path.rglob("*") if path.is_file() or path.is_symlink()] == [archive]
    assert not Path("/tmp/tfkws_evil").exists()


def test_folder_that_is_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "yes").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "a.tar.gz").write_bytes(make_archive(FILES))
    with pytest.raises(DataError, match="leads outside"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "clips")
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("length", [0, 10, 100, 200, -9, -1])
def test_cut_archive_is_refused(tmp_path: Path, length: int) -> None:
    (tmp_path / "a.tar.gz").write_bytes(make_archive(FILES)[:length])
    with pytest.raises(DataError, match=r"delete it and download it again"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "clips")


def test_wrong_checksum_of_gzip_is_refused(tmp_path: Path) -> None:
    content = bytearray(make_archive(FILES))
    content[-6] ^= 1
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(DataError, match="is damaged"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "clips")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    for content in (b"hello", gzip.compress(b"hello"), gzip.compress(b"")):
        (tmp_path / "a.tar.gz").write_bytes(content)
        with pytest.raises(DataError, match="download it again"):
            unpack(tmp_path / "a.tar.gz", tmp_path / "clips")


def test_unpacking_again_writes_missing_and_cut_files_only(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(make_archive(FILES))
    unpack(tmp_path / "a.tar.gz", tmp_path / "clips")
    kept, cut = tmp_path / "clips/no/b_nohash_0.wav", tmp_path / "clips/yes/a_nohash_0.wav"
    before = kept.stat().st_ino
    cut.write_bytes(b"half")
    unpack(tmp_path / "a.tar.gz", tmp_path / "clips")
    assert unpacked(tmp_path / "clips") == FILES and kept.stat().st_ino == before


def test_the_last_step_is_the_whole_archive(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(make_archive(FILES))
    steps: list[tuple[int, int]] = []
    assert unpack(tmp_path / "a.tar.gz", tmp_path / "clips", lambda *step: steps.append(step)) == 3
    size = (tmp_path / "a.tar.gz").stat().st_size
    assert steps[-1] == (size, size) and steps == sorted(steps)
    assert unpacked(tmp_path / "clips") == FILES
