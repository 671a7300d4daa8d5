"""The names of XNNPACK's kernels, and which operators each can stand for.

The names are those of `xnn_operator_type_to_string`, of every version that runtimes of the last years hold, without
what stands in brackets behind them. They are compared without capitals, blanks and hyphens, since versions differ in
these ("Tanh" and "TanH", "Leaky ReLU" and "LeakyReLU").
"""

import re
from collections.abc import Mapping
from functools import cache

_UNARY = (
    "ABS", "CEIL", "COS", "ELU", "EXP", "FLOOR", "GELU", "HARD_SWISH", "LEAKY_RELU", "LOG", "LOGISTIC", "NEG",
    "RELU", "RELU6", "RELU_0_TO_1", "RELU_N1_TO_1", "ROUND", "RSQRT", "SIGN", "SIN", "SQRT", "SQUARE", "TANH",
    "BITCAST", "CAST", "QUANTIZE", "DEQUANTIZE",
)  # fmt: skip
_BINARY = (
    "ADD", "SUB", "MUL", "DIV", "POW", "MAXIMUM", "MINIMUM", "FLOOR_MOD", "FLOOR_DIV", "SQUARED_DIFFERENCE", "PRELU",
    "ATAN2", "BITWISE_XOR", "RIGHT_SHIFT",
)  # fmt: skip
_REDUCTIONS = ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD")
_SHAPES = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")
_DENSE = ("FULLY_CONNECTED", "BATCH_MATMUL", "CONV_2D")
_CLAMPS = ("RELU", "RELU6", "RELU_0_TO_1", "RELU_N1_TO_1", "MAXIMUM", "MINIMUM")
_NORMALISATION = ("L2_NORMALIZATION", "STABLEHLO_COMPOSITE", "MEAN", "SQUARED_DIFFERENCE", "RSQRT", "MUL", "DIV")

# Name of a kernel to the operators that it can stand for; none where it only ever serves another operator.
KERNELS: Mapping[str, tuple[str, ...]] = {
    # Products with weights.
    "Convolution": ("CONV_2D", "DEPTHWISE_CONV_2D"),
    "DWConv": ("CONV_2D", "DEPTHWISE_CONV_2D"),
    "Deconvolution": ("TRANSPOSE_CONV",),
    "Fully Connected": _DENSE,
    "Dynamic Fully Connected": _DENSE,
    "Batch Matrix Multiply": ("BATCH_MATMUL", "FULLY_CONNECTED"),
    "Scaled Dot-Product Attention": ("STABLEHLO_COMPOSITE", "BATCH_MATMUL"),
    "RoPE": ("STABLEHLO_COMPOSITE",),
    # Functions of one value.
    "Abs": ("ABS",),
    "ApproxGELU": ("GELU",),
    "Bankers Rounding": ("ROUND",),
    "Bankders Rounding": ("ROUND",),  # as version 2.3 of LiteRT spells it
    "Ceiling": ("CEIL",),
    "Clamp": _CLAMPS,
    "Cosine": ("COS",),
    "Cube Root": ("POW",),
    "ELU": ("ELU",),
    "Exp": ("EXP",),
    "Floor": ("FLOOR",),
    "GELU": ("GELU",),
    "HardSwish": ("HARD_SWISH",),
    "Leaky ReLU": ("LEAKY_RELU", "PRELU"),
    "Log": ("LOG",),
    "Negate": ("NEG", "SUB"),
    "PReLU": ("PRELU",),
    "ReLU": ("RELU",),
    "Reciprocal Square Root": ("RSQRT", "DIV"),
    "Sigmoid": ("LOGISTIC",),
    "Sign": ("SIGN",),
    "Sine": ("SIN",),
    "Softmax": ("SOFTMAX",),
    "Square": ("SQUARE", "MUL", "POW"),
    "Square Root": ("SQRT", "POW"),
    "Tanh": ("TANH",),
    "Truncation": ("CAST",),
    "Bitwise Not": ("LOGICAL_NOT",),
    "Count Leading Zeros": (),
    "Population Count": (),
    # A table of 256 answers, which functions of one int8 value become.
    "Unary Elementwise": _UNARY,
    "Invalid Unary Op": _UNARY,
    # Functions of two values.
    "Add": ("ADD",),
    "And": ("LOGICAL_AND",),
    "ATan2": ("ATAN2",),
    "Binary Elementwise": _BINARY,
    "Invalid Binary Op": _BINARY,
    "Bitwise And": ("LOGICAL_AND",),
    "Bitwise Or": ("LOGICAL_OR",),
    "Bitwise Xor": ("BITWISE_XOR",),
    "Copy Sign": ("SIGN",),
    "Divide": ("DIV",),
    "Maximum": ("MAXIMUM", "RELU"),
    "Minimum": ("MINIMUM",),
    "Modulus": ("FLOOR_MOD",),
    "Multiply": ("MUL", "NEG"),
    "Or": ("LOGICAL_OR",),
    "Power": ("POW",),
    "Shift Left": (),
    "Shift Right Arithmetic": ("RIGHT_SHIFT",),
    "Shift Right Logical": ("RIGHT_SHIFT",),
    "Squared Difference": ("SQUARED_DIFFERENCE",),
    "Subtract": ("SUB",),
    "Xor": ("BITWISE_XOR",),
    # Reductions and windows.
    "ArgMax Pooling": ("MAX_POOL_2D", "CUSTOM:MaxPoolingWithArgmax2D"),
    "Average Pooling": ("AVERAGE_POOL_2D", "MEAN"),
    "Global Average Pooling": ("MEAN", "AVERAGE_POOL_2D"),
    "Global Sum Pooling": ("SUM", "MEAN"),
    "Invalid Reduce": _REDUCTIONS,
    "Max Pooling": ("MAX_POOL_2D",),
    "Mean": ("MEAN", "AVERAGE_POOL_2D"),
    "Mean Squared": _NORMALISATION,
    "Normalize": _NORMALISATION,
    "Reduce Max": ("REDUCE_MAX",),
    "Reduce Min": ("REDUCE_MIN",),
    "Sum": ("SUM", "MEAN"),
    "Unpooling": ("CUSTOM:MaxUnpooling2D",),
    # Movements of values.
    "Channel Shuffle": (),
    "Concat": ("CONCATENATION", "PACK"),
    "Constant Pad": ("PAD", "PADV2"),
    "Convert": ("QUANTIZE", "DEQUANTIZE", "CAST"),
    "Copy": (
        *_SHAPES, "CONCATENATION", "PACK", "SPLIT", "SPLIT_V", "UNPACK", "READ_VARIABLE", "ASSIGN_VARIABLE", "SLICE",
        "STRIDED_SLICE", "BROADCAST_TO", "TILE",
    ),
    "Depth To Space": ("DEPTH_TO_SPACE",),
    "Fuse Dims": _SHAPES,
    "Pack LH": (),
    "Resize Bilinear": ("RESIZE_BILINEAR",),
    "Reshape": _SHAPES,
    "Static Reshape": _SHAPES,
    "Static Expand Dims": _SHAPES,
    "Slice": ("SLICE", "STRIDED_SLICE", "SPLIT", "SPLIT_V", "UNPACK"),
    "Space To Depth": ("SPACE_TO_DEPTH",),
    "Split Dims": _SHAPES,
    "Transpose": ("TRANSPOSE",),
}  # fmt: skip

# Kernels that XNNPACK may put in on its own account; their time goes to the operator they serve, the next one.
_HELPERS = (
    "Static Reshape", "Reshape", "Static Expand Dims", "Fuse Dims", "Split Dims", "Copy", "Convert", "Transpose",
    "Constant Pad", "Pack LH",
)  # fmt: skip
FUSED_ACTIVATION = "Clamp"  # runs after the operator that it was fused into

# Operators that XNNPACK may make a part of another, or leave out because their values need not move.
FOLDABLE = frozenset(
    {
        *_SHAPES, "TRANSPOSE", "CONCATENATION", "PACK", "SPLIT", "SPLIT_V", "SLICE", "STRIDED_SLICE", "PAD", "PADV2",
        "QUANTIZE", "DEQUANTIZE", "RELU", "RELU6", "RELU_0_TO_1", "RELU_N1_TO_1", "VAR_HANDLE", "READ_VARIABLE",
    }
)  # fmt: skip


@cache
def operators_of(kernel: str) -> frozenset[str]:
    """Return the operators that a kernel can stand for, by its name as a profiler prints it.

    Where the name is not known as a whole, the longest known name within it counts.

    Example:
        >>> sorted(operators_of("TanH (NC)")), sorted(operators_of("Reciprocal Square Root (NC, F32)"))
        (['TANH'], ['DIV', 'RSQRT'])
        >>> operators_of("Brand New Kernel (NC)")
        frozenset()
    """
    name = _plain(kernel.split("(")[0])
    if name in _BY_NAME:
        return _BY_NAME[name]
    within = sorted((known for known in _BY_NAME if len(known) > _SHORTEST and known in name), key=len)
    return _BY_NAME[within[-1]] if within else frozenset()


@cache
def is_helper(kernel: str) -> bool:
    """Return whether a kernel may serve an operator that it does not stand for."""
    name = _plain(kernel.split("(")[0])
    return name in _HELPER_NAMES or is_fused_activation(kernel)


@cache
def is_fused_activation(kernel: str) -> bool:
    """Return whether a kernel is an activation that may belong to the operator before it."""
    return _plain(kernel.split("(")[0]) == _plain(FUSED_ACTIVATION)


def _plain(name: str) -> str:
    return re.sub(r"[\s-]", "", name).lower()


_SHORTEST = 3  # letters of a name that is looked for within others; "or" is in too many
_BY_NAME = {_plain(name): frozenset(operators) for name, operators in KERNELS.items()}
_HELPER_NAMES = frozenset(map(_plain, _HELPERS))
