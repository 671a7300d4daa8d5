"""Mutated files, parser by parser, in child processes: no traceback, no crash, no hang, bounded memory.

Twenty mutations of each by default, and every file that was found earlier; a thousand of each with `-m slow`. `make
fuzz` tries FUZZ_COUNT others and keeps what it finds under `tests/fuzz/found/PARSER/`, by FUZZ_SEED and FUZZ_KEEP.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fuzz_parsers import PARSERS, TRAPS

CHILD = Path(__file__).with_name("child.py")
FOUND = Path(__file__).with_name("found")
COUNT = int(os.environ.get("FUZZ_COUNT", "1000"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
KEEP = "FUZZ_KEEP" in os.environ
FEW = 20
MOST_DEATHS = 10  # of child processes, before it is said that there is something wrong


@dataclass(frozen=True)
class Finding:
    """A file that was not read as it should."""

    case: str
    path: Path
    fault: str


@pytest.mark.parametrize("name", PARSERS)
def test_what_was_found_once_and_some_mutations(name: str, tmp_path: Path) -> None:
    earlier = [str(path) for path in sorted((FOUND / name).glob("*"))]
    assert told(findings(name, tmp_path, [*earlier, f"0:{FEW}"])) == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSERS)
def test_no_mutation_is_a_traceback_a_crash_or_a_hang(name: str, tmp_path: Path) -> None:
    found = list(findings(name, tmp_path, [f"{SEED}:{SEED + COUNT}"]))
    for finding in found if KEEP else ():
        keep(name, finding)
    assert told(iter(found)) == ""


@pytest.mark.parametrize("fault", TRAPS)
def test_each_kind_of_fault_is_found(fault: str, tmp_path: Path) -> None:
    found = list(findings(fault, tmp_path, ["3:5"]))
    assert [finding.case for finding in found] == ["3", "4"]
    assert all(finding.path.read_bytes() for finding in found)


def findings(name: str, folder: Path, cases: list[str]) -> Iterator[Finding]:
    """Yield what is found; after the death of a child, another goes on behind the case that it died of."""
    for _ in range(MOST_DEATHS):
        command = [sys.executable, "-W", "ignore", str(CHILD), name, str(folder), *cases]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"')]
        yield from (Finding(line["case"], Path(line["file"]), line["fault"]) for line in lines if "fault" in line)
        if done.returncode == 0:
            return
        assert lines, done.stderr[-3_000:]
        case, path = lines[-1]["case"], Path(lines[-1]["file"])
        path = path.rename(path.with_name(f"{Path(case).name}-{path.name}"))
        yield Finding(case, path, f"ended by {done.returncode}: {done.stderr[-1_000:]}")
        cases = behind(case, cases)


def behind(case: str, cases: list[str]) -> list[str]:
    """Return the cases after one."""
    if case in cases:
        return cases[cases.index(case) + 1 :]
    end = next(text.partition(":")[2] for text in cases if ":" in text)
    return [f"{int(case) + 1}:{end}"]


def told(found: Iterator[Finding]) -> str:
    return "\n\n".join(f"{finding.case}: {finding.fault}" for finding in found)


def keep(name: str, finding: Finding) -> None:
    """Keep a file as a test."""
    content = finding.path.read_bytes()
    original = finding.path.name.removeprefix(f"{Path(finding.case).name}-")
    folder = FOUND / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{hashlib.sha256(content).hexdigest()[:8]}-{original}").write_bytes(content)
