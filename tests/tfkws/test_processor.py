"""What a processor says of itself, here and in the text of another machine."""

import os
import platform
from pathlib import Path

import pytest

from tfkws import processor
from tfkws.processor import TOLD_APART_BY, cores_allowed, facts_of, processor_here, processor_name

TWO_CORES = "processor\t: 0\nmodel name\t: Cortex\nFeatures\t: fp asimd\n\nprocessor\t: 1\nmodel name\t: other\n"


def test_the_first_core_counts_and_lines_without_a_value_do_not() -> None:
    assert facts_of(TWO_CORES + "a line\nempty :\n") == {
        "processor": "0",
        "model name": "Cortex",
        "Features": "fp asimd",
        "empty": "",
    }
    assert facts_of("") == {}


def test_this_machine_is_told_by_what_does_not_change() -> None:
    assert set(processor_here()) <= set(TOLD_APART_BY)
    assert processor_here() == processor_here() and processor_name()


def test_without_the_file_the_architecture_stands_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(processor, "CPUINFO", str(tmp_path / "nothing"))
    assert processor_name() in (platform.processor(), platform.machine())


def test_cores_are_those_of_this_process_and_all_where_the_system_does_not_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {1, 5, 7}, raising=False)
    assert cores_allowed() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert cores_allowed() == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores_allowed() == 1
