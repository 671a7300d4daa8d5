"""What LiteRT's GPU accelerator is known to compute wrongly, told before anyone trusts its answers.

`tests/tflite/gpu/test_known_faults.py` holds the smallest file with each fault, and fails when a LiteRT mends it.
"""

from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp


def known_fault(graph: TfliteGraph) -> str:
    """Return one sentence about the operators of a file that a GPU computes wrongly; empty where none is known.

    LiteRT 2.3.0 ignores the stride of an int8 convolution whose kernel is 1 x 1: it answers with the first positions in
    the place of every second one. In float32 and half, with any larger kernel and in depthwise ones it is right.
    """
    wrong = [op for op in graph.ops if _loses_its_stride(graph, op)]
    if not wrong:
        return ""
    places = ", ".join(str(op.index) for op in wrong)
    return (
        f"LiteRT's GPU accelerator ignores the stride of int8 convolutions of 1 x 1 (operator {places}), so a GPU's "
        "answers are wrong: use --runtime litert, or convert in float32 for a GPU."
    )


def _loses_its_stride(graph: TfliteGraph, op: TfliteOp) -> bool:
    """Whether a 1 x 1 convolution in int8 has a stride along an axis on which it answers more than once."""
    if op.opcode != "CONV_2D" or graph.tensors[op.inputs[0]].dtype != "int8":
        return False
    kernel = graph.tensors[op.inputs[1]].shape[1:3]
    strides = (op.options["stride_h"], op.options["stride_w"])
    positions = graph.tensors[op.outputs[0]].shape[1:3]
    return kernel == (1, 1) and any(step > 1 and count > 1 for step, count in zip(strides, positions, strict=True))
