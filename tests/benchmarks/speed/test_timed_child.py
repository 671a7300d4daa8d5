"""What a timed child answers: facts and first answers, then the seconds of each run that is kept."""

import pytest

from benchmarks.speed.timed_child import FIRST_RUNS, TimedServer


def test_runs_are_counted_and_the_warm_ones_are_not_kept() -> None:
    numbers = list[int]()

    def prepare(start: int) -> tuple[object, dict[str, int]]:
        def call(number: int) -> int:
            numbers.append(number)
            return start + number

        return call, {"weights": 7}

    server = TimedServer(prepare)  # type: ignore[arg-type]
    facts = server.answer({"do": "prepare", "start": 10})
    assert facts["weights"] == 7 and facts["first_answers"] == [10, 11, 12][:FIRST_RUNS]
    numbers.clear()
    found = server.answer({"do": "run", "runs": 4, "warm": 2})
    assert numbers == [0, 1, 0, 1, 2, 3]
    assert len(found["seconds"]) == 4 and min(found["seconds"]) >= 0 and found["cpu_seconds"] >= 0


def test_nothing_runs_before_it_is_prepared() -> None:
    with pytest.raises(RuntimeError, match="nothing is prepared"):
        TimedServer(lambda: (lambda number: None, {})).answer({"do": "run", "runs": 1})
