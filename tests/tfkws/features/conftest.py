"""Clips that resemble speech, for the front ends; real ones where there are some."""

from pathlib import Path

import numpy as np
import pytest
import soundfile


def speech_like(seed: int) -> np.ndarray:
    """A voiced second with formants, pauses and noise: int16 (16000,)."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(16_000) / 16_000
    pitch = 100 + 60 * rng.random() + 20 * np.sin(2 * np.pi * 3 * seconds)
    phase = 2 * np.pi * np.cumsum(pitch) / 16_000
    voice = sum(np.sin(k * phase + rng.random()) / k for k in range(1, 30))
    envelope = np.clip(np.sin(2 * np.pi * (2 * seconds + rng.random())), 0, 1)
    return (4000 * voice * envelope + rng.normal(0, 20, 16_000)).clip(-32768, 32767).astype(np.int16)


@pytest.fixture(scope="session")
def clips() -> np.ndarray:
    """Speech-like clips, digital silence, full-scale noise and a click: int16 (n, 16000)."""
    extremes = np.zeros((3, 16_000), np.int16)
    extremes[1] = np.random.default_rng(9).integers(-32768, 32768, 16_000)
    extremes[2, 8000] = 32767
    return np.concatenate([[speech_like(seed) for seed in range(5)], extremes])


@pytest.fixture(scope="session")
def real_clips(speech_commands: Path) -> np.ndarray:
    """Two hundred real clips of four words."""
    paths = [p for word in ("yes", "happy", "stop", "zero") for p in sorted((speech_commands / word).iterdir())[:50]]
    clips = np.zeros((len(paths), 16_000), np.int16)
    for clip, path in zip(clips, paths, strict=True):
        samples, _ = soundfile.read(path, dtype="int16")
        clip[: len(samples)] = samples[:16_000]
    return clips
