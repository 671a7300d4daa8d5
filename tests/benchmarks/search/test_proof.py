"""The proof of the search on a front and answers made by hand: who is trained anew, and held against whom."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.answers import as_text
from benchmarks.search.contenders import contenders
from benchmarks.search.proof import write_proof
from tfkws.config import ModelConfig, RunConfig, TaskConfig
from tfkws.features.front_ends import get_front_end
from tfkws.run_folder import write_json
from tfkws.training.recipes import get_recipe
from tfkws.tuner.problem.built_in_spaces import SPACES

CLIPS = 200
TRUTH = np.random.default_rng(0).integers(0, 3, CLIPS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished search of MatchboxNets with three members."""
    space = SPACES["matchboxnet"]
    run = RunConfig(
        task=TaskConfig("commands", ("yes", "no")), labels=tuple("0123456789"), data_dir="",
        features=get_front_end("mfcc-40x32"), model=ModelConfig(space.model), train=get_recipe("best"),
        synthetic_speech=False,
    )  # fmt: skip
    members = [
        {"number": number, "values": dict(space.start[0]) | {"stem_m": number}, "macs": macs, "top1_error": error}
        for number, macs, error in ((8, 0.2e6, 0.08), (16, 0.5e6, 0.06), (24, 2e6, 0.05))
    ]
    folder = tmp_path / "small"
    folder.mkdir()
    search = {"fine_tune_iterations": 700}
    write_json(folder / "config.json", {"space": space.to_dict(), "run": run.to_dict(), "search": search})
    write_json(folder / "front.json", {"members": members})
    return folder


def test_the_best_within_each_share_of_the_seeds_macs_once(folder: Path) -> None:
    chosen = contenders(folder, "best-large")
    assert [one.file_name(1) for one in chosen] == [
        "seed-network-best-700-seed1",
        "seed-network-best-large-700-seed1",
        "matchboxnet_3x1x64-as-published-best-700-seed1",
        "small-trial-8-best-700-seed1",
        "small-trial-16-best-700-seed1",
        "small-trial-24-best-700-seed1",
    ]
    assert chosen[0].macs == 290_561_000  # paper B, Table II: 581.12 MFPOPS of the convolutions, and a dense layer


def one_run(name: str, recipe: str, iterations: int, wrong: int, seed: int = 1, macs: int = 100) -> dict[str, Any]:
    answers = {}
    for split, shift in (("validation", 0), ("testing", 1)):
        answered = TRUTH.copy()
        answered[shift : shift + wrong] = (answered[shift : shift + wrong] + 1) % 3
        answers[split] = as_text(answered)
    digests = {split: split.ljust(16, "0") for split in answers}
    return {
        "name": name, "recipe": recipe, "iterations": iterations, "macs": macs, "values": {}, "seed": seed,
        "manifest": digests, "answers": answers, "run": {"labels": ["a", "b", "c"]},
    }  # fmt: skip


def test_each_is_held_against_the_seed_network_trained_as_long_by_its_better_recipe(tmp_path: Path) -> None:
    speakers = " ".join(str(clip // 4) for clip in range(CLIPS))
    for split in ("validation", "testing"):
        clips = {"classes": as_text(TRUTH), "speakers": speakers}
        write_json(tmp_path / "clips" / f"{split.ljust(16, '0')}.json", clips)
    records = [
        one_run("seed network", "best", 100, wrong=40, macs=1_000),
        one_run("seed network", "best-large", 100, wrong=20, macs=1_000),
        one_run("seed network", "best", 900, wrong=10, macs=1_000),
        one_run("small", "best", 100, wrong=30),
        one_run("small", "best", 100, wrong=10, seed=2),
        one_run("small", "best", 900, wrong=12),
    ]
    for number, record in enumerate(records):
        write_json(tmp_path / "contenders" / f"{number}.json", record)
    write_proof(tmp_path)
    rows = {(r["name"], r["recipe"], r["iterations"]): r for r in json.loads((tmp_path / "proof.json").read_text())}
    assert "difference" not in rows["seed network", "best-large", 100]["testing"]
    assert rows["seed network", "best", 100]["testing"]["difference"] == pytest.approx(-20 / CLIPS)
    short, long = rows["small", "best", 100], rows["small", "best", 900]
    assert (short["seeds"], short["times_fewer_macs"]) == (2, 10)
    assert short["testing"]["difference"] == pytest.approx(0)
    assert long["testing"]["difference"] == pytest.approx(-2 / CLIPS)
    low, high = long["testing"]["difference_interval"]
    assert low <= -2 / CLIPS <= high
