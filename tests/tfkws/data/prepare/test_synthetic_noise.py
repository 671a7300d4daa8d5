"""The noises of a synthetic folder have the spectrum that they are named for."""

import numpy as np
import pytest

from tfkws.data.prepare import synthetic_noise
from tfkws.data.prepare.espeak import VoiceSetting
from tfkws.data.prepare.synthetic_noise import BACKGROUND_NOISES, background_noise


def test_hum_has_its_lines_at_50_hz() -> None:
    power = np.abs(np.fft.rfft(background_noise("hum", 0)[: 16_000 * 10])) ** 2
    lines = power[500 : 500 * 12 : 500]  # ten seconds: 0.1 Hz a bin
    assert (lines > 100 * np.median(power[:6000])).all()


@pytest.mark.parametrize("name", [name for name in BACKGROUND_NOISES if name != "babble"])
def test_a_noise_is_a_minute_of_its_own(name: str) -> None:
    samples = background_noise(name, 0)
    assert samples.shape == (60 * 16_000,) and samples.dtype == np.float32
    assert np.sqrt(np.mean(samples.astype(np.float64) ** 2)) == pytest.approx(0.05, rel=0.02)
    assert np.abs(samples).max() <= 1
    assert not np.array_equal(samples, background_noise(name, 1))


def test_babble_is_stretches_of_different_voices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call of the synthesiser says a tone of its own, so the spectrum of a stretch tells who speaks in it."""
    spoken: list[VoiceSetting] = []

    def tone(text: str, voices: list[VoiceSetting]) -> tuple[list[np.ndarray], int]:
        spoken.extend(voices)
        seconds = np.arange(16_000) / 16_000
        return [(8_000 * np.sin(2 * np.pi * 100 * len(spoken) * seconds)).astype(np.int16)], 16_000

    monkeypatch.setattr(synthetic_noise, "speak", tone)
    stretches = background_noise("babble", 0).reshape(10, 6 * 16_000)
    assert len(set(spoken)) == 50
    for number, stretch in enumerate(stretches):
        power = np.abs(np.fft.rfft(stretch)) ** 2
        loudest = np.sort(np.argsort(power)[-5:]) / 6  # Hz
        np.testing.assert_allclose(loudest, 100 * np.arange(5 * number + 1, 5 * number + 6))
