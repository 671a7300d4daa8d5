"""Maps in memory: margins around the values, and pitches that lead from one to the next."""

import numpy as np

from tfkws.training.native.maps import CACHE_LINE, Map, Margins, Shape, aligned


def test_values_lie_where_the_pitches_say_and_margins_stay_zero() -> None:
    one = Map(Shape(3, 4, 5), 2, Margins(above=1, below=2, left=3, right=0))
    wanted = np.arange(120, dtype=np.float32).reshape(3, 4, 5, 2) + 1
    one.values[...] = wanted
    for channel, row, column, clip in np.ndindex(3, 4, 5, 2):
        offset = channel * one.channel_pitch + row * one.row_pitch + column * one.clips + clip
        assert one.start[offset] == wanted[channel, row, column, clip]
    assert one.memory.sum() == wanted.sum()


def test_rows_are_gapless_where_there_is_no_margin_beside_them() -> None:
    assert Map(Shape(2, 3, 4), 5, Margins(above=2, below=1)).is_gapless
    assert not Map(Shape(2, 3, 4), 5, Margins(right=1)).is_gapless
    assert Map(Shape(2, 1, 4), 5, Margins(right=1)).is_gapless


def test_margins_join_to_the_larger_of_each_side() -> None:
    assert Margins(1, 0, 5, 2).joined(Margins(0, 3, 4, 9)) == Margins(1, 3, 5, 9)


def test_memory_begins_at_a_cache_line() -> None:
    assert aligned(7).ctypes.data % CACHE_LINE == 0
    assert aligned(7).shape == (7,)
