"""Profiles of many networks on one target, as a latency model is fitted to: what each operator and the whole take."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from tfkws.config import CountSettings, OperatorSettings
from tfkws.config.strict import record
from tfkws.errors import BenchmarkError, ConfigError
from tfkws.run_folder import read_json
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.latency_model.operator_shapes import OperatorShape, file_shapes

if TYPE_CHECKING:
    from tfkws.tflite.targets.session import Session

Unit = Literal["us", "instructions"]
UNITS: tuple[Unit, ...] = ("us", "instructions")
MACS_IN_ALL, FEWEST_RUNS, MOST_RUNS = 2 * 10**9, 20, 200  # of one network's profile


@dataclass(frozen=True)
class NetworkProfile:
    """One network on a target.

    Attributes:
        whole: of one inference, unprofiled, in the unit of the set.
        operators: what each operator is.
        values: what each operator takes, in the same unit.
        anchor: whether it marks an end of the range, and is therefore never held out.
    """

    name: str
    whole: float
    operators: tuple[OperatorShape, ...]
    values: tuple[float, ...]
    anchor: bool = False


@dataclass(frozen=True)
class Circumstances:
    """Under which a set of profiles was made; a latency model holds for these alone.

    Attributes:
        target: "local", "ssh://user@host", "qemu-aarch64:cortex-a53", ...
        unit: "us" is a time, "instructions" a count and never a time.
        recipe: of the conversion.
        cpu: of the target.
    """

    target: str
    unit: Unit
    recipe: str
    kernels: str
    threads: int
    runtime_version: str
    cpu: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise BenchmarkError(f"Profiles are in {' or '.join(UNITS)}. Received {self.unit!r}.")


@dataclass(frozen=True)
class ProfileSet:
    """Profiles of different networks under the same circumstances."""

    circumstances: Circumstances
    networks: tuple[NetworkProfile, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)

    def adding(self, profile: NetworkProfile) -> "ProfileSet":
        """Return the set with one more network."""
        return replace(self, networks=(*self.networks, profile))


class ProfileNetwork(Protocol):
    """Profiles one .tflite file on a target."""

    def __call__(self, model: Path) -> tuple[float, Sequence[float]]:
        """Return what the whole takes, unprofiled, and what each operator of the file takes."""


def load_profiles(path: Path) -> ProfileSet:
    """Read a file that holds `ProfileSet.to_dict` as JSON.

    Raises:
        RunFolderError: the file is missing or is not JSON.
        BenchmarkError: it holds something else.
    """
    try:
        return record(ProfileSet, read_json(path))
    except ConfigError as error:
        raise BenchmarkError(f"{path} holds no profiles ({error}); `tfkws target fit` writes them.") from None


def profile_network(model: Path, profile: ProfileNetwork, name: str, *, anchor: bool = False) -> NetworkProfile:
    """Profile one file on a target, and join with what its operators are."""
    operators = file_shapes(model)
    whole, values = profile(model)
    if len(values) != len(operators):
        raise BenchmarkError(f"{model} has {len(operators)} operators and its profile {len(values)}; profile it again.")
    return NetworkProfile(name, whole, operators, tuple(values), anchor)


def profile_locally(model: Path) -> tuple[float, list[float]]:
    """Profile on this machine by LiteRT's profiler, in µs, with one thread and XNNPACK kernels."""
    from tfkws.tflite.profile.litert import profile

    result = profile(model, OperatorSettings(runs=runs_for(model)))
    return result.whole_us, [row.time_us for row in result.rows]


def profile_on(session: "Session", model: Path) -> tuple[float, list[float]]:
    """Time the whole and each operator by itself in turns on a device that holds the archive, in µs, on one thread.

    Raises:
        TargetError, BenchmarkError: the device cannot; the message says why.
    """
    from tfkws.tflite.profile.time_operators_on_target import time_operators_on

    return time_operators_on(session, TfliteFile.read(model), runs_for(model))


def count_on(session: "Session", model: Path) -> tuple[float, list[float]]:
    """Count instructions of the whole and of each operator on an emulated core; never a time.

    Raises:
        TargetError, BenchmarkError: the emulator failed, or the runtime refuses an operator there.
    """
    from tfkws.tflite.benchmark.instructions import count_instructions

    result = count_instructions(model, session, CountSettings(operators=True, repeats=1, compared_outputs=0))
    return float(result.mix.all), [float(max(row.mix.all, 0)) for row in result.operators]


def runs_for(model: Path) -> int:
    """Runs of a profile: the larger the network, the fewer."""
    work = sum(shape.work for shape in file_shapes(model))
    return min(max(MACS_IN_ALL // max(work, 1), FEWEST_RUNS), MOST_RUNS)
