"""Tracks as a front end sees them: rows one after the other, with the places of what was said.

A training draws its windows from these rows, so that a window costs a copy, and every window of every track can be
drawn, or found as a false accept.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from tfkws.config import FeatureConfig
from tfkws.errors import ConfigError
from tfkws.features.numpy_front_end import SMALLEST_STD, extract
from tfkws.strict_arrays import read_arrays
from tfkws.wakeword.tracks import POSITIVE, Track

MOST_BYTES = 1 << 31  # of one array of a file
NORMALISATION_ROWS = 200_000


@dataclass(frozen=True)
class Rows:
    """Rows of tracks.

    Attributes:
        values: float16 (frames, bands), not normalised.
        begins: int64 (tracks + 1,), where each track's frames begin.
        words: int64 (n, 2), first and last frame of each phrase.
        others: int64 (m, 2), of everything else that was said.
    """

    values: np.ndarray
    begins: np.ndarray
    words: np.ndarray
    others: np.ndarray

    @property
    def frames(self) -> int:
        """How many rows there are."""
        return len(self.values)


def rows_of(track: Track, features: FeatureConfig) -> Rows:
    """Compute the rows of one track.

    Raises:
        ConfigError: the front end pads its windows, which a stream does not.
    """
    if features.centred:
        raise ConfigError(f"A wake word is learnt on a stream, and {features.name} pads each window; choose another.")
    plain = replace(features, row_mean=(), row_std=(), time_first=True)
    values = extract(track.audio, plain).astype(np.float16)
    places = {True: [], False: []}  # type: dict[bool, list[tuple[int, int]]]
    for one in track.laid:
        places[one.kind == POSITIVE].append((one.start // features.hop_samples, one.end // features.hop_samples))
    return Rows(values, np.array([0, len(values)]), _pairs(places[True]), _pairs(places[False]))


def joined(parts: Iterable[Rows]) -> Rows:
    """Put rows one after the other."""
    every = list(parts)
    offsets = np.cumsum([0, *(part.frames for part in every)])
    shifted = list(zip(every, offsets, strict=False))
    return Rows(
        np.concatenate([part.values for part in every]),
        np.concatenate([np.zeros(1, np.int64), *(part.begins[1:] + offset for part, offset in shifted)]),
        np.concatenate([part.words + offset for part, offset in shifted]),
        np.concatenate([part.others + offset for part, offset in shifted]),
    )


def packed(rows: Rows) -> bytes:
    """Return rows as the bytes of an .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **{field.name: getattr(rows, field.name) for field in fields(Rows)})
    return buffer.getvalue()


def unpacked(content: bytes) -> Rows:
    """Read what `packed` wrote.

    Raises:
        ValueError: it is something else.
    """
    return Rows(**read_arrays(content, MOST_BYTES, tuple(field.name for field in fields(Rows))))


def normalised(features: FeatureConfig, values: np.ndarray) -> FeatureConfig:
    """Return the front end with mean and deviation of each row of `values`, float (n, bands).

    One whose range is fixed stays as it is.
    """
    if features.value_range is not None:
        return features
    some = values[:: max(1, len(values) // NORMALISATION_ROWS)].astype(np.float64)
    deviation = np.maximum(some.std(axis=0), SMALLEST_STD)
    return replace(features, row_mean=_rounded(some.mean(axis=0)), row_std=_rounded(deviation))


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in values)


def _pairs(places: Sequence[tuple[int, int]]) -> np.ndarray:
    return np.array(places, np.int64).reshape(-1, 2)
