"""Reads mutated files by one parser, in a process that may die of one: `child.py PARSER FOLDER CASE...`.

A case is the number of a mutation, FIRST:END for several, or the path of a file that was found earlier. Of each, a line
is printed when it begins and a line if it is at fault; a process that ends before its last case died of the latest.
"""

import json
import random
import re
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "fakes"))

from fuzz_parsers import PARSERS, TRAPS, Parser  # noqa: E402

from tfkws import lean_imports  # noqa: E402
from tfkws.errors import TfkwsError  # noqa: E402

Case = tuple[str, str, bytes]  # how it is named again, name of its file, content
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
LONGEST_MESSAGE = 4_000
SPARE_MIB = (
    2_048  # beyond a parser's limit, before the system refuses: what asks for that much is told from what uses it
)


def cases(parser: Parser, numbers: list[str]) -> Iterator[Case]:
    """Yield each case with its file's name and content."""
    seeds = parser.seeds()
    for text in numbers:
        if Path(text).is_file():
            yield text, Path(text).name.partition("-")[2], Path(text).read_bytes()
            continue
        first, _, end = text.partition(":")
        for number in range(int(first), int(end or int(first) + 1)):
            draw = random.Random(number)
            name = draw.choice(sorted(seeds))
            yield str(number), name, parser.mutate(seeds[name], draw)


def fault_of(parser: Parser, path: Path) -> str:
    """Read one file in every way; return what is wrong with how it went, or nothing."""
    before = peak_mib(reset=True)
    signal.alarm(parser.seconds)  # its default ends the process, in the middle of a library too
    faults = [fault_of_reading(read, path) for read in parser.reads]
    signal.alarm(0)
    grown = peak_mib() - before
    return "\n".join(filter(None, [*faults, f"takes {grown} MiB" if grown > parser.most_mib else ""]))


def fault_of_reading(read: Callable[[Path], object], path: Path) -> str:
    """Read one file in one way."""
    try:
        read(path)
    except TfkwsError as error:
        return fault_of_error(error)
    except (Exception, SystemExit):  # noqa: BLE001 - what it may not raise
        return traceback.format_exc()[-2_000:]
    return ""


def fault_of_error(error: BaseException) -> str:
    """Return what is wrong with an error that is meant."""
    text, cause = str(error).strip(), error.__cause__ or error.__context__
    if not text or len(text) > LONGEST_MESSAGE:
        return f"a message of {len(text)} characters"
    if re.search(r"\bdelet", text):
        return f"tells to delete what may not be ours: {text}"
    while cause is not None:
        if isinstance(cause, MemoryError):
            return "asks for more memory than it may: " + "".join(traceback.format_exception(error))[-2_000:]
        cause = cause.__cause__ or cause.__context__
    return ""


def peak_mib(reset: bool = False) -> int:
    """Return the largest resident size since the last reset; 0 where the system does not tell."""
    if not CLEAR.exists():
        return 0
    if reset:
        CLEAR.write_text("5")
    return status_mib("VmHWM")


def status_mib(name: str) -> int:
    found = re.search(rf"{name}:\s*(\d+) kB", STATUS.read_text())
    return int(found[1]) // 1024 if found else 0


def sound(parser: Parser, path: Path) -> None:
    """Check that a sound file is read in one of the ways."""
    refusals = []
    for read in parser.reads:
        try:
            read(path)
        except TfkwsError as error:
            refusals.append(error)
    if len(refusals) == len(parser.reads):
        raise refusals[-1]


def main(name: str, folder: Path, numbers: list[str]) -> None:
    """Read every case and tell of each."""
    lean_imports.install()
    parser = (PARSERS | TRAPS)[name]
    for seed, content in parser.seeds().items():  # sound files, which also load what counts for no mutation
        (folder / seed).write_bytes(content)
        sound(parser, folder / seed)
        (folder / seed).unlink()
    if CLEAR.exists():
        most = (status_mib("VmData") + parser.most_mib + SPARE_MIB) << 20
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    for case, file, content in cases(parser, numbers):
        path = folder / file
        path.write_bytes(content)
        print(json.dumps({"case": case, "file": str(path)}), flush=True)
        if fault := fault_of(parser, path):
            kept = path.rename(folder / f"{Path(case).name}-{file}")
            print(json.dumps({"case": case, "file": str(kept), "fault": fault}), flush=True)
        path.unlink(missing_ok=True)
    print(json.dumps({"ended": True}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
