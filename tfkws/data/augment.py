"""Augmentation of training clips on the waveform: room response, time shift, gain, noise at a given ratio.

Every draw is keyed by (seed, epoch, clip), so an epoch can be repeated and no two epochs are the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.config import AugmentConfig
from tfkws.data.draws import keyed_uniforms
from tfkws.errors import ConfigError
from tfkws.features.numpy_front_end import to_float

# What each column of a clip's draws decides.
SHIFT, GAIN, NOISE_CHOICE, NOISE_RATIO, NOISE_KIND, NOISE_START, REVERB_CHOICE, REVERB_KIND = range(8)
WAVEFORM_DRAWS = 8

_SAMPLES_PER_MS = 16


@dataclass(frozen=True)
class _PreparedNoise:
    """A noise with the running sum of its squares, so that the power of any stretch costs two look-ups."""

    samples: np.ndarray
    energy: np.ndarray

    def power(self, start: int, length: int) -> float:
        return float(self.energy[start + length] - self.energy[start]) / length


class WaveformAugmenter:
    """Changes clips of one length; built once for a training.

    Args:
        config: what to do, and how much.
        noises: background noises, float32 (samples,) in -1..1; those shorter than a clip are repeated.
        responses: room responses in the same form; direct sound is aligned, energy set to one.

    Raises:
        ConfigError: room responses are asked for and there are none.
    """

    def __init__(
        self, config: AugmentConfig, noises: Sequence[np.ndarray], responses: Sequence[np.ndarray], clip_samples: int
    ) -> None:
        if config.reverb_probability > 0 and len(responses) == 0:
            raise ConfigError(
                "The augmentation asks for room responses and the data folder has none; run `tfkws data rooms FOLDER` "
                "or set reverb_probability to 0."
            )
        self._config, self._length = config, clip_samples
        self._noises = [_prepare_noise(noise, clip_samples) for noise in noises if np.any(noise)]
        self._fft_length = 1 << (2 * clip_samples - 1).bit_length()
        prepared = [prepare_response(response, clip_samples) for response in responses if np.any(response)]
        self._responses = [np.fft.rfft(response, self._fft_length).astype(np.complex64) for response in prepared]

    def augment(self, audio: np.ndarray, draws: np.ndarray) -> np.ndarray:
        """Augment clips.

        Args:
            audio: int16 or float (n, samples).
            draws: (n, at least WAVEFORM_DRAWS) uniform in 0..1, from `draws_for`.

        Returns:
            float32 (n, samples) in -1..1, clipped at the ends as a converter does.
        """
        config = self._config
        speech = self._reverberate(to_float(audio), draws)
        shifts = np.rint((2 * draws[:, SHIFT] - 1) * config.shift_ms * _SAMPLES_PER_MS).astype(int)
        gains = 10 ** ((2 * draws[:, GAIN] - 1) * config.gain_db / 20)
        mixed = np.zeros((len(speech), self._length), np.float32)
        for row, (clip, shift, gain) in enumerate(zip(speech, shifts, gains, strict=True)):
            _add_shifted(mixed[row], clip, int(shift), float(gain))
            if self._noises and draws[row, NOISE_CHOICE] < config.noise_probability:
                self._add_noise(mixed[row], draws[row])
        return np.clip(mixed, -1.0, 1.0, out=mixed)

    def _add_noise(self, clip: np.ndarray, draws: np.ndarray) -> None:
        """Add noise at a ratio to the clip's mean power; a clip of digital silence stays one."""
        low_db, high_db = self._config.noise_snr_db
        noise = self._noises[int(draws[NOISE_KIND] * len(self._noises))]
        start = int(draws[NOISE_START] * (len(noise.samples) - self._length + 1))
        power = noise.power(start, self._length)
        if power > 0:
            ratio_db = low_db + (high_db - low_db) * draws[NOISE_RATIO]
            factor = np.sqrt(float(clip @ clip) / self._length / power) * 10 ** (-ratio_db / 20)
            clip += np.float32(factor) * noise.samples[start : start + self._length]

    def _reverberate(self, audio: np.ndarray, draws: np.ndarray) -> np.ndarray:
        chosen = np.flatnonzero(draws[:, REVERB_CHOICE] < self._config.reverb_probability)
        if not self._responses or len(chosen) == 0:
            return audio
        kinds = (draws[chosen, REVERB_KIND] * len(self._responses)).astype(int)
        spectra = np.stack([self._responses[kind] for kind in kinds])
        wet = np.fft.irfft(np.fft.rfft(audio[chosen], self._fft_length) * spectra, self._fft_length)
        changed = audio.copy()
        changed[chosen] = wet[:, : self._length]
        return changed


def draws_for(config: AugmentConfig, seed: int, epoch: int, clips: np.ndarray) -> np.ndarray:
    """Return all uniform draws for augmenting `clips` (their numbers) in `epoch`: float64 (n, draws)."""
    masks = config.time_masks + config.frequency_masks
    return keyed_uniforms(seed, epoch, clips, WAVEFORM_DRAWS + 2 * masks)


def mask_maps(maps: np.ndarray, draws: np.ndarray, config: AugmentConfig, *, time_axis: int) -> np.ndarray:
    """Blank stretches of time and of rows in place, SpecAugment (Park et al., arXiv:1904.08779), with each map's mean.

    Args:
        maps: float32 (n, height, width).
        draws: from `draws_for`.
        time_axis: 1 or 2, the axis of `maps` that is time.
    """
    masks = [(time_axis, config.time_mask)] * config.time_masks
    masks += [(3 - time_axis, config.frequency_mask)] * config.frequency_masks
    means = maps.mean(axis=(1, 2)) if masks else ()
    for number, (axis, widest) in enumerate(masks):
        size = maps.shape[axis]
        widths = (draws[:, WAVEFORM_DRAWS + 2 * number] * (min(widest, size) + 1)).astype(int)
        starts = (draws[:, WAVEFORM_DRAWS + 2 * number + 1] * (size - widths + 1)).astype(int)
        for clip, start, width, mean in zip(maps, starts, widths, means, strict=True):
            stretch = slice(start, start + width)
            clip[stretch if axis == 1 else (slice(None), stretch)] = mean
    return maps


def _add_shifted(out: np.ndarray, clip: np.ndarray, shift: int, gain: float) -> None:
    """Write `clip` times `gain` into `out`, later by `shift` samples (earlier when negative); the rest stays zero."""
    length = len(out)
    if abs(shift) < length:
        target = slice(max(0, shift), length + min(0, shift))
        source = slice(max(0, -shift), length - max(0, shift))
        np.multiply(clip[source], np.float32(gain), out=out[target])


def _prepare_noise(noise: np.ndarray, length: int) -> _PreparedNoise:
    samples = np.asarray(noise, np.float32)
    samples = np.resize(samples, length) if len(samples) < length else samples
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    return _PreparedNoise(samples, energy)


def prepare_response(response: np.ndarray, length: int) -> np.ndarray:
    """Let a response begin 2 ms before its peak, so that speech is not delayed, and give it unit energy."""
    start = max(0, int(np.argmax(np.abs(response))) - 2 * _SAMPLES_PER_MS)
    cut = np.asarray(response[start : start + length], np.float64)
    return cut / np.sqrt(np.sum(cut**2))
