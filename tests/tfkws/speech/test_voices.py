"""Voices are drawn by share, apart by split, and the same for the same seed."""

from collections import Counter
from dataclasses import replace

import pytest
from fake_voices import ToneEngine, install_engine

from tfkws.errors import ConfigError, RuntimeUnavailableError
from tfkws.speech.engines.table import ENGINES
from tfkws.speech.voice import Voice, split_of
from tfkws.speech.voices import available_engines, draw_voices, find_engine

SPEAKERS = [f"speaker{number}" for number in range(20)]


@pytest.fixture(autouse=True)
def _engines(monkeypatch: pytest.MonkeyPatch) -> None:
    install_engine(monkeypatch, ToneEngine("often", SPEAKERS, share=3))
    install_engine(monkeypatch, ToneEngine("seldom", SPEAKERS, share=1))
    speaks = replace(ENGINES["kokoro"], missing=lambda: "")  # drawing takes no files
    monkeypatch.setitem(ENGINES, "kokoro", speaks)


def test_engines_come_by_their_share_from_the_first_voices_on() -> None:
    voices = draw_voices(["often", "seldom"], 40, 0)
    assert Counter(voice.engine for voice in voices) == {"often": 30, "seldom": 10}
    assert {voice.engine for voice in voices[:4]} == {"often", "seldom"}


def test_voices_are_different_and_those_of_a_shorter_draw_come_first() -> None:
    voices = draw_voices(["often", "seldom"], 50, 7)
    assert len({voice.id for voice in voices}) == 50
    assert voices[:20] == draw_voices(["often", "seldom"], 20, 7)
    assert voices != draw_voices(["often", "seldom"], 50, 8)


def test_no_speaker_is_in_both_splits_and_no_blend_leaks() -> None:
    training = draw_voices(["kokoro", "often"], 200, 1)
    validation = draw_voices(["kokoro", "often"], 200, 1, "validation")
    heard = {(voice.engine, speaker) for voice in training for speaker in voice.speakers}
    held = {(voice.engine, speaker) for voice in validation for speaker in voice.speakers}
    assert any(len(voice.speakers) == 2 for voice in validation)
    assert not heard & held
    assert all(voice.split == "training" for voice in training)
    assert all(split_of(voice.engine, speaker) == "validation" for voice in validation for speaker in voice.speakers)


def test_an_engine_without_a_speaker_in_a_split_is_passed_over() -> None:
    ENGINES["seldom"].speakers["en"] = tuple(name for name in SPEAKERS if split_of("seldom", name) == "training")
    assert {voice.engine for voice in draw_voices(["often", "seldom"], 20, 0, "validation")} == {"often"}
    with pytest.raises(ConfigError, match="None of seldom has a validation voice"):
        draw_voices(["seldom"], 1, 0, "validation")
    with pytest.raises(ConfigError, match="None of often has a training voice that speaks 'de'"):
        draw_voices(["often"], 1, 0, language="de")
    with pytest.raises(ConfigError, match="None of no engine has"):
        draw_voices([], 1, 0)


def test_too_many_voices_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    always = replace(ENGINES["often"], draw=lambda rng, speakers, language: Voice("often", speakers[0]))
    monkeypatch.setitem(ENGINES, "often", always)
    with pytest.raises(ConfigError, match="There are no 5 different voices; ask for 1"):
        draw_voices(["often"], 5, 0)


def test_an_engine_that_is_not_here_says_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "often", replace(ENGINES["often"], missing=lambda: "often is not here; get it."))
    assert "often" not in available_engines() and "seldom" in available_engines()
    assert "seldom" not in available_engines("fr")
    with pytest.raises(RuntimeUnavailableError, match="often is not here; get it"):
        find_engine("often")
    with pytest.raises(ConfigError, match="no engine 'ofen'; choose of .* Did you mean 'often'"):
        find_engine("ofen")
