"""Small data folders that the data tests share."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

Folder = Callable[..., Path]


def speaker(number: int) -> str:
    return hashlib.md5(f"speaker {number}".encode()).hexdigest()[:8]


def tone(word: str, number: int, samples: int = 16_000) -> np.ndarray:
    """A tone that differs for every word and speaker: int16 (samples,)."""
    seed = int(hashlib.md5(f"{word}{number}".encode()).hexdigest()[:8], 16)
    return (8000 * np.sin(np.arange(samples) * (0.01 + seed / 2**33))).astype(np.int16)


@pytest.fixture
def make_folder(tmp_path: Path) -> Folder:
    """Write a data folder: so many speakers, one clip a word each, and two background noises."""

    def make(words: tuple[str, ...] = ("yes", "no", "cat"), speakers: int = 60, noises: bool = True) -> Path:
        folder = tmp_path / "clips"
        for word in words:
            (folder / word).mkdir(parents=True, exist_ok=True)
            for number in range(speakers):
                path = folder / word / f"{speaker(number)}_nohash_0.wav"
                soundfile.write(path, tone(word, number), 16_000, subtype="PCM_16")
        if noises:
            (folder / "_background_noise_").mkdir(exist_ok=True)
            ramp = np.arange(160_000, dtype=np.float32)  # every sample differs, so that stretches can be told apart
            for name, scale in (("ramp", 1 / 160_000), ("fall", -1 / 160_000)):
                path = folder / "_background_noise_" / f"{name}.wav"
                soundfile.write(path, ramp * scale, 16_000, subtype="FLOAT")
        return folder

    return make
