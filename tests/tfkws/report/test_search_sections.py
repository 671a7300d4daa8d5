"""What docs/search.md shows works as written."""

import json
import re
from pathlib import Path

import pytest

from tfkws.tuner.problem.built_in_spaces import SPACES
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.strategies.strategies import STRATEGIES

PAGE = (Path(__file__).parents[3] / "docs" / "search.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_the_space_of_the_page() -> None:
    space = SearchSpace.from_dict(json.loads(block("json")))
    values = {"first": 5, "width": 16, "train.learning_rate": 0.003}
    assert space.model_variant(values) == {"convs": "5x5,16 3x3,16 3x3,16"}
    assert space.training_settings(values) == {"learning_rate": 0.003}


@pytest.mark.filterwarnings("ignore")
def test_the_script_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(block("python"), {"__name__": "__main__"})
    assert re.search(r"\{'units': \d+\} \{.*'val_accuracy': [\d.]+.*'macs': \d+", capsys.readouterr().out)
    assert (tmp_path / "tuning" / "demo" / "journal.jsonl").read_text().count("\n") == 12


def test_every_space_and_strategy_is_on_the_page() -> None:
    assert all(f"`{name}`" in PAGE for name in (*SPACES, *STRATEGIES))
