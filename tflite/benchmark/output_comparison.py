"""Outputs of a model on a target against those of this machine, bit by bit."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.targets.device_archive import push_archive
from tfkws.tflite.targets.open import open_target
from tfkws.tflite.targets.questions import ask
from tfkws.tflite.targets.session import Session

SECONDS = 6 * 3600.0  # a network of 9 G multiply-accumulates takes an hour on an emulated core
SEED = 1


@dataclass(frozen=True)
class OutputComparison:
    """Outputs on a target against those of this machine, on the same inputs.

    Attributes:
        examples: number of inputs.
        identical: whether every bit is the same.
        largest_difference: in the unit of the outputs: of probabilities, or of integer steps of int8.
        reference_architecture: of this machine, such as "x86_64".
        reference_runtime_version: of LiteRT on this machine.
    """

    examples: int
    identical: bool
    largest_difference: float
    reference_architecture: str
    reference_runtime_version: str


def compare_outputs(session: Session, file: TfliteFile, kernels: str, examples: int) -> OutputComparison:
    """Answer noise by a fixed seed there and here.

    Args:
        session: of a target that holds the archive of `tfkws.tflite.targets.device_archive`.
        kernels: "xnnpack" or "builtin".
        examples: number of inputs, at least 1.

    Raises:
        BenchmarkError: the runtime refuses the model.
        TargetError: the target failed.
    """
    shape = file.graph.input.shape[1:]
    noise = np.random.default_rng(SEED).normal(size=(examples, *shape)).astype(np.float32)
    there = _answers(session, file.content, noise, kernels)
    with open_target("local") as local:
        push_archive(local)
        here = _answers(local, file.content, noise, kernels)
        architecture = ask(local, "facts", {})["architecture"]
    return OutputComparison(
        examples=examples,
        identical=there["outputs"] == here["outputs"],
        largest_difference=float(np.abs(_outputs(there) - _outputs(here)).max()),
        reference_architecture=architecture,
        reference_runtime_version=here["runtime_version"],
    )


def _answers(session: Session, content: bytes, examples: np.ndarray, kernels: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "examples.npy"
        np.save(file, examples)
        session.push(file.name, file.read_bytes())
    session.push("whole.tflite", content)
    request = {"model": "whole.tflite", "examples": "examples.npy", "runtime": "litert", "kernels": kernels}
    return ask(session, "answer", {**request, "threads": 1}, SECONDS)


def _outputs(answer: dict[str, Any]) -> np.ndarray:
    """Float64 (n, classes)."""
    stored = np.frombuffer(bytes.fromhex(answer["outputs"]), np.dtype(answer["dtype"]))
    return stored.reshape(answer["shape"]).astype(float)
