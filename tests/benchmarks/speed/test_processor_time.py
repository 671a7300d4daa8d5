"""The share of the machine that other programs take, from the text of /proc/stat."""

from pathlib import Path

import pytest

from benchmarks.speed.processor_time import Moment, busy_seconds, foreign_share

STAT = "cpu  100 20 50 9000 10 5 5 40 70 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n"


def test_idle_waiting_and_guests_are_not_busy() -> None:
    assert busy_seconds(STAT, ticks=100) == pytest.approx((100 + 20 + 50 + 5 + 5 + 40) / 100)


def test_own_time_is_taken_off() -> None:
    before, after = Moment(10.0, 100.0), Moment(12.0, 103.0)
    assert foreign_share(before, after, own=2.0, cores=2) == pytest.approx(0.25)
    assert foreign_share(before, after, own=9.0, cores=2) == 0.0  # ticks are coarse


def test_a_moment_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text(STAT, encoding="utf-8")
    earlier, later = Moment.now(tmp_path / "stat"), Moment.now(tmp_path / "stat")
    assert earlier.busy == later.busy and later.at >= earlier.at
