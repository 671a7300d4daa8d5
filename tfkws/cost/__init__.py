"""One way of counting parameters, multiply-accumulates and bytes, for Keras models and for .tflite files."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfkws.cost.report import CostReport


def count(model: Any) -> "CostReport":
    """Count the cost of one example.

    Args:
        model: a `keras.Model`, or a `.tflite` file as a path or as bytes.

    Raises:
        UnsupportedLayerError: a Keras layer has no counting rule; an operator of a file without one is named in
            the report's notes instead.
        CostError: a shape is not fixed.
        TfliteFileError: the file is missing, damaged or not a .tflite file.
    """
    if isinstance(model, (str, Path)):
        from tfkws.cost.tflite import count_tflite

        return count_tflite(Path(model))
    if isinstance(model, bytes):
        from tfkws.cost.tflite import count_tflite

        return count_tflite(model)
    from tfkws.cost.keras import count_keras

    return count_keras(model)
