"""Which files are timed, how many, and what is left out, on a GPU whose times are planted."""

from collections.abc import Callable

import numpy as np
import pytest
from planted_gpu import EMPTY_US, PlantedGpu

from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.on_gpu.measure import time_alone, time_prefixes
from tfkws.tflite.profile.on_gpu.timing import Plan, Timed

PLAN = Plan(runs=40)


def test_a_long_network_is_timed_by_so_many_prefixes() -> None:
    file = TfliteFile(chain(200))
    gpu = PlantedGpu(file, {(n,): 10.0 for n in range(200)}, noise_us=0.1)
    found = time_prefixes(file, PLAN, gpu)
    assert gpu.sizes == [2 + 64]
    spans = found.spans(range(200))
    assert len(spans) == 64 and sorted(n for _, held in spans for n in held) == list(range(200))
    for span, held in spans:
        assert span.time_us == pytest.approx(10 * len(held), abs=1)


def test_a_prefix_that_does_not_load_is_joined_to_the_next() -> None:
    file = TfliteFile(chain(4))
    gpu = PlantedGpu(file, {(0,): 10.0, (1,): 20.0, (2,): 30.0, (3,): 40.0}, refused=(2,))
    found = time_prefixes(file, PLAN, gpu)
    assert (found.ends, dict(found.left_out)) == ((0, 1, 3), {2: "planted"})
    assert [(held, span.time_us) for span, held in found.spans(range(4))] == [((0,), 10), ((1,), 20), ((2, 3), 70)]


def test_operators_by_themselves_are_less_an_empty_call_and_at_the_pace_of_before(
    converted: Callable[[str], TfliteFile],
) -> None:
    file = converted("none")
    planted: dict[tuple[int, ...], float] = {(0,): 100.0, (1,): 20.0, (2,): 30.0, (3,): 5.0}
    whole_us = EMPTY_US + sum(planted.values())
    found = time_alone(file, whole_us, PLAN, PlantedGpu(file, planted))
    assert found.times_us == pytest.approx({n: us for (n, *_), us in planted.items()})
    twice_as_slow_before = time_alone(file, 2 * whole_us, PLAN, PlantedGpu(file, planted))
    assert twice_as_slow_before.times_us[0] == pytest.approx(200)
    assert (found.refused, found.left) == ({}, ())


def test_what_there_is_no_time_for_is_left() -> None:
    file = TfliteFile(chain(70))
    gpu = PlantedGpu(file, {(n,): 10.0 for n in range(70)})
    found = time_alone(file, EMPTY_US + 700, Plan(runs=40, seconds=0.0), gpu)
    assert (len(found.times_us), found.left) == (32, tuple(range(32, 70)))


def test_columns_are_of_the_files_that_loaded() -> None:
    timed = Timed(np.array([[1.0, 3.0, 4.0]]), {1: "why"})
    columns = [timed.column(number) for number in range(4)]
    assert [None if each is None else each.tolist() for each in columns] == [[1], None, [3], [4]]
