"""Profiles of both kinds, Keras layers and TFLite operators, as one list of steps. Pure: from JSON values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfkws.config.strict import Count, NotNegative, Whole, check, hints_of
from tfkws.errors import ProfileParseError
from tfkws.graphs.layer_kinds import OTHER
from tfkws.graphs.operator_kinds import operator_category
from tfkws.profiling.measure import gpu_operators
from tfkws.profiling.measure.layer_profile import KIND, mean
from tfkws.profiling.trace import layer_trace

# What a record raises that is none, or damaged.
DAMAGE = (KeyError, TypeError, IndexError, ZeroDivisionError, AttributeError, ValueError, OverflowError)
Record = Mapping[str, Any]
LAYERS, OPERATORS = "Keras layers", "TFLite operators"


@dataclass(frozen=True)
class Step:
    """One layer or operator.

    Attributes:
        name: of the Keras layer.
        what: its class, or the opcode.
        category: as in paper A's tables.
        macs: MACs of one run; 0 where they are unknown.
        weight_bytes: bytes of its weights.
        bytes_moved: inputs, weights and output, each once.
        runs: in each repeat.
        trial_us: sum over the runs of each repeat, in µs.
        folded: computed elsewhere, so that it takes no time.
        counted: whether its MACs are known.
    """

    name: str
    what: str
    category: str
    macs: Whole
    weight_bytes: Whole
    bytes_moved: Whole
    runs: Count
    trial_us: tuple[NotNegative, ...]
    folded: bool = False
    counted: bool = True

    @property
    def time_us(self) -> float:
        """Mean time of one run, in µs."""
        return mean(self.trial_us) / self.runs


@dataclass(frozen=True)
class Steps:
    """One profile.

    Attributes:
        network: name of the network, or of the file.
        kind: LAYERS or OPERATORS.
        number_type: "float32", "int8" or what the file says.
        setting: what else decides the times: backend or runtime, mode or kernels, threads.
        device: processor or GPU.
        whole_us: one inference, not cut into steps; 0 where it was not measured.
        call_us: what each call costs besides its work, measured on a step that does nothing; 0 where it was
            not.
        steps: in execution order.
        software: whether a software adapter in the place of a GPU took the times.
    """

    network: str
    kind: str
    number_type: str
    setting: str
    device: str
    whole_us: NotNegative
    call_us: NotNegative
    steps: tuple[Step, ...]
    software: bool = False

    @property
    def timed(self) -> tuple[Step, ...]:
        """Steps that run."""
        return tuple(step for step in self.steps if not step.folded)

    @property
    def total_us(self) -> float:
        """Sum of the times of its steps, in µs."""
        return sum(step.time_us for step in self.timed)


def read_steps(profile: Mapping[str, Any], layers: Mapping[str, str] | None = None, network: str = "") -> Steps:
    """Read a profile's JSON.

    Args:
        layers: category of each Keras layer by name, which tells a SiLU's MUL from others; taken from a
            profile of Keras layers by `layer_categories`.
        network: its name, where the file's name is not that.

    Raises:
        ProfileParseError: it is no profile, or of an older version.
    """
    try:
        readers = {KIND: _from_layers, layer_trace.KIND: _from_trace}
        reader = readers.get(profile.get("kind", ""))
        if profile.get("kind") == gpu_operators.KIND:
            return _checked(_from_gpu(profile, layers or {}, network))
        return _checked(reader(profile) if reader else _from_operators(profile, layers or {}, network))
    except DAMAGE as error:
        raise not_a_profile(error) from error


def not_a_profile(error: Exception) -> ProfileParseError:
    """Return the error that a record is damaged or none of a profile, for what reading it raised."""
    return ProfileParseError(
        f"This is no profile that `tfkws profile` wrote ({type(error).__name__}: {error}); profile again."
    )


def _checked(steps: Steps) -> Steps:
    """Refuse values of other types, and times and counts below 0.

    Raises:
        ConfigError: there is one.
    """
    for each in (steps, *steps.steps):
        for name, hint in hints_of(type(each)).items():
            check(hint, getattr(each, name), name)
    return steps


def layer_categories(profile: Mapping[str, Any]) -> dict[str, str]:
    """Return the category of each Keras layer by name."""
    rows = profile["layers" if profile.get("kind") == layer_trace.KIND else "rows"]
    return {row["name"]: row["category"] for row in rows}


def _from_layers(profile: Mapping[str, Any]) -> Steps:
    whole = profile["whole_eager_us" if profile["mode"] == "eager" else "whole_compiled_us"]
    return Steps(
        network=profile["model"],
        kind=LAYERS,
        number_type="float32",
        setting=_keras_setting(profile, profile["mode"]),
        device=_keras_device(profile),
        whole_us=mean([mean(repeat) for repeat in whole]),
        call_us=profile["call_us"],
        steps=tuple(_layer_step(row, profile["passes"]) for row in profile["rows"]),
    )


def _keras_setting(profile: Mapping[str, Any], how: str) -> str:
    threads = "all cores" if profile["threads"] == 0 else f"{profile['threads']} thread(s)"
    return f"{profile['backend']} {profile['backend_version']}, {how}, {threads}"


def _keras_device(profile: Mapping[str, Any]) -> str:
    if profile["device"] == "gpu":
        return str(profile["device_name"])
    return str(profile["machine"].get("cpu", "cpu"))


def _from_trace(profile: Mapping[str, Any]) -> Steps:
    layers = {layer["name"]: layer for layer in profile["layers"]}
    firsts = layer_trace.first_seen(profile["rows"])
    return Steps(
        network=profile["model"],
        kind=LAYERS,
        number_type="float32",
        setting=_keras_setting(profile, "traced"),
        device=_keras_device(profile),
        whole_us=mean([mean(repeat) for repeat in profile["call_us"]]),
        call_us=0.0,
        steps=tuple(
            _trace_step(row, [layers[name] for name in first], [layers[name] for name in row["layers"]])
            for row, first in zip(profile["rows"], firsts, strict=True)
        ),
    )


def _trace_step(row: Mapping[str, Any], first: Sequence[Record], layers: Sequence[Record]) -> Step:
    """A fused group stands under its layer with the most MACs; what a layer has once is counted in `first` only."""
    return Step(
        name=" + ".join(row["layers"]),
        what=" + ".join(dict.fromkeys(layer["layer"] for layer in layers)),
        category=max(layers, key=lambda layer: layer["macs"])["category"] if layers else OTHER,
        macs=sum(layer["macs"] for layer in first),
        weight_bytes=sum(layer["weight_bytes"] for layer in first),
        bytes_moved=sum(layer["bytes_moved"] for layer in first),
        runs=1,
        trial_us=tuple(row["busy_us"]),
    )


def _layer_step(row: Mapping[str, Any], passes: int) -> Step:
    return Step(
        name=row["name"],
        what=row["layer"],
        category=row["category"],
        macs=row["macs"] or 0,
        weight_bytes=row["weight_bytes"],
        bytes_moved=row["bytes_moved"],
        runs=passes,
        trial_us=tuple(mean(repeat) * passes for repeat in row["samples_us"]),
        counted=row["macs"] is not None,
    )


def _from_operators(profile: Mapping[str, Any], layers: Mapping[str, str], network: str) -> Steps:
    return Steps(
        network=network or profile["model"],
        kind=OPERATORS,
        number_type=profile.get("number_type", "unknown"),
        setting=", ".join(
            (
                f"{profile['runtime']} {profile['runtime_version']}",
                profile["kernels"],
                f"{profile['threads']} thread(s)",
            )
        ),
        device=profile["machine"]["cpu"],
        whole_us=profile["whole_us"],
        call_us=(profile.get("roofline") or {}).get("operator_us", 0.0),
        steps=tuple(_operator_step(row, layers) for row in profile["rows"]),
    )


def _from_gpu(profile: Mapping[str, Any], layers: Mapping[str, str], network: str) -> Steps:
    facts = profile["accelerator"]
    adapter = facts["adapter"]
    return Steps(
        network=network or profile["model"],
        kind=OPERATORS,
        number_type=profile["number_type"],
        setting=f"{profile['runtime']} {profile['runtime_version']}, {facts['precision']}, by {profile['method']}",
        device=f"{adapter['name']}{' (software adapter)' if adapter['software'] else ''}",
        whole_us=profile["whole_us"],
        call_us=0.0,
        steps=tuple(_gpu_step(row, layers) for row in profile["rows"]),
        software=adapter["software"],
    )


def _gpu_step(row: Mapping[str, Any], layers: Mapping[str, str]) -> Step:
    """Neighbours that cannot be told apart stand under the one with the most MACs."""
    held = row["operators"]
    main = max(held, key=lambda each: each["macs"] or 0)
    return Step(
        name=" + ".join(dict.fromkeys(each["name"] for each in held)),
        what=" + ".join(dict.fromkeys(each["opcode"] for each in held)),
        category=operator_category(main["opcode"], main["name"], layers),
        macs=sum(each["macs"] or 0 for each in held),
        weight_bytes=sum(each["weight_bytes"] for each in held),
        bytes_moved=sum(each["bytes_moved"] for each in held),
        runs=1,
        trial_us=(max(0.0, row["time_us"]),),
        folded=row["method"] in (gpu_operators.FOLDED, gpu_operators.UNKNOWN),
        counted=all(each["macs"] is not None for each in held),
    )


def _operator_step(row: Mapping[str, Any], layers: Mapping[str, str]) -> Step:
    return Step(
        name=row["name"],
        what=row["opcode"],
        category=operator_category(row["opcode"], row["name"], layers),
        macs=row["macs"] or 0,
        weight_bytes=row.get("weight_bytes", 0),
        bytes_moved=row["bytes_moved"],
        runs=1,
        trial_us=tuple(row.get("trial_us", [row["time_us"]])),
        folded=row["method"] in ("folded", "unknown"),
        counted=row["macs"] is not None,
    )
