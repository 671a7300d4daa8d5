"""Kept maps are those that computing gives, bit for bit, and anything else that a map depends on names another set."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import AugmentConfig, FeatureConfig, TaskConfig, TrainConfig
from tfkws.data import batches
from tfkws.data.batches import BatchSource, feature_map
from tfkws.data.kept_maps import maps
from tfkws.data.kept_maps.maps import batch_store, limit_bytes, split_maps
from tfkws.data.task_data import TaskData, load_task
from tfkws.errors import ConfigError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import fit_normalisation

COMMANDS = TaskConfig(protocol="commands", words=("yes", "no"))
FEATURES = FRONT_ENDS["mfcc-49x10"]
AUGMENT = AugmentConfig(time_mask=5, time_masks=1, frequency_mask=2, frequency_masks=1)
TRAIN = TrainConfig(batch_size=10, augment=AUGMENT, seed=3)


@pytest.fixture
def data(make_folder: Callable[..., Path]) -> TaskData:
    return load_task(make_folder(), COMMANDS)


def source(
    data: TaskData, train: TrainConfig = TRAIN, features: FeatureConfig = FEATURES, *, keep: bool
) -> BatchSource:
    clips, store = data.splits["training"], batch_store(data, features, train) if keep else None
    return BatchSource(clips, features, train.batch_size, train.seed, train.augment, data.noises, data.responses, store)


def same(data: TaskData, first: int, count: int, **settings: Any) -> None:
    """Check that streams with and without the store are equal, and that the second one with it computes nothing."""
    expected = list(source(data, **settings, keep=False).stream(first, count))
    for _ in range(2):
        found = list(source(data, **settings, keep=True).stream(first, count))
        assert len(found) == len(expected) == count
        for (kept, kept_labels), (computed, labels) in zip(found, expected, strict=True):
            assert kept.tobytes() == computed.tobytes() and kept.shape == computed.shape
            np.testing.assert_array_equal(kept_labels, labels)


@pytest.mark.parametrize("augment", [AUGMENT, AugmentConfig(), None], ids=["masked", "augmented", "plain"])
def test_kept_batches_are_those_computed(data: TaskData, augment: AugmentConfig | None) -> None:
    same(data, 0, 37, train=replace(TRAIN, augment=augment))


@pytest.mark.parametrize(("first", "count"), [(5, 4), (7, 1), (8, 8), (13, 20), (3, 0)])
def test_a_stream_goes_on_from_anywhere(data: TaskData, first: int, count: int) -> None:
    same(data, first, count)


@pytest.mark.real_data
@pytest.mark.parametrize("name", FRONT_ENDS)
def test_kept_batches_of_real_clips_are_those_computed(name: str, speech_commands: Path, tmp_path: Path) -> None:
    loaded = load_task(speech_commands, COMMANDS, splits=("training",))
    data = replace(loaded, cache=tmp_path)
    features = fit_normalisation(data.splits["training"].audio[:50], FRONT_ENDS[name])
    same(data, 0, 5, features=features)


def test_a_second_training_computes_nothing(data: TaskData, monkeypatch: pytest.MonkeyPatch) -> None:
    first = list(source(data, keep=True).stream(0, 16))
    monkeypatch.setattr(batches, "extract", lambda *_: pytest.fail("maps were computed again"))
    second = list(source(data, keep=True).stream(0, 16))
    assert all(a.tobytes() == b.tobytes() for (a, _), (b, _) in zip(first, second, strict=True))


def test_validation_maps_are_kept(data: TaskData, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = feature_map(data.splits["validation"], FEATURES)
    assert split_maps(data, "validation", FEATURES).tobytes() == expected.tobytes()
    monkeypatch.setattr(maps, "feature_map", lambda *_: pytest.fail("maps were computed again"))
    assert split_maps(data, "validation", FEATURES).tobytes() == expected.tobytes()


OTHERS: dict[str, Callable[[TaskData], tuple[TaskData, FeatureConfig, TrainConfig]]] = {
    "seed": lambda data: (data, FEATURES, replace(TRAIN, seed=4)),
    "batch size": lambda data: (data, FEATURES, replace(TRAIN, batch_size=11)),
    "augmentation": lambda data: (data, FEATURES, replace(TRAIN, augment=AugmentConfig(gain_db=1.0))),
    "no augmentation": lambda data: (data, FEATURES, replace(TRAIN, augment=None)),
    "front end": lambda data: (data, FRONT_ENDS["mfcc-40x32"], TRAIN),
    "normalisation": lambda data: (data, replace(FEATURES, row_mean=(1.0,) * 10, row_std=(2.0,) * 10), TRAIN),
    "noises": lambda data: (replace(data, noises=data.noises[:-1]), FEATURES, TRAIN),
    "responses": lambda data: (replace(data, responses=(np.ones(9, np.float32),)), FEATURES, TRAIN),
    "clips": lambda data: (replace(data, manifest=fewer(data)), FEATURES, TRAIN),
}


def fewer(data: TaskData) -> Any:
    splits = data.manifest.splits
    return replace(data.manifest, splits={**splits, "training": splits["training"][:-1]})


@pytest.mark.parametrize("what", OTHERS)
def test_whatever_a_map_depends_on_names_another_set(data: TaskData, what: str) -> None:
    mine, other = batch_store(data, FEATURES, TRAIN), batch_store(*OTHERS[what](data))
    assert mine is not None and other is not None and mine.folder != other.folder


def test_other_code_or_libraries_name_another_set(data: TaskData, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = set()
    for changed in (
        {},
        {"_code_digest": lambda: "another version"},
        {"extract": lambda audio, _: np.ones(1, np.float32)},
    ):
        with monkeypatch.context() as patch:
            for name, value in changed.items():
                patch.setattr(maps, name, value)
            store = batch_store(data, FEATURES, TRAIN)
            assert store is not None
            folders.add(store.folder)
    assert len(folders) == 3


def test_settings_that_no_map_depends_on_share_a_set(data: TaskData) -> None:
    mine = batch_store(data, FEATURES, TRAIN)
    other = batch_store(data, FEATURES, replace(TRAIN, learning_rate=0.1, iterations=7, optimizer="sgd"))
    assert mine is not None and other is not None and mine.folder == other.folder


@pytest.mark.parametrize("text", ["0", "0.0"])
def test_nothing_is_kept_where_the_limit_is_zero(data: TaskData, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(maps.LIMIT_VARIABLE, text)
    assert batch_store(data, FEATURES, TRAIN) is None
    assert split_maps(data, "validation", FEATURES).shape == (len(data.splits["validation"]), 49, 10, 1)


def test_nothing_is_kept_without_a_place(data: TaskData, tmp_path: Path) -> None:
    assert batch_store(replace(data, cache=None), FEATURES, TRAIN) is None
    (tmp_path / "file").write_text("no folder")
    assert batch_store(replace(data, cache=tmp_path / "file"), FEATURES, TRAIN) is None


@pytest.mark.parametrize("text", ["much", "-1", "nan", "inf"])
def test_an_odd_limit_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(maps.LIMIT_VARIABLE, text)
    with pytest.raises(ConfigError, match="TFKWS_MAP_CACHE_GIB is the disk space"):
        limit_bytes()


def test_the_limit_is_four_gib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(maps.LIMIT_VARIABLE, raising=False)
    assert limit_bytes() == 4 << 30
    monkeypatch.setenv(maps.LIMIT_VARIABLE, "0.5")
    assert limit_bytes() == 1 << 29
