"""The page: which sections it has, from which records."""

from pathlib import Path

from benchmarks.speed.page import DEFAULT_PARTS, PARTS
from benchmarks.speed.text import machine_line, page_text, read_figure
from tfkws.run_folder import write_json

MACHINE = {"cpu": "A core", "cores": 2, "flags": ["avx2", "sse4_1"], "load_average": 0.5}


def test_without_records_the_page_tells_only_how_it_is_made(tmp_path: Path) -> None:
    text = page_text(tmp_path)
    assert "## How it is measured" in text and "## Training steps" not in text and "## Features" not in text
    assert read_figure(tmp_path) is None


def test_a_record_of_front_ends_gives_their_section(tmp_path: Path) -> None:
    facts = {"tfkws": {"version": "1", "clips": 50, "first_answers": [[50, 40, 32]]}}
    rounds = {"seconds": {"tfkws": [0.01]}, "foreign": [0.0]}
    write_json(tmp_path / "features.json", {"machine": MACHINE, "peers": facts, "rounds": rounds})
    text = page_text(tmp_path)
    assert "## Features" in text and "| tfkws | 1 | 200 (200 to 200) |" in text


def test_the_machine_is_told_with_what_decides_kernels() -> None:
    assert machine_line(MACHINE) == "A core, 2 cores (avx2), load average 0.5 before.\n"


def test_the_default_parts_are_parts() -> None:
    assert set(DEFAULT_PARTS.split(",")) <= set(PARTS)
