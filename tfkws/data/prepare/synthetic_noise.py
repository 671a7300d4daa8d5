"""The background noises of a synthetic data folder: coloured noises, mains hum, and a babble of synthetic voices."""

import numpy as np

from tfkws.data.audio.files import SAMPLE_RATE_HZ, resample
from tfkws.data.draws import keyed_generator
from tfkws.data.noise import COLOURS, coloured_noise
from tfkws.data.prepare.espeak import speak
from tfkws.data.prepare.synthetic_clip import draw_voices

SECONDS = 60
_STRETCHES = 10  # of babble; the splits take 8, 1 and 1 of them, so no voice is heard in two splits
_VOICES = 5
_SENTENCES = (
    "The quick brown fox jumps over the lazy dog and runs into the garden behind the old house.",
    "She sells sea shells by the sea shore while the children are playing with a red ball.",
    "Please put the kettle on, we have visitors this afternoon and there is nothing in the fridge.",
    "The train leaves at a quarter past nine from the other platform, mind the gap.",
    "In the news tonight, farmers are worried about the weather and prices are expected to rise.",
)


def background_noise(name: str, seed: int) -> np.ndarray:
    """Generate one of `BACKGROUND_NOISES`: float32 (samples,) in -1..1, one minute at 16 kHz."""
    rng = keyed_generator(seed, "background", name)
    if name in COLOURS:
        return coloured_noise(name, SECONDS, rng)
    return _hum(rng) if name == "hum" else _babble(seed)


BACKGROUND_NOISES = (*COLOURS, "hum", "babble")


def _hum(rng: np.random.Generator) -> np.ndarray:
    """50 Hz and its harmonics, each swelling slowly, over a little pink noise."""
    seconds = np.arange(SECONDS * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    hum = np.zeros(len(seconds))
    for harmonic in range(1, 13):
        swell = 1 + 0.5 * np.sin(2 * np.pi * (rng.uniform(0.05, 0.4) * seconds + rng.random()))
        hum += swell * np.sin(2 * np.pi * (50 * harmonic * seconds + rng.random())) / harmonic
    return _levelled(hum + 5 * coloured_noise("pink", SECONDS, rng))


def _babble(seed: int) -> np.ndarray:
    stretch_samples = SECONDS * SAMPLE_RATE_HZ // _STRETCHES
    stretches = []
    for stretch in range(_STRETCHES):
        voices = draw_voices(_VOICES, seed, f"babble {stretch}").values()
        talk = np.zeros(stretch_samples)
        for number, voice in enumerate(voices):
            spoken, rate_hz = speak(_SENTENCES[(stretch + number) % len(_SENTENCES)], [voice])
            samples = resample(spoken[0].astype(np.float32) / 32768, rate_hz, SAMPLE_RATE_HZ)
            talk += np.resize(np.roll(samples, number * 4000), stretch_samples)
        stretches.append(_levelled(talk))
    return np.concatenate(stretches)


def _levelled(samples: np.ndarray, rms: float = 0.05) -> np.ndarray:
    return np.clip(samples * (rms / np.sqrt(np.mean(samples**2))), -1, 1).astype(np.float32)
