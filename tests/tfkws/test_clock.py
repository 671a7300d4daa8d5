"""Turns, warm-up and limits of the clock, on calls that write down when they ran."""

import gc

from tfkws.clock import best_seconds, time_in_blocks, time_in_turns, time_runs


def test_calls_take_turns_and_the_warm_up_is_not_kept() -> None:
    order: list[str] = []
    samples = time_in_turns([lambda: order.append("a"), lambda: order.append("b")], runs=3, warmup=2)
    assert order == ["a", "b"] * 5
    assert [len(each) for each in samples] == [3, 3]
    assert all(sample >= 0 for each in samples for sample in each)


def test_blocks_take_turns_and_the_first_run_of_each_is_not_kept() -> None:
    order: list[str] = []
    samples = time_in_blocks([lambda: order.append("a"), lambda: order.append("b")], runs=6, block=3)
    assert order == ["a"] * 4 + ["b"] * 4 + ["a"] * 4 + ["b"] * 4
    assert [len(each) for each in samples] == [6, 6]
    assert [len(each) for each in time_in_blocks([lambda: None], runs=2, block=10)] == [2]


def test_a_limit_of_time_leaves_the_fewest_runs() -> None:
    order: list[str] = []
    assert len(time_in_turns([lambda: order.append("a")], runs=50, warmup=9, seconds=0.0, fewest=4)[0]) == 4
    assert len(order) == 4  # no time for a warm-up
    assert len(time_in_turns([lambda: None], runs=2, seconds=0.0, fewest=4)[0]) == 2


def test_each_turn_is_prepared_by_its_number() -> None:
    turns: list[int] = []
    time_in_turns([lambda: None, lambda: None], runs=3, warmup=1, prepare=turns.append)
    assert turns == [0, 0, 1, 2]


def test_the_garbage_collector_rests_and_comes_back() -> None:
    seen: list[bool] = []
    time_runs(lambda: seen.append(gc.isenabled()), 2)
    assert seen == [False, False]
    assert gc.isenabled()


def test_the_shortest_of_many_runs_counts() -> None:
    calls: list[int] = []
    assert 0 <= best_seconds(lambda: calls.append(1), seconds=0.0, warmup=0) < 1
    assert len(calls) == 3
