import numpy as np
import pytest

from tfkws.wakeword.rows import Rows
from tfkws.wakeword.windows import (
    NO,
    UNSAID,
    YES,
    Span,
    Variety,
    classes_of,
    draw_windows,
    masked,
    scored,
    warp_matrices,
)

SPAN = Span(frames=100)
UNCHANGED = Variety(pace=1.0, warp=1.0, tilt=0.0, masks=0)


def rows(words: list[tuple[int, int]], frames: int = 1_000, begins: tuple[int, ...] = (0,)) -> Rows:
    values = np.arange(frames, dtype=np.float16)[:, None] + np.zeros((1, 4), np.float16)
    return Rows(values, np.array([*begins, frames]), np.array(words).reshape(-1, 2), np.zeros((0, 2), np.int64))


def test_a_window_holds_the_phrase_when_it_ended_a_moment_ago() -> None:
    classes = classes_of(rows([(300, 360)]), SPAN)
    assert set(classes[360 + 8 : 360 + 37]) == {YES}
    assert classes[360 + 37] == classes[360 + 7] == UNSAID


def test_a_window_with_part_of_the_phrase_is_without_it() -> None:
    classes = classes_of(rows([(300, 360)]), SPAN)
    assert set(classes[100:336]) == {NO}  # up to six tenths of it
    assert classes[336] == UNSAID
    assert set(classes[401:1_001]) == {NO}  # the window begins after the phrase did


def test_a_window_begins_on_its_own_track() -> None:
    classes = classes_of(rows([(300, 360)], begins=(0, 500)), SPAN)
    assert set(classes[:100]) == set(classes[500:600]) == {UNSAID}


def test_a_phrase_longer_than_the_window_is_never_whole() -> None:
    assert YES not in classes_of(rows([(300, 420)]), SPAN)


def test_windows_are_cut_where_they_end() -> None:
    values = rows([]).values
    warps = warp_matrices(4, 1.0, count=1)
    windows = draw_windows(values, np.array([150, 400]), 100, UNCHANGED, np.random.default_rng(0), warps)
    assert windows[:, -1, 0].tolist() == [149.0, 399.0]
    assert windows[:, 0, 0].tolist() == [50.0, 300.0]


def test_pace_stretches_time_and_keeps_the_end() -> None:
    values = rows([]).values
    fast = Variety(pace=1.3, warp=1.0, tilt=0.0, masks=0)
    windows = draw_windows(values, np.full(50, 500), 100, fast, np.random.default_rng(0), warp_matrices(4, 1.0, 1))
    assert windows[:, -1, 0] == pytest.approx(np.full(50, 499.0), abs=0.5)
    spans = windows[:, -1, 0] - windows[:, 0, 0]
    assert spans.min() < 85
    assert spans.max() > 115
    assert spans.min() >= 99 / 1.3 - 1
    assert spans.max() <= 99 * 1.3 + 1


def test_a_warp_moves_a_peak_along_the_bands() -> None:
    peak = np.zeros((1, 40), np.float32)
    peak[0, 20] = 1.0
    down, middle, up = (peak @ matrix for matrix in warp_matrices(40, 1.1, count=3)[[2, 1, 0]])
    assert int(np.argmax(middle)) == 20
    assert int(np.argmax(down)) == 18
    assert int(np.argmax(up)) == 22


def test_masks_blank_no_more_than_told() -> None:
    windows = np.random.default_rng(0).normal(0, 1, (20, 50, 40)).astype(np.float32)
    before = windows.copy()
    masked(windows, Variety(time_mask=5, band_mask=0, masks=1), np.random.default_rng(1))
    changed = (windows != before).any(axis=2).sum(axis=1)
    assert changed.max() <= 5
    assert changed.max() > 0


def test_every_window_is_scored_once() -> None:
    values = rows([]).values
    ends = np.arange(100, 1_000, 7)
    found = scored(values, ends, 100, lambda windows: windows[:, -1, 0], chunk=10)
    assert found.tolist() == [float(end - 1) for end in ends]
