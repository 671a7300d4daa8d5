"""Networks with other filters and kernels: the sizes asked for, all else as it was, and refusals in a sentence."""

from typing import Any

import pytest
from weightless import weightless

from tfkws.errors import ModelError


def shapes(network: Any) -> dict[str, tuple[int, ...]]:
    return {weight.path: tuple(weight.shape) for weight in network.weights}


def test_kernels_and_widths_of_the_layers_that_are_named() -> None:
    plain = weightless("tc_resnet8", (8, 16, 1), 4)
    sized = weightless("tc_resnet8", (8, 16, 1), 4, widths={"stem_conv": 5}, kernels={"stem_conv": [7, 1]})
    before, after = shapes(plain), shapes(sized)
    assert before["stem_conv/kernel"] == (3, 1, 8, 16) and after["stem_conv/kernel"] == (7, 1, 8, 5)
    changed = {path.split("/")[0] for path in after if after[path] != before[path]}
    assert changed == {"stem_conv", "stem_conv_norm", "stage1_block1_conv1", "stage1_block1_skip"}
    assert sized.get_layer("stage1_block1_conv1").strides == (2, 1)


def test_a_wider_network_and_a_depthwise_kernel() -> None:
    sizes = {"widths": {"stage1_block4_pointwise": 100}, "kernels": {"stage1_block4_depthwise": (5, 7)}}
    after = shapes(weightless("mlperf_ds_cnn", (49, 10, 1), 12, **sizes))
    assert after["stage1_block4_depthwise/kernel"] == (5, 7, 64, 1)
    assert after["logits/kernel"] == (100, 12)


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ({"widths": {"nowhere": 3}}, "widths must name convolutions of tc_resnet8. Received nowhere"),
        ({"widths": {"logits": 3}}, "Received logits"),
        ({"widths": {"stem_conv": 0}}, "at least 1. Received 0 for stem_conv"),
        ({"widths": {"stage1_block1_conv2": 3}}, "make equal what is added"),
        ({"kernels": {"logits": (3, 3)}}, 'kernels must name convolutions of tc_resnet8 that pad "same"'),
        ({"kernels": {"stem_conv": 3}}, "pairs of height and width. Received 3 for stem_conv"),
        ({"kernels": {"stem_conv": "35"}}, "pairs of height and width"),
        ({"kernels": {"stem_conv": (3, 0)}}, "at least 1. Received 0 for stem_conv"),
    ],
)
def test_sizes_that_do_not_fit_are_one_sentence(sizes: Any, sentence: Any) -> None:
    with pytest.raises(ModelError, match=sentence):
        weightless("tc_resnet8", (8, 16, 1), 4, **sizes)


def test_a_kernel_that_shrinks_the_map_stays() -> None:
    with pytest.raises(ModelError, match='pad "same". Received head_depthwise'):
        weightless("bc_resnet_1", (40, 32, 1), 4, kernels={"head_depthwise": (3, 5)})
