"""The zoo of odd .tflite files: what other people's converters write, each as small as it can be, made once a run.

`odd_file(name)` gives the bytes of one; `ODD_FILES` names them all. Those of `tests/fakes/schema_files.py` need no
TensorFlow.
"""

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from made_once import made_once
from schema_files import SCHEMA_FILES

TIME, BANDS, CLASSES = 12, 6, 3
Make = Callable[[], bytes]


@cache
def odd_file(name: str) -> bytes:
    """Return the bytes of one file of the zoo."""
    return made_once(f"odd-{name}.tflite", ODD_FILES[name])


def convert_network(
    layers: Callable[[Any], Any], shape: tuple[int, ...] = (TIME, BANDS), batch: int | None = 1
) -> bytes:
    """Convert a Keras network of one input; `layers` maps a symbolic tensor to another."""
    import tensorflow as tf

    return _convert(_network(layers, shape), tf.TensorSpec((batch, *shape)))


def _network(layers: Callable[[Any], Any], shape: tuple[int | None, ...]) -> Any:
    import keras

    keras.utils.set_random_seed(11)
    inputs = keras.Input(shape)
    outputs = keras.layers.Dense(CLASSES, activation="softmax", name="answer")(layers(inputs))
    return keras.Model(inputs, outputs, name="odd")


def _convert(model: Any, *specs: Any, **settings: Any) -> bytes:
    """Convert a function of tensors, without signature; settings are attributes of the converter."""
    import tensorflow as tf

    function = tf.function(lambda *inputs: model(*inputs)).get_concrete_function(*specs)
    return _run(tf.lite.TFLiteConverter.from_concrete_functions([function]), **settings)


def _convert_methods(module: Any, *names: str, **settings: Any) -> bytes:
    """Convert methods of a `tf.Module`, each with its own signature."""
    import tensorflow as tf

    functions = [getattr(module, name).get_concrete_function() for name in names]
    return _run(tf.lite.TFLiteConverter.from_concrete_functions(functions, module), **settings)


def _run(converter: Any, **settings: Any) -> bytes:
    for name, value in settings.items():
        setattr(converter, name, value)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Statistics for quantized inputs")
        return bytes(converter.convert())


def _recurrent(layer: str, **settings: Any) -> Make:
    def make() -> bytes:
        import keras

        return convert_network(getattr(keras.layers, layer)(4, **settings))

    return make


def _bidirectional() -> bytes:
    import keras

    return convert_network(keras.layers.Bidirectional(keras.layers.LSTM(4)))


def _attention() -> bytes:
    from keras import layers

    def network(x: Any) -> Any:
        attended = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 3)(x, x))
        return layers.GlobalAveragePooling1D()(attended)

    return convert_network(network)


def _two_inputs() -> bytes:
    import tensorflow as tf

    weights = tf.constant(_values(BANDS, CLASSES))
    return _convert(
        lambda x, gain: tf.nn.softmax(tf.reduce_mean(x, 1) @ weights * gain),
        tf.TensorSpec((1, TIME, BANDS)), tf.TensorSpec((1, 1)),
    )  # fmt: skip


def _two_outputs() -> bytes:
    import tensorflow as tf

    weights = tf.constant(_values(BANDS, CLASSES))

    def answer(x: Any) -> Any:
        mean = tf.reduce_mean(x, 1)
        return tf.nn.softmax(mean @ weights), mean

    return _convert(answer, tf.TensorSpec((1, TIME, BANDS)))


def _convolutions(x: Any) -> Any:
    """Convolution, depthwise convolution, average: the small network that the number types are tried on."""
    from keras import layers

    x = layers.Conv2D(8, 3, padding="same", activation="relu", name="first")(layers.Reshape((TIME, BANDS, 1))(x))
    x = layers.DepthwiseConv2D(3, padding="same", activation="relu", name="second")(x)
    return layers.GlobalAveragePooling2D()(x)


def _signatures(*names: str) -> Make:
    """Return what makes a file with the named signatures; two of them are two subgraphs."""

    def make() -> bytes:
        import tensorflow as tf

        class Module(tf.Module):
            def __init__(self) -> None:
                self.weights = tf.Variable(_values(BANDS, CLASSES))

            @tf.function(input_signature=[tf.TensorSpec((1, TIME, BANDS), name="frames")])  # type: ignore[untyped-decorator]
            def classify(self, frames: Any) -> Any:
                return {"scores": tf.nn.softmax(tf.reduce_mean(frames, 1) @ self.weights)}

            @tf.function(input_signature=[tf.TensorSpec((1, TIME, BANDS), name="frames")])  # type: ignore[untyped-decorator]
            def embed(self, frames: Any) -> Any:
                return {"embedding": tf.reduce_max(frames, 1)}

        module = Module()
        if len(names) == 1:
            return _convert_methods(module, *names)
        return _from_saved(module, {name: getattr(module, name) for name in names})

    return make


def _from_saved(module: Any, signatures: dict[str, Any], **settings: Any) -> bytes:
    import tempfile

    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures)
        return _run(tf.lite.TFLiteConverter.from_saved_model(folder, list(signatures)), **settings)


def _dynamic_batch() -> bytes:
    return convert_network(_convolutions, batch=None)


def _dynamic_time() -> bytes:
    from keras import layers

    def network(x: Any) -> Any:
        return layers.GlobalAveragePooling1D()(layers.Conv1D(4, 3, padding="same", activation="relu")(x))

    import tensorflow as tf

    return _convert(_network(network, (None, BANDS)), tf.TensorSpec((1, None, BANDS)))


def _streaming() -> bytes:
    """A ring buffer of four frames that the file itself keeps, and a dense layer over it."""
    import tensorflow as tf

    class Stream(tf.Module):
        def __init__(self) -> None:
            self.state = tf.Variable(tf.zeros((1, 4, BANDS)))
            self.weights = tf.constant(_values(4 * BANDS, CLASSES))

        @tf.function(input_signature=[tf.TensorSpec((1, 1, BANDS))])  # type: ignore[untyped-decorator]
        def step(self, frame: Any) -> Any:
            frames = tf.concat([self.state[:, 1:], frame], 1)
            self.state.assign(frames)
            return tf.nn.softmax(tf.reshape(frames, (1, 4 * BANDS)) @ self.weights)

    return _convert_methods(Stream(), "step", experimental_enable_resource_variables=True)


def _front_end() -> bytes:
    """Audio in: a short-time Fourier transform, eight bands, their logarithm, a dense layer."""
    import tensorflow as tf

    bands, weights = tf.constant(np.abs(_values(33, 8))), tf.constant(_values(8, CLASSES))

    def answer(audio: Any) -> Any:
        power = tf.abs(tf.signal.stft(audio, 64, 32, 64))
        log_bands = tf.math.log(tf.tensordot(power, bands, 1) + 1e-6)
        return tf.nn.softmax(tf.reduce_mean(log_bands, 1) @ weights)

    return _convert(answer, tf.TensorSpec((1, 400)))


def _while() -> bytes:
    import tensorflow as tf

    weights = tf.constant(_values(BANDS, BANDS) / 4)

    def count(x: Any) -> Any:
        return tf.while_loop(lambda i, y: i < 5, lambda i, y: (i + 1, tf.tanh(y @ weights)), (0, x))[1]

    return _convert(count, tf.TensorSpec((1, BANDS)))


def _if() -> bytes:
    import tensorflow as tf

    weights = tf.constant(_values(BANDS, BANDS))
    return _convert(
        lambda x: tf.cond(tf.reduce_sum(x) > 0, lambda: x @ weights, lambda: x * 2), tf.TensorSpec((1, BANDS))
    )


def _hash_table() -> bytes:
    """A table of words, filled by CALL_ONCE; what it gives is text."""
    import tensorflow as tf

    class Table(tf.Module):
        def __init__(self) -> None:
            words = tf.lookup.KeyValueTensorInitializer(tf.constant([1, 2], tf.int64), tf.constant(["yes", "no"]))
            self.table = tf.lookup.StaticHashTable(words, "unknown")

        @tf.function(input_signature=[tf.TensorSpec((2,), tf.int64)])  # type: ignore[untyped-decorator]
        def find(self, numbers: Any) -> Any:
            return self.table.lookup(numbers)

    module = Table()
    return _from_saved(module, {"find": module.find})


def _dense(x: Any) -> Any:
    """A dense layer of more than 1,024 weights; the converter leaves smaller ones in float32."""
    from keras import layers

    return layers.Dense(24, activation="relu", name="wide")(layers.Flatten()(x))


def _hybrid() -> bytes:
    """A convolution in eight bits, whose ranges the network was trained with, before a dense layer in float32."""
    import tensorflow as tf

    kernel, weights = tf.constant(_values(3, 3, 1, 8)), tf.constant(_values(8, CLASSES))

    def answer(x: Any) -> Any:
        rounded = tf.quantization.fake_quant_with_min_max_args(x[..., None], -3, 3)
        kernels = tf.quantization.fake_quant_with_min_max_args(kernel, -3, 3, narrow_range=True)
        maps = tf.nn.relu(tf.nn.conv2d(rounded, kernels, 1, "SAME"))
        maps = tf.quantization.fake_quant_with_min_max_args(maps, 0, 8)
        return tf.nn.softmax(tf.reduce_mean(tf.exp(maps), (1, 2)) @ weights)

    optimizations = [tf.lite.Optimize.DEFAULT]
    return _convert(answer, tf.TensorSpec((1, TIME, BANDS)), optimizations=optimizations)


def _speech_commands() -> bytes:
    """Audio in, by the two custom operators of TensorFlow's own keyword-spotting tutorial, which runtimes have."""
    import tensorflow as tf

    weights = tf.constant(_values(13, CLASSES))

    def answer(audio: Any) -> Any:
        spectrogram = tf.raw_ops.AudioSpectrogram(input=audio, window_size=64, stride=32, magnitude_squared=True)
        cepstra = tf.raw_ops.Mfcc(
            spectrogram=spectrogram, sample_rate=tf.constant(16_000), dct_coefficient_count=13,
            upper_frequency_limit=4e3, lower_frequency_limit=20, filterbank_channel_count=20,
        )  # fmt: skip
        return tf.nn.softmax(tf.reduce_mean(cepstra, 1) @ weights)

    return _convert(answer, tf.TensorSpec((400, 1)), allow_custom_ops=True)


def _typed(**settings: Any) -> Make:
    """Return what makes a network with other numbers than float32, `_convolutions` unless `layers` says another."""

    def make() -> bytes:
        import tensorflow as tf

        def samples() -> Any:
            yield from ([_values(1, TIME, BANDS, seed=seed)] for seed in range(8))

        model = _network(settings.get("layers", _convolutions), (TIME, BANDS))
        function = tf.function(lambda x: model(x)).get_concrete_function(tf.TensorSpec((1, TIME, BANDS)))
        converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if "only" in settings:
            converter.representative_dataset = samples
            converter.target_spec.supported_ops = [getattr(tf.lite.OpsSet, settings["only"])]
        if "float16" in settings:
            converter.target_spec.supported_types = [tf.float16]
        number = settings.get("numbers")
        if number:
            converter.inference_input_type = converter.inference_output_type = getattr(tf, number)
        return _run(converter)

    return make


_INT8, _INT16 = "TFLITE_BUILTINS_INT8", "EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8"


def _sparse() -> bytes:
    """A dense layer with nine of ten weights zero, stored as blocks."""
    import tensorflow as tf

    weights = np.zeros((64, 32), np.float32)
    weights[:, 3] = 1.0
    return _convert(
        lambda x: x @ tf.constant(weights), tf.TensorSpec((1, 64)),
        optimizations=[tf.lite.Optimize.EXPERIMENTAL_SPARSITY],
    )  # fmt: skip


def _values(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng((seed, *shape)).normal(size=shape).astype(np.float32)


ODD_FILES: dict[str, Make] = {
    "gru": _recurrent("GRU"),
    "gru_unrolled": _recurrent("GRU", unroll=True),
    "lstm": _recurrent("LSTM"),
    "lstm_unrolled": _recurrent("LSTM", unroll=True),
    "bidirectional": _bidirectional,
    "attention": _attention,
    "two_inputs": _two_inputs,
    "two_outputs": _two_outputs,
    "signature": _signatures("classify"),
    "two_signatures": _signatures("classify", "embed"),
    "dynamic_batch": _dynamic_batch,
    "dynamic_time": _dynamic_time,
    "streaming": _streaming,
    "front_end": _front_end,
    "while": _while,
    "if": _if,
    "hash_table": _hash_table,
    "speech_commands": _speech_commands,
    "int8": _typed(only=_INT8, numbers="int8"),
    "int8_float_edges": _typed(only=_INT8),
    "int16": _typed(only=_INT16, numbers="int16"),
    "dynamic_range": _typed(layers=_dense),
    "uint8_edges": _typed(only=_INT8, numbers="uint8"),
    "float16": _typed(float16=True),
    "hybrid": _hybrid,
    "sparse": _sparse,
    **SCHEMA_FILES,
}
