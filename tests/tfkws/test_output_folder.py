"""A folder that cannot be written is told before anything is computed, and a result that cannot be kept is shown."""

import errno
import os
from pathlib import Path

import pytest

from tfkws.errors import RunFolderError
from tfkws.output_folder import NotKeptError, check_output_folder, keep, shown_all_the_same


def test_folders_that_can_be_written_pass_and_are_not_made(tmp_path: Path) -> None:
    check_output_folder(tmp_path)
    check_output_folder(tmp_path / "new" / "below")
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    check_output_folder(tmp_path / "link" / "below")
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


def test_files_and_links_to_nothing_do_not(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "nowhere").symlink_to("absent")
    (tmp_path / "itself").symlink_to("itself")
    for name in ("file", "file/below"):
        with pytest.raises(RunFolderError, match="^--out is a file: .*file; give a folder"):
            check_output_folder(tmp_path / name)
    for name in ("nowhere", "nowhere/below", "itself"):
        with pytest.raises(RunFolderError, match="leads over a link to nothing"):
            check_output_folder(tmp_path / name)


def test_a_folder_that_cannot_be_written_is_named_with_its_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)  # for root every folder can be written
    with pytest.raises(RunFolderError, match="^--out, .*new, cannot be written; choose another --out, or change who"):
        check_output_folder(tmp_path / "new")
    with pytest.raises(RunFolderError, match="cannot be written; copy the model elsewhere, or change who"):
        check_output_folder(tmp_path, "")


def test_a_result_that_cannot_be_kept_is_shown(tmp_path: Path) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "profile-int8.json")

    shown: list[float] = []
    with (
        pytest.raises(NotKeptError, match=r"in no file: No space left on device \(profile-int8.json\); make room"),
        shown_all_the_same(shown.append),
    ):
        keep(1.5, full)
    assert shown == [1.5]


def test_other_errors_show_nothing() -> None:
    shown: list[float] = []
    with pytest.raises(RunFolderError), shown_all_the_same(shown.append):
        raise RunFolderError("no such run")
    assert not shown
