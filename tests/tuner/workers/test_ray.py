"""Trials on a cluster: the bookkeeping against a Ray that is told what happens, and the task without Ray.

A real cluster of two nodes is in test_two_nodes.py.
"""

import os
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tfkws.errors import SearchError
from tfkws.tuner.evaluate import Trial
from tfkws.tuner.workers import ray as cluster_module
from tfkws.tuner.workers import ray_connection
from tfkws.tuner.workers.ray import ATTEMPTS, RayWorkers, Setting, Unfit, handed_on, run_on_node
from tfkws.tuner.workers.ray_connection import Cluster


class Lost(Exception):
    """Stands for whatever Ray says of a task that it lost."""


class NodeGone(Lost):
    """Stands for what Ray says when the node of this machine is gone."""


class ToldRay:
    """A Ray whose tasks end as they are told: each call of the task takes the next answer; an exception is raised."""

    exceptions = types.SimpleNamespace(RayError=Lost, LocalRayletDiedError=NodeGone)

    def __init__(self, *answers: Any, cpus: tuple[float, ...] = (4,)) -> None:
        self.answers, self.cpus = list(answers), cpus
        self.calls: list[Any] = []
        self.options: dict[str, Any] = {}
        self.ready: Callable[[list[int]], list[int]] = lambda references: references
        self.cancelled: list[int] = []

    def remote(self, **options: Any) -> Any:
        self.options = options
        return lambda function: types.SimpleNamespace(remote=self._call)

    def _call(self, *arguments: Any) -> int:
        self.calls.append(arguments)
        return len(self.calls) - 1

    def nodes(self) -> list[dict[str, Any]]:
        return [{"Alive": cpus > 0, "Resources": {"CPU": cpus}} for cpus in self.cpus]

    def wait(self, references: list[int], num_returns: int, timeout: float) -> tuple[list[int], list[int]]:
        ready = self.ready(references)[::-1][:num_returns]  # Ray promises no order
        return ready, [reference for reference in references if reference not in ready]

    def get(self, reference: int) -> Any:
        answer = self.answers[reference]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def cancel(self, reference: int, force: bool) -> None:
        assert force
        self.cancelled.append(reference)


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "PAUSE_S", 0.0)


def workers(ray: ToldRay, cluster: Cluster = Cluster("auto"), at_most: int = 4) -> RayWorkers:
    return RayWorkers(ray, lambda values, trial: None, cluster, at_most)  # type: ignore[arg-type]


def start(made: RayWorkers, folder: Path, *numbers: int) -> None:
    for number in numbers:
        made.start({"width": number}, Trial(number, 0, 100, folder / str(number)))


def test_a_lost_trial_is_run_again_with_the_same_arguments(tmp_path: Path) -> None:
    ray = ToldRay(Lost("node died"), "infeasible for a reason")
    made = workers(ray)
    start(made, tmp_path, 7)
    assert made.next_outcome() == (7, "infeasible for a reason")
    assert len(ray.calls) == 2 and ray.calls[0] == ray.calls[1]
    assert ray.options["max_retries"] == 0 and ray.options["max_calls"] == 1


def test_a_trial_that_is_lost_again_and_again_is_infeasible(tmp_path: Path) -> None:
    ray = ToldRay(*[Lost("node died\nand much more")] * ATTEMPTS)
    made = workers(ray)
    start(made, tmp_path, 7)
    assert made.next_outcome() == (7, "it was lost 3 times on the cluster; the last time by Lost: node died")
    assert len(ray.calls) == ATTEMPTS


def test_the_loss_of_this_node_costs_no_candidate(tmp_path: Path) -> None:
    made = workers(ToldRay(NodeGone("raylet died")))
    start(made, tmp_path, 7)
    with pytest.raises(SearchError, match="no longer a node of the cluster auto; mend that and go on with --resume"):
        made.next_outcome()


def test_of_several_that_are_ready_the_lowest_number_comes_first(tmp_path: Path) -> None:
    made = workers(ToldRay("a", "b", "c"))
    start(made, tmp_path, 4, 2, 3)
    assert [made.next_outcome() for _ in range(3)] == [(2, "b"), (3, "c"), (4, "a")]


def test_a_node_without_the_folder_ends_the_search(tmp_path: Path) -> None:
    made = workers(ToldRay(Unfit("node-2 does not see /search/trials/0007")))
    start(made, tmp_path, 7)
    with pytest.raises(SearchError, match="A node cannot run trials: node-2 does not see /search/trials/0007"):
        made.next_outcome()


def test_without_nodes_it_waits_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "PATIENCE_S", 0.01)
    ray = ToldRay("a", cpus=(0,))
    ray.ready = lambda references: []
    made = workers(ray, Cluster("head:6379"))
    start(made, tmp_path, 1)
    with pytest.raises(SearchError, match="The cluster head:6379 has had no node .* go on with --resume"):
        made.next_outcome()


def test_slots_follow_the_nodes() -> None:
    ray = ToldRay(cpus=(2, 1))
    made = workers(ray)
    assert made.slots == 3
    ray.cpus = (2, 16)
    assert made.slots == 4  # at most
    ray.cpus = (2, 0)
    assert made.slots == 2
    ray.cpus = (0, 0)
    assert made.slots == 1  # waits


def test_closing_ends_what_runs_and_nothing_twice(tmp_path: Path) -> None:
    ray = ToldRay("a", "b")
    made = workers(ray)
    start(made, tmp_path, 1, 2)
    made.close()
    made.close()
    assert ray.cancelled == [0, 1]


def test_nodes_are_told_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ray = ToldRay()
    workers(ray).start({}, Trial(1, 0, 100, Path("trials/1"), start_from=Path("trials/0")))
    told = ray.calls[0][2]
    assert (told.folder, told.start_from) == (tmp_path / "trials/1", tmp_path / "trials/0")
    assert told.folder.is_dir()


@pytest.fixture
def own_environment() -> Iterator[None]:
    """The task changes the environment of its process, which on a cluster serves one trial only."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch, own_environment: None) -> Any:
    import fake_trainings

    return fake_trainings


VALUES = {"width": 3, "depth": 4, "kernel": 3}


def test_a_task_evaluates_in_a_fresh_process_with_its_environment(trainings: Any, tmp_path: Path) -> None:
    from tfkws.run_folder import read_json

    trial = Trial(1, 0, 100, tmp_path)
    os.environ.pop("OMP_NUM_THREADS", None)
    answer = run_on_node(trainings.ToyEpochs(epochs=1), VALUES, trial, Setting(3, {"TF_TEST": "7"}, (tmp_path,)))
    assert answer.clips == trainings.CLIPS
    said = read_json(tmp_path / trainings.EPOCHS)
    assert (said["OMP_NUM_THREADS"], said["TF_TEST"]) == ("3", "7")
    assert said["process"] != os.getpid()


def test_what_a_candidate_does_stays_in_its_process(trainings: Any, tmp_path: Path) -> None:
    failing = trainings.ToyTraining(crash=(1,), die=(2,))
    answers = [run_on_node(failing, VALUES, Trial(n, 0, 100, tmp_path), Setting(1, {})) for n in (1, 2)]
    assert answers[0] == "ValueError: trial 1 was told to fail"
    assert "exit code -9" in str(answers[1])


def test_a_node_that_shuts_down_is_no_fault_of_the_candidate(trainings: Any, tmp_path: Path) -> None:
    with pytest.raises(InterruptedError, match="shuts down"):
        run_on_node(trainings.ToyTraining(ended=(1,)), VALUES, Trial(1, 0, 100, tmp_path), Setting(1, {}))


def test_a_task_that_does_not_see_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_connection, "SHARED_S", 0.0)
    trial = Trial(1, 0, 100, tmp_path / "trials")
    answer = run_on_node(None, {}, trial, Setting(1, {}))  # type: ignore[arg-type]
    assert isinstance(answer, Unfit) and f"does not see {tmp_path / 'trials'}; share it" in answer.reason


def test_settings_of_tensorflow_go_to_the_nodes() -> None:
    own = {"TF_ENABLE_ONEDNN_OPTS": "0", "KERAS_BACKEND": "jax", "PATH": "/bin", "OMP_NUM_THREADS": "2"}
    assert handed_on(own) == {"TF_ENABLE_ONEDNN_OPTS": "0", "KERAS_BACKEND": "jax"}
