"""Streaming conversions of one trained model by several recipes, judged on recordings against the sliding window."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.config import FeatureConfig, StreamConfig
from tfkws.data.clip_set import ClipSet
from tfkws.features.numpy_front_end import StreamingFrontEnd
from tfkws.streaming.network import StreamingNetwork, streaming_network
from tfkws.tflite.convert.calibration import CalibrationDraw
from tfkws.tflite.convert.stream_recording import RecordedSplit, record_clips
from tfkws.tflite.convert.stream_to_tflite import convert_stream, stream_config
from tfkws.tflite.convert.workbench import Workbench
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.recipes import RECIPES, ConversionRecipe
from tfkws.training.model_folder import predict_in_chunks

if TYPE_CHECKING:
    from tfkws.data.task_data import TaskData
    from tfkws.training.model_folder import ModelFolder


class StreamWorkbench(Workbench):
    """A `Workbench` whose files keep a state: calibration and comparison run over recordings, clip after clip.

    Args:
        step_ms: a step takes at least so much audio, in whole strides of the network.

    Raises:
        StreamingError: the network cannot run on a stream; the message names the layer and why.
    """

    def __init__(
        self,
        folder: "ModelFolder",
        data: "TaskData",
        calibration_count: int,
        seed: int,
        on_stage: Callable[[str], None],
        step_ms: float,
    ) -> None:
        super().__init__(folder, data, calibration_count, seed, on_stage)
        self.network = network_of_step(self.model, folder.config.features, step_ms)

    @property
    def streaming(self) -> StreamConfig:
        """How its files take a stream."""
        return stream_config(self.network)

    @cached_property
    def float_file(self) -> TfliteFile:
        """The network on a stream in float32."""
        return convert_stream(self.network, RECIPES["none"])

    def split(self, name: str) -> Any:
        """Return a split as a recording with the sliding window's answers."""
        if name not in self._splits:
            run, clips = self.folder.config, self.data.splits[name]
            recording = record_clips(clips, run.features.sample_rate_hz)
            self._splits[name] = RecordedSplit(
                clips=_reordered(clips, recording.order),
                recording=recording,
                features=run.features,
                labels=run.labels,
                config=self.streaming,
                window=partial(predict_in_chunks, self.model),
            )
        return self._splits[name]

    def inputs_of(self, draw: CalibrationDraw) -> np.ndarray:
        """The steps of drawn clips, one clip after the other, float32 (steps, h, w, 1)."""
        plan, features = self.network.plan, self.folder.config.features
        frames = StreamingFrontEnd(features).feed(np.concatenate(list(draw.audio)))
        count = len(frames) // plan.frames_per_step
        steps = frames[: count * plan.frames_per_step].reshape(count, plan.frames_per_step, features.rows)
        return np.ascontiguousarray(steps if features.time_first else steps.transpose(0, 2, 1))[..., None]

    def plain(self, recipe: ConversionRecipe) -> TfliteFile:
        """Convert by a recipe without quantised values between operators.

        Raises:
            ConversionError: the converter refuses the network.
        """
        return convert_stream(self.network, recipe)

    @property
    def inputs_a_clip(self) -> int:
        """Number of steps that a clip lasts."""
        return -(-self.network.plan.window_frames // self.network.plan.frames_per_step)


def network_of_step(model: Any, features: FeatureConfig, step_ms: float) -> StreamingNetwork:
    """Return a network on a stream whose steps last at least `step_ms`, in whole strides of it.

    Raises:
        StreamingError: it cannot run on a stream.
    """
    axis = 0 if features.time_first else 1
    network = streaming_network(model, axis)
    stride_ms = 1e3 * network.plan.frames_per_step * features.hop_samples / features.sample_rate_hz
    strides = max(1, int(np.ceil(step_ms / stride_ms - 1e-9)))
    return network if strides == 1 else streaming_network(model, axis, strides)


def _reordered(clips: ClipSet, order: np.ndarray) -> ClipSet:
    """Clips in another order, without their audio, which the recording holds."""
    files, speakers = (tuple(values[index] for index in order) for values in (clips.files, clips.speakers))
    return ClipSet(np.zeros((len(order), 0), np.int16), np.asarray(clips.labels)[order], files, speakers)
