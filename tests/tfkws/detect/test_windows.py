from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfkws.detect.windows import WindowMaps, Windows
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import extract, rows_in_order


def cut(signal: np.ndarray, samples: int, hop: int) -> tuple[list[int], list[np.ndarray]]:
    """Windows by the definition."""
    begins = range(0, len(signal) - samples + 1, hop)
    return [begin + samples for begin in begins], [signal[begin : begin + samples] for begin in begins]


def blocks_of(signal: np.ndarray, sizes: list[int]) -> list[np.ndarray]:
    return np.split(signal, np.cumsum(sizes).clip(max=len(signal)))


@given(st.lists(st.integers(0, 60), max_size=12), st.integers(1, 40), st.integers(1, 50), st.integers(0, 200))
def test_windows_do_not_depend_on_blocks(sizes: list[int], samples: int, hop: int, length: int) -> None:
    signal = np.arange(length, dtype=np.float32)
    windows = Windows(samples, hop)
    fed = [windows.feed(block) for block in blocks_of(signal, sizes)]
    ends, expected = cut(signal, samples, hop)
    assert [int(end) for found, _ in fed for end in found] == ends
    assert [list(each) for _, found in fed for each in found] == [list(each) for each in expected]


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=12), st.integers(1, 40), st.integers(1, 50))
def test_skipped_windows_are_counted_and_later_ones_are_the_same(
    steps: list[tuple[int, bool]], samples: int, hop: int
) -> None:
    signal = np.arange(sum(size for size, _ in steps), dtype=np.float32)
    ends, _ = cut(signal, samples, hop)
    windows = Windows(samples, hop)
    seen, answered, skipped = 0, [], 0
    for size, skip in steps:
        block = signal[seen : seen + size]
        if skip:
            skipped += windows.skip(block)
        else:
            answered += [int(end) for end in windows.feed(block)[0]]
        seen += size
    assert skipped + len(answered) == len(ends)
    assert set(answered) <= set(ends)


def test_a_stream_may_begin_later() -> None:
    ends, _ = Windows(10, 5, first=100).feed(np.zeros(20, np.float32))
    assert ends.tolist() == [110, 115, 120]


def test_memory_is_that_of_a_window() -> None:
    windows = Windows(100, 10)
    for _ in range(1_000):
        windows.feed(np.zeros(37, np.float32))
    assert len(windows._pending) < 110


@pytest.mark.parametrize("name", [name for name, config in FRONT_ENDS.items() if config.kind != "micro"])
@pytest.mark.parametrize("hop", [320, 512, 1_600, 5_120, 16_000])
def test_maps_are_those_of_whole_clips(name: str, hop: int) -> None:
    config = FRONT_ENDS[name]
    config = replace(config, row_mean=tuple(range(config.rows)), row_std=(2.0,) * config.rows)
    rng = np.random.default_rng(1)
    signal = (rng.normal(0, 0.1, 52_000) * np.sin(np.arange(52_000) / 3_000)).astype(np.float32)
    windows, maps = Windows(16_000, hop), WindowMaps(config, hop)
    found = []
    for block in blocks_of(signal, [700, 1, 20_000, 333, 9_000]):
        ends, clips = windows.feed(block)
        if len(ends):
            found.append(maps.of(ends, clips))
    _, expected = cut(signal, 16_000, hop)
    np.testing.assert_allclose(np.concatenate(found)[..., 0], extract(np.stack(expected), config), atol=2e-4)


def test_microwakewords_noise_is_carried_from_window_to_window() -> None:
    """The first window is a clip's map; later frames are those of one signal that began with it."""
    config = FRONT_ENDS["micro-40x98"]
    rng = np.random.default_rng(4)
    signal = (rng.normal(0, 0.1, 40_000) * np.sin(np.arange(40_000) / 3_000)).astype(np.float32)
    windows, maps = Windows(16_000, 1_600), WindowMaps(config, 1_600)
    found = np.concatenate([maps.of(*windows.feed(block)) for block in blocks_of(signal, [16_000, 5_000, 19_000])])
    rows = rows_in_order(config, from_median=True)
    frames = np.lib.stride_tricks.sliding_window_view(signal, 480)[::160]
    whole = np.concatenate([rows(frames[:98]), rows(frames[98:])])
    np.testing.assert_array_equal(found[0, ..., 0], extract(signal[:16_000], config))
    for number, one in enumerate(found[..., 0]):
        np.testing.assert_array_equal(one, whole[10 * number : 10 * number + 98].T)
    windows.skip(signal[:1_600])
    ends, clips = windows.feed(signal[:3_200])
    np.testing.assert_array_equal(maps.of(ends[:1], clips[:1])[0, ..., 0], extract(clips[0], config))


def test_maps_after_skipped_windows_are_right() -> None:
    config = FRONT_ENDS["mfcc-49x10"]
    signal = np.random.default_rng(2).normal(0, 0.1, 40_000).astype(np.float32)
    windows, maps = Windows(16_000, 1_600), WindowMaps(config, 1_600)
    maps.of(*windows.feed(signal[:20_000]))
    assert windows.skip(signal[20_000:30_000]) == 6
    ends, clips = windows.feed(signal[30_000:])
    np.testing.assert_allclose(maps.of(ends, clips)[..., 0], extract(clips, config), atol=2e-4)


def test_frames_are_shared_where_hops_fit() -> None:
    assert WindowMaps(FRONT_ENDS["mfcc-49x10"], 1_600).shares
    assert WindowMaps(FRONT_ENDS["mfcc-40x32"], 512).shares
    assert not WindowMaps(FRONT_ENDS["mfcc-40x32"], 1_600).shares
    assert not WindowMaps(FRONT_ENDS["mfcc-49x10"], 16_000).shares
