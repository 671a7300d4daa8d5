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
_MNEMONICS = 0x100  # espeakPHONEMES: [[...]] holds phonemes
_IPA = 2  # espeakPHONEMES_IPA
_NO_EVENT, _WORD = 0, 1  # espeak_EVENT_TYPE


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_int64),
    ]


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class TimedSpeech:
    """Speech, and where its words begin.

    Attributes:
        samples: int16 (n,).
        words: of each word, the number of its first character in the text, and of its first sample.
    """

    samples: np.ndarray
    words: tuple[tuple[int, int], ...]


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
    spoken, rate_hz = speak_timed(text, voices)
    return [speech.samples for speech in spoken], rate_hz


def speak_timed(text: str, voices: Sequence[VoiceSetting], *, mnemonics: bool = False) -> tuple[list[TimedSpeech], int]:
    """Say `text` in each of `voices`, and tell where its words begin.

    Args:
        mnemonics: whether `[[...]]` in the text holds phonemes in espeak-ng's own letters.

    Returns:
        The speech of each voice, and its rate in Hz. Raises as `speak`.
    """
    library = ctypes.CDLL(_library_path())
    try:
        return _speak(library, text, voices, _UTF8 | (_MNEMONICS if mnemonics else 0))
    finally:
        library.espeak_Terminate()
        _unload(library)


def pronounce(texts: Sequence[str], accent: str) -> list[str]:
    """Return how an accent says each text, in IPA with stress marks and a space between words.

    Raises:
        RuntimeUnavailableError: espeakng-loader is not installed.
        SynthesisError: the library has no such accent.
    """
    library = ctypes.CDLL(_library_path())
    try:
        _start(library)
        _load_voice(library, accent)
        return [_ipa(library, text) for text in texts]
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


def _start(library: ctypes.CDLL) -> int:
    """Start the library, and return its sample rate in Hz."""
    rate_hz = int(library.espeak_Initialize(_SYNCHRONOUS, 0, _data_path().encode(), 0))
    if rate_hz <= 0:
        raise SynthesisError("libespeak-ng cannot start; reinstall espeakng-loader.")
    return rate_hz


def _ipa(library: ctypes.CDLL, text: str) -> str:
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    rest = ctypes.c_char_p(text.encode())
    clauses = []
    while rest.value:  # each call reads one clause
        clauses.append((library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA) or b"").decode())
    return " ".join(" ".join(clauses).split())


def _speak(
    library: ctypes.CDLL, text: str, voices: Sequence[VoiceSetting], flags: int
) -> tuple[list[TimedSpeech], int]:
    pieces: list[bytes] = []
    words: list[tuple[int, int]] = []

    def collect(samples: int | None, count: int, events: Any) -> int:
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, 2 * count))
        number = 0
        while events[number].type != _NO_EVENT:
            if events[number].type == _WORD:
                words.append((events[number].text_position - 1, events[number].sample))
            number += 1
        return 0

    rate_hz = _start(library)
    library.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))  # initialising seeds it by the time
    ctypes.CDLL(None if os.name == "posix" else "msvcrt").srand(_SEED)  # voices with breath draw from here
    callback = _CALLBACK(collect)  # it must outlive the calls below
    library.espeak_SetSynthCallback(callback)
    spoken = []
    for number, voice in enumerate(voices):
        pieces.clear()
        words.clear()
        if number == 0 or voice.name != voices[number - 1].name:
            _load_voice(library, voice.name)
        for parameter, value in ((_RATE, voice.rate_wpm), (_PITCH, voice.pitch), (_RANGE, voice.pitch_range)):
            library.espeak_SetParameter(parameter, value, 0)
        content = text.encode()
        library.espeak_Synth(content, ctypes.c_size_t(len(content) + 1), 0, _CHARACTERS, 0, flags, None, None)
        library.espeak_Synchronize()
        spoken.append(TimedSpeech(np.frombuffer(b"".join(pieces), np.int16), tuple(words)))
        if not np.any(spoken[-1].samples):
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
