"""What TensorBoard reads back is what was logged; the stage as a whole runs in test_quickstart.py."""

from pathlib import Path

import pytest

from tfkws.pipeline.train import TENSORBOARD_SCALARS, tensorboard_log
from tfkws.training.checkpoint import EpochRow


def test_scalars_come_back_by_iteration(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    with tensorboard_log(tmp_path) as log:
        for epoch in range(3):
            log(EpochRow(epoch, 8 * (epoch + 1), 0.01, 1.0 / (epoch + 1), 2.0, 0.5 + epoch / 10, 1.0))
    events = accumulator.EventAccumulator(str(tmp_path), size_guidance={accumulator.TENSORS: 0}).Reload()
    assert set(events.Tags()["tensors"]) == set(TENSORBOARD_SCALARS)
    rows = events.Tensors("validation_accuracy")
    assert [row.step for row in rows] == [8, 16, 24]
    assert [row.tensor_proto.float_val[0] for row in rows] == pytest.approx([0.5, 0.6, 0.7])
