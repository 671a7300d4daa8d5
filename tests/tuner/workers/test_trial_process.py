"""A process of trials: what it is given, and that it answers from scratch each time."""

from pathlib import Path

import pytest

from tfkws.tuner.workers import trial_process
from tfkws.tuner.workers.trial_process import child_environment, own_memory_mib


def test_children_share_the_cores_unless_this_process_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "7")
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")  # the kernels of a search
    given = child_environment(3)
    assert (given["OMP_NUM_THREADS"], given["TF_NUM_INTRAOP_THREADS"]) == ("3", "7")
    assert given["TF_ENABLE_ONEDNN_OPTS"] == "0"


def test_memory_that_is_taken_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = own_memory_mib()
    if before:
        taken = b"x" * (64 << 20)
        assert own_memory_mib() - before == pytest.approx(len(taken) / 2**20, abs=8)
    monkeypatch.setattr(trial_process, "STATUS", tmp_path / "not there")
    assert own_memory_mib() == 0.0
