"""The examples in docstrings run, and what a stranger meets first has one."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
AT_LEAST = 30  # examples in all; a number that falls is a page that lost its example


def import_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts if parts[0] == "tfkws" else ("tfkws", *parts)).removesuffix(".__init__")


SOURCES = [path for folder in ("tfkws", "tuner", "tflite") for path in sorted((ROOT / folder).rglob("*.py"))]
WITH_EXAMPLES = [import_name(path) for path in SOURCES if ">>> " in path.read_text()]


def examples_of(name: str) -> list[doctest.DocTest]:
    return [test for test in doctest.DocTestFinder().find(importlib.import_module(name)) if test.examples]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # an example may write a file
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in examples_of(name):
        runner.run(test)
    assert runner.failures == 0


def test_there_are_examples() -> None:
    assert sum(len(examples_of(name)) for name in WITH_EXAMPLES) >= AT_LEAST
