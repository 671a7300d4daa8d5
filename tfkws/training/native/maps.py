"""Maps in memory: float32 (channels, rows, columns, clips), with margins of zeros for convolutions that read them."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

CACHE_LINE = 64


@dataclass(frozen=True)
class Shape:
    """What a map holds of each clip: numbers of channels, rows and columns."""

    channels: int
    rows: int = 1
    columns: int = 1

    @property
    def positions(self) -> int:
        """Number of rows times number of columns."""
        return self.rows * self.columns


@dataclass(frozen=True)
class Margins:
    """Rows above and below, columns left and right of a map, which stay zero."""

    above: int = 0
    below: int = 0
    left: int = 0
    right: int = 0

    def joined(self, other: "Margins") -> "Margins":
        """Return margins that are large enough for both."""
        return Margins(
            max(self.above, other.above),
            max(self.below, other.below),
            max(self.left, other.left),
            max(self.right, other.right),
        )


@dataclass(frozen=True)
class Map:
    """One tensor of a batch, in memory of its own. Offsets and pitches count floats.

    Attributes:
        shape: without margins.
        clips: of a batch.
        margins: around it.
    """

    shape: Shape
    clips: int
    margins: Margins = field(default_factory=Margins)

    @property
    def row_pitch(self) -> int:
        """From row to row."""
        return self._stored_columns * self.clips

    @property
    def channel_pitch(self) -> int:
        """From channel to channel."""
        return self._stored_rows * self._stored_columns * self.clips

    @property
    def row_length(self) -> int:
        """Of a row without its margins."""
        return self.shape.columns * self.clips

    @property
    def is_gapless(self) -> bool:
        """Whether the rows of a channel follow each other."""
        return self.row_pitch == self.row_length or self.shape.rows == 1

    @cached_property
    def memory(self) -> np.ndarray:
        """The floats, margins included."""
        return aligned(self.shape.channels * self.channel_pitch + CACHE_LINE)

    @property
    def start(self) -> np.ndarray:
        """The floats from the first one within the margins on."""
        return self.memory[self.margins.above * self._stored_columns * self.clips + self.margins.left * self.clips :]

    @property
    def values(self) -> np.ndarray:
        """View of the map: (channels, rows, columns, clips)."""
        bytes_of = [4 * self.channel_pitch, 4 * self.row_pitch, 4 * self.clips, 4]
        shape = (self.shape.channels, self.shape.rows, self.shape.columns, self.clips)
        return np.lib.stride_tricks.as_strided(self.start, shape, bytes_of)

    @property
    def _stored_rows(self) -> int:
        return self.shape.rows + self.margins.above + self.margins.below

    @property
    def _stored_columns(self) -> int:
        return self.shape.columns + self.margins.left + self.margins.right


def aligned(count: int) -> np.ndarray:
    """Return float32 zeros (count,) that begin at a cache line."""
    raw = np.zeros(count * 4 + CACHE_LINE, np.uint8)
    start = -raw.ctypes.data % CACHE_LINE
    return raw[start : start + count * 4].view(np.float32)
