"""Names of XNNPACK's kernels: every one that the installed runtimes hold is known."""

import importlib.util
import re
from pathlib import Path

import pytest

from tfkws.graphs.tflite_parser import BUILTIN_OPERATORS
from tfkws.tflite.profile.xnnpack_kernels import FOLDABLE, KERNELS, is_fused_activation, is_helper, operators_of

NAME = re.compile(
    rb"([A-Z][A-Za-z0-9 -]{2,40}) \((?:ND|NC|NHWC|NCHW|NCHW2NHWC|NWC|NCW|NTHC|NHTC|X\d+)[A-Z0-9_, ]*\)\x00"
)


def names_in(package: str, pattern: str) -> set[str]:
    """Names of kernels that stand in a package's libraries."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return set()
    libraries = Path(spec.origin).parent.glob(pattern)
    return {found.decode() for file in libraries for found in NAME.findall(file.read_bytes())}


def test_every_kernel_of_the_installed_library_is_known() -> None:
    names = names_in("ai_edge_litert", "libLiteRt.so")
    assert len(names) > 60
    known = {name.replace(" ", "").replace("-", "").lower() for name in KERNELS}
    assert {name for name in names if name.replace(" ", "").replace("-", "").lower() not in known} == set()


def test_operators_are_those_of_the_schema() -> None:
    named = {opcode for opcodes in KERNELS.values() for opcode in opcodes} | FOLDABLE
    assert {opcode for opcode in named if not opcode.startswith("CUSTOM:")} <= BUILTIN_OPERATORS


@pytest.mark.parametrize(
    ("kernel", "opcode", "other"),
    [
        ("TanH (NC)", "TANH", "LOGISTIC"),
        ("Tanh (NC, QS8)", "TANH", "LOGISTIC"),
        ("Reciprocal Square Root (NC)", "RSQRT", "SQRT"),
        ("Square Root (NC, F32)", "SQRT", "RSQRT"),
        ("Square (NC)", "MUL", "SQRT"),
        ("Squared Difference (ND)", "SQUARED_DIFFERENCE", "SQUARE"),
        ("Leaky ReLU (NC, QS8)", "LEAKY_RELU", "RELU"),
        ("LeakyReLU (NC)", "LEAKY_RELU", "RELU"),
        ("ELU (NC)", "ELU", "RELU"),
        ("GELU (NC)", "GELU", "ELU"),
        ("ApproxGELU (NC)", "GELU", "ELU"),
        ("Floor (NC)", "FLOOR", "CEIL"),
        ("Power (ND)", "POW", "MUL"),
        ("Resize Bilinear (NHWC)", "RESIZE_BILINEAR", "RESHAPE"),
        ("Reduce Max (ND) Reduce", "REDUCE_MAX", "MAXIMUM"),
        ("Global Average Pooling (NWC, QS8)", "MEAN", "MAX_POOL_2D"),
        ("Dynamic Fully Connected (NC, F32)", "BATCH_MATMUL", "CONCATENATION"),
        ("Convolution (NHWC, QC8) DWConv", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV"),
        ("Deconvolution (NHWC, F32) IGEMM", "TRANSPOSE_CONV", "CONV_2D"),
    ],
)
def test_a_kernel_stands_for_its_operator_and_no_other(kernel: str, opcode: str, other: str) -> None:
    assert opcode in operators_of(kernel)
    assert other not in operators_of(kernel)


def test_a_longer_name_counts_by_the_longest_within_it() -> None:
    assert operators_of("Fused Reciprocal Square Root (NC)") == operators_of("Reciprocal Square Root (NC)")
    assert operators_of("Brand New Kernel (NC)") == frozenset()
    assert operators_of("TfLiteOtherDelegate") == frozenset()


def test_helpers_prepare_data_and_clamps_come_behind() -> None:
    assert is_helper("Static Reshape (NC)") and is_helper("Copy (NC, X32)") and is_helper("Clamp (NC)")
    assert not is_helper("Copy Sign (ND)") and not is_helper("Multiply (ND)")
    assert is_fused_activation("Clamp (NC, F32)") and not is_fused_activation("Static Reshape (NC)")
