"""TensorFlow's two sets of CPU kernels, oneDNN's and its own: which of them trains a network faster on this machine.

TensorFlow reads TF_ENABLE_ONEDNN_OPTS once, when it is imported, and else goes by the processor's instruction sets. No
set is the faster one of every network: see docs/train.md.
"""

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from tfkws.cache_folders import cache_folders
from tfkws.config.strict import record
from tfkws.errors import ConfigError, RunFolderError
from tfkws.processor import cores_allowed, processor_here
from tfkws.run_folder import read_json, write_json
from tfkws.strict_json import parse_json

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
CHOICE = "TFKWS_KERNELS"  # hands a choice on to the process that trains, which records it
THREADS = ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS")


@dataclass(frozen=True)
class KernelChoice:
    """A measurement of a training step with both sets of kernels, and what it was measured on.

    Attributes:
        network: name in the registry.
        onednn_ms, plain_ms: time of an optimiser step in the shortest of a few rounds, in ms.
        batch_size: clips of a step.
        threads: of TensorFlow.
        processor: its name.
        tensorflow: version.
        when: ISO 8601, UTC.
        compiled: whether the step is compiled by this package and takes neither, so that nothing was timed and both
            times are 0.
    """

    network: str
    onednn_ms: float
    plain_ms: float
    batch_size: int
    threads: int
    processor: str
    tensorflow: str
    when: str
    compiled: bool = False

    @property
    def onednn(self) -> bool:
        """Whether oneDNN's kernels are the faster ones."""
        return self.onednn_ms <= self.plain_ms

    @property
    def environment(self) -> dict[str, str]:
        """Variables for the process that trains, to be set before it imports TensorFlow."""
        if self.compiled:
            return {}
        return {ONEDNN: str(int(self.onednn)), CHOICE: json.dumps(self.to_dict())}

    @property
    def sentence(self) -> str:
        """What was chosen and why, for people; empty where nothing was."""
        if self.compiled:
            return ""
        faster, slower = ("oneDNN's", "plain ones") if self.onednn else ("plain", "oneDNN's")
        low, high = sorted((self.onednn_ms, self.plain_ms))
        return f"{self.network} trains by {faster} kernels here: {low:.3g} ms a step, {slower} take {high:.3g}"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class KernelsInUse:
    """The kernels that a process trains with, as results record them.

    Attributes:
        onednn: whether they are oneDNN's; None where this TensorFlow does not tell.
        chosen_by: "measurement", "TF_ENABLE_ONEDNN_OPTS" of the user, or "TensorFlow" by the processor.
        onednn_ms, plain_ms: the measurement, in ms a step.
    """

    onednn: bool | None
    chosen_by: str
    onednn_ms: float | None = None
    plain_ms: float | None = None


def kernels_in_use() -> KernelsInUse:
    """Return what this process trains with on the CPU; imports TensorFlow."""
    onednn = is_onednn_on()
    choice = handed_on(os.environ)
    if choice is not None and choice.onednn == onednn:
        return KernelsInUse(onednn, "measurement", choice.onednn_ms, choice.plain_ms)
    return KernelsInUse(onednn, ONEDNN if ONEDNN in os.environ else "TensorFlow")


def handed_on(environment: Mapping[str, str]) -> KernelChoice | None:
    """Return the choice that `KernelChoice.environment` wrote among variables; None where there is none."""
    try:
        return record(KernelChoice, parse_json(environment.get(CHOICE, "null")))
    except (ConfigError, ValueError):
        return None


def threads_here() -> int:
    """Return the threads that TensorFlow will start in this process or a child of it, an int."""
    named = next((os.environ[name] for name in THREADS if os.environ.get(name, "").isdecimal()), "0")
    return int(named) or cores_allowed()


def choice_key(step: Mapping[str, Any], threads: int) -> str:
    """Name the measurement of a training step on this machine.

    Args:
        step: JSON-ready values that determine the work of a step: the network's structure, shape, batch.
    """
    versions = [metadata.version("keras"), tensorflow_version()]
    about = [processor_here(), platform.machine(), versions, threads, step]
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]


def kept_choice(key: str) -> KernelChoice | None:
    """Return a measurement that was kept on this machine; None where there is none, or it is damaged."""
    for folder in cache_folders("kernels"):
        if (choice := read_choice(folder / f"{key}.json")) is not None:
            return choice
    return None


def keep_choice(key: str, choice: KernelChoice) -> None:
    """Keep a measurement, where any cache can be written."""
    folder = next(cache_folders("kernels"), None)
    if folder is not None:
        with suppress(OSError):
            write_json(folder / f"{key}.json", choice.to_dict())


def kept_choices() -> Iterator[KernelChoice]:
    """Yield every measurement that is kept here, by name of the file."""
    folder = next(cache_folders("kernels"), None)
    for path in sorted(folder.glob("*.json")) if folder else ():
        if (choice := read_choice(path)) is not None:
            yield choice


def read_choice(path: Path) -> KernelChoice | None:
    """Read a measurement; None where the file is missing or damaged."""
    try:
        return record(KernelChoice, read_json(path))
    except (ConfigError, RunFolderError, OSError):
        return None


def tensorflow_version() -> str:
    """Return the installed version, empty where there is none; imports nothing."""
    for name in ("tensorflow", "tensorflow-cpu"):
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return ""


def is_onednn_on() -> bool | None:
    """Return whether TensorFlow takes oneDNN's kernels in this process, a bool; None where it does not tell."""
    try:
        from tensorflow.python.util import _pywrap_util_port  # the only place that tells

        return bool(_pywrap_util_port.IsMklEnabled())
    except (ImportError, AttributeError):
        return None
