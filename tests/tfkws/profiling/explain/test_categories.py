"""Categories of operators by opcode and by layer."""

from tfkws.profiling.explain.categories import CATEGORIES, in_order, merged, operator_category


def test_categories_are_in_the_papers_order_with_other_last() -> None:
    assert in_order(["Other", "Dense", "Conv2D"]) == ("Conv2D", "Dense", "Other")
    assert in_order(reversed(CATEGORIES)) == CATEGORIES and CATEGORIES[-1] == "Other"


def test_a_multiplication_goes_by_its_layer() -> None:
    layers = {"norm": "BatchNorm", "silu": "ReLU and kin", "scale": "Other", "conv": "Conv2D"}
    assert operator_category("MUL", "norm", layers) == "BatchNorm"
    assert operator_category("MUL", "silu", layers) == "ReLU and kin"
    assert operator_category("MUL", "scale", layers) == "Other"
    assert operator_category("MUL", "conv", layers) == "Other"
    assert operator_category("MUL", "silu", {}) == "Other"
    assert operator_category("SOFTMAX", "x", {}) == "Other"
    assert operator_category("CONV_2D", "norm", layers) == "Conv2D"


def test_depthwise_convolutions_are_shown_apart_on_request() -> None:
    assert merged("DepthwiseConv2D", depthwise_apart=False) == "Conv2D"
    assert merged("DepthwiseConv2D", depthwise_apart=True) == "DepthwiseConv2D"
    assert merged("Dense", depthwise_apart=False) == "Dense"
