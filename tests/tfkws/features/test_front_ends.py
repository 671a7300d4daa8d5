"""The front ends by name: the settings that their papers state."""

import pytest

from tfkws.errors import ConfigError
from tfkws.features.front_ends import DEFAULT_FRONT_END, FRONT_ENDS, get_front_end


@pytest.mark.parametrize(
    ("name", "window_ms", "hop_ms", "shape"),
    [
        ("mfcc-40x32", 128, 32, (40, 32, 1)),
        ("logmel-32x32", 128, 32, (32, 32, 1)),
        ("logmel-40x98", 30, 10, (40, 98, 1)),
        ("mfcc-49x10", 30, 20, (49, 10, 1)),
        ("micro-40x98", 30, 10, (40, 98, 1)),
    ],
)
def test_windows_strides_and_maps_are_those_of_the_papers(
    name: str, window_ms: int, hop_ms: int, shape: tuple[int, int, int]
) -> None:
    config = get_front_end(name)
    assert (config.window_samples, config.hop_samples) == (16 * window_ms, 16 * hop_ms)
    assert config.input_shape == shape
    assert config.kind == name.split("-")[0].replace("logmel", "log_mel")


def test_every_front_end_carries_its_own_name_and_is_not_normalised() -> None:
    assert [config.name for config in FRONT_ENDS.values()] == list(FRONT_ENDS)
    assert all(config.row_mean == config.row_std == () for config in FRONT_ENDS.values())
    assert DEFAULT_FRONT_END in FRONT_ENDS


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no front end 'mfcc-40x23'.*logmel-32x32.*Did you mean"):
        get_front_end("mfcc-40x23")
