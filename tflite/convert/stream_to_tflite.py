"""A network on a stream as a .tflite file: frames and states in, answer and new states out, as ordinary tensors.

Any runtime runs such a file, since nothing in it is hidden: whoever runs it hands each state output on to the input of
the same number (`tfkws.tflite.runtime.bare` does).
"""

from typing import Any

from tfkws.config import StreamConfig
from tfkws.streaming.network import StreamingNetwork
from tfkws.tflite.convert.keras_to_tflite import INPUT_NAME, convert_function
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.recipes import ConversionRecipe

STATE = "state_"  # with which the names of state inputs begin


def convert_stream(network: StreamingNetwork, recipe: ConversionRecipe) -> TfliteFile:
    """Convert a network on a stream; recipes with quantised activations give float32, to be quantised.

    Raises:
        ConversionError: the converter refuses it.
    """
    inputs = {INPUT_NAME: (1, *network.plan.input_shape)}
    inputs |= {f"{STATE}{state.name}": (1, *state.shape) for state in network.states}

    def step(frames: Any, *states: Any) -> tuple[Any, ...]:
        answer, renewed = network.step(frames, states)
        return (answer, *renewed)

    return convert_function(step, inputs, network.name, recipe)


def stream_config(network: StreamingNetwork) -> StreamConfig:
    """Return what a file must say about how it takes a stream."""
    plan = network.plan
    return StreamConfig(
        frames_per_step=plan.frames_per_step,
        delay_frames=plan.delay_frames,
        settling_frames=plan.settling_frames,
        states=len(network.states),
        equals_window=plan.equals_window,
    )
