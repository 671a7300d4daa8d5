"""Each fault is put into a folder on purpose and has to be found, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

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


def test_words_are_counted_by_split(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    counts = {count.word: count for count in count_words(folder)}
    assert set(counts) == {"yes", "no", "cat"} and sum(counts["yes"].clips.values()) == 60
    expected = sum(split_of(path.name) == "testing" for path in (folder / "yes").iterdir())
    assert counts["yes"].clips["testing"] == counts["yes"].speakers["testing"] == expected


@pytest.mark.real_data
@pytest.mark.slow
def test_real_folder_agrees_with_its_lists(speech_commands: Path) -> None:
    report = check_folder(speech_commands)
    assert report.clips > 20_000
    assert "split lists" not in report.counts() and "unreadable" not in report.counts()
