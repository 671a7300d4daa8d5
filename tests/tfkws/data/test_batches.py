"""Batches are a pure function of (seed, iteration), whatever thread computes them."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from tfkws.config import AugmentConfig
from tfkws.data.batches import BatchSource, feature_map
from tfkws.data.clip_set import ClipSet
from tfkws.errors import DataError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import extract

FEATURES = FRONT_ENDS["mfcc-49x10"]
MASKING = AugmentConfig(time_mask=5, time_masks=1, frequency_mask=2, frequency_masks=1)


def clip_set(count: int) -> ClipSet:
    audio = np.random.default_rng(0).normal(0, 2000, (count, 16_000)).astype(np.int16)
    names = tuple(f"word/{number:08x}_nohash_0.wav" for number in range(count))
    return ClipSet(audio, np.arange(count), names, names)


def test_every_clip_comes_at_most_once_an_epoch() -> None:
    source = BatchSource(clip_set(25), FEATURES, batch_size=6, augment=AugmentConfig())
    assert source.batches_per_epoch == 4
    labels = np.concatenate([source.batch(iteration)[1] for iteration in range(4)])
    assert len(set(labels.tolist())) == 24


def test_epochs_have_another_order_and_leave_out_another_remainder() -> None:
    source = BatchSource(clip_set(25), FEATURES, batch_size=6)
    epochs = [np.concatenate([source.batch(4 * epoch + n)[1] for n in range(4)]) for epoch in range(8)]
    assert len({tuple(epoch) for epoch in epochs}) == 8
    assert len({25 * 24 // 2 - epoch.sum() for epoch in epochs}) > 1


def test_maps_and_labels_belong_together() -> None:
    clips = clip_set(12)
    maps, labels = BatchSource(clips, FEATURES, batch_size=5, seed=3).batch(0)
    assert maps.shape == (5, 49, 10, 1) and maps.dtype == np.float32 and labels.dtype == np.int64
    np.testing.assert_allclose(maps[..., 0], extract(clips.audio[labels], FEATURES), atol=1e-5)


@pytest.mark.parametrize("augment", [None, AugmentConfig(), MASKING], ids=["plain", "augmented", "masked"])
def test_stream_is_the_batches_in_order_from_anywhere(augment: AugmentConfig | None) -> None:
    clips, noise = clip_set(20), np.random.default_rng(5).normal(0, 0.1, 40_000).astype(np.float32)
    source = BatchSource(clips, FEATURES, 6, 1, augment, [noise])
    other = BatchSource(clips, FEATURES, 6, 1, augment, [noise])
    streamed = list(source.stream(2, 9))
    assert len(streamed) == 9
    for iteration, (maps, labels) in enumerate(streamed, start=2):
        expected = other.batch(iteration)
        np.testing.assert_array_equal(maps, expected[0])
        np.testing.assert_array_equal(labels, expected[1])


def test_augmentation_makes_two_epochs_differ_and_its_absence_does_not() -> None:
    clips = clip_set(6)
    for augment, equal in ((AugmentConfig(), False), (None, True)):
        source = BatchSource(clips, FEATURES, 6, 0, augment)
        (first, labels), (second, other_labels) = source.batch(0), source.batch(1)
        same = np.allclose(first[labels.argsort()], second[other_labels.argsort()], atol=1e-3)
        assert same is equal


def test_validation_maps_are_never_augmented() -> None:
    clips = clip_set(9)
    first = feature_map(clips, FEATURES)
    np.testing.assert_array_equal(first, feature_map(clips, FEATURES))
    np.testing.assert_allclose(first[..., 0], extract(np.asarray(clips.audio), FEATURES), atol=1e-5)


def test_seed_changes_everything() -> None:
    clips = clip_set(20)
    first, second = (BatchSource(clips, FEATURES, 10, seed, AugmentConfig()).batch(0) for seed in (0, 1))
    assert not np.array_equal(first[1], second[1])


def test_stopping_a_stream_early_ends_its_threads() -> None:
    stream = BatchSource(clip_set(20), FEATURES, 5, augment=AugmentConfig()).stream(0, 1000)
    next(stream)
    stream.close()  # hangs if the threads went on
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("tfkws-batches")]


def test_an_error_in_a_thread_reaches_the_reader() -> None:
    clips = clip_set(8)
    broken = replace(clips, audio=clips.audio[:2])
    with pytest.raises(IndexError):
        list(BatchSource(broken, FEATURES, 8, augment=AugmentConfig()).stream(0, 1))


def test_few_or_no_clips() -> None:
    assert BatchSource(clip_set(3), FEATURES, batch_size=100).batch(7)[0].shape == (3, 49, 10, 1)
    with pytest.raises(DataError, match="there are none"):
        BatchSource(clip_set(0), FEATURES, batch_size=10)
