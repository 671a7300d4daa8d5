"""From a trained model folder to smaller ones: prune, fine-tune, fine-tune with rounding; each stage a model folder.

Every stage is a training like any other: it goes on where it was stopped and is not repeated once done.
"""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfkws.config import CompressConfig, Compression, RunConfig
from tfkws.data.task_data import TaskData
from tfkws.errors import ConfigError, RunFolderError
from tfkws.pipeline.parts.bare_model import BareModel
from tfkws.pipeline.parts.progress import SILENT, StageProgress
from tfkws.pipeline.parts.prune import settle_pruning
from tfkws.pipeline.train import evaluate_trained, run_name, train_model
from tfkws.training.kernels.setting import WORTH_STEPS, faster_kernels_set
from tfkws.training.kernels.step_timer import TrainingStep
from tfkws.training.model_folder import ModelFolder
from tfkws.training.recipes import fine_tuning
from tfkws.units import format_count, format_percent

if TYPE_CHECKING:  # holds Keras back
    from tfkws.training.fit import Networks


def compress(
    source: ModelFolder, plan: Compression, data: TaskData, out: Path, progress: StageProgress = SILENT
) -> ModelFolder:
    """Run every stage that is not done yet, each into a folder of its own under `out`; return the last one.

    Raises:
        ConfigError: so much cannot be pruned, or the criterion does not fit the network.
        UnsupportedLayerError: a layer of the network is unknown to a method.
        RunFolderError: the source has no trained model.
    """
    folder = source
    if plan.prune_macs > 0:
        share = 1 - (1 - plan.prune_macs) ** (1 / plan.steps)
        for step in range(plan.steps):
            progress.stage(f"Prune {format_percent(share)} of the MACs, step {step + 1} of {plan.steps}")
            folder = prune(folder, share, plan, data, out, progress)
    if plan.quantization_aware:
        progress.stage("Fine-tune with int8 rounding")
        folder = tune_for_int8(folder, plan, data, out, progress)
    return folder


def kernels_for(source: ModelFolder, plan: Compression, progress: StageProgress) -> AbstractContextManager[None]:
    """Let fine-tuning take the kernels that are faster for the network that it begins with, where TensorFlow is not
    imported yet; a network made elsewhere is not timed.
    """
    if isinstance(source, BareModel):
        return nullcontext()
    run = source.config
    step = TrainingStep(run.model, run.features.input_shape, len(run.labels), run.train)
    return faster_kernels_set(step, WORTH_STEPS if plan.iterations is None else plan.iterations, progress.say)


def tune_for_int8(
    source: ModelFolder, plan: Compression, data: TaskData, out: Path, progress: StageProgress
) -> ModelFolder:
    """Fine-tune a network through its quantisation-aware twin, to the answers that it had before.

    The twin rounds weights and values as an int8 file will.

    Args:
        source: the trained network, its own teacher.
        out: folder under which the run gets its own.
    """
    from tfkws.compression.quantization_aware.twin import quantization_aware
    from tfkws.training.fit import Networks

    def start() -> Networks:
        network = source.load_keras()
        return Networks(quantization_aware(network), network, teacher=source.load_keras())

    train = fine_tuning("quantization-aware", source.config.train, plan.iterations, plan.seed)
    compressed = CompressConfig("quantization-aware", source.path.name, digest_of(source))
    run = replace(source.config, train=train, compressed=compressed)
    return _fine_tune(run, start, data, out / run_name(run), progress)


def prune(
    source: ModelFolder, share: float, plan: Compression, data: TaskData, out: Path, progress: StageProgress
) -> ModelFolder:
    """Remove `share` of a network's MACs and fine-tune what is left.

    Raises:
        ConfigError: the network was made elsewhere.
    """
    from tfkws.training.fit import Networks

    if isinstance(source, BareModel):
        raise ConfigError(
            "--prune-macs builds narrower networks of the zoo by their names; "
            "of a file made elsewhere only --quantization-aware makes another."
        )

    iterations = None if plan.iterations is None else plan.iterations // plan.steps
    compressed = CompressConfig("pruned", source.path.name, digest_of(source), share, plan.importance)
    train = fine_tuning("pruned", source.config.train, iterations, plan.seed)
    request = replace(source.config, train=train, compressed=compressed)
    folder = out / run_name(request)  # named by what was asked for, so that the same command finds it
    pruning = settle_pruning(folder, source, compressed, data, plan.seed)
    before, after = pruning.macs_before, pruning.macs_after
    progress.say(f"{format_count(before)} to {format_count(after)} MACs ({format_percent(1 - after / before)} removed)")

    def start() -> Networks:
        network = pruning.apply(source.load_keras())
        return Networks(network, network)

    return _fine_tune(replace(request, model=pruning.model), start, data, folder, progress)


def digest_of(folder: ModelFolder) -> str:
    """SHA-256 of the trained weights' file.

    Raises:
        RunFolderError: there is none.
    """
    if not folder.weights.is_file():
        raise RunFolderError(f"{folder.path} holds no trained model yet; let `tfkws train` finish it first.")
    return hashlib.sha256(folder.weights.read_bytes()).hexdigest()


def _fine_tune(
    run: RunConfig, start: "Callable[[], Networks]", data: TaskData, folder: Path, progress: StageProgress
) -> ModelFolder:
    progress.say(f"writing {folder}")
    trained = train_model(run, data, folder, progress, title=f"fine-tune {run.model.name}", start=start)
    evaluate_trained(trained, data)
    return trained
