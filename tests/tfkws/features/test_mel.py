"""The blocks of the mel filters hold the same numbers as the whole matrix."""

import numpy as np
import pytest

from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.mel import filter_blocks, mel_filters, tables_of


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_blocks_put_together_are_the_filters(name: str) -> None:
    tables = tables_of(FRONT_ENDS[name])
    whole = np.zeros_like(tables.filters)
    for block in tables.blocks:
        whole[block.bins, block.bands] += block.weights
    np.testing.assert_array_equal(whole, tables.filters)
    assert sum(block.weights.size for block in tables.blocks) < 0.45 * tables.filters.size


def test_stretches_without_a_band_are_allowed() -> None:
    filters = mel_filters(FRONT_ENDS["mfcc-40x32"])
    filters[: len(filters) // 2] = 0
    blocks = filter_blocks(filters)
    assert [block.weights.size == 0 for block in blocks] == [True, True, True, False]
