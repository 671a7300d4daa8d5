"""What ESPHome's `micro_wake_word` can run, and a sentence for each file that it cannot.

Source: esphome/components/micro_wake_word (`streaming_model.cpp`, `preprocessor_settings.h`), Apache 2.0 and GPL 3.
"""

from collections import Counter

from tfkws.errors import ConversionError
from tfkws.graphs.tflite_graph import TfliteGraph

# What `register_streaming_ops_` registers.
OPERATORS = frozenset(
    [
        "CALL_ONCE",
        "VAR_HANDLE",
        "RESHAPE",
        "READ_VARIABLE",
        "STRIDED_SLICE",
        "CONCATENATION",
        "ASSIGN_VARIABLE",
        "CONV_2D",
        "MUL",
        "ADD",
        "MEAN",
        "FULLY_CONNECTED",
        "LOGISTIC",
        "QUANTIZE",
        "DEPTHWISE_CONV_2D",
        "AVERAGE_POOL_2D",
        "MAX_POOL_2D",
        "PAD",
        "PACK",
        "SPLIT_V",
    ]
)
MOST_VARIABLES = 20  # for which it has room
MOST_FRAMES = 255  # of a step, counted in eight bits
# It feeds (feature * 256 + 333) / 666 - 128 in whole numbers, where 666 is 25.6 * 26; the file says 26 / 255.
INPUT_SCALE, INPUT_ZERO_POINT = 26 / 255, -128
MINIMUM_VERSION = "2024.7.0"  # the first that reads manifests of version 2


def check_operators(graph: TfliteGraph) -> None:
    """Refuse a file with an operator that the component does not register, or with more states than it keeps.

    Raises:
        ConversionError: the message names layers and operators, and what would do instead.
    """
    names = graph.layer_names
    lacking = Counter((op.opcode, names[op.index]) for op in graph.ops if op.opcode not in OPERATORS)
    if lacking:
        listed = ", ".join(f"{opcode} (layer {layer})" for opcode, layer in lacking)
        raise ConversionError(
            f"ESPHome's micro_wake_word lacks {listed}; build that layer of {', '.join(sorted(_COMPUTING))}, or take a "
            "network of these, such as mixednet."
        )
    variables = sum(op.opcode == "READ_VARIABLE" for op in graph.ops)
    if variables > MOST_VARIABLES:
        raise ConversionError(
            f"The network keeps {variables} states and ESPHome's micro_wake_word has room for {MOST_VARIABLES}; take "
            "one with fewer layers along time, such as mixednet."
        )


_COMPUTING = OPERATORS - {"CALL_ONCE", "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE", "QUANTIZE"}
