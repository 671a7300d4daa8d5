"""The room and the noises of a simulation: from files, from a data folder, or made up."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfkws.config.hearing.simulation import AcousticsConfig
from tfkws.data.audio.files import read_resampled
from tfkws.data.clip_index import read_index
from tfkws.data.draws import keyed_generator
from tfkws.data.noise import Noise, generated_noises, part_of
from tfkws.detect.over_air.acoustics import decaying_response, record
from tfkws.errors import DataError


@dataclass(frozen=True)
class Surroundings:
    """One room and its noises; the same room in all trials, and the noises in turns.

    Attributes:
        settings: distances, echo, bands, noise.
        response: of the room, (n,) at 16 kHz.
        noises: none of them silent.
    """

    settings: AcousticsConfig
    response: np.ndarray
    noises: tuple[Noise, ...]

    def record(self, speech: np.ndarray, subject: str, trial: int, seed: int) -> np.ndarray:
        """Return what the microphone gives of a trial's speech, float32 (n,) at 16 kHz: int16 (n,) at 16 kHz."""
        rng = keyed_generator(seed, "microphone", subject, trial)
        noise = self.noises[trial % len(self.noises)].samples
        return record(speech, self.settings, self.response, noise, rng)


def read_surroundings(
    settings: AcousticsConfig,
    seed: int,
    data: Path | None = None,
    response: Path | None = None,
    noise: Path | None = None,
) -> Surroundings:
    """Read or make up room and noises.

    Args:
        seed: keys a made-up response.
        data: folder in Speech Commands' layout, whose noises are used in their testing part; generated ones without it.
        response: file of a room response in place of a made-up one.
        noise: file of a noise in place of those of the data, used whole.

    Raises:
        AudioError: a file cannot be decoded.
        DataError: the response is silent, or all noises are.
    """
    made_up = decaying_response(settings.reverberation_s, keyed_generator(seed, "room"))
    taps = read_resampled(response) if response else made_up
    noises = [Noise(noise.name, read_resampled(noise))] if noise else _noises_of(data)
    audible = tuple(each for each in noises if np.any(each.samples))
    if not np.any(taps):
        raise DataError(f"{response} is silent; give a room response, or leave out --response.")
    if not audible:
        raise DataError("Every noise is silent; give another one with --noise.")
    return Surroundings(settings, taps, audible)


def _noises_of(data: Path | None) -> list[Noise]:
    files = read_index(data).noises if data else ()
    own = [Noise(file, read_resampled(data / file)) for file in files] if data else []
    return [part_of(each, "testing") for each in own or generated_noises()]
