"""A GPU's answers against the CPU's on the same clips: made-up ones, and an evaluation on the software adapter."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lively_networks import CLASSES, lively_file

from tfkws.config import TaskConfig
from tfkws.errors import ModelError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.pipeline.evaluate import evaluate_folder
from tfkws.pipeline.parts.detector import Detector, open_detector
from tfkws.pipeline.parts.gpu_answers import judge_gpu
from tfkws.run_folder import read_json
from tfkws.tflite.file.small_models import pointwise_convolution
from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import open_model
from tfkws.views.scores import gpu_sentence

WAKE = TaskConfig("wake-word", ("yes",))
FACTS = {"adapter": {"name": "V3D 7.1", "software": False}, "precision": "float32", "fully_accelerated": True}


class Clips:
    """So many clips with their labels, and nothing to hear."""

    def __init__(self, labels: np.ndarray) -> None:
        self.labels, self.speakers = labels, [f"s{i}" for i in range(len(labels))]


def answering(file: Path, probabilities: np.ndarray, accelerator: dict[str, Any] | None = None) -> Any:
    class Told(Detector):
        def answer(self, clips: Any) -> np.ndarray:
            return probabilities

    runtime = "litert-gpu" if accelerator else "litert"
    return Told(
        file, "tflite", "none", file.parent, FRONT_ENDS["mfcc-40x32"], ("_other_", "yes"), WAKE, lambda maps: maps,
        synthetic_speech=False, runtime=runtime, accelerator=accelerator,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("precision", "error", "within"),
    [("float32", 1e-5, True), ("float32", 1e-3, False), ("half", 1e-3, True), ("half", 0.1, False)],
)
def test_the_tolerance_is_that_of_the_precision(precision: str, error: float, within: bool, tmp_path: Path) -> None:
    file = tmp_path / "none.tflite"
    file.write_bytes(NULL_MODEL)
    right = np.tile([0.8, 0.2], (50, 1))
    wrong = right + [[-error, error]]
    on_gpu, on_cpu = answering(file, wrong, {**FACTS, "precision": precision}), answering(file, right)
    judged = judge_gpu(on_gpu, wrong, on_cpu, Clips(np.zeros(50, int)))  # type: ignore[arg-type]
    assert judged["within"] is within
    assert judged["against_cpu"]["max_output_error"] == pytest.approx(error)
    assert (judged["runtime"], judged["adapter"]["name"]) == ("litert-gpu", "V3D 7.1")
    told = gpu_sentence(judged)
    assert f"{'within' if within else 'NOT within'} the tolerance" in told and "software" not in told


@pytest.mark.parametrize(("stride", "faulty"), [(1, False), (2, True)])
def test_a_fault_that_is_known_is_told_beside_the_score(stride: int, faulty: bool, tmp_path: Path) -> None:
    file = tmp_path / "int8.tflite"
    file.write_bytes(pointwise_convolution("int8", 4, 1, stride))
    right = np.tile([0.8, 0.2], (50, 1))
    judged = judge_gpu(answering(file, right, FACTS), right, answering(file, right), Clips(np.zeros(50, int)))  # type: ignore[arg-type]
    assert ("ignores the stride" in judged["known_fault"]) is faulty
    assert gpu_sentence(judged).endswith("in float32 for a GPU.") is faulty


def test_lost_answers_fail_the_gate(tmp_path: Path) -> None:
    file = tmp_path / "none.tflite"
    file.write_bytes(NULL_MODEL)
    right, lost = np.tile([0.8, 0.2], (50, 1)), np.full((50, 2), np.nan)
    judged = judge_gpu(answering(file, lost, FACTS), lost, answering(file, right), Clips(np.zeros(50, int)))  # type: ignore[arg-type]
    assert not judged["within"] and not judged["against_cpu"]["finite"]


@pytest.mark.usefixtures("software_gpu")
def test_a_split_is_scored_on_a_gpu(make_folder: Callable[..., Path], tmp_path: Path) -> None:
    """The twelve answers of a drawn network, taken as two: enough to be scored, and the same on both."""
    file = tmp_path / "none.tflite"
    file.write_bytes(lively_file("kws12", "none").content)

    def detector(runtime: str) -> Detector:
        model = open_model(TfliteFile.read(file), runtime=runtime, load_check=False)

        def predict(maps: np.ndarray) -> np.ndarray:
            both = model.predict(maps).reshape(len(maps), 2, CLASSES // 2).sum(axis=2)
            return np.asarray(both)

        return Detector(
            file, "tflite", "none", tmp_path, FRONT_ENDS["mfcc-40x32"], ("_other_", "yes"), WAKE, predict,
            synthetic_speech=False, runtime=runtime, accelerator=model.accelerator,
        )  # fmt: skip

    evaluate_folder(detector("litert-gpu"), make_folder(), WAKE, "testing", on_cpu=detector("litert"))
    stored = read_json(tmp_path / "evaluation-none-testing-litert-gpu.json")
    assert stored["model"] == "none.tflite (litert-gpu)"
    assert stored["on_gpu"]["within"] and stored["on_gpu"]["adapter"]["software"]
    assert stored["on_gpu"]["against_cpu"]["clips"] == stored["clips"]
    assert (tmp_path / "predictions-none-testing-litert-gpu.csv").exists()
    assert "(software adapter), float32, against the CPU" in gpu_sentence(stored["on_gpu"])


def test_a_keras_model_has_no_runtime(tmp_path: Path) -> None:
    (tmp_path / "model.keras").touch()
    with pytest.raises(ModelError, match="--runtime is for .tflite files; convert it first"):
        open_detector(tmp_path / "model.keras", runtime="litert-gpu")
