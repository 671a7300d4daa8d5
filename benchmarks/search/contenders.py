"""Who is trained anew after a search: paper B's seed network, what the search began with, and members of its front."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.answers import answers_of, digests_of, write_clips
from benchmarks.records import say
from benchmarks.search.proof import SEED_NETWORK, write_proof
from tfkws.config import RunConfig
from tfkws.run_folder import read_json, write_json
from tfkws.training.recipes import get_recipe
from tfkws.tuner.evaluate import candidate_run
from tfkws.tuner.problem.built_in_spaces import SPACES
from tfkws.tuner.problem.known_costs import known_costs
from tfkws.tuner.records.trials import Values

SEED_SPACE = "paper-text"  # its first candidate is the seed network
FEWER = (1000, 500, 300, 100, 30, 10, 6.63, 3)  # times fewer MACs than the seed; paper B: as accurate at 6.63


@dataclass(frozen=True)
class Contender:
    """A network to train anew, by a recipe and for so many iterations."""

    name: str
    space: str
    values: Values
    macs: int
    recipe: str
    iterations: int

    def file_name(self, seed: int) -> str:
        """Return the name of one training, such as paper-joint-trial-54-best-1500-seed1."""
        return f"{self.name.replace(' ', '-')}-{self.recipe}-{self.iterations}-seed{seed}"


def contenders(folder: Path, seed_recipe: str) -> list[Contender]:
    """List the seed network by both recipes, what the search began with, and the best members at fewer MACs."""
    config, members = read_json(folder / "config.json"), read_json(folder / "front.json")["members"]
    run, seed_values = RunConfig.from_dict(config["run"]), SPACES[SEED_SPACE].start[0]
    space, shape = SPACES[config["space"]["name"]], (run.features.input_shape, len(run.labels))
    seed_macs = int(known_costs(SPACES[SEED_SPACE], *shape)["macs"](seed_values))
    recipe, iterations = run.train.recipe, int(config["search"]["fine_tune_iterations"])
    chosen = [
        Contender(SEED_NETWORK, SEED_SPACE, seed_values, seed_macs, name, iterations) for name in (recipe, seed_recipe)
    ]
    for values in (values for values in space.start if values != seed_values):
        macs = int(known_costs(space, *shape)["macs"](values))
        chosen.append(Contender(f"{space.model} as published", space.name, values, macs, recipe, iterations))
    for times in FEWER:
        within = [member for member in members if member["macs"] * times <= seed_macs]
        best = min(within, key=lambda member: member["top1_error"], default=None)
        if best is not None and best["values"] not in [contender.values for contender in chosen]:
            name = f"{folder.name} trial {best['number']}"
            chosen.append(Contender(name, space.name, best["values"], int(best["macs"]), recipe, iterations))
    return chosen


def train_contender(run: RunConfig, contender: Contender, seed: int, folder: Path) -> Path:
    """Train one network with one seed and its recipe, otherwise exactly as the fine-tuning of the search does."""
    from tfkws.data.task_data import load_task
    from tfkws.training.fit import train

    recipe = get_recipe(contender.recipe, seed=seed)
    settled = candidate_run(replace(run, train=recipe), SPACES[contender.space], contender.values, contender.iterations)
    train(settled, load_task(Path(run.data_dir), run.task), folder)
    return folder


def record(contender: Contender, seed: int, folder: Path, data: Any) -> dict[str, Any]:
    """Return what is published of one training: the answer to every clip as one digit."""
    from tfkws.pipeline.parts.detector import open_detector

    return {
        **asdict(contender), "seed": seed, "training": read_json(folder / "training.json"),
        "run": read_json(folder / "config.json") | {"data_dir": ""},
        "manifest": digests_of(data), "answers": answers_of(open_detector(folder), data),
    }  # fmt: skip


def train_contenders(folder: Path, out: Path, seeds: Sequence[int], seed_recipe: str) -> None:
    """Train what has no record yet: the first seed of all first."""
    from tfkws.data.task_data import load_task

    run = RunConfig.from_dict(read_json(folder / "config.json")["run"])
    data = load_task(Path(run.data_dir), run.task)
    write_clips(out, data)
    for seed in seeds:
        for contender in contenders(folder, seed_recipe):
            name = contender.file_name(seed)
            path = out / "contenders" / f"{name}.json"
            if not path.exists():
                say(f"training {name}")
                trained = train_contender(run, contender, seed, folder.parent / "contenders" / name)
                write_json(path, record(contender, seed, trained, data))
            write_proof(out)
