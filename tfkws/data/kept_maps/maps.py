"""What determines the feature maps of a training, and the store that keeps them beside the decoded clips.

All trials of a search, and all networks of a table, see the same augmented maps: draws are keyed by seed, epoch and
clip. Whatever else a map depends on is part of its set's name: the clips by content, front end and normalisation,
augmentation, noises and responses, the batch size, this code, and what the machine's libraries make of the first clips.
"""

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import FeatureConfig, TrainConfig
from tfkws.data import augment, batches, draws
from tfkws.data.batches import feature_map
from tfkws.data.kept_maps.store import ArrayStore
from tfkws.data.splits import Split
from tfkws.data.task_data import TaskData
from tfkws.errors import ConfigError
from tfkws.features import mel, numpy_front_end
from tfkws.features.micro import bands, front_end, noise, settings, tables, transform
from tfkws.features.numpy_front_end import extract

LIMIT_VARIABLE = "TFKWS_MAP_CACHE_GIB"
LIMIT_GIB = 4.0
FOLDER = "maps"
_PROBE_CLIPS = 4
_CODE = (augment, batches, draws, mel, numpy_front_end, bands, front_end, noise, settings, tables, transform)


def batch_store(data: TaskData, features: FeatureConfig, train: TrainConfig) -> ArrayStore | None:
    """Return where the batches of a training are kept, or None where nothing is kept."""
    augmentation = None if train.augment is None else train.augment.to_dict()
    order = {"seed": train.seed, "batch_size": train.batch_size} if train.augment else {}
    sounds = data.sounds_digest if train.augment else ""
    return _store(data, "training", features, {"augment": augmentation, "sounds": sounds, **order})


def split_maps(data: TaskData, split: Split, features: FeatureConfig) -> np.ndarray:
    """Return the maps of a split without augmentation, float32 (n, height, width, 1), kept for later calls."""
    clips, store = data.splits[split], _store(data, split, features, {})
    if store is None:
        return feature_map(clips, features)
    return store.array("all", (len(clips), *features.input_shape), lambda: feature_map(clips, features))


def limit_bytes() -> int:
    """Return how much disk all kept maps may take, from the environment variable `TFKWS_MAP_CACHE_GIB`.

    Raises:
        ConfigError: it is no number of 0 or more.
    """
    text = os.environ.get(LIMIT_VARIABLE, "").strip() or str(LIMIT_GIB)
    try:
        gib = float(text)
    except ValueError:
        gib = -1.0
    if not 0 <= gib < float("inf"):
        raise ConfigError(f"{LIMIT_VARIABLE} is the disk space for feature maps in GiB, 0 for none. Received {text!r}.")
    return int(gib * 2**30)


def _store(data: TaskData, split: Split, features: FeatureConfig, more: dict[str, Any]) -> ArrayStore | None:
    limit = limit_bytes()
    if data.cache is None or limit == 0 or split not in data.manifest.splits:
        return None
    facts = {
        "clips": data.manifest.split_digests[split],
        "features": features.to_dict(),
        "code": _code_digest(),
        "probe": _digest(extract(np.asarray(data.splits[split].audio[:_PROBE_CLIPS]), features).tobytes()),
        **more,
    }
    folder = data.cache / FOLDER / _digest(json.dumps(facts, sort_keys=True).encode())[:16]
    try:
        return ArrayStore(folder, limit, f"{LIMIT_VARIABLE} sets another limit in GiB")
    except OSError:
        return None


@lru_cache(maxsize=1)
def _code_digest() -> str:
    """Digest of the modules that compute maps, so that those of another version are never used."""
    return _digest(b"".join(Path(str(module.__file__)).read_bytes() for module in _CODE))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
