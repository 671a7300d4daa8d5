"""The device clock against cases by hand, and against a machine that lives through every sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfkws.detect.over_air.device_clock import Capture, Device, Stretch, overlaps

SECOND = 16_000


def lived_through(device: Device, samples: int) -> tuple[list[tuple[list[int], int]], set[int]]:
    """Step through time sample by sample: what each window holds, when its answer comes, and all that was captured."""
    ears: list[int] = []  # what was recorded, sample by sample
    answers: list[tuple[list[int], int]] = []
    queue: list[list[int]] = []  # windows that wait for the network, newest last
    needed, busy_until = device.window, 0
    now = 0
    while now < samples or queue:
        blocked = device.capture == "blocking" and now < busy_until
        if now < samples and not blocked:
            ears.append(now)
            needed -= 1
            if needed == 0:
                queue.append(ears[-device.window :])
                needed = device.hop
        now += 1
        if queue and now >= busy_until:
            busy_until = now + device.latency
            answers.append((queue[-1], busy_until))
            queue.clear()
    return answers, set(ears)


@given(
    window=st.integers(1, 12),
    hop=st.integers(1, 12),
    latency=st.integers(0, 40),
    samples=st.integers(0, 120),
    capture=st.sampled_from(["blocking", "buffered"]),
)
def test_the_clock_is_what_living_through_every_sample_gives(
    window: int, hop: int, latency: int, samples: int, capture: Capture
) -> None:
    device = Device(window, min(hop, window), latency, capture)
    hearing = device.hear(samples)
    expected, captured = lived_through(device, samples)
    held = [[n for begin, end in each.stretches for n in range(begin, end)] for each in hearing.windows]
    assert list(zip(held, [each.printed for each in hearing.windows], strict=True)) == expected
    judged = {n for window_held in held for n in window_held}
    lost = {n for begin, end in hearing.lost() for n in range(begin, end)}
    assert lost == set(range(hearing.unfinished_from)) - judged
    fed = [n for window in hearing.windows for n in range(*window.recorded)]
    assert fed == [n for n in sorted(captured) if not hearing.windows or n < hearing.windows[-1].whole][: len(fed)]
    new = [n for stretches in hearing.new_audio() for begin, end in stretches for n in range(begin, end)]
    assert new == sorted(judged)
    if capture == "blocking":
        assert hearing.dropped == 0
        assert {n for n in range(samples) if n not in captured} == lost
    else:
        assert captured == set(range(samples))
        late = [each.printed - each.whole for each in hearing.windows[:-1]]  # nothing newer comes in place of the last
        assert max(late, default=0) <= latency + min(latency, device.hop)


def seconds(stretches: list[Stretch]) -> list[tuple[float, float]]:
    return [(round(begin / SECOND, 3), round(end / SECOND, 3)) for begin, end in stretches]


def test_densenet_on_the_pi_hears_five_seconds_of_twenty() -> None:
    hearing = Device(SECOND, SECOND, round(3.6742 * SECOND)).hear(20 * SECOND)
    heard = seconds([stretch for window in hearing.windows for stretch in window.stretches])
    assert heard == [(0, 1), (4.674, 5.674), (9.348, 10.348), (14.023, 15.023), (18.697, 19.697)]
    assert hearing.windows[0].printed == round(4.6742 * SECOND)
    assert hearing.lost_share == pytest.approx(15 / 20, abs=0.001)  # 4 gaps of 3.674 s and the last 0.3 s


def test_a_buffered_device_with_a_slow_network_drops_windows_and_its_delay_does_not_grow() -> None:
    hearing = Device(SECOND, SECOND, round(1.6734 * SECOND), "buffered").hear(600 * SECOND)
    assert hearing.recorded == 600
    assert len(hearing.windows) + hearing.dropped == 600
    delays = np.array([window.printed - window.whole for window in hearing.windows]) / SECOND
    assert delays.max() <= 2.6734
    assert len(hearing.windows) == pytest.approx(600 / 1.6734, rel=0.01)
    assert delays[300:].max() <= delays[:300].max() + 1e-4


def test_a_buffered_device_with_a_fast_network_loses_nothing() -> None:
    hearing = Device(SECOND, 1_600, 800, "buffered").hear(3 * SECOND)
    assert (hearing.dropped, hearing.lost_share, len(hearing.windows)) == (0, 0.0, 21)
    assert {window.printed - window.whole for window in hearing.windows} == {800}


def test_windows_that_slide_over_gaps_hold_pieces() -> None:
    hearing = Device(window=6, hop=2, latency=3).hear(16)
    assert [window.stretches for window in hearing.windows] == [
        ((0, 6),),
        ((2, 6), (9, 11)),
        ((4, 6), (9, 11), (14, 16)),
    ]
    assert hearing.new_audio() == [[(0, 6)], [(9, 11)], [(14, 16)]]
    assert overlaps(hearing.windows, [(5, 10), (13, 20)]).tolist() == [[1, 0], [2, 0], [2, 2]]
    assert hearing.lost() == [(6, 9), (11, 14)]


def test_a_signal_shorter_than_a_window_is_not_judged_and_not_lost() -> None:
    for capture in ("blocking", "buffered"):
        hearing = Device(10, 10, 5, capture).hear(9)
        assert (hearing.windows, hearing.lost(), hearing.dropped) == ((), [], 0)


@pytest.mark.parametrize(("window", "hop", "latency"), [(10, 11, 0), (10, 0, 0), (0, 0, 0), (10, 10, -1)])
def test_lengths_that_no_device_has_are_refused(window: int, hop: int, latency: int) -> None:
    with pytest.raises(ValueError, match="1 <= hop <= window"):
        Device(window, hop, latency)
