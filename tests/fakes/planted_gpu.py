"""A GPU in the place of one: times of operators are planted, fused groups too, with noise and a device that drifts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.on_gpu.timing import Plan, Timed

EMPTY_US = 50.0
FACTS: dict[str, Any] = {
    "adapter": {
        "name": "Planted", "vendor": "none", "architecture": "", "backend": "Vulkan", "kind": "Discrete GPU",
        "software": False, "driver": "planted 1.0",
    },
    "precision": "float32",
    "fully_accelerated": True,
    "operators": {"gpu": None, "cpu": None, "refused": {}},
}  # fmt: skip
Groups = Mapping[tuple[int, ...], float]


class PlantedGpu:
    """Takes so long for a file as the groups take of which it holds an operator.

    Args:
        file: whose operators are meant.
        groups: operators that run as one, to their time in µs.
        noise_us: deviation of a block's median; a round has a common part of ten times as much.
        refused: operators at which no prefix can end.
    """

    def __init__(self, file: TfliteFile, groups: Groups, noise_us: float = 0.0, refused: Sequence[int] = ()) -> None:
        self._names = [file.graph.written(op).name for op in file.graph.ops]
        self._groups, self._noise, self._refused = groups, noise_us, set(refused)
        self._rng = np.random.default_rng(4)
        self.facts = FACTS
        self.sizes: list[int] = []

    def __call__(self, files: Sequence[bytes], plan: Plan) -> Timed:
        """Time files, as `tfkws.tflite.profile.on_gpu.timing.time_on_gpu` does."""
        held = [self._held(content) for content in files]
        self.sizes.append(len(files))
        refused = {n: "planted" for n, ops in enumerate(held) if n > 1 and len(ops) > 1 and max(ops) in self._refused}
        times = [self._time(ops) for n, ops in enumerate(held) if n not in refused]
        drift = 10 * self._noise * self._rng.normal(size=(plan.rounds, 1))
        noise = self._noise * self._rng.normal(size=(plan.rounds, len(times)))
        return Timed(np.array(times) + drift + noise, refused, self.facts)

    def _held(self, content: bytes) -> set[int]:
        if content == NULL_MODEL:
            return set()
        graph = TfliteFile(content).graph
        return {self._names.index(name) for op in graph.ops if (name := graph.written(op).name) in self._names}

    def _time(self, ops: set[int]) -> float:
        return EMPTY_US + sum(time_us for group, time_us in self._groups.items() if ops & set(group))
