"""flite: what it is asked for, with a made-up program; and for real where it is."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import RuntimeUnavailableError, SynthesisError
from tfkws.speech.engines import flite
from tfkws.speech.engines.flite import ENGINE
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request
from tfkws.speech.voice import Voice

VOICE = Voice("flite", "slt", rate=1.25)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A flite that writes half a second of noise and appends its arguments to `asked`."""
    made = tmp_path / "flite"
    made.write_text(
        f"#!{sys.executable}\nimport json, sys, numpy, soundfile\n"
        f"open({str(tmp_path / 'asked')!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
        "if 'fail' in sys.argv: sys.exit('no such \\x1b[31mword')\n"
        "soundfile.write(sys.argv[-1], numpy.random.default_rng(0).normal(0, 0.1, 8000), 16000, 'PCM_16')\n"
    )
    made.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(made))
    return tmp_path / "asked"


def asked(program: Path) -> list[list[str]]:
    return [json.loads(line) for line in program.read_text().splitlines()]


def test_it_is_asked_for_voice_rate_and_text(program: Path) -> None:
    (said,) = ENGINE.speak([Request("hey you", VOICE)])
    ((voice, name, setting, stretch, option, text, *_),) = asked(program)
    assert (voice, name, setting, stretch) == ("-voice", "slt", "--setf", "duration_stretch=0.800")
    assert (option, text) == ("-t", "hey you")
    assert len(said.samples) == 8000 and said.rate_hz == 16_000


def test_it_is_asked_for_sounds_in_its_own_names(program: Path) -> None:
    ENGINE.speak([Request(Phrase("x", ("K", "AH0", "M", "|", "Y", "UW1", "T", "ER0")), VOICE)])
    assert asked(program)[0][4:6] == ["-p", "pau k ax m y uw1 t er pau"]


def test_its_failure_is_one_sentence(program: Path) -> None:
    with pytest.raises(SynthesisError, match="flite cannot say 'fail'") as failed:
        ENGINE.speak([Request("fail", VOICE)])
    assert "\x1b" not in str(failed.value)


def test_where_it_is_not_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(flite, "find_program", lambda name: None)
    assert "apt install flite" in ENGINE.missing()
    with pytest.raises(RuntimeUnavailableError, match="apt install flite"):
        ENGINE.speak([Request("hey", VOICE)])


@pytest.mark.skipif(bool(ENGINE.missing()), reason="flite is not on this machine")
def test_it_speaks() -> None:
    said, sounds = ENGINE.speak([Request("hey computer", VOICE, "please"), Request(Phrase("", ("HH", "EY1")), VOICE)])
    assert 0 < said.start < said.end == len(said.samples)
    assert np.abs(sounds.samples).max() > 0.01
