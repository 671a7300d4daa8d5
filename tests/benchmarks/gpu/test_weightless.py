"""A file without its weights is small, and with new ones it is the same file in all that decides its time."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.gpu.weightless import load_weightless, put_weights, save_weightless, take_weights
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import open_model


@pytest.fixture(scope="module")
def content() -> bytes:
    """A converted network with convolutions of every kind."""
    from tfkws.models import build_model
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.recipes import get_recipe

    return convert(build_model("seed_cnn", (16, 12, 1), 4, convs="3x3,32 1x1,64 3x3,32"), get_recipe("none")).content


def test_operators_and_shapes_stay_and_weights_are_new(content: bytes) -> None:
    emptied, holes = take_weights(content)
    filled = put_weights(emptied, holes)
    assert len(filled) == len(emptied) == len(content)
    assert sorted(hole.values for hole in holes if hole.fan_in) == [128, 288, 32 * 64, 64 * 9 * 32]
    assert [hole.values for hole in holes if not hole.fan_in] == [64]  # the bias of the convolution with 64 filters
    old, new = TfliteFile(content).graph, TfliteFile(filled).graph
    assert [op.opcode for op in old.ops] == [op.opcode for op in new.ops]
    assert [t.shape for t in old.tensors] == [t.shape for t in new.tensors]
    assert filled != content and put_weights(emptied, holes) == filled
    for hole in holes:
        assert not any(emptied[hole.first : hole.first + 4 * hole.values])
        drawn = np.frombuffer(filled, "<f4", hole.values, hole.first)
        if hole.fan_in:
            assert drawn.std() == pytest.approx(np.sqrt(2 / hole.fan_in), rel=0.2)
        else:
            assert (drawn == 1).all()


def test_the_filled_file_runs_and_answers_in_range(content: bytes, tmp_path: Path) -> None:
    save_weightless(tmp_path / "x.bin", content)
    assert (tmp_path / "x.bin").stat().st_size < len(content) / 2
    (tmp_path / "x.tflite").write_bytes(load_weightless(tmp_path / "x.bin"))
    answer = open_model(tmp_path / "x.tflite").predict(np.random.default_rng(0).normal(size=(2, 16, 12, 1)))
    assert answer.sum(1) == pytest.approx(1, abs=1e-5) and answer.std() > 0
