"""Kernels into rows: sums, order and the row of what no layer could be given."""

from tfkws.profiling.trace.attribution import kernels_per_call, trace_rows
from tfkws.profiling.trace.kernels import Kernel
from tfkws.profiling.trace.layer_trace import TraceRow


def kernel(name: str, start: float, own_us: float, is_outer: bool = False) -> Kernel:
    return Kernel(name, "", "", start, start + own_us, own_us, is_outer)


SERVES = {"conv": {0}, "norm_relu": {1, 2}, "rsqrt": {1}, "loop": {3}, "body": {3}}
REPEATS = [
    [kernel("conv", 0, 8), kernel("copy", 8, 1), kernel("norm_relu", 9, 2), kernel("rsqrt", 11, 1)],
    [kernel("conv", 0, 12), kernel("norm_relu", 12, 4), kernel("loop", 16, 1, True), kernel("body", 16, 3)],
]


def test_each_set_of_layers_is_one_row_in_execution_order() -> None:
    rows = trace_rows(REPEATS, 2, lambda k: frozenset(SERVES.get(k.name, set())), ("conv", "norm", "relu", "rnn"))
    assert rows == (
        TraceRow(("conv",), 0.5, ("conv",), (4.0, 6.0)),
        TraceRow(("norm",), 0.25, ("rsqrt",), (0.5, 0.0)),
        TraceRow(("norm", "relu"), 0.5, ("norm_relu",), (1.0, 2.0)),
        TraceRow(("rnn",), 0.25, ("loop", "body"), (0.0, 2.0)),
        TraceRow((), 0.25, ("copy",), (0.5, 0.0)),
    )
    assert sum(row.kernels for row in rows) == kernels_per_call(REPEATS, 2) == 7 / 4
    own = [sum(k.own_us for k in kernels) / 2 for kernels in REPEATS]
    assert [sum(row.busy_us[repeat] for row in rows) for repeat in range(2)] == own
