"""Keras to .tflite by a recipe: one example at a time, the same bytes for the same input."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tfkws.errors import ConversionError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.quantize_network import quantize_network
from tfkws.tflite.recipes import ConversionRecipe
from tfkws.tflite.runtime.native_output import capture_native_output

INPUT_NAME = "features"


def convert(model: Any, recipe: ConversionRecipe, calibration: np.ndarray | None = None) -> TfliteFile:
    """Convert a Keras model with one input and one output.

    Args:
        model: `keras.Model` from float32 (b, ...) to float32 (b, classes).
        recipe: one of `tfkws.tflite.recipes.RECIPES`.
        calibration: float32 (n, ...) inputs on which the ranges of activations are measured.

    Returns:
        The file, for a batch of one.

    Raises:
        ConversionError: there is no TensorFlow to convert with, calibration inputs are missing or do not fit,
            or the converter refuses the model.
    """
    _check(model, recipe, calibration)
    shape = (1, *model.inputs[0].shape[1:])
    file = convert_function(lambda features: model(features, training=False), {INPUT_NAME: shape}, model.name, recipe)
    if calibration is None or not recipe.needs_calibration:
        return file
    return quantize_network(file, recipe, calibration).file


def convert_function(
    function: Callable[..., Any], inputs: Mapping[str, tuple[int, ...]], name: str, recipe: ConversionRecipe
) -> TfliteFile:
    """Freeze a function of tensors into a file; recipes with quantised activations give float32, to be quantised.

    Args:
        function: takes one float32 tensor an input, in order; returns a tensor or a tuple of them.
        inputs: their names and shapes, with the batch.
        name: of the network, for messages.

    Raises:
        ConversionError: Keras runs on another backend than TensorFlow, or the converter refuses the function.
    """
    _check_backend()
    with capture_native_output():
        converter = _converter(function, inputs)
        _configure(converter, recipe)
        content, refusal = _run(converter)
    if refusal is not None:
        raise ConversionError(f"{name} cannot be converted with recipe {recipe.name}: {_reason(refusal)}")
    return TfliteFile(content)


def _check_backend() -> None:
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ConversionError(
            f"Conversion needs the TensorFlow backend, this process runs Keras on {keras.backend.backend()}; "
            "run again with KERAS_BACKEND=tensorflow (a .keras file of another backend loads there)."
        )


def _check(model: Any, recipe: ConversionRecipe, calibration: np.ndarray | None) -> None:
    _check_backend()
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ConversionError(f"{model.name} must have one input and one output to be converted.")
    if not recipe.needs_calibration:
        return
    shape = tuple(model.inputs[0].shape[1:])
    if calibration is None or len(calibration) == 0 or calibration.shape[1:] != shape:
        received = "none" if calibration is None else f"shape {calibration.shape}"
        raise ConversionError(
            f"Recipe {recipe.name} needs calibration inputs of shape (n, {', '.join(map(str, shape))}); "
            f"received {received}."
        )
    if not np.isfinite(calibration).all():
        raise ConversionError("Calibration inputs must be finite; check the clips with `tfkws data info`.")


def _converter(function: Callable[..., Any], inputs: Mapping[str, tuple[int, ...]]) -> Any:
    """Freeze a function, which may call a Keras model, into one concrete function.

    Handing the Keras model over instead, or as second argument, aborts the process on TensorFlow 2.17 or
    gives NaN later.
    """
    import tensorflow as tf

    from tfkws.models.strided_pointwise import as_one_operator

    specs = [tf.TensorSpec(shape, tf.float32, name=name) for name, shape in inputs.items()]
    with as_one_operator():
        concrete = tf.function(function).get_concrete_function(*specs)
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete])


def _configure(converter: Any, recipe: ConversionRecipe) -> None:
    """Set what TensorFlow's converter does itself; recipes with quantised activations start from float32."""
    import tensorflow as tf

    if recipe.weights == "float32" or recipe.needs_calibration:
        return
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if recipe.weights == "float16":
        converter.target_spec.supported_types = [tf.float16]
    else:
        # tflite-runtime 2.14 refuses dense layers with one scale a channel, which TensorFlow 2.17 and later write.
        converter._experimental_disable_per_channel_quantization_for_dense_layers = True


def _run(converter: Any) -> tuple[bytes, Exception | None]:
    """Convert; the converter's own exceptions have no common class below `Exception`, so the refusal is returned."""
    try:
        return bytes(converter.convert()), None
    except Exception as error:  # noqa: BLE001
        return b"", error


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "not supported" in line.lower()] or lines
    return telling[0][:300] if telling else type(error).__name__
