"""From a mouth to a microphone: room response, distance, bands of loudspeaker and microphone, noise.

Speech has an active level of -26 dBFS where its direct sound arrives from 1 m. In a room the direct sound falls with
the square of the distance and the reverberant sound does not; both are equally strong at the *critical distance*
(Kuttruff, Room Acoustics, section 5.5). A response, measured or made up, gives the shape of its echo; the strength of
the echo against the direct sound follows from the two distances.
"""

import numpy as np

from tfkws.config.hearing.simulation import AcousticsConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ, to_int16
from tfkws.detect.timeline.mixing import SPEECH_DBFS, convolved, noise_stretch, room_tone

DIRECT_SAMPLES = round(0.0025 * SAMPLE_RATE_HZ)  # around its peak a response is direct sound, ISO 3382 and after
BAND_ORDER = 4


def decaying_response(reverberation_s: float, rng: np.random.Generator) -> np.ndarray:
    """Make up a response: direct sound, then white noise that falls by 60 dB in `reverberation_s` (Polack 1988).

    Returns:
        float64 (samples,); the direct sound alone where `reverberation_s` is 0.
    """
    count = round(reverberation_s * SAMPLE_RATE_HZ)
    time_s = np.arange(count) / SAMPLE_RATE_HZ
    tail = rng.standard_normal(count) * 10 ** (-3 * time_s / max(reverberation_s, 1e-9))
    return np.concatenate([[1.0], np.zeros(DIRECT_SAMPLES), 0.05 * tail])


def at_distance(response: np.ndarray, distance_m: float, critical_distance_m: float) -> np.ndarray:
    """Scale direct sound and echo of a response (n,) as they are at a distance.

    Returns:
        float64 (m,): it begins with the direct sound, whose energy is 1 at 1 m.
    """
    direct, echo = split_response(response)
    scaled = direct / (np.linalg.norm(direct) * distance_m)
    energy = np.linalg.norm(echo)
    return np.concatenate([scaled, echo / (energy * critical_distance_m) if energy else echo])


def split_response(response: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut a response (n,) into its direct sound, 2.5 ms around the largest peak, and the echo after it."""
    peak = int(np.argmax(np.abs(response)))
    end = peak + DIRECT_SAMPLES + 1
    samples = np.asarray(response, np.float64)
    return samples[max(0, peak - DIRECT_SAMPLES) : end], samples[end:]


def direct_to_reverberant_db(response: np.ndarray) -> float:
    """Return the ratio of direct to reverberant energy; infinite where there is no echo.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> round(direct_to_reverberant_db(at_distance(decaying_response(0.4, rng), 1.2, 0.6)), 2)
        -6.02
    """
    direct, echo = split_response(response)
    if not np.any(echo):
        return float("inf")
    return float(20 * np.log10(np.linalg.norm(direct) / np.linalg.norm(echo)))


def band_limited(samples: np.ndarray, low_hz: float, high_hz: float) -> np.ndarray:
    """Weaken what lies outside a band as Butterworth filters of order 4 do, without their delay.

    Args:
        samples: float32 (n,).
        low_hz, high_hz: where the signal is 3 dB down; 0 for no limit on that side.
    """
    if not low_hz and not high_hz:
        return samples
    size = 1 << (len(samples) - 1).bit_length()
    frequencies_hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    power = np.ones_like(frequencies_hz)
    if high_hz:
        power /= 1 + (frequencies_hz / high_hz) ** (2 * BAND_ORDER)
    if low_hz:
        power /= 1 + (low_hz / np.maximum(frequencies_hz, 1e-3)) ** (2 * BAND_ORDER)
    filtered = np.fft.irfft(np.fft.rfft(samples, size) * np.sqrt(power), size)
    return filtered[: len(samples)].astype(np.float32)


def record(
    speech: np.ndarray, settings: AcousticsConfig, response: np.ndarray, noise: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return what the microphone gives.

    Args:
        speech: float32 (n,) at 16 kHz, of -26 dBFS where it is active.
        response: of the room, (m,); `at_distance` is applied here.
        noise: float32 (k,), not silent; it begins at a random place and is repeated.
        rng: for that place and for the microphone's own noise.

    Returns:
        int16 (n,) at 16 kHz.
    """
    played = band_limited(speech, settings.loudspeaker_low_hz, settings.loudspeaker_high_hz)
    path = at_distance(response, settings.distance_m, settings.critical_distance_m)
    arriving = convolved(played, path)[: len(speech)]
    start = int(rng.integers(len(noise)))
    arriving = arriving + noise_stretch(noise, len(speech), start, SPEECH_DBFS - settings.snr_db)
    heard = band_limited(arriving, settings.microphone_low_hz, settings.microphone_high_hz)
    return to_int16(heard + room_tone(len(heard), rng))
