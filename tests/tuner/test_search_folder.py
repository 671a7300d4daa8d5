"""The folder of a search: who holds it, and which search it holds."""

from dataclasses import replace
from pathlib import Path

import pytest
from fake_trainings import SPACE

from tfkws.config import SearchConfig
from tfkws.errors import RunFolderError, SearchError
from tfkws.run_folder import read_json, write_json
from tfkws.tuner.search_folder import CONFIG, check_out, claimed, describe, planned_before

DESCRIPTION = describe(SearchConfig("toy", (5,), 100, 0), SPACE, None, None)


def test_a_new_folder_is_described_and_the_same_search_goes_on_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "search"
    with claimed(folder, DESCRIPTION):
        assert read_json(folder / CONFIG)["space"]["name"] == "toy"
    entered = False
    with claimed(folder, DESCRIPTION):
        entered = True
    assert entered


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with (
        claimed(tmp_path, DESCRIPTION),
        pytest.raises(SearchError, match="Another search is running"),
        claimed(tmp_path, DESCRIPTION),
    ):
        pass


def test_another_search_is_refused_by_what_differs(tmp_path: Path) -> None:
    with claimed(tmp_path, DESCRIPTION):
        pass
    config = SearchConfig("toy", (6,), 100, 0)
    cases = (
        (config, SPACE, "another search .stages .5. there, .6. here.; choose another --out"),
        (replace(config, stages=(5,)), SPACE.freeze("kernel", 3), "another space; choose"),
    )
    for other, space, sentence in cases:
        with pytest.raises(SearchError, match=sentence), claimed(tmp_path, describe(other, space, None, None)):
            pass
        with pytest.raises(SearchError, match=sentence):
            check_out(tmp_path, other, space)
    check_out(tmp_path, replace(config, stages=(5,)), SPACE)
    check_out(tmp_path / "new" / "deep", config, SPACE)


def test_an_out_that_cannot_hold_a_search_is_told_at_once(tmp_path: Path) -> None:
    config = SearchConfig("toy", (6,), 100, 0)
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunFolderError, match="--out is a file"):
        check_out(tmp_path / "file", config, SPACE)
    with pytest.raises(RunFolderError, match="--out is a file"):
        check_out(tmp_path / "file" / "s", config, SPACE)
    (tmp_path / "model").mkdir()
    write_json(tmp_path / "model" / CONFIG, {"task": {}})
    with pytest.raises(SearchError, match="holds something else than a search"):
        check_out(tmp_path / "model", config, SPACE)


def test_a_plan_by_hours_is_kept(tmp_path: Path) -> None:
    config = SearchConfig("toy", seed=3)
    assert planned_before(tmp_path, config) is None
    with claimed(tmp_path, DESCRIPTION):
        pass
    kept = planned_before(tmp_path, config)
    assert kept == replace(config, stages=(5,), iterations=100, fine_tune_iterations=0)


def test_a_search_from_before_a_setting_existed_goes_on_with_its_default(tmp_path: Path) -> None:
    older = {**DESCRIPTION, "search": {k: v for k, v in DESCRIPTION["search"].items() if k != "warm_start"}}
    write_json(tmp_path / CONFIG, older)
    entered = False
    with claimed(tmp_path, DESCRIPTION):
        entered = True
    assert entered
