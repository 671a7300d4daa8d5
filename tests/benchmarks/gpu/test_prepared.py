"""The plan of a prepared folder: kept in its order, read strictly, refused in one sentence."""

from pathlib import Path

import pytest

from benchmarks.gpu import prepare
from benchmarks.gpu.prepare import ORDER, check_size, network_of
from benchmarks.gpu.prepared import Plan, read_plan
from benchmarks.zoo_files import COMMANDS, WAKE_WORD


def test_every_network_of_both_papers_is_in_the_plan_with_its_papers_training() -> None:
    assert sorted(ORDER) == sorted((*COMMANDS, *WAKE_WORD))
    assert network_of("cnn").steps(clips=6_400) == 75 * 100
    assert network_of("kws3").steps(clips=1) == 40_000 and network_of("kws3").batch == 100


def test_a_plan_is_read_as_it_was_written_and_keeps_its_order(tmp_path: Path) -> None:
    plan = Plan(tuple(map(network_of, ("cnn", "dscnn", "kws12"))), "abc")
    plan.save(tmp_path)
    assert read_plan(tmp_path) == plan
    assert [n.name for n in plan.only(["kws12", "cnn"]).networks] == ["cnn", "kws12"]
    assert plan.only([]) == plan
    with pytest.raises(SystemExit, match="holds no kws13; it holds cnn, dscnn, kws12"):
        plan.only(["kws13"])


def test_a_folder_that_is_none_is_told_how_to_become_one(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="--prepare FOLDER"):
        read_plan(tmp_path)


def test_a_folder_that_is_too_large_names_its_largest_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "small").write_bytes(b"x" * 10)
    assert check_size(tmp_path) == 10
    monkeypatch.setattr(prepare, "LARGEST_BYTES", 50)
    (tmp_path / "large").write_bytes(b"x" * 100)
    with pytest.raises(SystemExit, match=r"holds 110 B, more than 50 B. Largest: large \(100 B\), small"):
        check_size(tmp_path)
