"""Search on real eight-word clips, and hold the front against paper B's seed network trained alike.

    python benchmarks/search_proof.py DATA [--space matchboxnet --stages 24,36 --iterations 500 --fine-tune 1500]
    python benchmarks/search_proof.py --table-only

The search itself, in artifacts/search_proof/SPACE/; then the seed network, the network with which the search began,
and for several shares of the seed's MACs the member of the front within them that validates best, each trained anew,
with seeds that the search has not used, by the recipe and length of the fine-tuning. The seed network, which is
larger, is trained by a second recipe besides, with a lower rate, and the front is held against whichever of the two
validates better. The members were chosen by the validation split and are scored on the testing split. Records, journal
and figures go to artifacts/published/search/; searches whose fine-tuning is equally long share the trainings of the
seed network. All is kept, and the same command goes on.
"""

import argparse
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tfkws.config import RunConfig, SearchConfig
from tfkws.run_folder import read_json, write_json, write_text
from tfkws.training.answer_records import as_text, confusion_counts, write_clips
from tfkws.training.recipes import get_recipe
from tfkws.tuner.evaluate import candidate_run
from tfkws.tuner.problem.built_in_spaces import SPACES
from tfkws.tuner.records.trials import Values
from tfkws.units import format_count, format_interval, format_percent
from tfkws.views.table import Table

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
WORDS = ("yes", "no", "up", "down", "left", "right", "go", "stop")
SEED_NETWORK = "seed network"
SEED_SPACE = "paper-text"  # its first candidate is the seed network
FEWER = (1000, 500, 300, 100, 30, 10, 6.63, 3)  # times fewer MACs than the seed; paper B: as accurate at 6.63
KEPT = ("config.json", "journal.jsonl", "front.json", "freezes.json")
SPLITS = ("validation", "testing")


Records = Sequence[Mapping[str, Any]]


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
        """Of one training: seed-network-best-1500-seed1, paper-joint-trial-54-best-1500-seed1."""
        return f"{self.name.replace(' ', '-')}-{self.recipe}-{self.iterations}-seed{seed}"


def search(data: Path, options: argparse.Namespace, folder: Path) -> None:
    """Run the search, or go on with it."""
    from tfkws.data.protocols import make_task
    from tfkws.features.front_ends import get_front_end
    from tfkws.pipeline.search import prepare_search_run, start_search

    space = SPACES[options.space]
    run = prepare_search_run(
        data, make_task("commands", WORDS), get_front_end("mfcc-40x32"), space, get_recipe(options.recipe)
    )
    stages = tuple(int(count) for count in options.stages.split(","))
    config = SearchConfig(
        options.space, stages, options.iterations, options.fine_tune, max_macs=options.max_macs,
        max_error=options.max_error, seed=options.seed,
    )  # fmt: skip
    start_search(config, space, run, folder, workers=options.workers, resume=True, on_change=_tell)


def _tell(status: Any) -> None:
    left = "" if status.seconds_left is None else f", about {status.seconds_left / 60:.0f} minutes left"
    print(f"{status.finished} of {status.planned} trials, hypervolume {status.hypervolume:.4f}{left}", flush=True)


def contenders(folder: Path, seed_recipe: str) -> list[Contender]:
    """The seed network by both recipes, what the search began with, and the most accurate members at fewer MACs."""
    from tfkws.tuner.problem.known_costs import known_costs

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
    """What is published of one training: the answer to every clip as one digit."""
    from tfkws.pipeline.parts.detector import open_detector

    detector = open_detector(folder)
    answers = {split: as_text(detector.answer(data.splits[split]).argmax(axis=1)) for split in SPLITS}
    return {
        **asdict(contender), "seed": seed, "training": read_json(folder / "training.json"),
        "run": read_json(folder / "config.json") | {"data_dir": ""},
        "manifest": {split: data.manifest.split_digests[split] for split in SPLITS},
        "answers": answers,
    }  # fmt: skip


def train_contenders(folder: Path, out: Path, seeds: Sequence[int], seed_recipe: str) -> None:
    """Train what has no record yet: the first seed of all first."""
    from tfkws.data.task_data import load_task

    run = RunConfig.from_dict(read_json(folder / "config.json")["run"])
    data = load_task(Path(run.data_dir), run.task)
    write_clips(out, data, SPLITS)
    for seed in seeds:
        for contender in contenders(folder, seed_recipe):
            name = contender.file_name(seed)
            path = out / "contenders" / f"{name}.json"
            if not path.exists():
                print(f"training {name}", flush=True)
                trained = train_contender(run, contender, seed, folder.parent / "contenders" / name)
                write_json(path, record(contender, seed, trained, data))
            write_tables(out)


def publish_search(folder: Path, out: Path) -> None:
    """Copy what is small of the search to `out`/NAME, without the path of the clips, and draw its figures there."""
    from tfkws.report.collect import read_search
    from tfkws.report.page import Drawing
    from tfkws.report.search_sections import search_sections

    target = out / folder.name
    target.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        if (folder / name).exists():
            shutil.copyfile(folder / name, target / name)
    config = read_json(target / "config.json")
    config["run"]["data_dir"] = ""
    write_json(target / "config.json", config)
    for section in search_sections(read_search(target)):
        for part in section.parts:
            if isinstance(part, Drawing):
                part.save(target)


def write_tables(out: Path) -> None:
    """Write proof.json and proof.md from the records."""
    records = [read_json(path) for path in sorted((out / "contenders").glob("*.json"))]
    groups: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for one in sorted(records, key=lambda r: (r["iterations"], -r["macs"], r["name"], r["recipe"], r["seed"])):
        groups.setdefault((one["name"], one["recipe"], one["iterations"]), []).append(one)
    rows = judge_all(list(groups.values()), out)
    write_json(out / "proof.json", rows)
    write_text(out / "proof.md", proof_table(rows).to_markdown())
    print(proof_table(rows).to_markdown(), flush=True)


def judge_all(groups: Sequence[Records], out: Path) -> list[dict[str, Any]]:
    """Judge each network against the seed network, trained as long and by the recipe with which that validates best."""
    alone = [judge(records, None, out) for records in groups]
    rivals: dict[int, int] = {}
    for place, row in enumerate(alone):
        if row["name"] == SEED_NETWORK:
            best = rivals.setdefault(row["iterations"], place)
            if row["validation"]["accuracy"] > alone[best]["validation"]["accuracy"]:
                rivals[row["iterations"]] = place
    return [
        row if rivals.get(row["iterations"], place) == place else judge(records, groups[rivals[row["iterations"]]], out)
        for place, (row, records) in enumerate(zip(alone, groups, strict=True))
    ]


def judge(records: Records, rival: Records | None, out: Path) -> dict[str, Any]:
    """Accuracy of one network over its trainings, and against those of `rival`."""
    from tfkws.training.metrics import accuracy
    from tfkws.training.over_runs import difference_over_runs, mean_over_runs

    same = ("name", "recipe", "iterations", "macs", "values")
    result = {name: records[0][name] for name in same} | {"seeds": len(records)}
    for split in SPLITS:
        counts = counts_of(records, split, out)
        mean, interval = mean_over_runs(counts, accuracy)
        result[split] = {"accuracy": mean, "interval": interval}
        if rival is not None:
            difference, interval = difference_over_runs(counts_of(rival, split, out), counts, accuracy)
            result[split] |= {"difference": difference, "difference_interval": interval}
            result["times_fewer_macs"] = rival[0]["macs"] / records[0]["macs"]
    return result


def counts_of(records: Records, split: str, out: Path) -> Any:
    """Confusion matrices (runs, speakers, c, c)."""
    digests = [record["manifest"][split] for record in records]
    answers = [record["answers"][split] for record in records]
    return confusion_counts(out, digests, answers, len(records[0]["run"]["labels"]))


def proof_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The table of proof.md."""
    cells = tuple(
        (
            row["name"], row["recipe"], str(row["iterations"]), format_count(row["macs"]),
            f"{row.get('times_fewer_macs', 1):.1f}", str(row["seeds"]),
            *(cell for split in ("testing", "validation") for cell in _scores(row[split])),
        )
        for row in rows
    )  # fmt: skip
    scores = ("TOP-1", "95 %", "minus the seed network, points", "95 % ")
    columns = (
        "network", "recipe", "iterations", "MACs", "times fewer", "trainings",
        *(f"{split} {name}" for split in ("testing", "validation") for name in scores),
    )  # fmt: skip
    note = (
        "Chosen by validation, trained anew with other seeds by the length of the fine-tuning. The front is held "
        "against the seed network, trained as long and by the recipe with which that validates best. Intervals are "
        "95 % bootstrap intervals over speakers and trainings. Recorded speech, split by speaker."
    )
    return Table("The front against paper B's seed network, trained alike", columns, cells, columns[2:], note)


def _scores(found: Mapping[str, Any]) -> tuple[str, ...]:
    own = (format_percent(found["accuracy"]), format_interval(found["interval"]))
    if "difference" not in found:
        return (*own, "", "")
    low, high = (100 * end for end in found["difference_interval"])
    return (*own, f"{100 * found['difference']:+.1f}", f"[{low:+.1f}, {high:+.1f}]")


def main() -> None:
    """Run from the command line."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="folder of real clips")
    parser.add_argument("--space", default="paper-joint")
    parser.add_argument("--name", help="of the search, for its folder and its networks; default the space")
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
    parser.add_argument("--out", type=Path, default=ARTIFACTS / "published" / "search")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "search_proof")
    parser.add_argument("--table-only", action="store_true")
    options = parser.parse_args()
    if not options.table_only:
        if options.data is None:
            raise SystemExit("Give the folder of clips to train on.")
        folder = options.work / (options.name or options.space)
        search(options.data, options, folder)
        publish_search(folder, options.out)
        seeds = [options.seed + 1 + place for place in range(options.seeds)]
        train_contenders(folder, options.out, seeds, options.seed_recipe)
    write_tables(options.out)


if __name__ == "__main__":
    main()
