"""Reading audio files: the only place that knows decoders.

soundfile decodes by default, because it is part of every install; tensorflow-io does on request where its native
operators load (see `decoders`). A file of another rate, format or channel count is converted; a damaged one is refused.
"""

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import soundfile

from tfkws.data.audio.wav_header import read_plain_wav
from tfkws.errors import AudioError, RuntimeUnavailableError

SAMPLE_RATE_HZ = 16_000
CLIP_SAMPLES = 16_000
SUFFIXES = frozenset({".wav", ".flac", ".ogg"})
Decoder = Literal["soundfile", "tensorflow-io"]

_LONGEST_SECONDS = 4 * 3600
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 4_000, 384_000
LARGEST_SAMPLE = 16.0  # full scale is 1; more is no audio


@dataclass(frozen=True)
class Recording:
    """A decoded file, mixed down to mono: float32 (samples,) in -1..1, and what the file was."""

    samples: np.ndarray
    sample_rate_hz: int
    channels: int


def decoders() -> dict[str, str]:
    """Return the decoders that work here with their versions, without importing TensorFlow."""
    found = {"soundfile": f"{soundfile.__version__} (libsndfile {soundfile.__libsndfile_version__})"}
    if _tensorflow_io_loads():
        found["tensorflow-io"] = importlib.metadata.version("tensorflow-io")
    return found


def read_audio(path: Path, decoder: Decoder = "soundfile") -> Recording:
    """Decode one file of any length, rate and channel count.

    Raises:
        AudioError: the file is empty, truncated, not audio, or holds values that are not numbers.
        RuntimeUnavailableError: the decoder does not load here.
    """
    read_plain_wav(path)
    values, rate = _read_tensorflow_io(path) if decoder == "tensorflow-io" else _read_soundfile(path)
    samples = _as_float(values)
    if len(samples) == 0:
        raise AudioError(f"{path} holds no audio.")
    _refuse_nonsense(path, samples, rate)
    return Recording(samples.mean(axis=1, dtype=np.float32), rate, samples.shape[1])


def read_resampled(path: Path, decoder: Decoder = "soundfile") -> np.ndarray:
    """Decode one file as 16 kHz mono float32 (samples,) in -1..1. Raises as `read_audio`."""
    recording = read_audio(path, decoder)
    return resample(recording.samples, recording.sample_rate_hz, SAMPLE_RATE_HZ)


def read_clip(path: Path, decoder: Decoder = "soundfile") -> np.ndarray:
    """Decode one file as a clip: int16 (16000,), 16 kHz mono, padded with zeros or cut at the end.

    A 16-bit 16 kHz mono file passes bit by bit. Raises as `read_audio`.
    """
    plain = read_plain_wav(path) if decoder == "soundfile" else None
    if plain is not None:
        return fit_length(plain, CLIP_SAMPLES)
    return to_int16(fit_length(read_resampled(path, decoder), CLIP_SAMPLES))


def resample(samples: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """Resample float32 (samples,) by libsoxr at its high quality; nothing above half the new rate remains.

    Raises:
        RuntimeUnavailableError: the rates differ and soxr is not installed.
    """
    if from_hz == to_hz:
        return samples
    try:
        import soxr
    except ImportError:
        raise RuntimeUnavailableError(
            f"Resampling from {from_hz} Hz needs soxr; run `pip install soxr` or convert to {to_hz} Hz first."
        ) from None
    return np.asarray(soxr.resample(samples, from_hz, to_hz), np.float32)


def fit_length(samples: np.ndarray, length: int) -> np.ndarray:
    """Pad samples with zeros at the end, or cut their end; Speech Commands' own convention.

    Args:
        samples: shape (samples,), any dtype.
        length: of the result.
    """
    if len(samples) >= length:
        return samples[:length]
    return np.pad(samples, (0, length - len(samples)))


def to_int16(samples: np.ndarray) -> np.ndarray:
    """Convert float samples in -1..1 to int16, full scale 32768, clipped at the ends."""
    return np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)


def write_clip(path: Path, samples: np.ndarray) -> None:
    """Write int16 (samples,) as a 16 kHz mono 16-bit WAV. Not atomic: wrap it in `atomic_path`."""
    soundfile.write(path, samples, SAMPLE_RATE_HZ, subtype="PCM_16", format="WAV")


def _refuse_nonsense(path: Path, samples: np.ndarray, rate: int) -> None:
    """Refuse what only a damaged header can say, before resampling makes gigabytes of it."""
    if not np.isfinite(samples).all():
        raise AudioError(f"{path} holds samples that are not finite numbers.")
    if np.abs(samples).max() > LARGEST_SAMPLE:
        raise AudioError(f"{path} holds samples up to {np.abs(samples).max():.3g} where full scale is 1.")
    refuse_rate(path, rate)


def refuse_rate(path: Path, rate_hz: int) -> None:
    """Refuse a sampling rate that no device has.

    Raises:
        AudioError: `rate_hz` lies outside 4 to 384 kHz.
    """
    if not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ:
        raise AudioError(f"{path} has {rate_hz} samples a second; {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} can be used.")


def _as_float(values: np.ndarray) -> np.ndarray:
    """Scale integer samples (n, channels) to -1..1 as float32."""
    if values.dtype == np.int16:
        return values.astype(np.float32) / np.float32(32768.0)
    if values.dtype == np.int32:
        return (values / 2147483648.0).astype(np.float32)
    return values.astype(np.float32)


def _read_soundfile(path: Path) -> tuple[np.ndarray, int]:
    try:
        with soundfile.SoundFile(path) as file:
            if file.frames > _LONGEST_SECONDS * file.samplerate:
                raise AudioError(f"{path} is longer than {_LONGEST_SECONDS // 3600} hours; cut it into parts.")
            dtype = "int16" if file.subtype == "PCM_16" else "float32"
            values = file.read(dtype=dtype, always_2d=True)
            announced = file.frames
    except (soundfile.SoundFileError, RuntimeError, ValueError, MemoryError) as error:
        raise AudioError(f"{path} is not audio that can be decoded ({error}).") from None
    if len(values) < announced:
        raise AudioError(f"{path} is truncated: it announces {announced} samples and holds {len(values)}.")
    return values, file.samplerate


def _tensorflow_io_loads() -> bool:
    """Whether tensorflow-io's native operators fit the installed TensorFlow: only 2.16.2 and 2.17.1 do (0.37.1)."""
    try:
        importlib.metadata.version("tensorflow-io")
        return importlib.metadata.version("tensorflow") in ("2.16.2", "2.17.1")
    except importlib.metadata.PackageNotFoundError:
        return False


def _read_tensorflow_io(path: Path) -> tuple[np.ndarray, int]:
    if not _tensorflow_io_loads():
        raise RuntimeUnavailableError(
            "tensorflow-io decodes only beside TensorFlow 2.16.2 or 2.17.1; install one of them or use soundfile."
        )
    import tensorflow
    import tensorflow_io

    try:
        audio: Any = tensorflow_io.audio.AudioIOTensor(str(path))
        return audio.to_tensor().numpy(), int(audio.rate)
    except (tensorflow.errors.OpError, ValueError, NotImplementedError) as error:
        raise AudioError(f"{path} is not audio that can be decoded ({str(error).splitlines()[0]}).") from None
