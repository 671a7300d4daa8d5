import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tfkws.config import DetectorConfig, FeatureConfig, ModelConfig, TaskConfig
from tfkws.errors import TfliteFileError
from tfkws.tflite.convert.runtime_agreement import compare_runtimes
from tfkws.tflite.file.flatbuffer import pack, unpack
from tfkws.tflite.file.metadata import FileMetadata, metadata_bytes, to_json
from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.recipes import RECIPES

FEATURES = FeatureConfig(
    name="tiny", kind="log_mel", window_samples=64, hop_samples=32, fft_length=64, bands=8, rows=8, frames=6,
    centred=False, clip_samples=224, row_mean=(0.1,) * 8, row_std=(2.0,) * 8,
)  # fmt: skip
ABOUT = FileMetadata(
    labels=("ja", "nein", "_unknown_"),
    input="features",
    features=FEATURES,
    task=TaskConfig("commands", ("ja", "nein")),
    model=ModelConfig("tiny", {"width": 4}),
    detector=DetectorConfig(threshold=0.83),
    conversion=RECIPES["int8"],
    synthetic_speech=True,
)


@pytest.mark.parametrize("recipe", RECIPES)
def test_what_is_written_is_read_and_the_network_answers_as_before(
    recipe: Any, converted: Callable[[str], TfliteFile], maps: np.ndarray
) -> None:
    plain = converted(recipe)
    content = plain.with_metadata(ABOUT)
    assert content.metadata == ABOUT
    assert plain.metadata is None
    assert content.graph.ops == plain.graph.ops
    answers = compare_runtimes(content, maps[:4])
    assert all(answer.accepted for answer in answers), [answer.reason for answer in answers]
    from tfkws.tflite.runtime.model import open_model

    before, after = (open_model(file, load_check=False).predict(maps[:4]) for file in (plain, content))
    np.testing.assert_array_equal(after, before)


def test_same_metadata_give_the_same_bytes_and_new_ones_replace_old_ones(
    converted: Callable[[str], TfliteFile],
) -> None:
    content = converted("int8").with_metadata(ABOUT)
    assert converted("int8").with_metadata(ABOUT) == content
    other = FileMetadata.from_dict(ABOUT.to_dict() | {"labels": ["a", "b", "c"]})
    twice = content.with_metadata(other)
    assert twice.metadata.labels == ("a", "b", "c")
    assert len([e for e in unpack(twice.content).metadata if e.name in ("tfkws", b"tfkws")]) == 1


def test_contents_say_how_much_of_the_file_is_metadata(converted: Callable[[str], TfliteFile]) -> None:
    content = converted("int8").with_metadata(ABOUT)
    assert content.contents.metadata_bytes == metadata_bytes(content.content) == len(to_json(ABOUT))
    assert converted("int8").contents.metadata_bytes == 0


def test_constants_are_aligned(converted: Callable[[str], TfliteFile]) -> None:
    graph = converted("none").with_metadata(ABOUT).graph
    assert {tensor.data_range[0] % 16 for tensor in graph.tensors if tensor.is_constant} == {0}


def test_metadata_must_fit_the_shapes(converted: Callable[[str], TfliteFile]) -> None:
    with pytest.raises(TfliteFileError, match=r"gives \(3,\), where front end and labels say .*\(2,\)"):
        converted("none").with_metadata(FileMetadata.from_dict(ABOUT.to_dict() | {"labels": ["a", "b"]}))
    with pytest.raises(TfliteFileError, match=r"takes \(8, 6, 1\)"):
        converted("none").with_metadata(FileMetadata.from_dict(ABOUT.to_dict() | {"input": "audio"}))


def planted(content: TfliteFile, text: bytes) -> bytes:
    """The file with other bytes as its metadata, unchecked."""
    model = unpack(content.with_metadata(ABOUT).content)
    entry = next(e for e in model.metadata if e.name in ("tfkws", b"tfkws"))
    model.buffers[entry.buffer].data = np.frombuffer(text, np.uint8)
    return pack(model)


def changed(**values: Any) -> bytes:
    return json.dumps(json.loads(to_json(ABOUT)) | values).encode()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"no json", "do not fit"),
        (b"\xff\xfe", "do not fit"),
        (b"[]", "do not say that they are"),
        (b'{"format": "other"}', "do not say that they are"),
        (b"[" * 100_000, "do not fit"),
        (changed(version=2), "version 2 .* upgrade tfkws"),
        (changed(version="one"), "give no version"),
        (changed(surprise=1), "no setting 'surprise'"),
        (changed(labels="abc"), "FileMetadata.labels must be a tuple"),
        (changed(labels=[1, 2, 3]), "labels must be a tuple, each of which must be text"),
        (changed(labels=["a", "b"]), "labels say"),
        (changed(input="video"), "FileMetadata.input must be features or audio. Received 'video'"),
        (changed(features={}), "FeatureConfig lacks name"),
        (
            changed(features=FEATURES.to_dict() | {"fft_length": 1 << 40}),
            r"fft_length must lie in 1\.\.131072",
        ),
        (changed(features=FEATURES.to_dict() | {"frames": "many"}), "FeatureConfig.frames must be a whole number"),
        (changed(features=FEATURES.to_dict() | {"row_mean": [0.0]}), "one number for each of 8 rows"),
        (changed(features=FEATURES.to_dict() | {"row_mean": ["x"] * 8}), "FeatureConfig.row_mean .* must be a number"),
        (changed(detector={"threshold": 7}), "threshold must lie"),
        (changed(detector=3), "FileMetadata.detector must be a DetectorConfig. Received 3"),
        (changed(task=None), "FileMetadata.task must be a TaskConfig. Received None"),
        (changed(task={"protocol": "commands", "words": "yes"}), "TaskConfig.words must be a tuple"),
    ],
)
def test_metadata_of_a_stranger_cost_one_sentence(
    text: Any, reason: Any, converted: Callable[[str], TfliteFile]
) -> None:
    with pytest.raises(TfliteFileError, match=reason):
        _ = tflite_file(planted(converted("none"), text)).metadata


def test_an_entry_that_names_no_buffer_costs_one_sentence(converted: Callable[[str], TfliteFile]) -> None:
    model = unpack(converted("none").with_metadata(ABOUT).content)
    model.metadata[-1].buffer = 1 << 20
    with pytest.raises(TfliteFileError, match="damaged metadata"):
        _ = tflite_file(pack(model)).metadata


def test_mutated_metadata_never_end_in_anything_but_a_sentence(converted: Callable[[str], TfliteFile]) -> None:
    content, draw = converted("int8").with_metadata(ABOUT).content, random.Random(6)
    first = content.index(to_json(ABOUT)[:40])
    outcomes = {"read": 0, "refused": 0}
    for _ in range(400):
        damaged = bytearray(content)
        low, high = (first, first + metadata_bytes(content)) if draw.random() < 0.7 else (0, len(content))
        for _ in range(draw.choice((1, 1, 4))):
            damaged[draw.randrange(low, high)] ^= 1 << draw.randrange(8)
        try:
            _ = tflite_file(bytes(damaged)).metadata
            outcomes["read"] += 1
        except TfliteFileError:
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 20


def test_every_truncation_is_refused_or_says_the_same(converted: Callable[[str], TfliteFile]) -> None:
    content = converted("none").with_metadata(ABOUT).content
    for length in range(0, len(content), 101):
        with pytest.raises(TfliteFileError):
            _ = tflite_file(content[:length]).metadata
