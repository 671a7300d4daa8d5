"""What is remembered of a measurement of kernels, and what a process says that it trains with."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tfkws import cpu_kernels
from tfkws.cpu_kernels import (
    CHOICE,
    ONEDNN,
    KernelChoice,
    choice_key,
    handed_on,
    keep_choice,
    kept_choice,
    kept_choices,
    kernels_in_use,
    threads_here,
)

PLAIN = KernelChoice("tc_resnet8", 12.3, 10.4, 50, 2, "a processor", "2.17.1", "2026-11-27T12:00:00+00:00")
ONE = replace(PLAIN, network="kws12", onednn_ms=63.0, plain_ms=91.0)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in (CHOICE, ONEDNN):
        monkeypatch.delenv(name, raising=False)


def test_the_faster_kernels_are_asked_for_and_named() -> None:
    assert (PLAIN.onednn, PLAIN.environment[ONEDNN]) == (False, "0")
    assert (ONE.onednn, ONE.environment[ONEDNN]) == (True, "1")
    assert PLAIN.sentence == "tc_resnet8 trains by plain kernels here: 10.4 ms a step, oneDNN's take 12.3"
    assert ONE.sentence == "kws12 trains by oneDNN's kernels here: 63 ms a step, plain ones take 91"


def test_a_choice_is_handed_on_by_variables() -> None:
    assert handed_on(PLAIN.environment) == PLAIN
    assert handed_on({}) is None and handed_on({CHOICE: '{"network": 1}'}) is None and handed_on({CHOICE: "{"}) is None


def test_a_measurement_is_kept_for_its_network_machine_and_threads(tmp_path: Path) -> None:
    step = {"model": {"name": "tc_resnet8", "variant": {}}, "batch_size": 50}
    key = choice_key(step, 2)
    assert kept_choice(key) is None and list(kept_choices()) == []
    keep_choice(key, PLAIN)
    assert kept_choice(key) == PLAIN and list(kept_choices()) == [PLAIN]
    wider = {"model": {"name": "tc_resnet8", "variant": {"width": 1.5}}, "batch_size": 50}
    assert len({key, choice_key(step, 1), choice_key(wider, 2), choice_key(step | {"batch_size": 100}, 2)}) == 4
    (kept,) = tmp_path.glob("tfkws/kernels/*.json")
    kept.write_text("{}")
    assert kept_choice(key) is None and list(kept_choices()) == []


def test_another_processor_or_version_is_another_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    before = choice_key({}, 2)
    monkeypatch.setattr(cpu_kernels, "tensorflow_version", lambda: "2.99")
    newer = choice_key({}, 2)
    monkeypatch.setattr(cpu_kernels, "processor_here", lambda: {"model name": "another"})
    assert len({before, newer, choice_key({}, 2)}) == 3


def test_threads_are_those_that_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in cpu_kernels.THREADS:
        monkeypatch.delenv(name, raising=False)
    everything = threads_here()
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert everything >= 1 and threads_here() == 3


@pytest.mark.parametrize("on", [True, False])
def test_a_process_says_what_it_trains_with_and_why(on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_kernels, "is_onednn_on", lambda: on)
    assert kernels_in_use().chosen_by == "TensorFlow"
    monkeypatch.setenv(ONEDNN, str(int(on)))
    assert kernels_in_use().chosen_by == ONEDNN
    monkeypatch.setenv(CHOICE, json.dumps((ONE if on else PLAIN).to_dict()))
    found = kernels_in_use()
    assert (found.onednn, found.chosen_by) == (on, "measurement")
    assert (found.onednn_ms, found.plain_ms) == ((63.0, 91.0) if on else (12.3, 10.4))
    monkeypatch.setattr(cpu_kernels, "is_onednn_on", lambda: not on)  # TensorFlow was there before
    assert kernels_in_use().chosen_by == ONEDNN and kernels_in_use().plain_ms is None


def test_this_tensorflow_tells_its_kernels() -> None:
    assert kernels_in_use().onednn in (True, False)
