"""The stage of `tfkws convert`: from a model folder to a .tflite file beside the Keras model, judged against it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.config import ConversionSettings, DetectorConfig, InputKind
from tfkws.data.task_data import TaskData, load_task
from tfkws.errors import ConversionError, ParityError
from tfkws.features.numpy_front_end import to_float
from tfkws.output_folder import check_output_folder
from tfkws.pipeline.parts.conversion_files import (
    ConversionFiles,
    complaint,
    conversion_files,
    detection_complaint,
    parity_record,
    recipe_record,
    stream_record,
)
from tfkws.pipeline.parts.progress import SILENT, StageProgress
from tfkws.report.plots import layer_error_figure, save_png
from tfkws.result_files import conversion_damage, conversion_stem
from tfkws.run_folder import atomic_paths, to_json
from tfkws.tflite.convert.gpu_agreement import GpuAnswer, compare_on_gpu, gpu_is_wanted
from tfkws.tflite.convert.parity_gate import GATE_SPLIT, ParityReport
from tfkws.tflite.convert.remedies import convert_with_remedies
from tfkws.tflite.convert.runtime_agreement import RuntimeAnswer, compare_runtimes
from tfkws.tflite.convert.stream_recording import StreamDifferences
from tfkws.tflite.convert.stream_workbench import StreamWorkbench
from tfkws.tflite.convert.timing_hint import TimingHint, time_both
from tfkws.tflite.convert.whole_detector import whole_detector
from tfkws.tflite.convert.workbench import ConvertedCandidate, Workbench
from tfkws.tflite.file.allowed_operators import check_operators
from tfkws.tflite.file.compacted import compacted
from tfkws.tflite.file.metadata import FileMetadata
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.agreement import MicroAgreement, compare_with_micro
from tfkws.tflite.micro.arena import check_arena
from tfkws.tflite.micro.interpreter import check_installed
from tfkws.tflite.micro.operators import MICRO_OPERATORS, check_for_micro
from tfkws.tflite.quantize.layer_errors import first_bad
from tfkws.tflite.recipes import ConversionRecipe, get_recipe
from tfkws.training.detection import measured_settings
from tfkws.training.model_folder import ModelFolder

SPLITS = (GATE_SPLIT, "testing")


@dataclass(frozen=True)
class Conversion:
    """A converted file with what was measured on it.

    Attributes:
        candidate: the conversion of the network alone, without the front end.
        file: the whole file, with metadata.
        reports: parity with the Keras model by split.
        runtimes: which runtimes accept the file, and whether they agree.
        timing_hint: its time against float32's; None where it is float32 itself.
        attempts: JSON-ready records of the remedies that were tried.
        differences: of a streaming file from the sliding window, by split.
        on_gpu: the file on a GPU, in each precision; empty where none was wanted.
        on_micro: the file in TensorFlow Lite Micro; None where that is not what it must run on.
    """

    candidate: ConvertedCandidate
    file: TfliteFile
    reports: dict[str, ParityReport]
    runtimes: tuple[RuntimeAnswer, ...]
    timing_hint: TimingHint | None
    attempts: list[dict[str, Any]]
    differences: dict[str, StreamDifferences] = field(default_factory=dict)
    on_gpu: tuple[GpuAnswer, ...] = ()
    on_micro: MicroAgreement | None = None

    @property
    def recipe(self) -> ConversionRecipe:
        """The recipe by which it was made in the end."""
        return self.candidate.recipe

    def passes(self, gate_points: float) -> bool:
        """Return whether it loses no more than the gate allows on the validation split, detections included.

        Args:
            gate_points: allowed loss beyond noise, in points of accuracy.
        """
        hears = not self.differences or self.differences[GATE_SPLIT].passes(gate_points)
        return hears and self.reports[GATE_SPLIT].passes(gate_points)


def convert_folder(
    folder: ModelFolder,
    recipe: ConversionRecipe | str,
    settings: ConversionSettings | None = None,
    *,
    data: TaskData | None = None,
    allowed_operators: frozenset[str] | None = None,
    force: bool = False,
    progress: StageProgress = SILENT,
) -> Path:
    """Convert a trained model, judge it on the validation split, and write model, recipe and parity.

    Args:
        recipe: a recipe or its name.
        settings: calibration, gate, input and whether remedies are tried (`tfkws.tflite.convert.remedies`);
            None for the defaults.
        data: the loaded task with all three splits; None loads it from the folder that the model was trained
            on.
        allowed_operators: what the target can run, as names of the schema; None for everything.
        force: whether to replace an earlier conversion.
        progress: receives what is being done.

    Returns:
        Path of the `.tflite` file, named by `tfkws.result_files.conversion_stem`.

    Raises:
        RunFolderError: the folder cannot be written.
        ConversionError: the converter refuses the model, or an earlier conversion would be replaced.
        ParityError: the converted model lost more accuracy than the gate allows; it is kept as
            `<stem>.rejected.tflite` with its own recipe and parity, and an earlier conversion stays as it
            was.
        RuntimeUnavailableError: a GPU is asked for and there is none, or TensorFlow Lite Micro is not installed.
    """
    settings = settings or ConversionSettings()
    gate_points = settings.gate_points
    plain = get_recipe(recipe) if isinstance(recipe, str) else recipe
    stem = conversion_stem(plain.name, settings.input == "audio", settings.streaming)
    _refuse_overwriting(conversion_files(folder.path, stem), force)
    check_output_folder(folder.path, "")
    on_gpu = gpu_is_wanted(settings.gpu)
    if settings.runs_on == "micro":
        check_installed()
        allowed_operators = MICRO_OPERATORS & (allowed_operators or MICRO_OPERATORS)
    loaded = data or load_task(Path(folder.config.data_dir), folder.config.task)
    bench = _workbench(folder, loaded, settings, progress)
    remedied = convert_with_remedies(bench, plain, gate_points, allowed_operators) if settings.repair else None
    conversion = measure_conversion(
        bench,
        remedied.kept if remedied else bench.candidate(plain),
        settings.input,
        allowed_operators,
        remedied.to_dicts(gate_points) if remedied else [],
        on_gpu,
        settings,
    )
    files = conversion_files(folder.path, stem, conversion.passes(gate_points))
    _write(files, bench, conversion, gate_points)
    if not conversion.passes(gate_points):
        worst = first_bad(conversion.candidate.errors)
        report = conversion.reports[GATE_SPLIT]
        if report.passes(gate_points):
            lost = conversion.differences[GATE_SPLIT]
            raise ParityError(detection_complaint(conversion.recipe, lost, gate_points, files))
        raise ParityError(complaint(conversion.recipe, report, gate_points, files, worst))
    return files.model


def _workbench(folder: ModelFolder, data: TaskData, settings: ConversionSettings, progress: StageProgress) -> Workbench:
    if not settings.streaming:
        return Workbench(folder, data, settings.calibration_clips, settings.seed, progress.say)
    return StreamWorkbench(folder, data, settings.calibration_clips, settings.seed, progress.say, settings.step_ms)


def measure_conversion(
    bench: Workbench,
    candidate: ConvertedCandidate,
    input_kind: InputKind = "features",
    allowed_operators: frozenset[str] | None = None,
    attempts: list[dict[str, Any]] | None = None,
    on_gpu: bool = False,
    target: ConversionSettings = ConversionSettings(),
) -> Conversion:
    """Complete a candidate by front end and metadata, and measure the whole file; nothing is written.

    Args:
        target: what it must run on, and within which arena.

    Raises:
        ConversionError: the file needs an operator that the target has not, or a larger arena.
    """
    file = candidate.file
    if input_kind == "audio":
        bench.on_stage("Putting the front end into the file")
        file = whole_detector(file, bench.folder.config.features)
    if target.runs_on == "micro":
        check_for_micro(file.graph, "The network")
        file = compacted(file)
    check_operators(file, allowed_operators)
    bench.on_stage("Comparing with the Keras model on the testing split")
    answers = _answers(bench, candidate, file)
    file = file.with_metadata(_metadata(bench, candidate.recipe, input_kind, answers[GATE_SPLIT]))
    examples = bench.examples.audio if input_kind == "audio" else bench.inputs_of(bench.examples)
    micro = _on_micro(bench, file, examples, target.max_arena_kib) if target.runs_on == "micro" else None
    return Conversion(
        candidate=candidate,
        file=file,
        reports={split: bench.split(split).compare(answers[split]) for split in SPLITS},
        runtimes=compare_runtimes(file, examples),
        timing_hint=_timing_hint(bench, file, examples, input_kind),
        attempts=attempts or [],
        differences=_differences(bench, file, answers),
        on_gpu=_on_gpu(bench, file, examples) if on_gpu else (),
        on_micro=micro,
    )


def _on_micro(bench: Workbench, file: TfliteFile, examples: np.ndarray, max_arena_kib: float | None) -> MicroAgreement:
    bench.on_stage("Running in TensorFlow Lite Micro")
    compared = compare_with_micro(file, to_float(examples))
    check_arena(compared.run.arena, max_arena_kib)
    return compared


def _on_gpu(bench: Workbench, file: TfliteFile, examples: np.ndarray) -> tuple[GpuAnswer, ...]:
    bench.on_stage("Comparing with the CPU on a GPU")
    return compare_on_gpu(file, examples)


def _differences(bench: Workbench, file: TfliteFile, answers: dict[str, np.ndarray]) -> dict[str, StreamDifferences]:
    """How a streaming file differs from the sliding window on each recording; nothing of other files."""
    if not isinstance(bench, StreamWorkbench):
        return {}
    bench.on_stage("Comparing with the sliding window on whole recordings")
    thresholds = bench.split(GATE_SPLIT).thresholds(answers[GATE_SPLIT])
    return {split: bench.split(split).differences(file, answers[split], thresholds) for split in SPLITS}


def _refuse_overwriting(files: ConversionFiles, force: bool) -> None:
    if files.model.exists() and not force and not conversion_damage(files.model):
        raise ConversionError(f"{files.model} exists already; add --force to replace it.")


def _answers(bench: Workbench, candidate: ConvertedCandidate, file: TfliteFile) -> dict[str, np.ndarray]:
    """Return the file's answers on both splits; those of the candidate where it is the same file."""
    known = {GATE_SPLIT: candidate.answers} if file == candidate.file else {}
    return {split: known[split] if split in known else bench.split(split).answers(file) for split in SPLITS}


def _timing_hint(bench: Workbench, file: TfliteFile, examples: np.ndarray, input_kind: InputKind) -> TimingHint | None:
    """Compare the file's time with that of the same network in float32; None for that itself."""
    features = bench.folder.config.features
    reference = whole_detector(bench.float_file, features) if input_kind == "audio" else bench.float_file
    same = file.contents.scheme == reference.contents.scheme
    return None if same else time_both(reference, file, examples)


def _metadata(bench: Workbench, recipe: ConversionRecipe, input_kind: InputKind, answers: np.ndarray) -> FileMetadata:
    run = bench.folder.config
    return FileMetadata(
        labels=run.labels,
        input=input_kind,
        features=run.features,
        task=run.task,
        model=run.model,
        detector=_detector(bench, answers),
        conversion=recipe,
        synthetic_speech=run.synthetic_speech,
        streaming=bench.streaming,
    )


def _detector(bench: Workbench, answers: np.ndarray) -> DetectorConfig:
    """Return the settings that suit the file's answers; a streaming file has one answer a step."""
    settings = measured_settings(bench.split(GATE_SPLIT).clips.labels, answers)
    if bench.streaming is None:
        return settings
    features = bench.folder.config.features
    step_ms = 1e3 * bench.streaming.frames_per_step * features.hop_samples / features.sample_rate_hz
    return replace(settings, hop_ms=step_ms, window_ms=max(settings.window_ms, step_ms))


def _write(files: ConversionFiles, bench: Workbench, made: Conversion, gate_points: float) -> None:
    """Write recipe, parity, figure and model, all or none: where the recipe is, the others are those it tells of."""
    draw = bench.draw if made.recipe.needs_calibration else None
    errors = made.candidate.errors
    parity = parity_record(made.recipe, made.reports, gate_points, bench.data.synthetic, errors, made.runtimes)
    parity["attempts"] = made.attempts
    if made.on_gpu:
        parity["gpu"] = [answer.to_dict() for answer in made.on_gpu]
    if made.on_micro:
        parity["micro"] = made.on_micro.to_dict()
    if isinstance(bench, StreamWorkbench):
        parity["stream"] = stream_record(bench, made.differences)
    parity["timing_hint"] = made.timing_hint.to_dict() if made.timing_hint else None
    recipe = recipe_record(made.recipe, draw, made.file, bench.folder)
    paths = [files.recipe, files.parity, files.figure, files.model]
    with atomic_paths(paths) as (recipe_path, parity_path, figure_path, model_path):
        recipe_path.write_text(to_json(recipe), encoding="utf-8")
        parity_path.write_text(to_json(parity), encoding="utf-8")
        if parity["layers"]:
            bad = parity["first_bad_layer"]
            save_png(layer_error_figure(parity["layers"], bad["index"] if bad else None), figure_path)
        model_path.write_bytes(made.file.content)
