"""Events of the profiler, reduced to one row a kernel."""

import numpy as np
import pytest

from tfkws.errors import ProfileParseError
from tfkws.tflite.profile.kernel_events import Event, KernelRow, kernel_rows, middle_mean, split_runs, unrounded_us

START: Event = ("invoke", 16, -1, 500)
WHOLE: Event = ("Invoke", 1, 0, 450)


def test_events_become_one_row_a_kernel() -> None:
    runs: list[list[Event]] = [
        [START, WHOLE, ("Conv", 8, 0, 10 + k), ("SOFTMAX", 2, 8, k % 2), ("Invoke", 32, -1, 1 << 32)] for k in range(4)
    ]
    rows = kernel_rows([event for run in runs for event in run])
    assert [(row.kernel, row.node) for row in rows] == [("Conv", None), ("SOFTMAX", 8)]
    assert [row.time_us for row in rows] == [11.5, 0.5]


def test_middle_mean_ignores_outliers_and_resolves_fractions() -> None:
    assert middle_mean(np.array([10.0] * 6 + [1e6, 0.0])) == 10.0
    assert middle_mean(np.array([1.0, 2.0] * 10)) == 1.5
    assert middle_mean(np.array([7.0])) == 7.0


def test_no_operators_is_an_error() -> None:
    with pytest.raises(ProfileParseError, match="no operators in 2 events"):
        kernel_rows([START, WHOLE])
    with pytest.raises(ProfileParseError):
        kernel_rows([])


def test_runs_that_differ_are_an_error() -> None:
    with pytest.raises(ProfileParseError, match="Run 1 ran other kernels"):
        kernel_rows([START, ("A", 8, 0, 1), START, ("B", 8, 0, 1)])
    with pytest.raises(ProfileParseError, match=r"\(1 and 2\)"):
        kernel_rows([START, ("A", 8, 0, 1), ("B", 8, 1, 1), START, ("A", 8, 0, 1)])


def test_runs_hold_operators_alone_and_begin_at_their_opening() -> None:
    conv: Event = ("Conv", 8, 0, 10)
    softmax: Event = ("SOFTMAX", 2, 3, 4)
    assert split_runs([conv, START, WHOLE, conv, softmax, START, softmax]) == [[conv, softmax], [softmax]]


def test_runs_of_a_file_with_a_signature_begin_without_the_first_event() -> None:
    conv: Event = ("Conv", 8, 0, 10)
    assert split_runs([WHOLE, conv, ("Invoke", 32, -1, 1 << 32), WHOLE, conv]) == [[conv], [conv]]
    assert [row.kernel for row in kernel_rows([WHOLE, conv] * 3)] == ["Conv"]


def test_what_a_delegate_cut_off_is_half_a_microsecond_and_no_more_than_was_told() -> None:
    assert [unrounded_us(KernelRow("Conv", None, time)) for time in (0.0, 0.2, 7.0)] == [0.0, 0.4, 7.5]
    assert unrounded_us(KernelRow("CONV_2D", 3, 7.0)) == 7.0
