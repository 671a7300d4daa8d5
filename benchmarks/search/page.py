"""Search on recorded eight-word clips, and hold the front against paper B's seed network trained alike.

    python -m benchmarks search DATA [--space matchboxnet --stages 24,36 --iterations 500 --fine-tune 1500]

The search itself, in artifacts/search_proof/SPACE/; then the seed network, the network with which the search began,
and for several shares of the seed's MACs the member of the front within them that validates best, each trained anew,
with seeds that the search has not used, by the recipe and length of the fine-tuning. The seed network, which is
larger, is trained by a second recipe besides, with a lower rate, and the front is held against whichever of the two
validates better. The members were chosen by the validation split and are scored on the testing split. Records, journal
and figures go to the page's folder; searches whose fine-tuning is equally long share the trainings of the seed
network. All is kept, and the same command goes on.
"""

import argparse
import shutil
from pathlib import Path
from typing import Any

from benchmarks.records import ARTIFACTS, say
from benchmarks.search.contenders import train_contenders
from benchmarks.search.proof import write_proof
from tfkws.config import SearchConfig
from tfkws.report.collect import read_search
from tfkws.report.page import Drawing
from tfkws.report.search_sections import search_sections
from tfkws.run_folder import read_json, write_json
from tfkws.training.recipes import get_recipe
from tfkws.tuner.problem.built_in_spaces import SPACES

KEPT = ("config.json", "journal.jsonl", "front.json", "freezes.json")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the search and of the trainings after it."""
    parser.add_argument("data", type=Path, nargs="?", help="folder of recorded clips")
    parser.add_argument("--space", default="paper-joint")
    parser.add_argument("--name", help="of the search, for its folder and its networks; default: the space")
    parser.add_argument("--recipe", default="best")
    parser.add_argument("--stages", default="20,30")
    parser.add_argument("--iterations", type=int, default=240)
    parser.add_argument("--fine-tune", type=int, default=1_500)
    parser.add_argument("--max-macs", type=float)
    parser.add_argument("--max-error", type=float, default=0.35)
    parser.add_argument("--seed", type=int, default=0, help="of the search")
    parser.add_argument("--seeds", type=int, default=2, help="trainings of each network held against the seed network")
    parser.add_argument("--seed-recipe", default="best-large", help="second recipe of the seed network")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "search_proof", help="folder of the trainings")


def measure(options: argparse.Namespace) -> None:
    """Search, copy what is small of it, and train the contenders."""
    if options.data is None:
        raise SystemExit("Give the folder of clips to train on, or --tables.")
    folder = options.work / (options.name or options.space)
    search(options.data, options, folder)
    publish_search(folder, options.out)
    seeds = [options.seed + 1 + place for place in range(options.seeds)]
    train_contenders(folder, options.out, seeds, options.seed_recipe)


def search(data: Path, options: argparse.Namespace, folder: Path) -> None:
    """Run the search, or go on with it."""
    from tfkws.data.protocols import make_task
    from tfkws.features.front_ends import get_front_end
    from tfkws.pipeline.search import prepare_search_run, start_search

    space = SPACES[options.space]
    run = prepare_search_run(
        data, make_task("commands"), get_front_end("mfcc-40x32"), space, get_recipe(options.recipe)
    )
    stages = tuple(int(count) for count in options.stages.split(","))
    config = SearchConfig(
        options.space, stages, options.iterations, options.fine_tune, max_macs=options.max_macs,
        max_error=options.max_error, seed=options.seed,
    )  # fmt: skip
    start_search(config, space, run, folder, workers=options.workers, on_change=_tell)


def _tell(status: Any) -> None:
    left = "" if status.seconds_left is None else f", about {status.seconds_left / 60:.0f} minutes left"
    say(f"{status.finished} of {status.planned} trials, hypervolume {status.hypervolume:.4f}{left}")


def publish_search(folder: Path, out: Path) -> None:
    """Copy what is small of the search to `out`/NAME, without the path of the clips."""
    target = out / folder.name
    target.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        if (folder / name).exists():
            shutil.copyfile(folder / name, target / name)
    config = read_json(target / "config.json")
    config["run"]["data_dir"] = ""
    write_json(target / "config.json", config)


def write_tables(folder: Path) -> None:
    """Write proof.md, proof.json and the figures of each search under `folder`."""
    write_proof(folder)
    for path in sorted(folder.glob("*/front.json")):
        draw_search(path.parent)


def draw_search(folder: Path) -> None:
    """Write the figures of a search beside its results."""
    for section in search_sections(read_search(folder)):
        for part in section.parts:
            if isinstance(part, Drawing):
                part.save(folder)
