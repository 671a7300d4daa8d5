"""Times commands in rounds, each checkout in turn, and takes the memory of a training and a search."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.records import say
from benchmarks.speed.checkouts import Checkout, stage_all
from benchmarks.speed.commands.plan import COMMANDS, Inputs, TimedCommand, train
from benchmarks.speed.hold import held
from benchmarks.speed.peers import ONLY_CPU
from benchmarks.speed.process_tree import Finished, run_command
from benchmarks.speed.rounds import Plan
from tfkws.run_folder import read_json, write_json
from tfkws.tflite.targets.machine import read_machine

RECORD = "commands.json"
FEW_CLIPS = 30  # of each word, a tenth of them for testing
MODEL_ITERATIONS = 20


def measure(folder: Path, data: Path | None, against: Path | None, plan: Plan, hold: str) -> None:
    """Write the record where there is none."""
    if (folder / RECORD).exists():
        return
    with tempfile.TemporaryDirectory(prefix="tfkws-speed-") as temporary:
        work = Path(temporary)
        staged = stage_all(against, work / "checkouts")
        inputs = Inputs(data, work / "model", work / "few", work)
        if data is not None:
            copy_few(data, inputs.few)
            inputs = Inputs(data.resolve(), make_model(staged[-1], inputs), inputs.few, work)
        commands = [command for command in COMMANDS if data is not None or not command.needs_data]
        for command in commands:  # writes what Python compiles and what data is decoded to
            for checkout in staged:
                if not command.once:
                    run_once(command, checkout, inputs)
        with held(hold):
            write_json(folder / RECORD, measure_all(commands, staged, inputs, plan))


def measure_all(
    commands: Sequence[TimedCommand], staged: Sequence[Checkout], inputs: Inputs, plan: Plan
) -> dict[str, Any]:
    """Return the record."""
    machine = read_machine().to_dict()
    timed = [(command, checkout) for command in commands if not command.once for checkout in staged]
    rounds = [[quiet_run(*each, inputs, plan) for each in timed] for _ in range(plan.rounds)]
    found: dict[str, Any] = {command.name: {} for command in commands}
    for number, (command, checkout) in enumerate(timed):
        runs = [taken[number] for taken in rounds]
        found[command.name][checkout.name] = {
            "seconds": [round(run.seconds, 4) for run in runs],
            "foreign": round(mean(run.foreign for run in runs), 3),
        }
    for command in commands:
        for checkout in staged if command.once else ():
            say(f"{command.name}, {checkout.name}")
            peak = run_once(command, checkout, inputs, memory=True).peak_bytes
            found[command.name][checkout.name] = {"peak_bytes": peak}
    about = {"machine": machine, "commits": {checkout.name: checkout.commit for checkout in staged}}
    return about | {"clips": evaluated_clips(inputs), "commands": found}


def quiet_run(command: TimedCommand, checkout: Checkout, inputs: Inputs, plan: Plan) -> Finished:
    """Return the quietest of a few runs, the first that is quiet enough."""
    taken = list[Finished]()
    while len(taken) < plan.tries and not any(run.foreign <= plan.quiet for run in taken):
        taken.append(run_once(command, checkout, inputs))
    return min(taken, key=lambda run: run.foreign)


def run_once(command: TimedCommand, checkout: Checkout, inputs: Inputs, memory: bool = False) -> Finished:
    """Run a command by a checkout.

    Raises:
        SystemExit: it failed; its last words are printed.
    """
    line = command.line(checkout, inputs)
    environment = {**ONLY_CPU, **checkout.environment}
    done = run_command(line, checkout.staged, environment, inputs.work / "log.txt", memory=memory)
    if done.status not in command.statuses:
        raise SystemExit(f"{command.name} of {checkout.folder} failed: {done.output.strip()[-400:]}")
    return done


def make_model(checkout: Checkout, inputs: Inputs) -> Path:
    """Train kws10 for a few steps, and return its model folder."""
    say("a network to evaluate is trained for a moment")
    out = inputs.work / "models"
    line = train(checkout, inputs, MODEL_ITERATIONS, out)
    environment = {**ONLY_CPU, **checkout.environment}
    done = run_command(line, checkout.staged, environment, inputs.work / "log.txt", memory=False)
    if done.status != 0:
        raise SystemExit(f"The training failed: {done.output.strip()[-400:]}")
    return next(path.parent for path in out.rglob("model.keras"))


def copy_few(data: Path, few: Path) -> None:
    """Copy a few clips of each word, and all noises, to a folder."""
    for source in sorted(path for path in data.iterdir() if path.is_dir() and not path.name.startswith(".")):
        (few / source.name).mkdir(parents=True)
        files = sorted(source.iterdir())
        for file in files if source.name.startswith("_") else files[:FEW_CLIPS]:
            shutil.copy(file, few / source.name / file.name)


def evaluated_clips(inputs: Inputs) -> int | None:
    """Return how many clips the evaluation has scored; None where there was none."""
    if inputs.data is None:
        return None
    found = [read_json(path) for path in inputs.model.glob("evaluation-*.json")]
    return max((int(record["clips"]) for record in found), default=None)
