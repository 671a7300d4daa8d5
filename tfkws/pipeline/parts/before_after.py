"""A compressed network beside the one it came from, each in Keras and in int8, on the same clips."""

from typing import Any

import numpy as np

from tfkws.config import ConversionSettings
from tfkws.cost import count
from tfkws.data.clip_set import ClipSet
from tfkws.data.task_data import TaskData
from tfkws.pipeline.convert import convert_folder
from tfkws.pipeline.parts.conversion_files import conversion_files
from tfkws.pipeline.parts.progress import StageProgress
from tfkws.run_folder import write_json
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.convert.workbench import Workbench
from tfkws.tflite.recipes import RECIPES
from tfkws.training.metrics import score
from tfkws.training.model_folder import ModelFolder
from tfkws.training.paired_comparison import compare

COMPARISON = "compression.json"
SPLITS = ("validation", "testing")
PAIRS = (  # first minus second
    ("int8 before", "Keras before"),
    ("int8 after", "Keras after"),
    ("Keras after", "Keras before"),
    ("int8 after", "int8 before"),
    ("int8 after", "Keras before"),
)


def compare_before_after(
    source: ModelFolder, result: ModelFolder, data: TaskData, progress: StageProgress
) -> dict[str, Any]:
    """Convert both to int8 by the ordinary recipe, compare, and write `compression.json` beside the result.

    The result's conversion is kept as by `tfkws convert`; the source's folder stays as it is.

    Returns:
        What was written: sizes, accuracies with intervals, and paired differences, by split.

    Raises:
        ParityError: the result's int8 file loses more than the gate allows.
    """
    if not conversion_files(result.path, "int8").model.exists():
        convert_folder(result, "int8", data=data, progress=progress)
    usual = ConversionSettings()
    sides = {
        when: _Side(Workbench(folder, data, usual.calibration_clips, usual.seed, progress.say))
        for when, folder in (("before", source), ("after", result))
    }
    record = {
        "source": str(source.path),
        "result": str(result.path),
        "synthetic_speech": data.synthetic,
        "sizes": {when: side.sizes() for when, side in sides.items()},
        "splits": {split: _compare(_answers(sides, split), data.splits[split], data.labels) for split in SPLITS},
    }
    write_json(result.path / COMPARISON, record)
    return record


class _Side:
    """One of the two networks, with its int8 file by the ordinary recipe and without metadata."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.int8 = convert(bench.model, RECIPES["int8"], bench.draw.features)

    def sizes(self) -> dict[str, int]:
        """Return MACs, parameters, and bytes of the float32 and the int8 file."""
        cost, float32 = count(self.bench.model), self.bench.float_file
        return {
            "macs": cost.macs,
            "params": cost.params,
            "float32_bytes": len(float32.content),
            "int8_bytes": len(self.int8.content),
        }


def _answers(sides: dict[str, _Side], split: str) -> dict[str, np.ndarray]:
    """Return probabilities float32 (n, classes) of all four networks."""
    keras = {f"Keras {when}": side.bench.split(split).reference for when, side in sides.items()}
    return keras | {f"int8 {when}": side.bench.split(split).answers(side.int8) for when, side in sides.items()}


def _compare(answers: dict[str, np.ndarray], clips: ClipSet, labels: tuple[str, ...]) -> dict[str, Any]:
    chosen = {name: values.argmax(axis=1) for name, values in answers.items()}
    scores = {name: score(clips.labels, choice, np.asarray(clips.speakers), labels) for name, choice in chosen.items()}
    right = {name: choice == clips.labels for name, choice in chosen.items()}
    return {
        "clips": len(clips.labels),
        "majority_baseline": next(iter(scores.values())).majority_baseline,
        "accuracy": {
            name: {"accuracy": one.accuracy, "interval": list(one.accuracy_interval)} for name, one in scores.items()
        },
        "differences": {
            f"{first} - {second}": compare(right[second], right[first], np.asarray(clips.speakers)).to_dict()
            for first, second in PAIRS
        },
    }
