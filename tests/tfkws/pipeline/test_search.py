"""What a search takes where it is not told: trials at a time, lookahead and looks, of the machine or of its folder."""

from dataclasses import replace
from pathlib import Path

import pytest

from tfkws.config import ModelConfig, RunConfig, SearchConfig, TaskConfig, TrainConfig
from tfkws.errors import SearchError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.pipeline import search as stage
from tfkws.pipeline.parts.device_costs import DeviceCosts
from tfkws.pipeline.parts.footprints import FootprintOf
from tfkws.pipeline.search import LOOKS, settled, typical_step, usual_workers
from tfkws.run_folder import read_json, write_json
from tfkws.tuner.problem.built_in_spaces import SPACES
from tfkws.tuner.search_folder import CONFIG, check_out, describe

CONFIGURED = SearchConfig("paper-table", stages=(2,), iterations=10)


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """The folder of a search that an earlier version began: its settings do not name the looks."""
    space = SPACES["paper-table"]
    write_json(tmp_path / CONFIG, describe(replace(CONFIGURED, lookahead=5), space, None, None))
    assert "looks" not in read_json(tmp_path / CONFIG)["search"]
    return tmp_path


def test_all_cores_unless_each_candidate_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "room_here", lambda: 6)
    assert usual_workers() == 6
    assert usual_workers(DeviceCosts(target="local")) == 1
    assert usual_workers(DeviceCosts(target="qemu-aarch64:cortex-a76")) == 6


@pytest.mark.parametrize(("workers", "lookahead"), [(1, 3), (4, 3), (8, 7)])
def test_a_new_search_looks_twice_and_its_lookahead_allows_the_workers(
    workers: int, lookahead: int, tmp_path: Path
) -> None:
    new = settled(CONFIGURED, tmp_path, workers, lookahead=True, looks=True)
    assert new == replace(CONFIGURED, lookahead=lookahead, looks=LOOKS)
    assert settled(CONFIGURED, tmp_path, workers, lookahead=False, looks=False) == CONFIGURED
    assert settled(replace(CONFIGURED, looks=1), tmp_path, workers, lookahead=True, looks=True).looks == 1


def test_a_search_that_was_begun_goes_on_as_it_is(begun: Path) -> None:
    again = settled(CONFIGURED, begun, 8, lookahead=True, looks=True)
    assert (again.lookahead, again.looks) == (5, None)
    check_out(begun, again, SPACES["paper-table"])


@pytest.mark.parametrize(
    ("space", "convs"),
    [
        ("paper-text", "4x10,100 3x3,100 3x3,100 3x3,100 3x3,100 3x3,100"),  # what it tries first
        ("paper-table", "5x5,60 3x3,60 3x3,60 3x3,60 3x3,60 3x3,60"),  # the middle of every parameter
    ],
)
def test_kernels_are_timed_on_a_typical_candidate(space: str, convs: str) -> None:
    train, front_end = TrainConfig(batch_size=50), FRONT_ENDS["mfcc-40x32"]
    run = RunConfig(TaskConfig("commands", ("a", "b")), front_end, ModelConfig("x"), train, ("a", "b"), "clips", False)
    step = typical_step(SPACES[space], run)
    assert (step.model, step.input_shape, step.classes) == (ModelConfig("seed_cnn", {"convs": convs}), (40, 32, 1), 2)
    assert step.train == train


def test_candidates_for_a_microcontroller_are_known_and_measured_there(begun: Path) -> None:
    pytest.importorskip("tflite_micro", reason="tflite-micro is not installed: pip install 'tfkws[micro]'")
    space, features = SPACES["paper-table"], FRONT_ENDS["mfcc-40x32"]
    run = RunConfig(
        TaskConfig("commands", ("yes",)), features, ModelConfig("seed_cnn"), TrainConfig(), ("a", "b"), "", True
    )
    costs = stage.candidate_costs(space, run, None, runs_on="micro")
    smallest = {param.name: param.choices[0] for param in space.params}
    assert 12.5 < costs["arena_kib@micro"](smallest) < 17  # two maps of 40 x 16 x 10, and the structures
    assert "arena_kib@micro" not in stage.candidate_costs(space, run, None)
    measure = stage.candidate_evaluator(run, space, None, runs_on="micro").device
    assert isinstance(measure, FootprintOf) and measure.micro
    tight = SearchConfig("paper-table", stages=(2,), iterations=10, runs_on="micro", max_arena_kib=8)
    with pytest.raises(SearchError, match="arena_kib@micro"):
        stage.check_search(tight, space, features, begun / "new", 1, None)
