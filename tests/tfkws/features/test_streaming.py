"""A stream gives the frames of the whole signal, in whatever pieces it comes."""

import numpy as np
import pytest

from tfkws.config import FeatureConfig
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import extract
from tfkws.features.streaming import StreamingFrontEnd


@pytest.mark.parametrize("piece_samples", [320, 1, 37, 5000, 16_000])
@pytest.mark.parametrize("config", FRONT_ENDS.values(), ids=FRONT_ENDS)
def test_same_frames_in_pieces(config: FeatureConfig, piece_samples: int, clips: np.ndarray) -> None:
    if piece_samples == 1:
        clips = clips[:1]
    signal = clips[: 1 if piece_samples == 1 else 3].reshape(-1)
    stream = StreamingFrontEnd(config)
    rows = [stream.feed(signal[start : start + piece_samples]) for start in range(0, len(signal), piece_samples)]
    rows.append(stream.finish())
    whole = extract(signal, config)
    np.testing.assert_allclose(np.concatenate(rows), whole if config.time_first else whole.T, atol=1e-5)


def test_frames_come_as_soon_as_they_are_complete() -> None:
    stream = StreamingFrontEnd(FRONT_ENDS["logmel-40x98"])
    assert [len(stream.feed(np.zeros(160, np.int16))) for _ in range(5)] == [0, 0, 1, 1, 1]
