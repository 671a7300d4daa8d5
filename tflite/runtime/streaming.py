"""A streaming .tflite file on a stream of its front end's frames: one answer a step, states kept inside."""

import numpy as np

from tfkws.config import FeatureConfig, StreamConfig
from tfkws.errors import TfliteFileError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import TfliteModel, open_model

KEEPS_VARIABLES = frozenset({"VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE"})


class StreamingModel:
    """Answers a stream of frames, one answer every `frames_per_step` of them.

    Attributes:
        frames_per_step: new frames that one answer takes.
        delay_frames: an answer is that of the window which ended so many frames before the newest one.
        settling_frames: frames after a start until an answer depends on real ones alone; before it the
            missing frames count as zeros, which is the mean of normalised features.
        window_frames: length of the window that the network was trained on.
        model: the loaded file.

    Example:
        model = open_streaming(TfliteFile.read(Path("int8-streaming.tflite")))
        front_end = StreamingFrontEnd(features)
        for block in blocks:
            answers = model.feed(front_end.feed(block))    # float32 (m, classes), m may be 0
    """

    def __init__(self, model: TfliteModel, features: FeatureConfig, config: StreamConfig) -> None:
        self.model = model
        self.frames_per_step, self.delay_frames = config.frames_per_step, config.delay_frames
        self.settling_frames, self.window_frames = config.settling_frames, features.frames
        self._time_first, self._rows = features.time_first, features.rows
        self._pending = np.zeros((0, self._rows), np.float32)

    def feed(self, frames: np.ndarray) -> np.ndarray:
        """Take new frames of the front end and answer every step that they complete.

        Args:
            frames: float32 (n, rows), n of any size; what fills no step waits for the next call.

        Returns:
            Probabilities float32 (m, classes).

        Raises:
            TfliteFileError: the frames have another number of rows.
        """
        if frames.ndim != 2 or frames.shape[1] != self._rows:
            raise TfliteFileError(
                f"The model takes frames of {self._rows} rows, (n, {self._rows}). Received {frames.shape}; "
                "use the front end it was trained with."
            )
        pending = np.concatenate([self._pending, frames.astype(np.float32, copy=False)])
        steps = len(pending) // self.frames_per_step
        used = steps * self.frames_per_step
        self._pending = pending[used:]
        maps = pending[:used].reshape(steps, self.frames_per_step, self._rows)
        return self.model.predict((maps if self._time_first else maps.transpose(0, 2, 1))[..., None])

    def answer_clips(self, maps: np.ndarray) -> np.ndarray:
        """Answer clips, each as a stream of its own with zeros before and behind it.

        Args:
            maps: float32 (n, h, w, 1), whole windows.

        Returns:
            Probabilities float32 (n, classes), each of the window that is the clip.
        """
        behind = np.zeros((self.delay_frames, self._rows), np.float32)
        before = np.zeros((-(self.window_frames + self.delay_frames) % self.frames_per_step, self._rows), np.float32)
        answers = []
        for each in maps[..., 0]:
            self.reset()
            answers.append(self.feed(np.concatenate([before, each if self._time_first else each.T, behind]))[-1])
        self.reset()
        return np.stack(answers)

    def reset(self) -> None:
        """Forget the stream: pending frames are dropped and every state is zero."""
        self._pending = self._pending[:0]
        self.model.reset()

    def window_begin(self, step: int) -> int:
        """Return the first frame of the window that a step's answer belongs to, an int.

        Steps and frames are counted from 0 since the start. In the first steps the frame is negative: the
        window begins before the stream.
        """
        return (step + 1) * self.frames_per_step - self.delay_frames - self.window_frames


def open_streaming(
    file: TfliteFile, threads: int = 1, kernels: str = "xnnpack", runtime: str = "litert", load_check: bool = True
) -> StreamingModel:
    """Load a streaming file; the settings are those of `tfkws.tflite.runtime.model.open_model`.

    Raises:
        TfliteFileError: it is damaged, the runtime refuses it, or it is no streaming file.
    """
    metadata = file.metadata
    if metadata is None or metadata.streaming is None:
        raise TfliteFileError(f"{file.name} keeps no state; convert the model with --streaming.")
    return StreamingModel(
        open_model(file, threads, kernels, runtime, load_check), metadata.features, metadata.streaming
    )


def keeps_state(file: TfliteFile) -> bool:
    """Return whether a file answers by what it heard before: as ours, in variable tensors, or in resources.

    Raises:
        TfliteFileError: the file is damaged.
    """
    if any(op.opcode in KEEPS_VARIABLES for op in file.graph.ops):
        return True
    if any(tensor.is_variable for tensor in file.graph.tensors):
        return True
    return file.metadata is not None and file.metadata.streaming is not None
