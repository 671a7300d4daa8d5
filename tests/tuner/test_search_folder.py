"""The folder of a search: who holds it, and which search it holds."""

from dataclasses import replace
from pathlib import Path

import pytest
from fake_trainings import SPACE

from tfkws.config import SearchConfig
from tfkws.errors import SearchError
from tfkws.run_folder import read_json, write_json
from tfkws.tuner.search_folder import CONFIG, claimed, describe

DESCRIPTION = describe(SearchConfig("toy", (5,), 100, 0), SPACE, None, None)


def test_a_new_folder_is_described_and_an_old_one_needs_resume(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "search"
    with claimed(folder, DESCRIPTION, resume=False):
        assert read_json(folder / CONFIG)["space"]["name"] == "toy"
    with (
        pytest.raises(SearchError, match="holds a search already; go on with it by --resume"),
        claimed(folder, DESCRIPTION, resume=False),
    ):
        pass
    with claimed(folder, DESCRIPTION, resume=True):
        pass


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with (
        claimed(tmp_path, DESCRIPTION, resume=False),
        pytest.raises(SearchError, match="Another search is running"),
        claimed(tmp_path, DESCRIPTION, resume=True),
    ):
        pass


def test_another_search_is_refused_by_what_differs(tmp_path: Path) -> None:
    with claimed(tmp_path, DESCRIPTION, resume=False):
        pass
    config = SearchConfig("toy", (6,), 100, 0)
    for other, parts in ((config, "another search"), (replace(config, stages=(5,)), "another space")):
        space = SPACE if parts == "another search" else SPACE.freeze("kernel", 3)
        with (
            pytest.raises(SearchError, match=parts),
            claimed(tmp_path, describe(other, space, None, None), resume=True),
        ):
            pass


def test_a_search_from_before_a_setting_existed_goes_on_with_its_default(tmp_path: Path) -> None:
    older = {**DESCRIPTION, "search": {k: v for k, v in DESCRIPTION["search"].items() if k != "warm_start"}}
    write_json(tmp_path / CONFIG, older)
    entered = False
    with claimed(tmp_path, DESCRIPTION, resume=True):
        entered = True
    assert entered
