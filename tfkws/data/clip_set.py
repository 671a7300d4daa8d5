"""Clips in memory or on disk, with what belongs to each."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.config import SILENCE


class AudioRows:
    """Rows of a memory-mapped array in an order of one's own, then more rows that lie in memory: int16 (n, samples).

    Index it as an array; only the rows asked for are read from disk.
    """

    def __init__(self, mapped: np.ndarray, rows: np.ndarray, more: np.ndarray) -> None:
        self._mapped, self._rows, self._more = mapped, rows, more
        self.shape: tuple[int, int] = (len(rows) + len(more), mapped.shape[1])
        self.dtype: np.dtype[Any] = np.dtype(np.int16)
        self.ndim = 2

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> np.ndarray:
        """Return what the array would return for `key`, as a copy."""
        rows, rest = (key[0], key[1:]) if isinstance(key, tuple) else (key, ())
        wanted = np.arange(len(self))[rows]
        picked = self._take(np.atleast_1d(wanted))
        picked = picked[0] if np.ndim(wanted) == 0 else picked
        return picked[(..., *rest)] if rest else picked

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Read all rows."""
        return np.asarray(self[:], dtype)

    def _take(self, wanted: np.ndarray) -> np.ndarray:
        picked = np.empty((len(wanted), self.shape[1]), np.int16)
        on_disk = wanted < len(self._rows)
        picked[on_disk] = self._mapped[self._rows[wanted[on_disk]]]
        picked[~on_disk] = self._more[wanted[~on_disk] - len(self._rows)]
        return picked


@dataclass(frozen=True)
class ClipSet:
    """Clips of one split.

    Attributes:
        audio: int16 (n, 16000), an array or rows of a memory-mapped one.
        labels: int64 (n,), indices of the task's labels.
        files: "word/name.wav", or for silence the noise and where it was cut.
        speakers: the speaker's id of each clip; of a silence clip its own name, as it has none.
        synthetic: how many of the clips are synthetic speech.
    """

    audio: np.ndarray | AudioRows
    labels: np.ndarray
    files: tuple[str, ...]
    speakers: tuple[str, ...]
    synthetic: int = 0

    def __len__(self) -> int:
        return len(self.files)

    @property
    def people(self) -> int:
        """How many speakers are heard; silence clips have none."""
        pairs = zip(self.files, self.speakers, strict=True)
        return len({speaker for file, speaker in pairs if not file.startswith(f"{SILENCE}/")})

    @property
    def spoken(self) -> int:
        """How many clips hold speech; silence clips do not."""
        return sum(not file.startswith(f"{SILENCE}/") for file in self.files)
