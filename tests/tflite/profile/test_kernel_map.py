"""Kernels aligned with operators."""

from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp, TfliteTensor
from tfkws.tflite.profile.kernel_events import KernelRow
from tfkws.tflite.profile.kernel_map import KernelMap, execution_order, map_kernels


def chain(*opcodes: str) -> TfliteGraph:
    """Operator i reads tensor i and writes tensor i + 1."""
    ops = tuple(TfliteOp(i, opcode, (i,), (i + 1,)) for i, opcode in enumerate(opcodes))
    return TfliteGraph(ops, (), (0,), (len(ops),))


def kernels(*names: str) -> list[KernelRow]:
    return [KernelRow(name, None, 1.0) for name in names]


def names(mapped: KernelMap) -> list[tuple[str, ...]]:
    return [tuple(row.kernel for row in rows) for rows in mapped.kernels]


def test_one_to_one() -> None:
    graph = chain("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D", "MEAN", "SOFTMAX")
    listed = kernels("Convolution (NHWC, F32) IGEMM", "Convolution (NHWC, F32) DWConv",
                     "Fully Connected (NC, F32) GEMM", "Mean (ND) Reduce2", "Softmax (NC, F32)")  # fmt: skip
    mapped = map_kernels(listed, graph)
    assert names(mapped) == [(row.kernel,) for row in listed]
    assert (mapped.unexplained, mapped.missing) == ((), ())


def test_helpers_serve_the_next_operator_and_clamps_the_one_before() -> None:
    graph = chain("ADD", "MEAN", "FULLY_CONNECTED")
    listed = kernels(
        "Add (ND)", "Clamp (NC)", "Mean (ND) Reduce", "Static Reshape (NC)", "Fully Connected (NC, F32) GEMM"
    )
    mapped = map_kernels(listed, graph)
    assert names(mapped)[0] == ("Add (ND)", "Clamp (NC)")
    assert names(mapped)[2] == ("Static Reshape (NC)", "Fully Connected (NC, F32) GEMM")
    assert mapped.unexplained == ()


def test_a_reshape_of_the_model_takes_the_reshape_kernel() -> None:
    mapped = map_kernels(kernels("Static Reshape (NC)", "Fully Connected (NC)"), chain("RESHAPE", "FULLY_CONNECTED"))
    assert names(mapped) == [("Static Reshape (NC)",), ("Fully Connected (NC)",)]


def test_a_folded_pad_has_no_kernel() -> None:
    mapped = map_kernels(kernels("Convolution (NHWC, F32) IGEMM"), chain("PAD", "CONV_2D"))
    assert names(mapped) == [(), ("Convolution (NHWC, F32) IGEMM",)]
    assert mapped.missing == ()


def test_what_fits_nothing_is_told() -> None:
    mapped = map_kernels(kernels("Convolution (NHWC)", "Brand New Kernel"), chain("CONV_2D", "SOFTMAX"))
    assert [row.kernel for row in mapped.unexplained] == ["Brand New Kernel"]
    assert mapped.missing == (1,)


def test_builtin_rows_go_by_index() -> None:
    graph = chain("CONV_2D", "CONV_2D", "SOFTMAX")
    rows = [KernelRow("CONV_2D", index, float(index)) for index in (0, 1)] + [KernelRow("SOFTMAX", 2, 2.0)]
    assert [row[0].time_us for row in map_kernels(rows, graph).kernels] == [0.0, 1.0, 2.0]


def test_order_of_parts_follows_the_dependencies() -> None:
    """0 -> 1 (outside) -> 3 and 0 -> 2: the delegate takes 0 and 2 together, then comes 1, then 3."""
    ops = (TfliteOp(0, "CONV_2D", (0,), (1,)), TfliteOp(1, "STRIDED_SLICE", (1,), (2,)), TfliteOp(2, "ADD", (1,), (3,)),
           TfliteOp(3, "MUL", (2, 3), (4,)))  # fmt: skip
    graph = TfliteGraph(ops, (), (0,), (4,))
    assert execution_order(graph, frozenset({1})) == [0, 2, 1, 3]
    assert execution_order(graph, frozenset()) == [0, 1, 2, 3]
    rows = [*kernels("Convolution", "Add (ND)"), KernelRow("STRIDED_SLICE", 1, 1.0), *kernels("Multiply (ND)")]
    assert names(map_kernels(rows, graph)) == [("Convolution",), ("STRIDED_SLICE",), ("Add (ND)",), ("Multiply (ND)",)]


def test_what_does_not_fold_is_missing_and_what_folds_is_not() -> None:
    mapped = map_kernels(kernels("Add (ND)"), chain("TANH", "RSQRT", "MUL", "ADD", "RESHAPE"))
    assert names(mapped) == [(), (), (), ("Add (ND)",), ()]
    assert mapped.missing == (0, 1, 2)


def test_the_kernels_of_a_normalisation_are_its_operators() -> None:
    """Newer versions write TanH, and run x * x as Square."""
    opcodes = ("MUL", "MEAN", "ADD", "RSQRT", "MUL", "TANH", "GELU", "ELU", "POW", "FLOOR")
    listed = kernels(
        "Square (NC)", "Mean (ND) Reduce2", "Add (ND)", "Reciprocal Square Root (NC)", "Multiply (ND)", "TanH (NC)",
        "ApproxGELU (NC)", "ELU (NC)", "Power (ND)", "Floor (NC)",
    )  # fmt: skip
    mapped = map_kernels(listed, chain(*opcodes))
    assert names(mapped) == [(row.kernel,) for row in listed]
    assert (mapped.unexplained, mapped.missing) == ((), ())


def test_an_operator_that_cuts_or_joins_has_a_kernel_for_each_piece() -> None:
    graph = chain("FULLY_CONNECTED", "SPLIT", "LOGISTIC", "CONCATENATION", "ADD")
    listed = kernels(
        "Fully Connected (NC, F32) GEMM", "Slice (ND, X32)", "Slice (ND, X32)", "Slice (ND, X32)", "Sigmoid (NC)",
        "Copy (NC, X32)", "Copy (NC, X32)", "Add (ND)",
    )  # fmt: skip
    mapped = map_kernels(listed, graph)
    assert [len(rows) for rows in mapped.kernels] == [1, 3, 1, 2, 1]
    assert (mapped.unexplained, mapped.missing) == ((), ())


def test_what_reads_constants_alone_runs_once_and_is_not_missing() -> None:
    tensors = tuple(TfliteTensor(i, "", (1,), "float32", i == 0, 4) for i in range(3))
    graph = TfliteGraph((TfliteOp(0, "ABS", (0,), (1,)), TfliteOp(1, "ADD", (1, 2), (2,))), tensors, (2,), (2,))
    assert map_kernels(kernels("Add (ND)"), graph).missing == ()
