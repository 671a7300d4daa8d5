"""From audio of any rate and channel count, block by block, to mono audio of one rate."""

from typing import Any

import numpy as np

from tfkws.data.audio.decoder import HIGHEST_RATE_HZ, LARGEST_SAMPLE, LOWEST_RATE_HZ
from tfkws.errors import AudioError, RuntimeUnavailableError


class MonoStream:
    """Mixes blocks down to mono and resamples them by libsoxr without a seam between blocks.

    Args:
        rate_hz: of what arrives.
        to_hz: of what is wanted.

    Raises:
        AudioError: the rate is none that audio has.
        RuntimeUnavailableError: the rates differ and soxr is not installed.

    Example:
        >>> import numpy as np
        >>> stream = MonoStream(48_000, 16_000)
        >>> blocks = [stream.feed(np.zeros((480, 2), np.float32)) for _ in range(100)]
        >>> sum(map(len, blocks)) + len(stream.finish())
        16000
    """

    def __init__(self, rate_hz: int, to_hz: int) -> None:
        if not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ:
            raise AudioError(
                f"Audio of {rate_hz} samples a second cannot be used; {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} can be."
            )
        self._resampler: Any = None
        if rate_hz != to_hz:
            self._resampler = soxr_library(rate_hz, to_hz).ResampleStream(rate_hz, to_hz, 1, dtype="float32")

    def feed(self, block: np.ndarray) -> np.ndarray:
        """Take (n, channels) or (n,), int16, int32 or float, and return mono float32 (m,) as far as it is ready."""
        mono = mix_down(block)
        return mono if self._resampler is None else self._resampled(mono, last=False)

    def finish(self) -> np.ndarray:
        """Return what the filter still holds at the end of the signal."""
        empty = np.zeros(0, np.float32)
        return empty if self._resampler is None else self._resampled(empty, last=True)

    def _resampled(self, mono: np.ndarray, last: bool) -> np.ndarray:
        """A sample that is not finite would stay in the filter, so it becomes a zero here."""
        finite = np.where(np.isfinite(mono), mono, np.float32(0))
        return np.asarray(self._resampler.resample_chunk(finite, last=last), np.float32)


def mix_down(block: np.ndarray) -> np.ndarray:
    """Return the mean over channels, float32 (n,) in -1..1, of (n, channels) or (n,) in int16, int32 or float.

    Values far beyond full scale become NaN, which a detector counts.
    """
    scale = {np.dtype(np.int16): 1 / 32_768, np.dtype(np.int32): 1 / 2_147_483_648}.get(block.dtype)
    audio = np.where(np.abs(block) <= LARGEST_SAMPLE, block, np.nan) if scale is None else block * scale
    return np.asarray(audio if audio.ndim == 1 else audio.mean(axis=1), np.float32)


def soxr_library(from_hz: int, to_hz: int) -> Any:
    """Return the module soxr.

    Raises:
        RuntimeUnavailableError: it is not installed.
    """
    try:
        import soxr
    except ImportError:
        raise RuntimeUnavailableError(
            f"Resampling from {from_hz} Hz needs soxr; run `pip install soxr` or convert to {to_hz} Hz first."
        ) from None
    return soxr
