"""Requests become utterances: grouped, trimmed, kept, gone on with."""

import multiprocessing
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from fake_voices import ToneEngine, install_engine

from tfkws.errors import ConfigError, SynthesisError
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request
from tfkws.speech.utterances import Utterance, speak_all, speak_group
from tfkws.speech.voice import Voice
from tfkws.speech.voices import draw_voices


@pytest.fixture
def tones(monkeypatch: pytest.MonkeyPatch) -> ToneEngine:
    return install_engine(monkeypatch, ToneEngine("tones", ["one", "two"], together=3))


def requests(takes: int = 4) -> list[Request]:
    return [Request("hey you", Voice("tones", name), take=take) for take in range(takes) for name in ("one", "two")]


def test_an_utterance_is_at_16_khz_trimmed_and_loud(tones: ToneEngine) -> None:
    (said,) = speak_all([Request("hey you", Voice("tones", "one"))], None, 1)
    assert said.samples.dtype == np.int16
    assert len(said.samples) == pytest.approx(0.2 * 16_000, abs=330)
    assert (said.start, said.end) == (0, len(said.samples))
    assert np.abs(said.samples.astype(int)).max() == pytest.approx(0.95 * 32768, rel=0.01)
    assert abs(int(said.samples[0])) < 2_000 and abs(int(said.samples[-1])) < 2_000


def test_carrier_words_are_told_apart(tones: ToneEngine) -> None:
    (said,) = speak_all([Request("hey you", Voice("tones", "one"), "please", "right now")], None, 1)
    assert said.start == pytest.approx(0.1 * 16_000, abs=170)
    assert said.end - said.start == pytest.approx(0.2 * 16_000, abs=2)
    assert len(said.samples) - said.end == pytest.approx(0.2 * 16_000, abs=170)
    np.testing.assert_array_equal(said.cut(), said.samples[said.start : said.end])


def test_voices_are_spoken_in_groups_of_their_own(tones: ToneEngine) -> None:
    told: list[tuple[int, int]] = []
    found = list(speak_all(requests(), None, 1, lambda done, total: told.append((done, total))))
    assert sorted(len(group) for group in tones.asked) == [1, 1, 3, 3]
    assert all(len({request.voice.id for request in group}) == 1 for group in tones.asked)
    assert sorted(map(repr, (each.request for each in found))) == sorted(map(repr, requests()))
    assert told[-1] == (8, 8) and [done for done, _ in told] == sorted(done for done, _ in told)


def same(one: Utterance, other: Utterance) -> bool:
    return (one.start, one.end) == (other.start, other.end) and np.array_equal(one.samples, other.samples)


def test_what_was_said_is_not_said_again(tones: ToneEngine, tmp_path: Path) -> None:
    first = {each.request: each for each in speak_all(requests(), tmp_path, 1)}
    tones.asked.clear()
    again = {each.request: each for each in speak_all(requests(), tmp_path, 1)}
    assert tones.asked == []
    assert first.keys() == again.keys() and all(same(first[key], again[key]) for key in first)


def test_an_interrupted_run_goes_on(tones: ToneEngine, tmp_path: Path) -> None:
    running = speak_all(requests(), tmp_path, 1)
    next(running)
    del running  # as an interrupt leaves it
    done = len(tones.asked)
    assert len(list(speak_all(requests(), tmp_path, 1))) == 8
    assert len(tones.asked) == 4  # no group twice
    assert done == 1


def _say_all(folder: Path, count: int) -> None:
    list(speak_all(many(count), folder, 1))


def many(count: int) -> list[Request]:
    return [Request("hey computer", voice, take=take) for voice in draw_voices(["espeak"], count, 0) for take in (0, 1)]


def test_after_a_kill_it_goes_on_and_nothing_is_half_there(tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader")
    child = multiprocessing.get_context("spawn").Process(target=_say_all, args=(tmp_path / "killed", 200))
    child.start()
    while child.is_alive() and not list((tmp_path / "killed").rglob("*.npz")):
        time.sleep(0.01)
    child.kill()
    child.join()
    kept = len(list((tmp_path / "killed").rglob("*.npz")))
    assert child.exitcode == -signal.SIGKILL and 1 <= kept < 200
    _say_all(tmp_path / "killed", 20)
    resumed = {each.request: each for each in speak_all(many(20), tmp_path / "killed", 1)}
    whole = {each.request: each for each in speak_all(many(20), None, 1)}
    assert all(same(whole[request], resumed[request]) for request in whole)


def test_processes_say_the_same() -> None:
    """With espeak-ng for real: a child process does not know a fake engine."""
    pytest.importorskip("espeakng_loader")
    asked = [Request("yes", voice, take=take) for voice in draw_voices(["espeak"], 3, 0) for take in range(2)]
    alone = {each.request: each for each in speak_all(asked, None, 1)}
    beside = {each.request: each for each in speak_all(asked, None, 2)}
    assert all(same(alone[request], beside[request]) for request in asked)


def test_another_pronunciation_or_carrier_is_not_the_same(tones: ToneEngine, tmp_path: Path) -> None:
    voice = Voice("tones", "one")
    different = [
        Request("hey", voice),
        Request(Phrase("hey", ("HH", "AY1")), voice),
        Request("hey", voice, before="oh"),
        Request("hey", voice, after="oh"),
        Request("hey", voice, take=1),
        Request("hay", voice),
    ]
    for request in different:
        speak_group([request], tmp_path)
    assert len(list(tmp_path.rglob("*.npz"))) == len(different)


def test_silence_and_unknown_engines_are_refused(tones: ToneEngine) -> None:
    with pytest.raises(SynthesisError, match="tones gave no sound for ''; choose another"):
        list(speak_all([Request("", Voice("tones", "one"))], None, 1))
    with pytest.raises(ConfigError, match="no engine 'nobody'"):
        list(speak_all([Request("hey", Voice("nobody", "one"))], None, 1))
