import pytest

from benchmarks.phrase.kinds import MICRO, Kind, kinds


def test_runs_are_named_by_what_they_had() -> None:
    assert Kind("hey chatterbox", "quick", "text", 2).name == "hey_chatterbox-quick-text-seed2"
    assert Kind("happy", "full", "speech", 0).name == "happy-full-speech-seed0"


def test_settings_follow_effort_seed_and_part() -> None:
    config = Kind("okay lantern", "full", "text", 3).config
    assert (config.phrase, config.quick, config.seed) == ("okay lantern", False, 3)
    assert Kind("happy", "quick", "micro", 0).config.front_end == MICRO
    assert Kind("happy", "quick", "speech", 0).config.front_end == config.front_end


def test_a_seed_of_all_phrases_comes_before_the_next_one_and_text_before_what_goes_on_from_it() -> None:
    found = kinds(["happy", "computer"], ["quick"], ["recordings", "text"], [0, 1])
    names = [each.name for each in found]
    assert names[:3] == ["happy-quick-text-seed0", "computer-quick-text-seed0", "happy-quick-recordings-seed0"]
    assert len(names) == 6  # nobody can spare recordings of "computer"


def test_what_is_not_known_is_told() -> None:
    with pytest.raises(SystemExit, match="no 'slow'; choose of quick, full"):
        kinds(["happy"], ["slow"], ["text"], [0])
    with pytest.raises(SystemExit, match="no 'voice'"):
        kinds(["happy"], ["quick"], ["voice"], [0])
