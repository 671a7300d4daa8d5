import sys
from pathlib import Path

import pytest

from tfkws.detect.decision import Detection
from tfkws.detect.live.ear import Heard
from tfkws.detect.live.on_detect import AT_ONCE, OnDetect
from tfkws.errors import ConfigError


def heard(label: str = "happy") -> Heard:
    return Heard("kws10", Detection(label, 0.91234, 32_000, 2.0), False, 1.0)


def run(command: str, event: Heard) -> None:
    started = OnDetect(command)
    started.start(event)
    started.wait(20.0)
    assert started.left_out == 0


def quoted(path: Path, what: str) -> str:
    code = f"import os, sys; open({str(path)!r}, 'w').write({what})"
    return f'{sys.executable} -c "{code}" {{label}} {{score}}'


def test_arguments_are_filled(tmp_path: Path) -> None:
    run(quoted(tmp_path / "a", "' '.join(sys.argv[1:])"), heard())
    assert (tmp_path / "a").read_text() == "happy 0.912"


def test_the_environment_says_the_same(tmp_path: Path) -> None:
    run(quoted(tmp_path / "a", "os.environ['TFKWS_LABEL'] + os.environ['TFKWS_TIME']"), heard())
    assert (tmp_path / "a").read_text() == "happy2.000"


def test_no_shell_reads_a_label(tmp_path: Path) -> None:
    run(quoted(tmp_path / "a", "sys.argv[1]"), heard("; touch /tmp/x $(id)"))
    assert (tmp_path / "a").read_text() == "; touch /tmp/x $(id)"


def test_no_more_than_a_few_run_at_once() -> None:
    command = OnDetect(f'{sys.executable} -c "import time; time.sleep(20)"')
    for _ in range(AT_ONCE + 3):
        command.start(heard())
    assert command.left_out == 3
    for process in command._running:
        process.kill()
    command.wait(5.0)


@pytest.mark.parametrize("command", ["", "no-such-program-anywhere {label}", "'unbalanced"])
def test_what_cannot_run_is_refused_at_once(command: str) -> None:
    with pytest.raises(ConfigError, match="--on-detect"):
        OnDetect(command)
