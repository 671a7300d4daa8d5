"""flite, a program of Debian and others: four speakers of English; two hundredths of a second a word."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from tfkws.errors import RuntimeUnavailableError, SynthesisError
from tfkws.printable import printable
from tfkws.speech.engines.engine import Engine
from tfkws.speech.engines.part_by_part import speak_parts
from tfkws.speech.fetch.debian import find_program
from tfkws.speech.phonemes import WORD_GAP
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request, Speech
from tfkws.speech.voice import Voice

PACKAGES = ("flite", "libflite1")
_RATE_HZ = 16_000
_LONGEST_S = 60
_SPEAKERS = ("awb", "kal16", "rms", "slt")
_SOUNDS = {"AH0": "ax", "ER0": "er0"}  # the others have ARPAbet's names in small letters


def _missing() -> str:
    if shutil.which("flite") or find_program("flite"):
        return ""
    return "flite is not here; install it (`apt install flite`), or run `tfkws data voices --fetch flite`."


def _draw(rng: np.random.Generator, speakers: Sequence[str], language: str) -> Voice:
    """Draw a speaker; shifted in pitch and formants, as shorter and longer people are, since there are few."""
    name = str(speakers[rng.integers(len(speakers))])
    rate, pitch = round(rng.uniform(0.8, 1.4), 2), round(2 ** rng.uniform(-0.25, 0.25), 2)
    return Voice("flite", name, rate=rate, pitch=pitch)


def _speak(requests: Sequence[Request]) -> list[Speech]:
    with tempfile.TemporaryDirectory(prefix="tfkws-flite-") as folder:
        return [_speak_one(request, Path(folder) / "said.wav") for request in requests]


def _speak_one(request: Request, file: Path) -> Speech:
    voice = request.voice_of_take
    return speak_parts(request, lambda phrase: _say(phrase, voice, file), round(_RATE_HZ * voice.pitch))


def _say(phrase: Phrase, voice: Voice, file: Path) -> np.ndarray:
    program = shutil.which("flite")
    fetched = None if program else find_program("flite")
    if not program and not fetched:
        raise RuntimeUnavailableError(_missing())
    what = ["-p", _flite_sounds(phrase.phonemes)] if phrase.phonemes else ["-t", phrase.text]
    stretch = ["--setf", f"duration_stretch={voice.pitch / voice.rate:.3f}"]
    command = [program or str(fetched), "-voice", voice.name, *stretch, *what, "-o", str(file)]
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_LONGEST_S, env=_environment(fetched)
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise SynthesisError(f"flite failed ({error}); leave it out of --engines.") from None
    if done.returncode != 0 or not file.is_file():
        reason = printable(done.stderr.decode("utf-8", "replace").strip())[:200]
        raise SynthesisError(f"flite cannot say {phrase.text!r} ({reason}); leave it out of --engines.")
    samples, rate_hz = soundfile.read(file, dtype="float32")
    file.unlink()
    if rate_hz != _RATE_HZ:
        raise SynthesisError(f"flite's voice {voice.name} has a rate of {rate_hz} Hz, not {_RATE_HZ}.")
    return np.asarray(samples, np.float32)


def _environment(fetched: Path | None) -> dict[str, str] | None:
    """Return where a program that was fetched finds its library."""
    if fetched is None:
        return None
    folders = {str(library.parent) for library in fetched.parents[1].rglob("libflite.so*")}
    return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(sorted(folders))}


def _flite_sounds(phonemes: tuple[str, ...]) -> str:
    """Return a pronunciation in flite's own names, between pauses."""
    sounds = [_SOUNDS.get(sound, sound).lower() for sound in phonemes if sound != WORD_GAP]
    return " ".join(["pau", *(sound.rstrip("02") for sound in sounds), "pau"])


ENGINE = Engine(
    name="flite",
    licence="BSD-like, of Carnegie Mellon University",
    version=1,
    share=1,
    together=32,
    packages=(),
    missing=_missing,
    speakers={"en": _SPEAKERS},
    draw=_draw,
    speak=_speak,
)
