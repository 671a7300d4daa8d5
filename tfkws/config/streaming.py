"""How a model that keeps a state takes a stream."""

from dataclasses import dataclass

from tfkws.config.strict import Config, Count, Whole, require


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
