"""Mutated files, parser by parser, in a child process: no traceback, no crash, no hang, bounded memory.

`FUZZ_COUNT` and `FUZZ_SEED` in the environment change how many mutations are tried, and which (`make fuzz`).
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COUNT = int(os.environ.get("FUZZ_COUNT", "1000"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
MOST_MIB = 2_048  # of the child's memory beyond what it held before the first mutation
PARSERS = {
    "bundle": "from fake_bundles import write_loudness_bundle as make; "
    "from tfkws.tflite.bundle.archive import read_bundle as read; end = '.kws'",
    "tflite": "from fake_bundles import loudness_bundle\n"
    "def make(path): path.write_bytes(loudness_bundle().model.content); return path\n"
    "from tfkws.tflite.file.tflite_file import tflite_file\n"
    "def read(path): file = tflite_file(path); file.contents; file.metadata\nend = '.tflite'",
    "log": 'def make(path): path.write_text(\'{"subject": "a", "trial": 1, "tp": 1, "fp": 2, "fn": 3, "tn": 4}\\n\'); '
    "return path\nfrom tfkws.detect.over_air.trial_log import read_log as read; end = '.jsonl'",
}
CHILD = """
import pathlib, random, resource, signal, sys
sys.path.insert(0, {fakes!r})
from damage import damaged_bytes
from tfkws.errors import TfkwsError
{parser}
folder = pathlib.Path(sys.argv[1])
sound = make(folder / ('sound' + end)).read_bytes()
path = folder / ('mutated' + end)
def used(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = used()
for number in range({seed}, {seed} + {count}):
    path.write_bytes(damaged_bytes(sound, random.Random(number)))
    signal.alarm(30)
    try:
        read(path)
    except TfkwsError as error:
        assert str(error).strip()
    signal.alarm(0)
    assert used() - before < {most}, (number, used())
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSERS)
def test_no_mutation_is_a_traceback_a_crash_or_a_hang(name: str, tmp_path: Path) -> None:
    fakes = str(ROOT / "tests" / "fakes")
    code = CHILD.format(fakes=fakes, parser=PARSERS[name], seed=SEED, count=COUNT, most=MOST_MIB)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(tmp_path)], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr[-3_000:]
