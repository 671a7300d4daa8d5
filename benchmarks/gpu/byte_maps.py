"""Feature maps as bytes on a log scale: the logarithms of band powers, in 256 steps between the lowest and highest."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfkws.config import FeatureConfig
from tfkws.run_folder import whole_file

CLIPS_AT_ONCE = 256
STEPS = 255


@dataclass(frozen=True)
class ByteMaps:
    """Maps of log band power.

    Attributes:
        values: uint8 (n, bands, frames).
        low, high: what 0 and 255 stand for, natural logarithm of power.
    """

    values: np.ndarray
    low: float
    high: float

    def logarithms(self) -> np.ndarray:
        """Return log powers, float32 (n, bands, frames), half a step off at most."""
        step = (self.high - self.low) / STEPS
        return np.asarray(self.low + self.values.astype(np.float32) * np.float32(step), np.float32)


def to_bytes(maps: np.ndarray) -> ByteMaps:
    """Put log powers, float (n, bands, frames), on the scale of their own range."""
    low, high = float(maps.min()), float(maps.max())
    scaled = (maps - low) * (STEPS / max(high - low, 1e-12))
    return ByteMaps(np.round(scaled).astype(np.uint8), low, high)


def band_config(features: FeatureConfig) -> FeatureConfig:
    """Return the front end without what follows the logarithm: no cosines, no normalisation."""
    return replace(features, kind="log_mel", rows=features.bands, row_mean=(), row_std=())


def band_maps(audio: np.ndarray, features: FeatureConfig) -> np.ndarray:
    """Compute log band powers, float32 (n, bands, frames), of clips (n, samples)."""
    from tfkws.features.numpy_front_end import extract

    bands = band_config(features)
    starts = range(0, len(audio), CLIPS_AT_ONCE)
    with ThreadPoolExecutor() as pool:
        parts = list(pool.map(lambda start: extract(audio[start : start + CLIPS_AT_ONCE], bands), starts))
    return np.concatenate(parts)


def save_maps(path: Path, splits: dict[str, ByteMaps], labels: dict[str, np.ndarray]) -> None:
    """Write the maps and labels of all splits, compressed."""
    arrays: dict[str, np.ndarray] = {}
    for name, maps in splits.items():
        arrays |= {f"{name}_maps": maps.values, f"{name}_range": np.array([maps.low, maps.high])}
    arrays |= {f"{name}_labels": values.astype(np.uint8) for name, values in labels.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


def load_maps(path: Path) -> tuple[dict[str, ByteMaps], dict[str, np.ndarray]]:
    """Read what `save_maps` wrote; labels are int32 (n,)."""
    with np.load(path, allow_pickle=False) as stored:
        names = [name.removesuffix("_maps") for name in stored if name.endswith("_maps")]
        splits = {n: ByteMaps(stored[f"{n}_maps"], *map(float, stored[f"{n}_range"])) for n in names}
        labels = {n: stored[f"{n}_labels"].astype(np.int32) for n in names if f"{n}_labels" in stored}
    return splits, labels
