import io
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import BenchmarkError, TargetError
from tfkws.tflite.targets.local import LocalSession
from tfkws.tflite.targets.questions import ask, ask_facts, ask_runtime_version, require_runtime
from tfkws.tflite.targets.session import PYTHON


@pytest.fixture
def session() -> Iterator[LocalSession]:
    session = LocalSession()
    yield session
    session.close()
    assert not session.folder.exists()


def test_runs_in_its_folder_with_stdin(session: LocalSession) -> None:
    session.push("note", b"pushed")
    done = session.run(("sh", "-c", "cat note -; echo oh >&2; exit 3"), " and typed")
    assert (done.stdout, done.stderr, done.exit_code) == ("pushed and typed", "oh\n", 3)
    assert done.seconds > 0


def test_signals_and_missing_programs_are_told_as_shells_do(session: LocalSession) -> None:
    assert session.run(("sh", "-c", "kill -KILL $$")).exit_code == 137
    assert session.run(("no-such-program",)).exit_code == 127
    session.push("text", b"words")
    assert session.run(("./text",)).exit_code == 126


def test_the_time_limit_ends_all_that_was_started(session: LocalSession) -> None:
    with pytest.raises(TargetError, match="did not answer within"):
        session.run(("sh", "-c", "sleep 60 & echo $! > pid; wait"), seconds=1)
    child = int((session.folder / "pid").read_text())
    end = time.monotonic() + 5
    while _runs(child) and time.monotonic() < end:
        time.sleep(0.02)
    assert not _runs(child)


def test_this_machine_has_what_it_needs(session: LocalSession) -> None:
    facts = ask_facts(session)
    assert facts.architecture == os.uname().machine
    assert facts.python == ".".join(map(str, sys.version_info[:3]))
    assert facts.free_bytes > 0
    require_runtime(facts, "litert", 1000)
    assert ask_runtime_version(session, "litert") == facts.packages["ai-edge-litert"]


def test_a_refused_request_is_one_sentence(session: LocalSession, abs_file: Path) -> None:
    ask_facts(session)
    session.push("m.tflite", abs_file.read_bytes())
    request = {"models": ["m.tflite"], "runtime": "litert", "kernels": "metal", "threads": 1, "runs": 1}
    with pytest.raises(BenchmarkError, match="kernels must be one of xnnpack, builtin. Received 'metal'"):
        ask(session, "time-operators", request)


def test_models_are_timed_in_turns(session: LocalSession, abs_file: Path) -> None:
    ask_facts(session)
    session.push("m.tflite", abs_file.read_bytes())
    request = {"models": ["m.tflite", "m.tflite"], "runtime": "litert", "kernels": "xnnpack", "threads": 1, "runs": 7}
    answer = ask(session, "time-operators", request)
    assert [len(samples) for samples in answer["samples_ns"]] == [7, 7]
    assert min(map(min, answer["samples_ns"])) > 0


def test_answers_are_those_of_the_model(session: LocalSession, abs_file: Path) -> None:
    ask_facts(session)
    examples = io.BytesIO()
    np.save(examples, np.array([-2.5, 0.0, 7.0], np.float32))
    session.push("m.tflite", abs_file.read_bytes())
    session.push("x.npy", examples.getvalue())
    request = {"model": "m.tflite", "examples": "x.npy", "runtime": "litert", "kernels": "xnnpack", "threads": 1}
    answer = ask(session, "answer", request)
    outputs = np.frombuffer(bytes.fromhex(answer["outputs"]), answer["dtype"]).reshape(answer["shape"])
    assert outputs.ravel().tolist() == [2.5, 0.0, 7.0]


def test_the_word_python_is_this_interpreter(session: LocalSession) -> None:
    assert session.run((PYTHON, "-c", "import sys; print(sys.executable)")).stdout.strip() == sys.executable


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
