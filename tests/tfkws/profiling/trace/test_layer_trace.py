"""What a trace writes, and which layers are counted in which row."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tfkws.profiling.trace.layer_trace import KIND, LayerTrace, TracedLayer, TraceRow, first_seen

ROWS = st.lists(st.lists(st.sampled_from("abcdef"), unique=True))


@given(ROWS)
def test_every_layer_is_counted_once_where_it_stands_first(rows: list[list[str]]) -> None:
    counted = first_seen([{"layers": row} for row in rows])
    flat = [name for row in counted for name in row]
    assert len(flat) == len(set(flat)) and set(flat) == {name for row in rows for name in row}
    for name in flat:
        first = next(number for number, row in enumerate(rows) if name in row)
        assert name in counted[first]


def test_a_trace_is_json_with_its_kind() -> None:
    layer = TracedLayer("conv", "Conv2D", "convolution", 10, 2, 8, 16)
    row = TraceRow(("conv",), 1.5, ("fusion.1",), (3.0, 4.0))
    made = LayerTrace(
        "net", (8, 6, 1), "noise", "random", "jax", "1", "3", "gpu", "H100", 0, 2, 1, ((5.0,), (6.0,)), (3.0, 4.0), 1.5,
        (layer,), (row,), None, {},
    )  # fmt: skip
    values = json.loads(json.dumps(made.to_dict()))
    assert values["kind"] == KIND == "keras-layers-trace"
    assert values["layers"][0]["hooks_us"] is None and values["layers"][0]["macs"] == 10
    assert values["rows"] == [{"layers": ["conv"], "kernels": 1.5, "kernel_names": ["fusion.1"], "busy_us": [3.0, 4.0]}]
