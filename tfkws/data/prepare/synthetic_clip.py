"""From a voice and a word to one clip of a second: spoken, resampled, trimmed, coloured, levelled, placed."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tfkws.data.audio.files import CLIP_SAMPLES, SAMPLE_RATE_HZ, resample, to_int16
from tfkws.data.draws import keyed_generator
from tfkws.data.noise import COLOURS, coloured_noise
from tfkws.data.prepare.espeak import ACCENTS, VARIANTS, VoiceSetting, speak
from tfkws.errors import SynthesisError

LONGEST_SAMPLES = 15_200
_TRIM_DB = -40.0
_TRIM_BLOCK = 160
_FASTER = 1.2


def draw_voices(count: int, seed: int, purpose: str = "voice") -> dict[str, VoiceSetting]:
    """Draw `count` different voices, keyed by (seed, purpose, number).

    Returns:
        Settings by speaker id (8 hexadecimal digits): pitch 15..85, its range 20..80, 110 to 220 words a
        minute.
    """
    voices: dict[str, VoiceSetting] = {}
    number = 0
    while len(voices) < count:
        rng = keyed_generator(seed, purpose, number)
        voice = VoiceSetting(
            accent=ACCENTS[rng.integers(len(ACCENTS))],
            variant=VARIANTS[rng.integers(len(VARIANTS))],
            pitch=int(rng.integers(15, 86)),
            pitch_range=int(rng.integers(20, 81)),
            rate_wpm=int(rng.integers(110, 221)),
        )
        voices.setdefault(speaker_id(voice), voice)
        number += 1
    return voices


def speaker_id(voice: VoiceSetting) -> str:
    """Return the id of a voice, 8 hexadecimal digits of a hash of its setting."""
    return hashlib.sha256(repr(tuple(voice.to_dict().values())).encode()).hexdigest()[:8]


def make_clips(voice: VoiceSetting, word: str, takes: int, seed: int) -> list[np.ndarray]:
    """Make `takes` clips of one word in one voice; each depends on the arguments and nothing else.

    Returns:
        int16 (16000,) each, 16 kHz.

    Raises:
        SynthesisError: the word takes longer than a second in the fastest speech.
    """
    keys = [(seed, speaker_id(voice), word, take) for take in range(takes)]
    takes_of_voice = [_vary(voice, keyed_generator("pace", *key)) for key in keys]
    spoken = _speak_within_a_second(word, takes_of_voice)
    return [_finish(samples, voice, keyed_generator("finish", *key)) for samples, key in zip(spoken, keys, strict=True)]


def trim(samples: np.ndarray) -> np.ndarray:
    """Cut off both ends where blocks of 10 ms stay 40 dB below the loudest one."""
    start, end = loud_span(samples)
    return samples[start:end]


def loud_span(samples: np.ndarray) -> tuple[int, int]:
    """Return where the first block of 10 ms begins, and the last one ends, that is not 40 dB below the loudest one."""
    blocks = samples[: len(samples) // _TRIM_BLOCK * _TRIM_BLOCK].reshape(-1, _TRIM_BLOCK)
    power = np.mean(np.square(blocks, dtype=np.float64), axis=1)
    loud = np.flatnonzero(power > power.max(initial=0.0) * 10 ** (_TRIM_DB / 10))
    if len(loud) == 0:
        return 0, len(samples)
    return int(loud[0] * _TRIM_BLOCK), int((loud[-1] + 1) * _TRIM_BLOCK)


def _vary(voice: VoiceSetting, rng: np.random.Generator) -> VoiceSetting:
    """No two takes of a speaker are alike: pitch and rate move a little."""
    pitch = int(np.clip(voice.pitch + rng.integers(-6, 7), 0, 99))
    return replace(voice, pitch=pitch, rate_wpm=round(voice.rate_wpm * rng.uniform(0.9, 1.1)))


def _speak_within_a_second(word: str, voices: Sequence[VoiceSetting]) -> list[np.ndarray]:
    """Speak and trim; a take that is too long for a clip is spoken again, faster."""
    spoken, rate_hz = speak(word, voices)
    trimmed = [trim(resample(samples.astype(np.float32) / 32768, rate_hz, SAMPLE_RATE_HZ)) for samples in spoken]
    for number, voice in enumerate(voices):
        if len(trimmed[number]) > LONGEST_SAMPLES:
            faster = replace(voice, rate_wpm=round(voice.rate_wpm * _FASTER))
            if faster.rate_wpm > 450:
                raise SynthesisError(f"{word!r} does not fit into one second; choose a shorter word.")
            trimmed[number] = _speak_within_a_second(word, [faster])[0]
    return trimmed


def _finish(speech: np.ndarray, voice: VoiceSetting, rng: np.random.Generator) -> np.ndarray:
    """Colour, level and place the speech in a second with a faint noise floor, as a microphone would."""
    tilt = keyed_generator("tilt", speaker_id(voice)).uniform(-0.5, 0.5)
    coloured = speech + np.float32(tilt) * np.concatenate([np.zeros(1, np.float32), speech[:-1]])
    rms = np.sqrt(np.mean(np.square(coloured, dtype=np.float64)))
    level = 10 ** (rng.uniform(-28, -14) / 20)
    gain = min(level / rms, 0.95 / np.abs(coloured).max())  # never into clipping
    colour = list(COLOURS)[rng.integers(len(COLOURS))]
    clip = coloured_noise(colour, CLIP_SAMPLES / SAMPLE_RATE_HZ, rng, rms=10 ** (rng.uniform(-70, -45) / 20))
    start = rng.integers(CLIP_SAMPLES - len(coloured) + 1)
    clip[start : start + len(coloured)] += coloured * np.float32(gain)
    return to_int16(clip)
