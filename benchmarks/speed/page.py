"""How fast training, features, searches and commands are, beside other programs, as ratios within one run.

    python -m benchmarks speed [--parts steps,features,commands] [--python torch=/opt/torch/bin/python] [--data DATA]
    python -m benchmarks speed --parts searches --data DATA --against CHECKOUT

Each peer is a child process with its own interpreter and environment; children take turns, round after round, and a
turn in which other programs took the machine is taken again. Peers whose packages are not found are listed with the
line that installs them; `--python` names the interpreter of an environment that has them. CHECKOUT is another commit of
this package (`git worktree add CHECKOUT COMMIT`), which is measured beside this one. Needs a quiet machine.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks.records import ARTIFACTS, say
from benchmarks.speed.commands.measure import measure as measure_commands
from benchmarks.speed.features.measure import measure as measure_features
from benchmarks.speed.interpreters import parse_interpreters
from benchmarks.speed.rounds import Plan
from benchmarks.speed.searches.measure import measure as measure_searches
from benchmarks.speed.steps.measure import measure as measure_steps
from benchmarks.speed.steps.networks import NETWORKS
from benchmarks.speed.steps.variants import VARIANTS, before
from benchmarks.speed.text import FIGURE, page_text, read_figure
from tfkws.report.plots import save_png
from tfkws.run_folder import write_text

STEPS, SEARCHES = "steps", "searches"
DEFAULT_PARTS = "steps,features,commands"  # searches take hours


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("--parts", default=DEFAULT_PARTS, help=f"of {', '.join(PARTS)}; default: %(default)s")
    parser.add_argument("--data", type=Path, help="folder of clips, for searches and evaluations")
    parser.add_argument("--against", type=Path, help="another checkout of this package, measured beside it")
    parser.add_argument("--python", action="append", default=[], metavar="PACKAGE=PATH", help="interpreter of a peer")
    parser.add_argument("--rounds", type=int, default=Plan.rounds, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=Plan.seconds, help="limit on the rounds of one network")
    parser.add_argument("--hold", default="", help="command that runs while rounds are timed, until its input closes")
    parser.add_argument("--networks", default="", help="steps: names separated by commas; default: all")
    parser.add_argument("--peers", default="", help="steps: only peers whose name holds one of these; separated by ;")
    parser.add_argument("--seeds", default="0", help="searches: separated by commas; default: %(default)s")
    parser.add_argument("--candidates", type=int, default=0, help="searches: instead of 24")
    parser.add_argument("--iterations", type=int, default=0, help="searches: instead of 500")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "speed", help="searches: their folders; %(default)s")


def measure(options: argparse.Namespace) -> None:
    """Measure what has no record, part by part.

    Raises:
        SystemExit: there is no such part, or it needs clips.
    """
    parts = options.parts.split(",")
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise SystemExit(f"There is no part {unknown[0]!r}; choose of {', '.join(PARTS)}.")
    for part in parts:
        PARTS[part](options)


def write_tables(folder: Path) -> None:
    """Write the page and its figure from the records under `folder`."""
    write_text(folder / "README.md", page_text(folder))
    figure = read_figure(folder)
    if figure is not None:
        save_png(figure, folder / FIGURE)
    say(str(folder / "README.md"))


def _plan(options: argparse.Namespace) -> Plan:
    return Plan(rounds=options.rounds, seconds=options.seconds)


def _steps(options: argparse.Namespace) -> None:
    names = options.networks.split(",") if options.networks else [network.name for network in NETWORKS]
    networks = [network for network in NETWORKS if network.name in names]
    variants = [each for each in VARIANTS if any(word in each.name for word in options.peers.split(";"))]
    if options.against:
        variants.append(before(options.against))
    interpreters = parse_interpreters(options.python)
    measure_steps(options.out / STEPS, networks, variants, interpreters, _plan(options), options.hold)


def _features(options: argparse.Namespace) -> None:
    measure_features(options.out, parse_interpreters(options.python), _plan(options), options.hold)


def _commands(options: argparse.Namespace) -> None:
    measure_commands(options.out, options.data, options.against, _plan(options), options.hold)


def _searches(options: argparse.Namespace) -> None:
    if options.data is None:
        raise SystemExit("Searches need --data, a folder of clips.")
    measure_searches(
        options.out / SEARCHES,
        options.work,
        options.data,
        options.against,
        [int(seed) for seed in options.seeds.split(",")],
        options.candidates,
        options.iterations,
        options.hold,
    )


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "steps": _steps,
    "features": _features,
    "commands": _commands,
    "searches": _searches,
}
