import threading
import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tfkws.detect.live.ring_buffer import RingBuffer


@given(st.integers(1, 20), st.lists(st.integers(0, 30), max_size=10), st.integers(0, 150), st.integers(0, 60))
def test_it_holds_the_latest_samples(capacity: int, sizes: list[int], begin: int, length: int) -> None:
    ring, written = RingBuffer(capacity), np.zeros(0, np.float32)
    for size in sizes:
        block = np.arange(len(written), len(written) + size, dtype=np.float32)
        ring.write(block)
        written = np.concatenate([written, block])
    stretch = ring.read(begin, begin + length)
    there = [k for k in range(begin, min(begin + length, len(written))) if k >= len(written) - capacity]
    assert ring.written == len(written)
    assert stretch.samples.tolist() == there
    if there:
        assert (stretch.begin, stretch.lost) == (there[0], there[0] - begin)


def test_what_was_overwritten_is_counted_as_lost() -> None:
    ring = RingBuffer(10)
    ring.write(np.arange(25, dtype=np.float32))
    stretch = ring.read(3, 20)
    assert (stretch.begin, stretch.lost, stretch.samples.tolist()) == (15, 12, [15.0, 16.0, 17.0, 18.0, 19.0])


def test_a_reader_waits_for_a_writer() -> None:
    ring = RingBuffer(100)
    threading.Timer(0.05, ring.write, [np.zeros(10, np.float32)]).start()
    assert ring.wait_for(9, timeout_s=5)


def test_waiting_ends_when_no_more_comes() -> None:
    ring = RingBuffer(100)
    threading.Timer(0.05, ring.close).start()
    assert not ring.wait_for(9, timeout_s=5)
    assert ring.closed


def test_arrival_is_that_of_the_block_that_holds_the_last_sample() -> None:
    ring, before = RingBuffer(100), time.monotonic()
    ring.write(np.zeros(10, np.float32))
    between = time.monotonic()
    ring.write(np.zeros(10, np.float32))
    assert before <= ring.arrived(10) <= between <= ring.arrived(11) <= time.monotonic()
    assert ring.arrived(11) == ring.arrived(20)
