"""The training clips on which ranges of activations are measured: drawn by seed, listed by name."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.data.draws import ranked
from tfkws.errors import ConversionError

if TYPE_CHECKING:
    from tfkws.config import FeatureConfig
    from tfkws.data.clip_set import ClipSet


@dataclass(frozen=True)
class CalibrationDraw:
    """Clips, with the same order in all: names, audio float32 (n, samples) in -1..1, maps float32 (n, h, w, 1)."""

    audio: np.ndarray
    features: np.ndarray
    files: tuple[str, ...]
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Return the names of the clips, not their contents, as JSON-ready values."""
        return {"seed": self.seed, "clips": len(self.files), "files": list(self.files)}


def draw_files(files: tuple[str, ...], count: int, seed: int) -> tuple[int, ...]:
    """Choose `count` indices (int) by the hash of seed and name; the order of `files` does not matter."""
    return tuple(ranked(files, f"{seed}:")[:count])


def draw_calibration(clips: "ClipSet", features: "FeatureConfig", count: int, seed: int = 0) -> CalibrationDraw:
    """Draw clips of the training split and compute their feature maps; fewer than `count` where there are fewer.

    Raises:
        ConversionError: `count` is below 1, or there are no clips.
    """
    from tfkws.data.batches import feature_map
    from tfkws.data.clip_set import ClipSet
    from tfkws.features.numpy_front_end import to_float

    if count < 1 or len(clips.files) == 0:
        raise ConversionError(f"Calibration needs at least one clip; asked for {count} of {len(clips.files)}.")
    chosen = np.array(draw_files(clips.files, count, seed))
    files = tuple(clips.files[i] for i in chosen)
    drawn = ClipSet(clips.audio[chosen], clips.labels[chosen], files, tuple(clips.speakers[i] for i in chosen))
    return CalibrationDraw(to_float(np.asarray(drawn.audio)), feature_map(drawn, features), files, seed)
