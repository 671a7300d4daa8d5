"""Writing training clips as the network hears them, to be listened to."""

from pathlib import Path

import numpy as np

from tfkws.config import AugmentConfig
from tfkws.data.audio.files import CLIP_SAMPLES, to_int16, write_clip
from tfkws.data.augment import WaveformAugmenter, draws_for
from tfkws.data.draws import draw
from tfkws.data.task_data import TaskData
from tfkws.run_folder import whole_file


def audition(
    data: TaskData, augment: AugmentConfig, target: Path, *, clips: int = 10, epochs: int = 3, seed: int = 0
) -> list[Path]:
    """Write training clips, each as it is and as some epochs would change it, as 16-bit WAV files.

    Args:
        data: whose training split is drawn from.
        augment: what the changes are.
        target: folder, made where it is missing.
        clips: how many are drawn; all, where there are fewer.
        epochs: changed versions of each clip.
        seed: int that keys the choice of clips and every change.

    Returns:
        The files, `<number>-<label>-<original or epoch>.wav`.
    """
    training = data.splits["training"]
    numbers = {name: row for row, name in enumerate(training.files)}
    rows = np.array([numbers[name] for name in draw(training.files, clips, "audition", seed)], np.int64)
    audio = training.audio[rows]
    versions = {"original": audio.astype(np.float32) / 32768}
    augmenter = WaveformAugmenter(augment, data.noises, data.responses, CLIP_SAMPLES)
    for epoch in range(epochs):
        versions[f"epoch{epoch}"] = augmenter.augment(audio, draws_for(augment, seed, epoch, rows))
    written = []
    for number, row in enumerate(rows):
        label = data.labels[training.labels[row]].strip("_")
        for version, samples in versions.items():
            path = target / f"{number:03d}-{label}-{version}.wav"
            with whole_file(path) as partial:
                write_clip(partial, to_int16(samples[number]))
            written.append(path)
    return written
