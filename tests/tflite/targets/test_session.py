"""What the failures of a command mean."""

import json

import pytest

from tfkws.errors import BenchmarkError, TargetError
from tfkws.tflite.targets.session import RawRun, SignalError, TooSlowError, raise_failure


@pytest.mark.parametrize(
    ("exit_code", "stderr", "error", "sentence"),
    [
        (1, "cat: write error: No space left on device\n", TargetError, "The disk of board is full"),
        (1, "OSError: [Errno 122] Disk quota exceeded", TargetError, "The disk of board is full"),
        (127, "sh: ./benchmark_model: not found", TargetError, "board has no ./benchmark_model"),
        (126, "Permission denied", TargetError, r"refuses to run ./benchmark_model \(Permission denied\)"),
        (132, "", SignalError, "an instruction that its processor lacks"),
        (137, "Killed", SignalError, "was killed, mostly because memory ran out"),
        (139, "", SignalError, "crashed; try the other kernels"),
        (1, "a\nThe model is damaged.\n", BenchmarkError, "It failed on board: The model is damaged."),
        (5, "", BenchmarkError, "It failed on board: exit 5"),
    ],
)
def test_each_failure_is_one_sentence(exit_code: int, stderr: str, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence) as raised:
        raise_failure(RawRun("", stderr, exit_code, 1.0), ("./benchmark_model",), "board")
    assert type(raised.value) is error


def test_a_run_survives_json() -> None:
    run = RawRun("out", "err", 3, 0.25)
    assert RawRun(**json.loads(json.dumps(run.to_dict()))) == run


def test_a_time_limit_is_told_in_whole_seconds() -> None:
    assert (
        str(TooSlowError("board", 600.4)) == "board did not answer within 600 s; use fewer --runs or a smaller model."
    )
    assert str(TooSlowError("board", 5).with_mend("wait")) == "board did not answer within 5 s; wait."
