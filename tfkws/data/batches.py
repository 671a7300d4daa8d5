"""Batches of feature maps: a pure function of (seed, iteration), computed ahead by background threads."""

import math
import os
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from tfkws.config import AugmentConfig, FeatureConfig
from tfkws.cpu_kernels import threads_here
from tfkws.data.augment import WaveformAugmenter, draws_for, mask_maps
from tfkws.data.clip_set import ClipSet
from tfkws.data.draws import keyed_generator
from tfkws.errors import DataError
from tfkws.features.numpy_front_end import extract

if TYPE_CHECKING:
    from tfkws.data.kept_maps.store import ArrayStore

Batch = tuple[np.ndarray, np.ndarray]

_CHUNK_CLIPS = 256
_WORKERS = 2
_AHEAD = 6
_NICENESS = 10
_FILE_BYTES = 1 << 21  # of kept batches: many files are slow to count, and the first batch waits for all of one file
_MOST_BATCHES = 8


class BatchSource:
    """Shuffled training batches.

    An epoch takes every clip at most once; the remainder that does not fill a batch is left out, another one
    each epoch, so that all batches have one shape. Fewer clips than a batch make one smaller batch.

    Args:
        clips: what to train on.
        features: the front end.
        batch_size: clips a batch.
        seed: keys shuffling and augmentation.
        augment: None for none; then the maps are computed once and kept (float32, n * height * width * 4
            bytes).
        noises, responses: for the augmentation, float32 (samples,) each.
        store: keeps what is computed for later trainings by the same settings; see `tfkws.data.kept_maps`.

    Raises:
        DataError: there are no clips.
    """

    def __init__(
        self,
        clips: ClipSet,
        features: FeatureConfig,
        batch_size: int,
        seed: int = 0,
        augment: AugmentConfig | None = None,
        noises: Sequence[np.ndarray] = (),
        responses: Sequence[np.ndarray] = (),
        store: "ArrayStore | None" = None,
    ) -> None:
        if len(clips) == 0:
            raise DataError("Training needs clips, and there are none; check the data folder with `tfkws data info`.")
        self._clips, self._features, self._seed, self._augment = clips, features, seed, augment
        self.batch_size = min(batch_size, len(clips))
        self.batches_per_epoch = len(clips) // self.batch_size
        self._store = store
        self._maps = self._all_maps() if augment is None else None
        self._augmenter = WaveformAugmenter(augment, noises, responses, features.clip_samples) if augment else None
        self._order: tuple[int, np.ndarray] = (-1, np.zeros(0, np.int64))

    def batch(self, iteration: int) -> Batch:
        """Return maps, float32 (b, height, width, 1), and labels, int64 (b,), of one iteration."""
        rows, labels = self._rows(iteration), self._labels(iteration)
        if self._maps is not None:
            return self._maps[rows], labels
        return self._augmented(rows, iteration // self.batches_per_epoch)[..., None], labels

    def stream(self, first_iteration: int, count: int) -> Generator[Batch, None, None]:
        """Yield the batches of `count` iterations in order, computed ahead by background threads.

        Yields:
            What `batch` returns for `first_iteration`, `first_iteration` + 1 and so on.
        """
        size, end = self._chunk_batches(), first_iteration + count
        with ThreadPoolExecutor(_WORKERS, "tfkws-batches", _step_back) as pool:
            pending: deque[Future[list[Batch]]] = deque()
            wanted = iter(range(first_iteration, end))
            try:
                for chunk in range(first_iteration // size, -(-end // size)):
                    pending.append(pool.submit(self._chunk, chunk, size))
                    if len(pending) > 1 + _AHEAD // size:
                        yield from _some(pending.popleft().result(), wanted, size)
                while pending:
                    yield from _some(pending.popleft().result(), wanted, size)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _chunk_batches(self) -> int:
        """Return how many batches are computed at once, and kept in one file."""
        if self._store is None or self._augment is None:
            return 1
        bytes_each = 4 * self.batch_size * math.prod(self._features.input_shape)
        return min(max(1, _FILE_BYTES // bytes_each), _MOST_BATCHES)

    def _chunk(self, number: int, size: int) -> list[Batch]:
        """Return the batches of `size` iterations, those from `number` * `size` on."""
        iterations = range(number * size, (number + 1) * size)
        if self._store is None or self._augment is None:
            return [self.batch(iteration) for iteration in iterations]
        shape = (size, self.batch_size, *self._features.input_shape)
        maps = self._store.array(
            f"batches-{number:06d}-of-{size}",
            shape,
            lambda: np.stack([self.batch(iteration)[0] for iteration in iterations]),
        )
        return [(each, self._labels(iteration)) for each, iteration in zip(maps, iterations, strict=True)]

    def _all_maps(self) -> np.ndarray:
        if self._store is None:
            return feature_map(self._clips, self._features)
        shape = (len(self._clips), *self._features.input_shape)
        return self._store.array("all", shape, lambda: feature_map(self._clips, self._features))

    def _rows(self, iteration: int) -> np.ndarray:
        epoch, number = divmod(iteration, self.batches_per_epoch)
        return self._epoch_order(epoch)[number * self.batch_size : (number + 1) * self.batch_size]

    def _labels(self, iteration: int) -> np.ndarray:
        return np.asarray(self._clips.labels)[self._rows(iteration)]

    def _epoch_order(self, epoch: int) -> np.ndarray:
        known, order = self._order
        if known != epoch:
            order = keyed_generator(self._seed, "shuffle", epoch).permutation(len(self._clips))
            self._order = (epoch, order)
        return order

    def _augmented(self, rows: np.ndarray, epoch: int) -> np.ndarray:
        config, features = self._augment, self._features
        if config is None or self._augmenter is None:
            raise DataError("This source has no augmentation.")
        draws = draws_for(config, self._seed, epoch, rows)
        maps = extract(self._augmenter.augment(self._clips.audio[rows], draws), features)
        return mask_maps(maps, draws, config, time_axis=1 if features.time_first else 2)


def _some(batches: list[Batch], wanted: Iterator[int], size: int) -> Iterator[Batch]:
    """Yield the batches that are still wanted of a chunk, whose first iteration is a multiple of `size`."""
    for iteration in wanted:
        yield batches[iteration % size]
        if iteration % size == size - 1:
            return


def _step_back() -> None:
    """Let the training's own threads go first: batches are made ahead, in the moments that a step leaves a core idle.

    On Linux a priority belongs to a thread; elsewhere it would slow the whole process.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def feature_map(clips: ClipSet, features: FeatureConfig) -> np.ndarray:
    """Compute the maps of all clips without augmentation: float32 (n, height, width, 1)."""
    maps = np.empty((len(clips), *features.input_shape), np.float32)

    def fill(start: int) -> None:
        chunk = slice(start, start + _CHUNK_CLIPS)
        maps[chunk, ..., 0] = extract(clips.audio[chunk], features)

    with ThreadPoolExecutor(threads_here()) as pool:
        list(pool.map(fill, range(0, len(clips), _CHUNK_CLIPS)))  # a list, so that an error is raised
    return maps
