"""Which Keras layer an operator came from, read from the name of its output tensor.

The converter writes `model_1/unit1_conv_relu_1/Relu;model_1/unit1_conv_norm_1/...;model_1/unit1_conv_1/convolution`:
the fused layers joined by semicolons, each with its scope and a running number.
"""

import re

RUNNING_NUMBER = re.compile(r"_\d+$")
FUSED_ROLE = re.compile(r"_(norm|relu6?|silu|sigmoid)$")
FOLDING = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def layer_name(tensor_name: str, opcode: str) -> str:
    """Return the name of the layer, or the tensor's name where it holds none.

    A convolution or dense layer is named without the normalisation and activation fused into it.
    """
    paths = [part.split("/") for part in tensor_name.split(";")]
    layers = [RUNNING_NUMBER.sub("", path[1]) for path in paths if len(path) > 2]
    if not layers:
        return tensor_name
    if opcode in FOLDING:
        return max((FUSED_ROLE.sub("", layer) for layer in layers), key=len)
    return layers[-1]
