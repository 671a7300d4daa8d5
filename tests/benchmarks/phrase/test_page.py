import argparse

import pytest

from benchmarks.phrase.page import add_options, measure, run_of
from tfkws.config.wakeword import WakewordConfig


def test_runs_are_named_by_what_they_had() -> None:
    config = WakewordConfig("hey chatterbox", quick=True, seed=2)
    assert run_of(config, speech=False) == "hey_chatterbox-quick-text-seed2"
    assert run_of(WakewordConfig("happy"), speech=True) == "happy-full-speech-seed0"


def test_folders_are_asked_for() -> None:
    parser = argparse.ArgumentParser()
    add_options(parser)
    with pytest.raises(SystemExit, match="Give --data and --phrases"):
        measure(parser.parse_args([]))
