"""`tfkws evaluate`: score a model file under a named protocol."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.cli.terminal.field_options import Changes
from tfkws.cli.terminal.foreign_options import foreign_options, told_by
from tfkws.cli.terminal.options import Imports, Json, TrainedOn
from tfkws.config import ForeignModel
from tfkws.data.splits import SPLITS
from tfkws.result_files import USUAL_RUNTIME
from tfkws.tflite.runtime.runtimes import RUNTIMES, is_on_gpu

if TYPE_CHECKING:
    from tfkws.config import TaskConfig
    from tfkws.pipeline.evaluate import Evaluation
    from tfkws.pipeline.parts.detector import Detector
    from tfkws.training.paired_comparison import Comparison


@foreign_options()
def evaluate(
    model: Annotated[Path, typer.Argument(help="Model folder, .keras, .tflite or .kws file.")],
    data: TrainedOn = None,
    protocol: Annotated[str, typer.Option("--protocol", "--task", help="Default: the one it was trained for.")] = "",
    words: Annotated[
        list[str],
        typer.Option("--words", "--word", help="Words, separated by commas or one an option. Default: its own."),
    ] = [],  # noqa: B006
    split: Annotated[str, typer.Option(help=f"{', '.join(SPLITS)}.")] = "testing",
    against: Annotated[Path | None, typer.Option(help="Another model: compare the two clip by clip.")] = None,
    false_accepts: Annotated[
        float | None,
        typer.Option(help="Wake words: share of the other clips that may be accepted; tells the threshold."),
    ] = None,
    runtime: Annotated[str, typer.Option(help=f"Of .tflite files: {', '.join(RUNTIMES)}.")] = USUAL_RUNTIME,
    imports: Imports = [],  # noqa: B006
    as_json: Json = False,
    *,
    foreign: Changes[ForeignModel],
) -> None:
    """Score a model: accuracy, F1, precision and recall with 95 % intervals over speakers, and the confusion matrix.

    Predictions and scores are written beside the model.

    Of a .tflite or .keras file made elsewhere tell the classes and the front end: --labels labels.txt --features
    mfcc-49x10.

    With --runtime litert-gpu a GPU answers, and its answers are judged against the CPU's.

    Example: tfkws evaluate artifacts/models/RUN/int8.tflite --data speech_commands
    """
    from tfkws.cli.terminal.output import waiting
    from tfkws.output_folder import shown_all_the_same
    from tfkws.pipeline.evaluate import check_split, evaluate_folder
    from tfkws.pipeline.parts.detector import open_detector
    from tfkws.pipeline.parts.foreign_detector import open_foreign

    def opened(runtime: str) -> "Detector":
        return open_foreign(model, told, runtime=runtime) if told else open_detector(model, runtime=runtime)

    chosen, told = check_split(split), told_by(foreign)
    show_scores = partial(_show, model=model, against=against, as_json=as_json)
    with shown_all_the_same(show_scores), waiting(f"Scoring {model} on {split} ..."):
        detector = opened(runtime)
        on_cpu = opened(USUAL_RUNTIME) if is_on_gpu(runtime) else None
        task = _task(detector, protocol, words)
        other = open_detector(against) if against else None
        scored = evaluate_folder(detector, data or _clips(detector, told), task, chosen, other, false_accepts, on_cpu)
    show_scores(scored)


def _clips(detector: "Detector", told: ForeignModel | None) -> Path:
    """Return the folder of clips that the model was trained on, as the folder around it says.

    Raises:
        ConfigError: nothing says it.
    """
    from tfkws.errors import ConfigError
    from tfkws.training.model_folder import CONFIG, open_model_folder

    if told is not None or not (detector.folder / CONFIG).is_file():
        raise ConfigError(f"Nothing says which clips {detector.path} was trained on; give a folder of clips: --data.")
    return Path(open_model_folder(detector.folder).config.data_dir)


def _show(scored: "tuple[Evaluation, Comparison | None]", model: Path, against: Path | None, as_json: bool) -> None:
    from tfkws.cli.terminal.output import show
    from tfkws.views.scores import comparison_sentence, evaluation_tables, gpu_sentence

    evaluation, comparison = scored
    values = evaluation.to_dict()
    parts: list[Any] = evaluation_tables(values)
    if evaluation.on_gpu is not None:
        parts.append(gpu_sentence(evaluation.on_gpu))
    if comparison is not None:
        values |= {"comparison": comparison.to_dict()}
        parts.append(comparison_sentence(values["comparison"], str(model), str(against)))
    show(values, parts, as_json)


def _task(detector: "Detector", protocol: str, words: list[str]) -> "TaskConfig":
    from tfkws.cli.terminal.options import read_task
    from tfkws.data.protocols import task_of_labels
    from tfkws.errors import ConfigError

    known = detector.task or task_of_labels(detector.labels)
    if known is not None and not protocol and not words:
        return known
    if known is None and not protocol:
        raise ConfigError(
            f"No protocol has the classes {', '.join(detector.labels)}, and the file does not say what it was trained "
            "for; give --protocol and --words."
        )
    return read_task(protocol or known.protocol, words)  # type: ignore[union-attr]
