"""A command that is held while something is timed: it begins before and ends after."""

import sys
from pathlib import Path

from benchmarks.speed.hold import held


def test_work_begins_behind_its_first_line_and_it_ends_behind_the_work(tmp_path: Path) -> None:
    path = tmp_path / "said"
    code = f"import pathlib, sys; file = pathlib.Path({str(path)!r}); file.write_text('held'); print(1, flush=True)"
    code += "; sys.stdin.read(); file.write_text('free')"
    with held(f'{sys.executable} -c "{code}"'):
        assert path.read_text(encoding="utf-8") == "held"
    assert path.read_text(encoding="utf-8") == "free"


def test_none_is_needed() -> None:
    with held(""):
        pass
