"""The libespeak-ng of the `espeakng-loader` wheel, driven through ctypes. No system package is needed.

The library keeps state between utterances (phases), also over its own terminate and initialise. It is therefore loaded
afresh for each call here, 5 ms, and both random generators that it uses, its own and the C library's, are seeded, so
that the samples depend on the arguments alone.
"""

import _ctypes
import ctypes
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfkws.errors import RuntimeUnavailableError, SynthesisError

ACCENTS = (
    "en-us",
    "en-us-nyc",
    "en",
    "en-gb-x-rp",
    "en-gb-scotland",
    "en-gb-x-gbclan",
    "en-gb-x-gbcwmd",
    "en-029",
)
# espeak-ng's own voice variants without its robots; "" is the plain voice of the accent.
VARIANTS = (
    *("", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5", "klatt", "klatt2", "klatt3"),
    *("Alex", "Alicia", "Andrea", "Andy", "Annie", "Denis", "Gene", "Henrique", "Hugo", "Jacky", "Lee", "Marco"),
    *("Mario", "Michael", "Mike", "Reed", "Storm", "adam", "anika", "antonio", "aunty", "belinda", "benjamin"),
    *("boris", "caleb", "david", "ed", "edward", "grandma", "grandpa", "gustave", "ian", "iven", "john", "linda"),
    *("max", "michel", "miguel", "pablo", "paul", "pedro", "quincy", "rob", "robert", "sandro", "shelby", "steph"),
    *("travis", "victor", "zac", "croak", "whisper", "whisperf"),
)

_SYNCHRONOUS, _UTF8, _CHARACTERS = 2, 1, 1  # AUDIO_OUTPUT_SYNCHRONOUS, espeakCHARS_UTF8, POS_CHARACTER
_SEED = 1
_RATE, _PITCH, _RANGE = 1, 3, 4  # espeak_PARAMETER
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


@dataclass(frozen=True)
class VoiceSetting:
    """One voice: accent and variant, pitch and its range in 0..100, rate in words a minute (80..450)."""

    accent: str
    variant: str
    pitch: int
    pitch_range: int
    rate_wpm: int

    @property
    def name(self) -> str:
        """Return espeak-ng's name of the voice: "en-us+f1"."""
        return f"{self.accent}+{self.variant}" if self.variant else self.accent

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def speak(text: str, voices: Sequence[VoiceSetting]) -> tuple[list[np.ndarray], int]:
    """Say `text` in each of `voices`.

    Returns:
        int16 (samples,) for each voice, and their rate in Hz.

    Raises:
        RuntimeUnavailableError: espeakng-loader is not installed.
        SynthesisError: the library has no such voice, or gave no sound.
    """
    library = ctypes.CDLL(_library_path())
    try:
        return _speak(library, text, voices)
    finally:
        library.espeak_Terminate()
        _unload(library)


def version() -> str:
    """Return the version of libespeak-ng.

    Raises:
        RuntimeUnavailableError: espeakng-loader is not installed.
    """
    library = ctypes.CDLL(_library_path())
    try:
        library.espeak_Info.restype = ctypes.c_char_p
        return str(library.espeak_Info(None).decode())
    finally:
        _unload(library)  # loaded still, it would keep its state from one utterance to the next


def _speak(library: ctypes.CDLL, text: str, voices: Sequence[VoiceSetting]) -> tuple[list[np.ndarray], int]:
    pieces: list[bytes] = []

    def collect(samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, 2 * count))
        return 0

    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, _data_path().encode(), 0)
    if rate_hz <= 0:
        raise SynthesisError("libespeak-ng cannot start; reinstall espeakng-loader.")
    library.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))  # initialising seeds it by the time
    ctypes.CDLL(None if os.name == "posix" else "msvcrt").srand(_SEED)  # voices with breath draw from here
    callback = _CALLBACK(collect)  # it must outlive the calls below
    library.espeak_SetSynthCallback(callback)
    spoken = []
    for number, voice in enumerate(voices):
        pieces.clear()
        if number == 0 or voice.name != voices[number - 1].name:
            _load_voice(library, voice.name)
        for parameter, value in ((_RATE, voice.rate_wpm), (_PITCH, voice.pitch), (_RANGE, voice.pitch_range)):
            library.espeak_SetParameter(parameter, value, 0)
        content = text.encode()
        library.espeak_Synth(content, ctypes.c_size_t(len(content) + 1), 0, _CHARACTERS, 0, _UTF8, None, None)
        library.espeak_Synchronize()
        spoken.append(np.frombuffer(b"".join(pieces), np.int16))
        if not np.any(spoken[-1]):
            raise SynthesisError(f"libespeak-ng gave no sound for {text!r} in the voice {voice.name}.")
    return spoken, rate_hz


def _load_voice(library: ctypes.CDLL, name: str) -> None:
    if library.espeak_SetVoiceByName(name.encode()) != 0:
        raise SynthesisError(f"libespeak-ng has no voice {name}.")


def _loader() -> Any:
    try:
        import espeakng_loader
    except ImportError:
        raise RuntimeUnavailableError(
            "Synthesising speech needs espeakng-loader; run `pip install 'tfkws[train]'`."
        ) from None
    return espeakng_loader


def _library_path() -> str:
    return str(_loader().get_library_path())


def _data_path() -> str:
    return str(_loader().get_data_path())


def _unload(library: ctypes.CDLL) -> None:
    release = getattr(_ctypes, "dlclose", None) or _ctypes.FreeLibrary  # type: ignore[attr-defined]
    release(library._handle)
