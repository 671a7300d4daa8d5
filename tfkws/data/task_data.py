"""The data of a task: clips with labels by split, noises and responses, and the manifest that says exactly what."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from tfkws.config import TaskConfig
from tfkws.data.audio.files import CLIP_SAMPLES, read_resampled
from tfkws.data.clip_index import ClipIndex, read_index, word_of
from tfkws.data.clip_set import AudioRows, ClipSet
from tfkws.data.decoded_set import DecodedSet, cache_folder, open_decoded
from tfkws.data.manifest import Manifest, ManifestRow
from tfkws.data.noise import Noise, generated_noises, part_of, silence_clip
from tfkws.data.protocols import check_task, labels_of
from tfkws.data.selection import Selection, select, silence_label
from tfkws.data.splits import SPLITS, Split, speaker_of
from tfkws.errors import AudioError, DataError, did_you_mean


@dataclass(frozen=True)
class TaskData:
    """Everything that training and evaluation need.

    Attributes:
        labels: class labels in order; `ClipSet.labels` are indices into it.
        splits: the clips of each split asked for.
        noises: background noises that training may use, float32 (samples,) in -1..1, any length.
        responses: room responses in the same form.
        manifest: which clips these are, by content; with the clips that were skipped.
        synthetic: whether speech of the folder is synthesised, all or some; `ClipSet.synthetic` counts.
        cache: folder for what can be computed from the clips again; None where there is none.
    """

    labels: tuple[str, ...]
    splits: dict[str, ClipSet]
    noises: tuple[np.ndarray, ...]
    responses: tuple[np.ndarray, ...]
    manifest: Manifest
    synthetic: bool
    cache: Path | None = None

    @cached_property
    def sounds_digest(self) -> str:
        """SHA-256 over the samples of noises and responses, hexadecimal."""
        digest = hashlib.sha256(f"{len(self.noises)}".encode())
        for sound in (*self.noises, *self.responses):
            digest.update(f" {sound.dtype.str} {len(sound)} ".encode())
            digest.update(np.ascontiguousarray(sound).data)
        return digest.hexdigest()


def load_task(
    data_dir: Path,
    task: TaskConfig,
    splits: Sequence[Split] = SPLITS,
    progress: Callable[[int, int], None] | None = None,
) -> TaskData:
    """Load the clips of a task from a folder in Speech Commands' layout.

    Audio is decoded once and memory-mapped afterwards (`tfkws.data.decoded_set`); a clip that cannot be
    decoded is left out and listed in the manifest.

    Args:
        splits: which ones to load; a folder of test clips has only "testing".
        progress: called with (clips decoded, clips in all) when the folder is decoded for the first time.

    Raises:
        DataError: the folder is missing or empty, a word has no clips, or a split cannot be had from it.
        ConfigError: the protocol is unknown or does not allow the words.
    """
    check_task(task)
    index = read_index(Path(data_dir))
    _check_folder(index, task, splits)
    decoded = open_decoded(index, progress)
    noises, noise_failures = _read_sounds(index, index.noises)
    noises = noises or generated_noises(task.seed)
    responses, response_failures = _read_sounds(index, index.responses)
    loaded = {split: _load_split(index, decoded, task, split, noises) for split in splits}
    manifest = Manifest(
        task=task,
        labels=labels_of(task),
        splits={split: rows for split, (_, rows) in loaded.items()},
        skipped=(*index.left_out, *decoded.skipped, *noise_failures, *response_failures),
        noise_files=tuple(noise.name for noise in noises),
        synthetic_speech=bool(decoded.synthetic),
        split_by_file=index.is_split_by_file,
    )
    return TaskData(
        labels=manifest.labels,
        splits={split: clips for split, (clips, _) in loaded.items()},
        noises=tuple(part_of(noise, "training").samples for noise in noises),
        responses=tuple(response.samples for response in responses),
        manifest=manifest,
        synthetic=manifest.synthetic_speech,
        cache=cache_folder(index.data_dir),
    )


def _check_folder(index: ClipIndex, task: TaskConfig, splits: Sequence[Split]) -> None:
    counts = index.clips_per_word()
    there = ", ".join(f"{word} ({count})" for word, count in counts.items())
    missing = [word for word in task.words if word not in counts]
    if missing:
        near = did_you_mean(missing[0], counts)
        raise DataError(f"{index.data_dir} has no clips of {', '.join(missing)}; it has {there}.{near}")
    if index.is_test_set and tuple(splits) != ("testing",):
        raise DataError(
            f"{index.data_dir} has folders _silence_ or _unknown_, so it is a set of test clips: use it for the split "
            "testing, and train on a folder that has one folder a word only."
        )
    if "testing" in splits and check_task(task).needs_test_set and not index.is_test_set:
        raise DataError(
            f"Protocol {task.protocol} is tested on the archive of test clips, which has folders _silence_ and "
            f"_unknown_; {index.data_dir} has none, so give that folder or use the protocol commands-12-list."
        )


def _load_split(
    index: ClipIndex, decoded: DecodedSet, task: TaskConfig, split: Split, noises: list[Noise]
) -> tuple[ClipSet, tuple[ManifestRow, ...]]:
    selection = select(decoded.files, task, split, is_test_set=index.is_test_set)
    _check_selection(index, decoded, selection, task, split)
    _check_others(index, selection, task, split)
    parts = [part_of(noise, split) for noise in noises]
    silences = [silence_clip(parts, split, number, task.seed) for number in range(selection.silence_count)]
    row_of = {file: row for row, file in enumerate(decoded.files)}
    rows = [row_of[file] for file, _ in selection.clips]
    label = silence_label(check_task(task))
    manifest_rows = (
        *(
            ManifestRow(file, word, decoded.hashes[row])
            for (file, word), row in zip(selection.clips, rows, strict=True)
        ),
        *(ManifestRow(name, label, hashlib.sha256(audio.tobytes()).hexdigest()) for name, audio in silences),
    )
    order = {name: number for number, name in enumerate(labels_of(task))}
    clips = ClipSet(
        audio=AudioRows(decoded.audio, np.array(rows, np.int64), _stack([audio for _, audio in silences])),
        labels=np.array([order[row.label] for row in manifest_rows], np.int64),
        files=tuple(row.file for row in manifest_rows),
        speakers=tuple(speaker_of(row.file) for row in manifest_rows),
        synthetic=sum(file in decoded.synthetic for file, _ in selection.clips),
    )
    return clips, manifest_rows


def _check_selection(
    index: ClipIndex, decoded: DecodedSet, selection: Selection, task: TaskConfig, split: Split
) -> None:
    """Refuse a split that nothing can be learnt from or tested on."""
    there = {word_of(file) for file, _ in selection.clips}
    absent = [word for word in task.words if word not in there]
    if absent and (split == "training" or len(absent) == len(task.words)):
        why = _why_absent(absent[0], index, decoded)
        raise DataError(f"{index.data_dir} has no usable {split} clips of {', '.join(absent)}; {why}")


def _why_absent(word: str, index: ClipIndex, decoded: DecodedSet) -> str:
    files = [file for file in index.files if word_of(file) == word]
    bad = [(file, reason) for file, reason in decoded.skipped if word_of(file) == word]
    if len(bad) == len(files):
        return f"none of the {len(files)} clips of {word} can be decoded, the first because {bad[0][1]}"
    speakers = sorted({speaker_of(file) for file in files})
    if len(speakers) == 1:
        return (
            f"all {len(files)} clips of {word} are of one speaker ({speakers[0]}), and the split follows the speaker; "
            "record other people too, or let `tfkws data import --split-by file` split the clips of one person, whose "
            "scores then say nothing about other people."
        )
    return (
        f"the split follows the speaker's id, and {word} has {len(speakers)}, so add clips of more speakers or choose "
        "other words (`tfkws data info` counts them)."
    )


def _check_others(index: ClipIndex, selection: Selection, task: TaskConfig, split: Split) -> None:
    """Refuse a wake word with no other speech to tell it from: every score of it would be perfect."""
    labels = labels_of(task)
    if len(labels) == 2 and not any(label == labels[0] for _, label in selection.clips):
        raise DataError(
            f"{index.data_dir} has no {split} clips of other words than {labels[1]}, so that false accepts could "
            "neither be learnt nor counted; add folders of other words, with speakers in every split "
            "(`tfkws data info` counts them)."
        )


def _stack(clips: list[np.ndarray]) -> np.ndarray:
    return np.stack(clips) if clips else np.zeros((0, CLIP_SAMPLES), np.int16)


def _read_sounds(index: ClipIndex, files: Sequence[str]) -> tuple[list[Noise], list[tuple[str, str]]]:
    """Read noises or responses; return also those that could not be decoded, with the reason."""
    sounds, failures = [], []
    for file in files:
        try:
            sounds.append(Noise(file, read_resampled(index.path(file))))
        except AudioError as error:
            failures.append((file, str(error).replace(f"{index.data_dir}/", "")))
    return sounds, failures
