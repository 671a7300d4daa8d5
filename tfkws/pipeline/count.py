"""The stage of `tfkws count`: count the instructions of converted models on an emulated core; never a time."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tfkws.config import CountSettings
from tfkws.errors import ConfigError
from tfkws.pipeline.parts.progress import SILENT, StageProgress
from tfkws.result_files import instructions_name
from tfkws.run_folder import write_json
from tfkws.tflite.benchmark.instructions import InstructionCount, count_instructions
from tfkws.tflite.targets.open import is_emulated, open_target
from tfkws.tflite.targets.session import Session

OpenTarget = Callable[..., AbstractContextManager[Session]]


def count_models(
    models: Sequence[Path],
    target: str,
    settings: CountSettings | None = None,
    *,
    record: Path | None = None,
    progress: StageProgress = SILENT,
    open_target: OpenTarget = open_target,
) -> list[InstructionCount]:
    """Count, and write `instructions-<stem>-<core>.json` beside each model.

    Args:
        models: .tflite files or .kws bundles.
        target: an emulated core such as "qemu-aarch64:cortex-a76", or a replay of one.
        settings: None for the defaults.
        record: folder for a recording of the target's answers; None for none.

    Raises:
        ConfigError: the target is not emulated.
        TfliteFileError: a file is damaged.
        BenchmarkError, TargetError: the emulator or the runtime there failed.
    """
    if not is_emulated(target):
        raise ConfigError(f"Instructions are counted on an emulated core, such as qemu-aarch64. Received {target!r}.")
    settings = settings or CountSettings()
    results = []
    with open_target(target, record=record) as session, progress.bar(f"count on {target}") as advance:
        for number, model in enumerate(models):
            advance(number, len(models), model.name)
            result = count_instructions(model, session, settings)
            name = instructions_name(model.stem, settings.kernels, target, settings.operators)
            write_json(model.parent / name.file, result.to_dict())
            results.append(result)
    return results
