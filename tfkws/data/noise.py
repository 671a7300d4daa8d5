"""Background noise: generated ones, the part of each that a split may use, and the silence clips cut from them."""

from dataclasses import dataclass

import numpy as np

from tfkws.config import SILENCE
from tfkws.data.audio.files import CLIP_SAMPLES, SAMPLE_RATE_HZ, to_int16
from tfkws.data.draws import keyed_generator, keyed_hash
from tfkws.data.splits import Split

# Power falls with frequency ** -exponent.
COLOURS = {"white": 0.0, "pink": 1.0, "brown": 2.0}
GENERATED_SECONDS = 30.0
DIGITAL_SILENCE_SHARE = 0.1

_PARTS: dict[Split, tuple[float, float]] = {"training": (0.0, 0.8), "validation": (0.8, 0.9), "testing": (0.9, 1.0)}


@dataclass(frozen=True)
class Noise:
    """One background noise: its file or name, and float32 (samples,) in -1..1 at 16 kHz."""

    name: str
    samples: np.ndarray


def coloured_noise(colour: str, seconds: float, rng: np.random.Generator, rms: float = 0.05) -> np.ndarray:
    """Generate noise whose power falls as in `COLOURS`, shaped in the frequency domain.

    Returns:
        float32 (samples,) at 16 kHz with the given root mean square, clipped to -1..1.
    """
    count = round(seconds * SAMPLE_RATE_HZ)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequencies_hz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ)
    # Below 20 Hz nothing is heard, and brown noise would have most of its power there.
    spectrum *= np.where(frequencies_hz >= 20, np.maximum(frequencies_hz, 20) ** (-COLOURS[colour] / 2), 0)
    samples = np.fft.irfft(spectrum, count)
    return np.clip(samples * (rms / np.sqrt(np.mean(samples**2))), -1, 1).astype(np.float32)


def generated_noises(seed: int = 0) -> list[Noise]:
    """Generate the noises that stand in where a data folder has none: one of each colour, float32, 16 kHz."""
    return [
        Noise(f"generated_{colour}", coloured_noise(colour, GENERATED_SECONDS, keyed_generator(seed, "noise", colour)))
        for colour in COLOURS
    ]


def part_of(noise: Noise, split: Split) -> Noise:
    """Return the stretch of a noise that a split may use; no two splits share a sample.

    Training has the first 80 %, validation and testing 10 % each. A stretch of under a second is repeated to
    fill one.
    """
    start, end = (round(share * len(noise.samples)) for share in _PARTS[split])
    samples = noise.samples[start:end]
    if len(samples) == 0:
        samples = np.zeros(CLIP_SAMPLES, np.float32)
    return Noise(noise.name, np.resize(samples, CLIP_SAMPLES) if len(samples) < CLIP_SAMPLES else samples)


def silence_clip(parts: list[Noise], split: Split, number: int, seed: int) -> tuple[str, np.ndarray]:
    """Cut one clip without speech: a second of noise at a random level, or digital silence.

    Everything is drawn from (seed, split, number) alone; which noise, by the rank of its hashed name, so that
    another noise file in the folder changes few clips.

    Returns:
        Its name, and int16 (16000,).
    """
    key = (seed, "silence", split, number)
    rng = keyed_generator(*key)
    if not parts or rng.random() < DIGITAL_SILENCE_SHARE:
        return f"{SILENCE}/{split}-{number:05d}-digital", np.zeros(CLIP_SAMPLES, np.int16)
    noise = max(parts, key=lambda part: keyed_hash(*key, part.name))
    start = int(rng.random() * (len(noise.samples) - CLIP_SAMPLES + 1))
    stem = noise.name.rsplit("/", 1)[-1].removesuffix(".wav")
    audio = to_int16(noise.samples[start : start + CLIP_SAMPLES] * np.float32(rng.random()))
    return f"{SILENCE}/{split}-{number:05d}-{stem}", audio
