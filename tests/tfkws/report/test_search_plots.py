"""What the figures of a search show is what the search returned."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import SearchConfig
from tfkws.report.collect import SearchResults, read_search
from tfkws.report.search_plots import frequency_figure, front_figure, split_trials
from tfkws.report.search_sections import search_sections
from tfkws.run_folder import read_json
from tfkws.tuner.search import SearchResult, run_search

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated, .*:DeprecationWarning:keras_tuner")
CONFIG = SearchConfig("toy", (60, 15), 100, 300, strategy="nsga2", freeze_support=0.5)


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[SearchResult, SearchResults]:
    from fake_trainings import SPACE, ToyTraining, toy_macs

    result = run_search(CONFIG, ToyTraining(), tmp_path / "toy", space=SPACE, known_costs={"macs": toy_macs})
    return result, read_search(tmp_path / "toy")


def numbers(trials: Any) -> set[int]:
    return {trial["number"] for trial in trials}


def test_candidates_front_and_fine_tuned_front_are_told_apart(done: tuple[SearchResult, SearchResults]) -> None:
    result, read = done
    split = split_trials(read.trials, len(CONFIG.stages), read.front)
    assert numbers(split.front) == {record.number for record in result.searched_front}
    assert numbers(split.tuned) == {record.number for record in result.front}
    completed = {record.number for record in result.records if record.status == "completed" and record.stage < 2}
    assert numbers(split.candidates) == completed
    costs = [trial["metrics"]["macs"] for trial in split.front]
    assert costs == sorted(costs)


def test_the_front_figure_draws_every_point(done: tuple[SearchResult, SearchResults]) -> None:
    _, read = done
    split = split_trials(read.trials, len(CONFIG.stages), read.front)
    (axis,) = front_figure(split).axes
    assert np.shape(axis.collections[0].get_offsets())[0] == len(split.candidates)
    drawn = [np.size(line.get_xdata()) for line in axis.lines if line.get_marker() == "o"]
    assert drawn == [len(split.front), len(split.tuned)]
    assert axis.get_ylim()[1] <= 1.0
    tops = [segment[:, 1].max() for bars in axis.collections[1:] for segment in bars.get_segments()]  # type: ignore[attr-defined]
    assert tops and max(tops) <= 1.0


def test_the_settings_figure_counts_the_front_and_frames_what_was_frozen(
    done: tuple[SearchResult, SearchResults],
) -> None:
    result, read = done
    front = split_trials(read.trials, len(CONFIG.stages), read.front).front
    frozen = {freeze.param: freeze.value for freeze in result.freezes[0]}
    choices = {"kernel": [1, 3, 5], "width": list(range(1, 21))}
    (axis,) = frequency_figure(front, choices, frozen).axes
    told = [text.get_text() for text in axis.texts]
    threes = sum(trial["values"]["kernel"] == 3 for trial in front)
    assert threes and f"3: {threes}" in told
    widths = {trial["values"]["width"] for trial in front}
    assert len(told) == 3 + len(widths)  # of many settings, only those that occur
    assert frozen and sum(not patch.get_fill() for patch in axis.patches) == len(set(frozen) & set(choices))


def test_a_search_without_fine_tuning_has_one_front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fake_trainings import SPACE, ToyTraining, toy_macs

    run_search(
        SearchConfig("toy", (6,), 100, 0, strategy="random"),
        ToyTraining(),
        tmp_path,
        space=SPACE,
        known_costs={"macs": toy_macs},
    )
    split = split_trials(read_search(tmp_path).trials, 1, read_json(tmp_path / "front.json"))
    assert split.front and not split.tuned
    (section,) = search_sections(read_search(tmp_path))
    assert len(section.parts) == 6  # a sentence, three figures, the table, the command
