"""What a device must compute again: consecutive steps of one stream, the audio of the first ones among them."""

import numpy as np
from micro_bundles import micro_bundle

from tfkws.features.numpy_front_end import StreamingFrontEnd
from tfkws.tflite.export.c_golden import STEPS, golden_inputs, golden_run
from tfkws.tflite.export.script_settings import settings_of
from tfkws.tflite.micro.interpreter import MicroRun
from tfkws.tflite.runtime.model import open_model


def test_the_audio_gives_the_first_inputs_of_the_stream() -> None:
    bundle = micro_bundle()
    model = open_model(bundle.model)
    inputs = golden_inputs(bundle, model)
    stored = model.input_quantization.store(inputs)
    answered = MicroRun(1, 1, 1, np.zeros((len(inputs), 1, 2), np.int8))
    golden = golden_run(bundle, model, settings_of(bundle), stored, answered)
    np.testing.assert_array_equal(golden.stored, golden.inputs[:STEPS])
    rows = StreamingFrontEnd(bundle.features).feed(golden.audio)
    np.testing.assert_array_equal(rows.reshape(STEPS, 3, 40).transpose(0, 2, 1).reshape(STEPS, -1), golden.features)
    assert len(inputs) == (3 * bundle.features.clip_samples - 320) // 480
