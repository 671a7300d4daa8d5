"""The whole path on a little synthetic speech: every stage leaves its files, and a second run repeats none of them."""

import json
import re
from types import SimpleNamespace

import pytest

from tfkws.config import SynthesisSettings
from tfkws.config.quickstart import Quickstart
from tfkws.data.prepare.synthesize import synthesize
from tfkws.pipeline.parts.progress import StageProgress
from tfkws.pipeline.quickstart import choose, run_quickstart


class Lines(StageProgress):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Quickstart:
    """Three words by sixty voices, a few steps of training."""
    folder = tmp_path_factory.mktemp("quickstart")
    synthesize(folder / "speech", SynthesisSettings(words=("sheila", "three", "stop"), voices=60, takes=1))
    return Quickstart(
        folder / "out", folder / "speech", seed_iterations=6, trial_iterations=3, winner_iterations=6, candidates=2
    )


def test_every_stage_leaves_its_files_and_none_is_repeated(plan: Quickstart) -> None:
    progress = Lines()
    page = run_quickstart(plan, progress)
    winner = plan.out / "winner"
    for name in ("model.keras", "history.csv", "manifest.json", "cost.json", "int8.tflite", "int8.parity.json"):
        assert (winner / name).is_file(), name
    assert list(winner.glob("benchmark-*.json"))
    assert list(winner.glob("profile-*.json"))
    assert list(winner.glob("*.kws"))
    assert json.loads((plan.out / "search" / "front.json").read_text())["members"]
    assert any("synthetic speech" in line for line in progress.lines)

    html = page.read_text()
    assert "Synthetic speech" in html
    assert not re.search(r"(src|href)=[\"'](?!#|data:)", html), "the page must not need another file"
    for heading in ("Features", "Search", "Accuracy", "Conversion", "Latency", "Operators"):
        assert re.search(f"<h2>{heading}", html), heading

    before = {
        path: path.stat().st_mtime_ns for path in plan.out.rglob("*") if path.suffix in (".keras", ".tflite", ".kws")
    }
    run_quickstart(plan)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def record(error: float, macs: float, standard_error: float = 0.02) -> SimpleNamespace:
    return SimpleNamespace(metrics={"top1_error": error, "macs": macs, "standard_error": standard_error})


def test_the_winner_is_the_cheapest_within_one_standard_error() -> None:
    front = [record(0.10, 9e6), record(0.115, 4e6), record(0.13, 1e6)]
    assert choose(front).metrics["macs"] == 4e6
    assert choose(front[:1]).metrics["macs"] == 9e6
