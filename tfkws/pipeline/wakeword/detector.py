"""From a trained network to a bundle: int8 behind the gate, smoothing and threshold for it on validation tracks."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import ConversionSettings, FoundThreshold, ModelConfig, RunConfig
from tfkws.config.features import FeatureConfig
from tfkws.config.wakeword import Lessons, WakewordConfig
from tfkws.data.audio.files import SAMPLE_RATE_HZ, to_int16
from tfkws.data.clip_set import ClipSet
from tfkws.data.manifest import Manifest, ManifestRow
from tfkws.data.protocols import labels_of, make_task
from tfkws.data.splits import SPLITS, Split
from tfkws.data.task_data import TaskData
from tfkws.models.saving import save_model
from tfkws.pipeline.bundle import bundle_folder
from tfkws.pipeline.convert import convert_folder
from tfkws.pipeline.parts.conversion_files import conversion_files
from tfkws.pipeline.parts.progress import StageProgress
from tfkws.pipeline.wakeword.laying import PIECE, laid_track, pieces
from tfkws.result_files import conversion_stem
from tfkws.run_folder import read_record
from tfkws.tflite.bundle.archive import read_bundle, write_settings
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import open_model
from tfkws.tflite.runtime.streaming import open_streaming
from tfkws.training.model_folder import CONFIG, WEIGHTS, ModelFolder, write_config
from tfkws.wakeword.judging import HOP_MS, SMOOTHINGS, Answers, Operating, answers_to, operating_point, timeline_of
from tfkws.wakeword.learning import as_input, training_recipe
from tfkws.wakeword.pools import LaidSplit, Spoken
from tfkws.wakeword.rows import Rows
from tfkws.wakeword.tracks import POSITIVE, Track
from tfkws.wakeword.windows import Span

MOST_TRACKS = 45  # of a split, of which windows are cut
REST_MS = 1_000.0
CHUNK = 30_000  # frames of a stream that are answered at once
GATE = ("passed", "gate_points", "judged_on", "synthetic_speech", "splits")  # what a run tells of a parity file


@dataclass(frozen=True)
class Converted:
    """A bundle with an int8 file.

    Attributes:
        gate: how far its answers are from the trained network's, JSON-ready.
        found: settings that were chosen for it, and what they give.
    """

    bundle: Path
    gate: dict[str, Any]
    found: Operating


def write_network(
    folder: Path, network: Any, config: WakewordConfig, model: ModelConfig, features: FeatureConfig
) -> ModelFolder:
    """Write a trained network as every training does; return its folder."""
    task = make_task("wake-word", (config.phrase,), config.seed)
    recipe = training_recipe(Lessons(), config.effort.steps, config.seed)
    run = RunConfig(task, features, model, recipe, labels_of(task), str(folder), synthetic_speech=True)
    if not (folder / CONFIG).exists():
        write_config(folder, run)
    save_model(network, folder / WEIGHTS)
    return ModelFolder(folder, run)


def clips_of(spoken: Spoken, config: WakewordConfig, features: FeatureConfig) -> TaskData:
    """Cut windows with and without the phrase from tracks, as the clips that a conversion is judged by."""
    task = make_task("wake-word", (config.phrase,), config.seed)
    labels = labels_of(task)
    splits: dict[str, ClipSet] = {split: _clip_set(spoken, split, config, features, labels) for split in SPLITS}
    manifest = Manifest(
        task=task,
        labels=labels,
        splits={split: _manifest_rows(clips, labels) for split, clips in splits.items()},
        skipped=(),
        noise_files=(),
        synthetic_speech=True,
    )
    return TaskData(labels, splits, (), (), manifest, synthetic=True)


def _clip_set(
    spoken: Spoken, split: Split, config: WakewordConfig, features: FeatureConfig, labels: tuple[str, ...]
) -> ClipSet:
    laid_split: LaidSplit = "training" if split == "training" else "validation"
    count = min(MOST_TRACKS, pieces(laid_split, config) * PIECE // 2)
    first = count if split == "testing" else 0
    audio, classes, files = [], [], []
    for number in range(first, first + count):
        track = laid_track(spoken, laid_split, number, config.seed)
        for place, (samples, with_phrase) in enumerate(windows_of(track, features)):
            audio.append(to_int16(samples))
            classes.append(int(with_phrase))
            files.append(f"{labels[int(with_phrase)]}/track{number:04d}_{place:03d}.wav")
    return ClipSet(np.stack(audio), np.array(classes, np.int64), tuple(files), tuple(files), synthetic=len(files))


def windows_of(track: Track, features: FeatureConfig) -> list[tuple[np.ndarray, bool]]:
    """Return one window for each thing that was said: float32 (samples,), and whether it was the phrase."""
    late = Span(features.frames).late * features.hop_samples // 2
    found = []
    for one in track.laid:
        end = one.end + late
        begin = end - features.clip_samples
        crowded = any(
            other.kind == POSITIVE and other is not one and other.end > begin and other.start < end
            for other in track.laid
        )
        if begin >= 0 and end <= len(track.audio) and not crowded:
            found.append((track.audio[begin:end], one.kind == POSITIVE))
    return found


def _manifest_rows(clips: ClipSet, labels: tuple[str, ...]) -> tuple[ManifestRow, ...]:
    return tuple(
        ManifestRow(file, labels[int(label)], hashlib.sha256(np.asarray(samples, "<i2").tobytes()).hexdigest())
        for file, label, samples in zip(clips.files, clips.labels, np.asarray(clips.audio), strict=True)
    )


def convert_and_bundle(
    folder: ModelFolder, spoken: Spoken, config: WakewordConfig, validation: Rows, out: Path, progress: StageProgress
) -> Converted:
    """Convert to int8, choose smoothing and threshold for that file, and write the bundle with them.

    With microWakeWord's front end the file keeps a state, as ESPHome needs it.

    Raises:
        ParityError: the int8 file lost more than the gate allows.
        DataError: no threshold gives the wanted rate.
    """
    data = clips_of(spoken, config, folder.config.features)
    settings = ConversionSettings(streaming=folder.config.features.kind == "micro")
    convert_folder(folder, "int8", settings, data=data, force=True, progress=progress)
    stem = conversion_stem("int8", streaming=settings.streaming)
    bundle_folder(folder, stem, out=out, force=True)
    bundle = read_bundle(out)
    found = choose(bundle.model, folder.config.features, config, validation)
    point = found.point
    told = FoundThreshold(
        wanted_per_hour=config.false_accepts_per_hour,
        false_accepts=point.false_accepts,
        hours=point.hours,
        misses=point.misses,
        utterances=point.utterances,
        source="synthetic",
    )
    write_settings(out, bundle, replace(found.settings, found=told))
    parity = read_record(conversion_files(folder.path, stem).parity)
    return Converted(out, {name: parity[name] for name in GATE}, found)


def choose(model: TfliteFile, features: FeatureConfig, config: WakewordConfig, validation: Rows) -> Operating:
    """Choose smoothing and threshold of a converted file on validation tracks."""
    rest_ms = max(REST_MS, 1_000.0 * features.clip_samples / SAMPLE_RATE_HZ)
    if model.metadata is not None and model.metadata.streaming is not None:
        streamed = _streamed(model, features, config.phrase, validation)
        counts = tuple(max(1, round(count * HOP_MS / streamed.hop_ms)) for count in SMOOTHINGS)
        return operating_point(streamed, config.false_accepts_per_hour, rest_ms, counts)
    runner = open_model(model, load_check=False)

    def answer(windows: np.ndarray) -> np.ndarray:
        return np.asarray(runner.predict(as_input(windows, features)), np.float32)[:, 1]

    answers = answers_to(validation, config.phrase, features, answer, "synthetic")
    return operating_point(answers, config.false_accepts_per_hour, rest_ms)


def _streamed(model: TfliteFile, features: FeatureConfig, phrase: str, rows: Rows) -> Answers:
    """A file's answers to tracks, heard as one stream: one every step, of the window that ended some time ago.

    Rows go in as they are: a front end that is learnt on streams alone is not normalised.
    """
    stream = open_streaming(model, load_check=False)
    firsts = range(0, rows.frames, CHUNK)
    answers = np.concatenate([stream.feed(rows.values[first : first + CHUNK].astype(np.float32)) for first in firsts])
    begins = np.array([stream.window_begin(step) for step in range(len(answers))], np.int64)
    whole = begins >= 0
    ends = (begins + features.frames) * features.hop_samples
    step_ms = 1_000.0 * stream.frames_per_step * features.hop_samples / SAMPLE_RATE_HZ
    timeline = timeline_of(rows, phrase, features, "synthetic")
    return Answers(timeline, phrase, ends[whole], answers[whole, 1], step_ms)
