"""Audio of silence with tones, which `fake_bundles` hears as the word "loud", and provenance that fits it."""

from pathlib import Path

import numpy as np
import soundfile

from tfkws.detect.timeline.timeline import Scene, SpokenEvent, Timeline, write_timeline

RATE = 16_000
TONES = (5.0, 15.0, 25.0)


def write_audio(path: Path, tones: tuple[float, ...] = TONES, seconds: float = 40.0) -> Path:
    """Write silence with a tone of 0.9 s at each of these seconds."""
    samples = np.zeros(round(seconds * RATE))
    for start in tones:
        span = slice(round(start * RATE), round((start + 0.9) * RATE))
        samples[span] = 0.5 * np.sin(np.arange(span.stop - span.start) / 3)
    soundfile.write(path, samples, RATE)
    return path


def write_provenance(path: Path, source: str, tones: tuple[float, ...], seconds: float = 40.0) -> None:
    """Write what `tfkws over-air compose` would of words at these seconds, in two scenes."""
    events = tuple(
        SpokenEvent(t, t + 0.9, "word", "loud", "loud/a.wav", "anna", "testing", "recorded", -26.0, None, "dry")
        for t in tones
    )
    scenes = (Scene(0.0, 20.0, "dry", None, "", ""), Scene(20.0, seconds, "hall", 10.0, "tap.wav", "all"))
    write_timeline(path, Timeline(source, seconds, (), scenes, events, {"training_speakers": 2}))  # type: ignore[arg-type]
