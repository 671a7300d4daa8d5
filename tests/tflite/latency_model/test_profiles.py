"""Profiles: stored and read, joined with the operators of a file, and how long one takes."""

from dataclasses import replace
from pathlib import Path

import pytest
from made_up_device import HERE, profiles

from tfkws.errors import BenchmarkError
from tfkws.run_folder import write_json
from tfkws.tflite.latency_model.operator_shapes import file_shapes
from tfkws.tflite.latency_model.profiles import load_profiles, profile_network, runs_for


def test_a_file_gives_the_profiles_back(tmp_path: Path) -> None:
    few = profiles(3)
    write_json(tmp_path / "profiles.json", few.to_dict())
    assert load_profiles(tmp_path / "profiles.json") == few
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(BenchmarkError, match="holds no profiles"):
        load_profiles(tmp_path / "other.json")


def test_units_are_times_or_counts() -> None:
    with pytest.raises(BenchmarkError, match="us or instructions"):
        replace(HERE, unit="ms")  # type: ignore[arg-type]


def test_each_value_belongs_to_an_operator_of_the_file(int8_file: Path) -> None:
    found = profile_network(int8_file, lambda model: (9.0, [4.0, 3.0, 1.0, 0.5]), "tiny", anchor=True)
    assert (found.name, found.whole, found.values, found.anchor) == ("tiny", 9.0, (4.0, 3.0, 1.0, 0.5), True)
    assert found.operators == file_shapes(int8_file)
    with pytest.raises(BenchmarkError, match="has 4 operators and its profile 1; profile it again"):
        profile_network(int8_file, lambda model: (9.0, [4.0]), "tiny")


@pytest.mark.parametrize(("macs", "runs"), [(1, 200), (2 * 10**7, 100), (10**9, 20)])
def test_large_networks_get_few_runs(macs: int, runs: int, monkeypatch: pytest.MonkeyPatch, int8_file: Path) -> None:
    shape = replace(file_shapes(int8_file)[0], work=macs)
    monkeypatch.setattr("tfkws.tflite.latency_model.profiles.file_shapes", lambda model: (shape,))
    assert runs_for(int8_file) == runs


def test_a_set_grows_without_changing_the_old_one() -> None:
    few = profiles(1)
    more = few.adding(few.networks[0])
    assert (len(more.networks), len(few.networks)) == (8, 7)
    assert more.circumstances == few.circumstances
