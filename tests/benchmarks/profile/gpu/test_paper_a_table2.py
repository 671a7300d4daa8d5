"""Table 2 as it is transcribed: its own shares follow from its times and from our counts of layers."""

import pytest

from benchmarks.profile.gpu.paper_a_table2 import TABLE_2, class_works, network_ms, read_class_works
from benchmarks.profile.why import PAPER_A_SECONDS

# Cells where the paper contradicts itself: B1's dropouts, VGG19's three dense layers, DenseNet's pooling on the Mac,
# and VGG19's column for the Pi, whose shares sum to 121 %.
CONTRADICTED = {("efficientnet_b1", "Dropout", 0), ("efficientnet_b1", "Dropout", 1), ("cnn", "Linear", 0),
                ("densenet_bc_190_40", "AveragePool2d", 0)} | {("cnn", c, 1) for c in TABLE_2["cnn"]}  # fmt: skip


def test_the_printed_shares_follow_from_times_and_layers() -> None:
    works, checked = read_class_works(), 0
    for column in (0, 1):
        totals = network_ms(works, column)
        for name, classes in TABLE_2.items():
            for each, time in classes.items():
                ms, share = time.ms[column], time.share[column]
                if ms is None or share is None or (name, each, column) in CONTRADICTED:
                    continue
                assert 100 * works[name][each].layers * ms / totals[name] == pytest.approx(share, abs=1.1), (name, each)
                checked += 1
    assert checked == 58


def test_the_shares_that_are_left_out_sum_to_more_than_the_whole() -> None:
    assert sum(time.share[1] or 0 for time in TABLE_2["cnn"].values()) == pytest.approx(121.5, abs=0.1)


def test_layers_sum_to_less_than_the_latency_of_table_1() -> None:
    works = read_class_works()
    for column in (0, 1):
        for name, ms in network_ms(works, column).items():
            assert 0.5 < ms / 1e3 / PAPER_A_SECONDS[name][column] < 1.0 or (name, column) == ("densenet_bc_190_40", 0)


def test_depthwise_convolutions_count_as_the_papers_conv2d() -> None:
    rows = [{"category": category, "macs": macs, "weight_bytes": 4} for category, macs in
            (("Conv2D", 100), ("DepthwiseConv2D", 10), ("BatchNorm", 1))]  # fmt: skip
    conv = class_works(rows, "Conv2d")
    assert (conv.layers, conv.macs, conv.weight_bytes) == (2, 110, 8)
