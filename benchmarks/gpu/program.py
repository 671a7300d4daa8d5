"""A quarter of an hour on a machine with one large GPU, JAX with CUDA, NumPy, and no network.

    python -m benchmarks gpu --prepare FOLDER --data speech_commands [--python 3.12] [--networks kws12,dscnn]
    python3 -m benchmarks.gpu --run FOLDER --out RESULTS [--minutes 15]        # there, inside FOLDER
    python -m benchmarks gpu --collect RESULTS --folder FOLDER --card artifacts/published/profile/gpu/NAME

--prepare fills a folder of at most 60 MiB with all that is needed. --run checks card, packages and one network in its
first half minute and stops there if something is missing; then it works in order of worth, with a result file after
each step, and goes on where an earlier run stopped: latency and traces of all networks, each alone on the card; the
same .tflite files by LiteRT on the GPU and on the CPU; trainings, augmented on the card. --collect puts the records
where `python -m benchmarks profile/gpu` reads them and makes model folders for `tfkws evaluate`.
"""

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.gpu.carried import unpack_wheels
from benchmarks.gpu.children import Clock, Place
from benchmarks.gpu.prepared import read_plan
from benchmarks.gpu.results import make_folders
from benchmarks.gpu.steps import CheckFailedError, run_all

FULL_RUNS = 300
SITE = "site"


def main(arguments: Sequence[str]) -> int:
    """Prepare, run or collect, and return the exit status."""
    asked = _parser().parse_args(arguments)
    if asked.prepare:
        return _prepare(asked)
    if asked.collect:
        return _collect(asked)
    return _run(asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m benchmarks gpu", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--prepare", type=Path, metavar="FOLDER", help="fill a folder for the machine")
    what.add_argument("--run", type=Path, metavar="FOLDER", help="measure and train, on the machine")
    what.add_argument("--collect", type=Path, metavar="RESULTS", help="take the results in")
    parser.add_argument("--networks", default="", help="names, separated by commas; default: all")
    parser.add_argument("--data", type=Path, default=os.environ.get("TFKWS_SPEECH_COMMANDS"), help="folder of clips")
    parser.add_argument("--python", default="3.12", help="version there, for the wheels; empty brings none")
    parser.add_argument("--without-files", action="store_true", help="bring no .tflite files")
    parser.add_argument("--out", type=Path, default=Path("results"), help="folder of the results")
    parser.add_argument("--minutes", type=float, default=15.0, help="in all; default: %(default)s")
    parser.add_argument("--device", default="gpu", choices=("gpu", "cpu"), help="cpu tries the program")
    parser.add_argument("--scale", type=float, default=1.0, help="of runs and training steps")
    parser.add_argument("--trainers", type=int, default=2, help="trainings at a time; default: %(default)s")
    parser.add_argument("--seeds", type=int, default=2, help="of each training; default: %(default)s")
    parser.add_argument("--folder", type=Path, help="the prepared folder of --collect")
    parser.add_argument("--card", type=Path, help="folder of the records of --collect")
    parser.add_argument("--models", type=Path, default=Path("artifacts/gpu"), help="model folders of --collect")
    return parser


def _names(asked: argparse.Namespace) -> list[str]:
    return [name for name in asked.networks.split(",") if name]


def _prepare(asked: argparse.Namespace) -> int:
    from benchmarks.gpu.prepare import Wanted, prepare  # needs the whole package, which the machine lacks
    from tfkws.units import format_bytes

    if asked.data is None:
        raise SystemExit("--prepare needs --data, a folder of clips in the layout of Speech Commands.")
    wanted = Wanted(Path(asked.data), _names(asked), asked.python, not asked.without_files)
    size = prepare(asked.prepare, wanted, print)
    print(f"{asked.prepare} holds {format_bytes(size)}; there: python3 -m benchmarks.gpu --run . --out results")
    return 0


def _run(asked: argparse.Namespace) -> int:
    began = time.time()
    clock = Clock(began, began + 60 * asked.minutes)
    folder, results = asked.run.resolve(), asked.out.resolve()
    plan = read_plan(folder).only(_names(asked))
    make_folders(results)
    site = results / SITE
    unpacked = unpack_wheels(folder, site, lambda module: importlib.util.find_spec(module) is not None)
    clock.say(f"{len(plan.networks)} networks; brought along: {', '.join(unpacked) or 'nothing that is missing here'}")
    place = Place(folder, results, site, asked.device)
    runs = max(3, round(FULL_RUNS * asked.scale))
    try:
        run_all(place, plan, clock, runs=runs, trainers=asked.trainers, seeds=asked.seeds, scale=asked.scale)
    except CheckFailedError as error:
        clock.say(str(error))
        return 1
    clock.say(f"done; take {results} back")
    return 0


def _collect(asked: argparse.Namespace) -> int:
    from benchmarks.gpu.collect import collect  # needs Keras with its saving

    if asked.folder is None or asked.card is None:
        raise SystemExit("--collect needs --folder, the prepared one, and --card, where the records go.")
    collect(asked.folder, asked.collect, asked.card, asked.models, print)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
