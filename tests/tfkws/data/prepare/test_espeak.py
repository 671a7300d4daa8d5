"""Speech from libespeak-ng depends on its arguments alone."""

import re
import sys
from dataclasses import replace

import numpy as np
import pytest

from tfkws.data.prepare.espeak import VoiceSetting, speak, version
from tfkws.errors import RuntimeUnavailableError, SynthesisError

VOICE = VoiceSetting("en-us", "f2", 50, 50, 160)


def test_speech_is_the_same_after_other_speech() -> None:
    whispering = replace(VOICE, variant="whisper")
    for voice in (VOICE, whispering, replace(VOICE, variant="klatt2")):
        first, rate_hz = speak("sheila", [voice])
        speak("backward", [whispering])
        again, _ = speak("sheila", [voice])
        np.testing.assert_array_equal(first[0], again[0])
    assert rate_hz == 22_050


def test_an_unknown_voice_is_refused() -> None:
    with pytest.raises(SynthesisError, match="no voice xx-nowhere"):
        speak("yes", [replace(VOICE, accent="xx-nowhere", variant="")])


def test_a_voice_is_named_as_espeak_names_it() -> None:
    assert VOICE.name == "en-us+f2"
    assert replace(VOICE, variant="").name == "en-us"
    assert VoiceSetting(**VOICE.to_dict()) == VOICE


def test_faster_speech_is_shorter() -> None:
    slow, fast = speak("backward", [replace(VOICE, rate_wpm=100), replace(VOICE, rate_wpm=200)])[0]
    assert slow.dtype == np.int16
    assert len(fast) < 0.75 * len(slow)


def test_silent_text_is_refused() -> None:
    with pytest.raises(SynthesisError, match="gave no sound for ' '"):
        speak(" ", [VOICE])


def test_asking_for_the_version_leaves_no_state_behind() -> None:
    first = speak("tree", [VOICE])[0]
    assert re.match(r"\d+\.\d+", version())
    speak("backward", [VOICE])
    np.testing.assert_array_equal(speak("tree", [VOICE])[0], first)


def test_a_missing_wheel_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(RuntimeUnavailableError, match=r"pip install 'tfkws\[train\]'"):
        speak("yes", [VOICE])
