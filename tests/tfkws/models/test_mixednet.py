"""MixedNet against microWakeWord's own file, and on a stream."""

from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import ShapeTooSmallError
from tfkws.models import build_model
from tfkws.streaming.network import streaming_network
from tfkws.tflite.file.tflite_file import TfliteFile

ALEXA = {"block_kernels": (5, 9, 13, 21)}
ALEXA_FRAMES = 5 + 3 * (4 + 8 + 12 + 20 + 4)  # its last five maps are flattened


def test_layers_are_those_of_microwakewords_alexa() -> None:
    package = pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed")
    graph = TfliteFile.read(Path(package.__file__).parent / "models" / "alexa.tflite").graph
    computing = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
    theirs = [graph.tensors[op.inputs[1]].shape for op in graph.ops if op.opcode in computing]
    network = build_model("mixednet", (40, ALEXA_FRAMES, 1), 2, **ALEXA)
    kernels = [layer.kernel.shape for layer in network.layers if hasattr(layer, "kernel")]
    # TFLite: (filters, h, w, channels), depthwise (1, h, w, channels); their one sigmoid is our softmax of two.
    ours = [(c, h, w, i) if i > 1 and c > 1 else (1, h, w, i) for h, w, i, c in kernels[:-1]]
    assert ours == theirs[:-1]
    assert (kernels[-1][0], theirs[-1]) == (320, (1, 320))


def test_answers_of_a_stream_are_those_of_the_window_at_once() -> None:
    network = build_model("mixednet_32", (40, 98, 1), 2)
    frames = np.random.default_rng(0).uniform(0, 26, (40, 98 + 30)).astype(np.float32)
    stream = streaming_network(network, 1)
    plan = stream.plan
    assert (plan.frames_per_step, plan.delay_frames, plan.padded_layers) == (3, 0, ())
    states, answers = stream.first_states(), []
    for first in range(0, frames.shape[1] - 2, 3):
        answer, states = stream.step(frames[None, :, first : first + 3, None], states)
        answers.append(np.asarray(answer)[0])
    for step in (32, 35, 41):
        begin = plan.frames_per_step * (step + 1) - 98
        window = network(frames[None, :, begin : begin + 98, None], training=False)
        np.testing.assert_allclose(answers[step], np.asarray(window)[0], atol=1e-5)


def test_a_window_too_short_for_its_kernels_is_told() -> None:
    with pytest.raises(ShapeTooSmallError, match="stage1_block4_depthwise needs a map of at least 11x1"):
        build_model("mixednet", (40, 80, 1), 2)
