"""How a trained network is converted and judged, its recipe apart (`tfkws.tflite.recipes`), and how it then streams."""

from dataclasses import dataclass
from typing import Literal

from tfkws.config.strict import Config, Count, NotNegative, Positive, Seed, Whole, require

InputKind = Literal["features", "audio"]
GpuUse = Literal["auto", "yes", "no"]
RunsOn = Literal["micro"]  # a runtime that has fewer operators than LiteRT: TensorFlow Lite Micro


@dataclass(frozen=True)
class ConversionSettings(Config):
    """How a trained network is converted and judged, its recipe apart.

    Attributes:
        input: what the file takes: features, or audio, and the front end goes into the file.
        repair: below the gate, try remedies (other ranges, equalised channels, layers in float32), the
            cheapest first.
        calibration_clips: training clips on which ranges are measured.
        streaming: convert to a file that keeps a state and takes new frames alone.
        step_ms: a step of a streaming file takes at least so many ms of audio.
        gate_points: largest loss of accuracy beyond noise, in points.
        seed: keys every random draw.
        gpu: whether a GPU answers too: auto where one is in hardware, yes where it is a software adapter too, no.
        runs_on: micro: only with operators of TensorFlow Lite Micro, in the form that it takes, its arena measured.
        max_arena_kib: refuse a network whose arena in TensorFlow Lite Micro is larger.

    Example:
        >>> ConversionSettings(input="sound")
        Traceback (most recent call last):
        ...
        tfkws.errors.ConfigError: ConversionSettings.input must be features or audio. Received 'sound'.
    """

    input: InputKind = "features"
    repair: bool = False
    calibration_clips: Count = 200
    streaming: bool = False
    step_ms: Positive = 20.0
    gate_points: NotNegative = 0.5
    seed: Seed = 0
    gpu: GpuUse = "auto"
    runs_on: RunsOn | None = None
    max_arena_kib: Positive | None = None

    def _check(self) -> None:
        require(
            self.max_arena_kib is None or self.runs_on == "micro",
            "ConversionSettings.max_arena_kib needs --for micro, where the arena is measured.",
        )
        require(
            not self.streaming or self.input == "features",
            "ConversionSettings.input must be features for a streaming file, whose front end runs on the stream too.",
        )


@dataclass(frozen=True)
class StreamConfig(Config):
    """How a model that keeps a state takes a stream of its front end's frames.

    Attributes:
        frames_per_step: new frames that one step takes; it gives one answer.
        delay_frames: an answer is that of the window which ended so many frames before the newest one.
        settling_frames: frames after a start until an answer depends on real ones alone.
        states: how many values the model keeps, each an input and an output of its own.
        equals_window: whether its answers are the window's; else the window's network sees zeros beyond the window's
            ends where this one has real neighbours.

    Example:
        >>> StreamConfig(frames_per_step=2, delay_frames=9, settling_frames=49, states=5, equals_window=False).states
        5
    """

    frames_per_step: Count
    delay_frames: Whole
    settling_frames: Count
    states: Count
    equals_window: bool

    def _check(self) -> None:
        require(
            self.settling_frames > self.delay_frames,
            f"StreamConfig.settling_frames must exceed delay_frames. Received {self.settling_frames}.",
        )
