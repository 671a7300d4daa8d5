"""What a streaming file says about its stream."""

import pytest

from tfkws.config import StreamConfig
from tfkws.errors import ConfigError


def test_it_is_read_as_it_was_written() -> None:
    config = StreamConfig(2, 9, 49, 5, False)
    assert StreamConfig.from_dict(config.to_dict()) == config


def test_numbers_that_no_stream_has_are_refused() -> None:
    with pytest.raises(ConfigError, match="frames_per_step must be at least 1"):
        StreamConfig(0, 9, 49, 5, False)
    with pytest.raises(ConfigError, match="settling_frames must exceed delay_frames. Received 9"):
        StreamConfig(2, 9, 9, 5, False)
