"""Layer names out of the names that the converter gives to tensors."""

import pytest

from tfkws.graphs.tflite_graph import layer_name

NORM = "m_1/stage1_block1_input_norm_1/batchnorm/add_1"
CASES = [
    (
        "m_1/unit1_conv_relu_1/Relu;m_1/unit1_conv_norm_1/batchnorm/add_1;m_1/unit1_conv_1/conv1",
        "CONV_2D",
        "unit1_conv",
    ),
    ("m_1/stage2_block1_sub1_depthwise_1/depthwise", "DEPTHWISE_CONV_2D", "stage2_block1_sub1_depthwise"),
    ("m_1/head_dense1_1/MatMul;m_1/head_dense1_relu_1/Relu", "FULLY_CONNECTED", "head_dense1"),
    ("m_1/stem_conv_silu_1/Sigmoid", "LOGISTIC", "stem_conv_silu"),
    ("m_1/stage1_block1_relu_1/Relu;m_1/stage1_block1_add_1/Add", "ADD", "stage1_block1_add"),
    (f"m_1/stage1_block1_input_relu_1/Relu;{NORM}", "ADD", "stage1_block1_input_norm"),
    ("Identity", "SOFTMAX", "Identity"),
]


@pytest.mark.parametrize(("tensor", "opcode", "expected"), CASES)
def test_the_layer_is_found(tensor: str, opcode: str, expected: str) -> None:
    assert layer_name(tensor, opcode) == expected
