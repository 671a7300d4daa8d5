import pytest

from tfkws.pipeline.wakeword.training import Round, is_better


@pytest.mark.parametrize(
    ("misses", "before", "better"),
    [(0.2, [], True), (0.2, [0.3], True), (0.2, [0.2], True), (0.2, [0.1, 0.3], False), (None, [], False)],
)
def test_weights_are_kept_that_miss_no_more_than_before(
    misses: float | None, before: list[float], better: bool
) -> None:
    rounds = [Round(100, 0, each, 0.5) for each in before]
    assert is_better(misses, [Round(50, 0, None, None), *rounds]) is better
