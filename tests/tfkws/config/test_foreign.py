"""What is told of a model made elsewhere is checked when it is made."""

import pytest

from tfkws.config import ForeignModel
from tfkws.errors import ConfigError
from tfkws.features.front_ends import FRONT_ENDS

FEATURES = FRONT_ENDS["mfcc-49x10"]


def test_the_input_is_that_of_the_front_end_or_audio() -> None:
    assert ForeignModel(("a", "b"), FEATURES).input_shape == (49, 10, 1)
    assert ForeignModel(("a", "b"), FEATURES, takes_audio=True).input_shape == (16_000,)


@pytest.mark.parametrize("labels", [(), ("a", "a"), ("a", ""), ("a", "b\n")])
def test_labels_are_lines_of_text_that_differ(labels: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="labels must"):
        ForeignModel(labels, FEATURES)


def test_a_scale_of_zero_would_leave_nothing() -> None:
    with pytest.raises(ConfigError, match="scale must not be 0"):
        ForeignModel(("a", "b"), FEATURES, scale=0.0)
