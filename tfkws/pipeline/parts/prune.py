"""Settle once which channels of a network go, and keep that beside the model as `pruning.json`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import CompressConfig, Config, FeatureConfig, ModelConfig
from tfkws.data.batches import feature_map
from tfkws.data.clip_set import ClipSet
from tfkws.data.task_data import TaskData
from tfkws.errors import ConfigError, RunFolderError
from tfkws.run_folder import read_record, write_json
from tfkws.tflite.convert.calibration import draw_files
from tfkws.training.model_folder import ModelFolder

PRUNING = "pruning.json"
IMPORTANCE_CLIPS, IMPORTANCE_BATCH = 2_000, 100


@dataclass(frozen=True)
class Pruning(Config):
    """What is removed from one network, and the network of the registry that is left.

    Attributes:
        removed: classes of channels, by their number in
            `tfkws.compression.pruning.channel_classes.channel_classes`.
        macs_before, macs_after: MACs of the whole network.
        widths: filters or units of the layers that become narrower.
        model: the network of the registry that is left.
    """

    removed: tuple[int, ...]
    macs_before: int
    macs_after: int
    widths: dict[str, int]
    model: ModelConfig

    def apply(self, network: Any) -> Any:
        """Return the smaller network with the weights of what stays.

        Its input shape and its classes are those of `network`.

        Raises:
            RunFolderError: `pruning.json` is that of another network.
        """
        from tfkws.compression.pruning.channel_classes import channel_classes
        from tfkws.compression.pruning.shrink import shrink

        classes = channel_classes(network)
        kept = np.ones(classes.count, bool)
        try:
            kept[list(self.removed)] = False
            return shrink(network, classes, kept)
        except (LookupError, ValueError) as error:
            raise RunFolderError(f"{PRUNING} is that of another network ({error}); restore it from a copy.") from error


def settle_pruning(folder: Path, source: ModelFolder, compressed: CompressConfig, data: TaskData, seed: int) -> Pruning:
    """Read what was settled in `folder`, or settle it: gradients differ by rounding from run to run, results must not.

    Raises:
        RunFolderError: `pruning.json` is damaged.
        ConfigError: so much cannot be pruned, or the criterion does not fit the network.
    """
    path = folder / PRUNING
    if not path.exists():
        write_json(path, _choose(source, compressed, data, seed).to_dict())
    try:
        return Pruning.from_dict(read_record(path))
    except ConfigError as error:
        raise RunFolderError(
            f"{path} is damaged ({error}); restore it from a copy, or make it again in another --models folder."
        ) from error


def _choose(source: ModelFolder, compressed: CompressConfig, data: TaskData, seed: int) -> Pruning:
    from tfkws.compression.pruning.channel_classes import channel_classes
    from tfkws.compression.pruning.importance import CRITERIA
    from tfkws.compression.pruning.plan import plan_pruning
    from tfkws.compression.pruning.shrink import narrowed_model, widths_after

    network = source.load_keras()
    classes = channel_classes(network)
    batches = importance_batches(data.splits["training"], source.config.features, seed)
    importance = CRITERIA[compressed.importance](network, classes, batches)
    plan = plan_pruning(classes, importance, compressed.prune_macs)
    widths = widths_after(classes, plan.kept)
    return Pruning(
        removed=tuple(np.flatnonzero(~plan.kept).tolist()),
        macs_before=plan.macs_before,
        macs_after=plan.macs_after,
        widths=widths,
        model=narrowed_model(source.config.model, widths),
    )


def importance_batches(clips: ClipSet, features: FeatureConfig, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield batches of training clips, drawn by seed and name.

    Yields:
        Feature maps float32 (b, h, w, 1) and labels int (b,).
    """
    drawn = np.array(draw_files(clips.files, IMPORTANCE_CLIPS, seed))
    size = min(IMPORTANCE_BATCH, len(drawn))
    for first in range(0, len(drawn) - size + 1, size):
        rows = drawn[first : first + size]
        files, speakers = tuple(clips.files[i] for i in rows), tuple(clips.speakers[i] for i in rows)
        batch = ClipSet(clips.audio[rows], np.asarray(clips.labels)[rows], files, speakers)
        yield feature_map(batch, features), batch.labels
