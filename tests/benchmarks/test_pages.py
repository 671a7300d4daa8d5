"""Every published page is written again from its committed records, byte for byte."""

import shutil
from pathlib import Path

import pytest

from benchmarks.__main__ import listing, main
from benchmarks.pages import PAGES
from benchmarks.records import PUBLISHED

SLOW = ("search/table",)  # fits 16 Gaussian processes


def pages() -> list[object]:
    """Return the names of all pages; those that take more than a few seconds are marked."""
    return [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in PAGES]


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of every file under a folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", pages())
def test_a_page_is_written_again_byte_for_byte(name: str, tmp_path: Path) -> None:
    committed = PAGES[name].default_folder()
    folder = tmp_path / committed.name
    shutil.copytree(committed, folder)
    before = files(folder)
    for path in written(name, folder):
        path.unlink()
    main([name, "--tables", "--out", str(folder)])
    after = files(folder)
    assert sorted(after) == sorted(before)
    assert [path for path in before if before[path] != after[path]] == []


def written(name: str, folder: Path) -> list[Path]:
    """Return the files of a page that its tables command writes and that it does not read."""
    found = [path for pattern in WRITTEN[name] for path in folder.glob(pattern)]
    assert found or not WRITTEN[name], f"{name} has none of the files that it writes"
    return found


WRITTEN = {
    "accuracy": ("accuracy.*",),
    "conversion": ("conversion.*", "remedies.csv", "*.png"),
    "conversion/int8_loss": ("int8_loss.*",),
    "conversion/compression_front": ("*/compression_front.*",),
    "cost": ("*[a-z].md", "*.csv"),
    "detectors": ("*.csv", "[a-z]*.md"),
    "first_run": ("report.md", "[!r]*.png"),  # report.png is a picture of the page in a browser
    "over-air/detectors": ("detectors.*",),
    "over-air/false_accepts": ("*[a-z].md", "*.csv", "*.png"),
    "over-air/long_run": ("long-run.md",),
    "over-air/lost_audio": ("*.md", "*.csv", "*.png"),
    "over-air/simulation": ("simulation.*",),
    "over-air/stream_cost": ("stream_cost.md", "stream_cost.csv"),
    "phrase": ("*.csv", "*.md"),
    "phrase/voices": ("left_out.*",),
    "phrase/voices/speed": ("speed.md", "speed.csv"),
    "profile": ("*[a-z].md", "*.csv", "*.png", "latency.json", "table2.json"),
    "profile/arm": ("README.md", "*.csv"),
    "profile/gpu": ("*/README.md", "*/*.csv", "*/networks.png", "*/latency_model.json"),
    "profile/latency_model": ("*/README.md", "*/predicted.png"),
    "search": ("proof.*", "*/*-*.png"),
    "search/warm_start": (),
    "search/stopping": ("stopping.md",),
    "search/table": ("surrogate.*", "**/compare.md"),  # compare.png needs the games, which are not published
    "search/table/compare": ("**/compare.md",),
    "speed": ("README.md", "*.png"),
    "search/worlds": ("worlds.md",),
    "structure": ("README.md",),
    "throughput": ("data_pipeline.md",),
}


def test_every_folder_of_published_pages_has_a_page() -> None:
    tops = {path.name for path in PUBLISHED.iterdir() if path.is_dir()}
    assert tops == {name.split("/")[0] for name in PAGES}


def test_the_list_names_every_page_and_a_misspelt_one_gets_the_nearest() -> None:
    assert all(name in listing() for name in PAGES)
    with pytest.raises(SystemExit, match="profile/latency_model"):
        main(["profile/latency", "--tables"])
