"""Each fault is put into a folder on purpose and has to be found, and nothing else."""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.data.audio.files import read_clip
from tfkws.data.clip_index import read_index
from tfkws.data.prepare.check import check_folder, count_words
from tfkws.data.splits import split_of

RNG = np.random.default_rng(0)
GOOD = RNG.normal(0, 0.1, 16_000)


def found(folder: Path) -> set[tuple[str, str]]:
    return {(problem.kind, problem.where) for problem in check_folder(folder).problems}


def write(path: Path, samples: np.ndarray, rate: int = 16_000) -> None:
    soundfile.write(path, samples, rate, subtype="PCM_16")


FAULTS: dict[str, Callable[[Path], object]] = {
    "unreadable": lambda path: path.write_bytes(b"RIFF"),
    "rate": lambda path: write(path, GOOD[:8000], 8000),
    "channels": lambda path: write(path, np.stack([GOOD, GOOD], axis=1)),
    "length": lambda path: write(path, np.tile(GOOD, 2)),
    "clipping": lambda path: write(path, np.where(np.arange(16_000) % 50 == 0, 1.0, GOOD)),
    "silence": lambda path: write(path, np.full(16_000, 1e-3)),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_fault_is_found(make_folder: Callable[..., Path], kind: str) -> None:
    folder = make_folder()
    assert found(folder) == set()
    path = sorted((folder / "yes").iterdir())[5]
    FAULTS[kind](path)
    assert (kind, f"yes/{path.name}") in found(folder)
    assert {where for _, where in found(folder)} == {f"yes/{path.name}"}


def test_very_short_clip_is_found(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    path = sorted((folder / "yes").iterdir())[5]
    write(path, GOOD[:4000])
    assert found(folder) == {("length", f"yes/{path.name}")}


def test_duplicates_are_found_by_content_with_what_is_bad_about_them(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    training = sorted(path for path in (folder / "yes").iterdir() if split_of(path.name) == "training")
    testing = sorted(path for path in (folder / "no").iterdir() if split_of(path.name) == "testing")
    testing[0].write_bytes(training[0].read_bytes())
    (problem,) = check_folder(folder).problems
    assert problem.kind == "duplicate" and "another word, another split" in problem.detail


def test_small_words_and_empty_splits_are_found(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    for path in sorted((folder / "no").iterdir()):
        if split_of(path.name) != "training":
            path.unlink()
    for path in sorted((folder / "cat").iterdir())[3:]:
        path.unlink()
    kinds = found(folder)
    assert {("empty split", "no"), ("few clips", "cat"), ("few speakers", "cat")} <= kinds
    assert ("few clips", "no") not in kinds


def test_lists_that_contradict_the_rule_are_found(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    files = [f"{path.parent.name}/{path.name}" for path in sorted(folder.glob("[a-z]*/*.wav"))]
    for split in ("validation", "testing"):
        (folder / f"{split}_list.txt").write_text("\n".join(f for f in files if split_of(f) == split))
    assert found(folder) == set()
    (folder / "testing_list.txt").write_text("")
    assert found(folder) == {("split lists", file) for file in files if split_of(file) == "testing"}


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "backslashes": lambda text: text.replace("/", "\\").encode(),
    "byte order mark": lambda text: text.encode("utf-8-sig"),
    "Windows": lambda text: text.replace("\n", "\r\n").encode("utf-16"),
    "Latin-1": lambda text: text.encode("latin-1"),
    "decomposed": lambda text: unicodedata.normalize("NFD", text).encode(),
    "dots": lambda text: "\n".join(f"./{line} " for line in text.split("\n")).encode(),
}


@pytest.mark.parametrize("kind", ENCODINGS)
def test_lists_of_any_system_are_read(make_folder: Callable[..., Path], kind: str) -> None:
    folder = make_folder(words=("caf\u00e9", "no"))
    for number, path in enumerate(sorted((folder / "caf\u00e9").iterdir())):
        path.rename(path.with_name(f"gr\u00fcn {number}_nohash_0.wav"))
    files = [f"{path.parent.name}/{path.name}" for path in sorted(folder.glob("[a-z]*/*.wav"))]
    for split in ("validation", "testing"):
        text = "\n".join(f for f in files if split_of(f) == split)
        (folder / f"{split}_list.txt").write_bytes(ENCODINGS[kind](text))
    assert found(folder) == set()


def test_joined_files_and_odd_chunks_are_read_and_told(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    first, second, third = sorted((folder / "yes").iterdir())[:3]
    content = first.read_bytes()
    first.write_bytes(content + second.read_bytes())
    other = third.read_bytes()
    third.write_bytes(other[:12] + b"PEAK" + (24).to_bytes(4, "little") + bytes(24) + other[12:])
    assert found(folder) == {("more audio", f"yes/{first.name}")}
    np.testing.assert_array_equal(read_clip(first), np.frombuffer(content[44:], "<i2"))


def test_what_is_left_out_is_named(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    clip = sorted((folder / "yes").iterdir())[0].read_bytes()
    (folder / "yes/a.m4a").write_bytes(b"ftypM4A")
    (folder / "yes/readme.txt").write_text("no clip")
    (folder / "no/anna").mkdir()
    (folder / "no/anna/1.wav").write_bytes(clip)
    (folder / "loose.wav").write_bytes(clip)
    (folder / "self").symlink_to("self")
    (folder / "yes/gone.wav").symlink_to("nowhere")
    (folder / "yes/zero.wav").symlink_to("/dev/zero")
    os.mkfifo(folder / "yes/pipe.wav")
    (folder / "cat/\udce9.wav").write_bytes(clip)
    (folder / "caf\udce9").mkdir()
    reasons = {p.where: p.detail for p in check_folder(folder).problems if p.kind == "left out"}
    assert reasons == {
        "caf\\xe9/": "its name is not UTF-8 text; rename it",
        "cat/\\xe9.wav": "its name is not UTF-8 text; rename it",
        "loose.wav": "it lies in no word's folder",
        "no/anna/": "clips lie a folder too deep (1); `tfkws data import` makes clips of them",
        "self": "it is a link that leads to itself, not a file",
        "yes/a.m4a": ".m4a is a format that libsndfile does not decode; convert it to WAV or FLAC",
        "yes/gone.wav": "it is a link that leads nowhere, not a file",
        "yes/pipe.wav": "it is a named pipe, not a file",
        "yes/zero.wav": "it is a device, not a file",
    }


def test_mp3_is_a_clip_like_any_other(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    path = sorted((folder / "yes").iterdir())[5]
    soundfile.write(path.with_suffix(".mp3"), GOOD, 16_000, format="MP3")
    path.unlink()
    assert found(folder) == set() and path.with_suffix(".mp3").name in str(read_index(folder).files)


def test_one_speaker_is_told(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    for number, path in enumerate(sorted((folder / "yes").iterdir())):
        path.rename(path.with_name(f"yes_nohash_{number}.wav"))
    few = [p.detail for p in check_folder(folder).problems if p.kind == "few speakers"]
    assert few == ["all 60 clips are of one speaker (yes), so that they share a split"]


def test_words_are_counted_by_split(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    counts = {count.word: count for count in count_words(read_index(folder))}
    assert set(counts) == {"yes", "no", "cat"} and sum(counts["yes"].clips.values()) == 60
    expected = sum(split_of(path.name) == "testing" for path in (folder / "yes").iterdir())
    assert counts["yes"].clips["testing"] == counts["yes"].speakers["testing"] == expected


@pytest.mark.real_data
@pytest.mark.slow
def test_real_folder_agrees_with_its_lists(speech_commands: Path) -> None:
    report = check_folder(speech_commands)
    assert report.clips > 20_000
    assert "split lists" not in report.counts() and "unreadable" not in report.counts()
