"""Reading audio files whole, as clips or as recordings of any length.

libsndfile decodes by default, because it is part of every install; tensorflow-io does on request where its native
operators load (see `decoders`). A file of another rate, format or channel count is converted; a damaged one is refused.
"""

import importlib.metadata
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import soundfile

from tfkws.data.audio.blocks import audio_blocks, refuse_nonsense
from tfkws.data.audio.decoder import SAMPLE_RATE_HZ as SAMPLE_RATE_HZ
from tfkws.data.audio.decoder import read_header, refuse_rate
from tfkws.data.audio.mono_stream import mix_down, soxr_library
from tfkws.data.audio.wav_header import read_plain_wav
from tfkws.errors import AudioError, RuntimeUnavailableError

SYNTHETIC = "tfkws: synthetic speech"  # in the LIST chunk of a WAV, as the program that made it
_MARKED_WITHIN = 160  # bytes
CLIP_SAMPLES = 16_000
Decoder = Literal["soundfile", "tensorflow-io"]

_LONGEST_SECONDS = 4 * 3600


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
    if decoder == "tensorflow-io":
        return _read_tensorflow_io(path)
    header = read_header(path)
    blocks = audio_blocks(path, to_hz=header.sample_rate_hz)
    return Recording(_joined(path, blocks, header.sample_rate_hz), header.sample_rate_hz, header.channels)


def read_resampled(path: Path, decoder: Decoder = "soundfile") -> np.ndarray:
    """Decode one file as 16 kHz mono float32 (samples,) in -1..1. Raises as `read_audio`."""
    if decoder == "soundfile":
        return _joined(path, audio_blocks(path), SAMPLE_RATE_HZ)
    recording = _read_tensorflow_io(path)
    return resample(recording.samples, recording.sample_rate_hz, SAMPLE_RATE_HZ)


def read_clip(path: Path, decoder: Decoder = "soundfile") -> np.ndarray:
    """Decode one file as a clip: int16 (16000,), 16 kHz mono, padded with zeros or cut at the end.

    A 16-bit 16 kHz mono file passes bit by bit. Raises as `read_audio`.
    """
    if decoder == "tensorflow-io":
        return to_int16(fit_length(read_resampled(path, decoder), CLIP_SAMPLES))
    plain = read_plain_wav(path, CLIP_SAMPLES)
    if plain is not None and len(plain):
        return fit_length(plain, CLIP_SAMPLES)
    return to_int16(fit_length(_beginning(path, CLIP_SAMPLES), CLIP_SAMPLES))


def resample(samples: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """Resample float32 (samples,) by libsoxr at its high quality; nothing above half the new rate remains.

    Raises:
        RuntimeUnavailableError: the rates differ and soxr is not installed.
    """
    if from_hz == to_hz:
        return samples
    return np.asarray(soxr_library(from_hz, to_hz).resample(samples, from_hz, to_hz), np.float32)


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


def write_clip(path: Path, samples: np.ndarray, *, synthetic: bool = False) -> None:
    """Write int16 (samples,) as a 16 kHz mono 16-bit WAV. Not atomic: wrap it in `whole_file`.

    Args:
        synthetic: whether to say in the file that its speech is synthetic, wherever it is copied to.

    Raises:
        OSError: the disk is full, or the file cannot be written.
    """
    content = io.BytesIO()  # libsndfile's own writing tells nothing but "System error." of a full disk
    with soundfile.SoundFile(content, "w", SAMPLE_RATE_HZ, 1, "PCM_16", format="WAV") as file:
        if synthetic:
            file.software = SYNTHETIC
        file.write(samples)
    path.write_bytes(content.getvalue())


def says_synthetic(path: Path) -> bool:
    """Return whether a clip says that its speech is synthetic, as those that `write_clip` marks do.

    The mark stands before the samples, so the beginning of the file is enough.
    """
    try:
        with path.open("rb") as file:
            return SYNTHETIC.encode() in file.read(_MARKED_WITHIN)
    except OSError:
        return False


def _beginning(path: Path, count: int) -> np.ndarray:
    """Decode all of a file, so that damage anywhere is told, and keep its first `count` samples at 16 kHz."""
    kept = np.zeros(0, np.float32)
    for block in _bounded(path, audio_blocks(path), SAMPLE_RATE_HZ):
        kept = np.concatenate([kept, block[: count - len(kept)]])
    return kept


def _joined(path: Path, blocks: Iterator[np.ndarray], rate_hz: int) -> np.ndarray:
    return np.concatenate(list(_bounded(path, blocks, rate_hz)))


def _bounded(path: Path, blocks: Iterator[np.ndarray], rate_hz: int) -> Iterator[np.ndarray]:
    """Yield blocks; refuse a file without any sample, and one that is longer than memory should hold."""
    done = 0
    for block in blocks:
        done += len(block)
        if done > _LONGEST_SECONDS * rate_hz:
            raise AudioError(f"{path} is longer than {_LONGEST_SECONDS // 3600} hours; cut it into parts.")
        yield block
    if done == 0:
        raise AudioError(f"{path} holds no audio.")


def _tensorflow_io_loads() -> bool:
    """Whether tensorflow-io's native operators fit the installed TensorFlow: only 2.16.2 and 2.17.1 do (0.37.1)."""
    try:
        importlib.metadata.version("tensorflow-io")
        return importlib.metadata.version("tensorflow") in ("2.16.2", "2.17.1")
    except importlib.metadata.PackageNotFoundError:
        return False


def _read_tensorflow_io(path: Path) -> Recording:
    if not _tensorflow_io_loads():
        raise RuntimeUnavailableError(
            "tensorflow-io decodes only beside TensorFlow 2.16.2 or 2.17.1; install one of them or use soundfile."
        )
    read_header(path)  # refuses what is truncated, which tensorflow-io does not
    import tensorflow
    import tensorflow_io

    try:
        audio: Any = tensorflow_io.audio.AudioIOTensor(str(path))
        values, rate = audio.to_tensor().numpy(), int(audio.rate)
    except (tensorflow.errors.OpError, ValueError, NotImplementedError) as error:
        raise AudioError(f"{path} is not audio that can be decoded ({str(error).splitlines()[0]}).") from None
    refuse_rate(path, rate)
    if values.dtype.kind == "f":
        refuse_nonsense(path, values, 0.0, rate)
    return Recording(mix_down(values), rate, values.shape[1])
