"""The groups of the mel filters hold the same numbers as the whole matrix."""

import numpy as np
import pytest

from tfkws.errors import ConfigError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.mel import filter_groups, mel_filters, tables_of


@pytest.mark.parametrize("name", [name for name, config in FRONT_ENDS.items() if config.kind != "micro"])
def test_groups_put_together_are_the_filters(name: str) -> None:
    tables = tables_of(FRONT_ENDS[name])
    whole = np.zeros((2 * len(tables.filters), tables.filters.shape[1]), np.float32)
    for group in tables.groups:
        whole[group.parts, group.bands] += group.weights
    np.testing.assert_array_equal(whole[0::2], tables.filters)
    np.testing.assert_array_equal(whole[1::2], tables.filters)
    assert sum(group.weights.size for group in tables.groups) < 0.7 * tables.filters.size


def test_groups_without_a_bin_are_allowed() -> None:
    filters = mel_filters(FRONT_ENDS["mfcc-40x32"])
    filters[: len(filters) // 2] = 0
    groups = filter_groups(filters)
    assert [group.weights.size == 0 for group in groups] == [True, True, True, False, False]


def test_microwakewords_front_end_has_other_tables() -> None:
    with pytest.raises(ConfigError, match="micro-40x98 is computed in whole numbers"):
        tables_of(FRONT_ENDS["micro-40x98"])
