"""Frozen configurations. Defaults live here and nowhere else; field names carry their units.

Every configuration is written to `config.json` of its run and read back strictly: an unknown key is an error.
"""

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from tfkws.errors import ConfigError

SILENCE = "_silence_"
UNKNOWN = "_unknown_"
OTHER = "_other_"
BACKGROUND_NOISE = "_background_noise_"

PREDICTED = "predicted_"  # begins the name of a cost that a fitted model tells, not a target

PAPER_B_WORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
PAPER_A_WORDS = ("sheila",)


class Config:
    """Base of the frozen configurations: strict reading, plain-dict writing."""

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as JSON-ready values."""
        return dataclasses.asdict(self)  # type: ignore[call-overload]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from `to_dict`'s form.

        Raises:
            ConfigError: a key is unknown, or a value is out of range.
        """
        hints = typing.get_type_hints(cls)
        known = [f.name for f in dataclasses.fields(cls)]  # type: ignore[arg-type]
        for key in values:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                raise ConfigError(f"{cls.__name__} has no setting {key!r}; it has {', '.join(known)}.{hint}")
        return cls(**{key: _restore(hints[key], value) for key, value in values.items()})


def without_none(values: dict[str, Any], name: str) -> dict[str, Any]:
    """Leave a key out where its value is None."""
    return {key: value for key, value in values.items() if key != name or value is not None}


def _restore(hint: Any, value: Any) -> Any:
    """Undo what JSON does to tuples and nested configurations."""
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    for option in options:
        if isinstance(option, type) and issubclass(option, Config) and isinstance(value, Mapping):
            return option.from_dict(value)
        if typing.get_origin(option) is tuple and isinstance(value, list):
            return tuple(_restore(typing.get_args(option)[0], item) for item in value)
    return value


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(message)


@dataclass(frozen=True)
class FeatureConfig(Config):
    """A front end: from one clip of audio to a (bands, frames) map.

    Attributes:
        name: its name in `tfkws.features.front_ends.FRONT_ENDS`.
        kind: "mfcc" or "log_mel".
        window_samples, hop_samples, fft_length: of the short-time Fourier transform.
        bands: mel bands between `low_hz` and `high_hz`.
        rows: rows of the map: cepstral coefficients kept, or `bands` for log-mel.
        frames: columns of the map, time.
        centred: whether the clip is padded by half a window on both sides.
        time_first: False when the map is (rows, frames), True when it is (frames, rows).
        row_mean, row_std: per row, subtracted and divided by; empty for none. Measured on a training split once
            (`tfkws.features.normalisation`) and from then on part of the front end.
    """

    name: str
    kind: Literal["mfcc", "log_mel"]
    window_samples: int
    hop_samples: int
    fft_length: int
    bands: int
    rows: int
    frames: int
    centred: bool
    low_hz: float = 20.0
    high_hz: float = 8000.0
    sample_rate_hz: int = 16_000
    clip_samples: int = 16_000
    time_first: bool = False
    row_mean: tuple[float, ...] = ()
    row_std: tuple[float, ...] = ()

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Shape (height, width, 1) of what a network receives."""
        return (self.frames, self.rows, 1) if self.time_first else (self.rows, self.frames, 1)

    def __post_init__(self) -> None:
        _require(self.kind in ("mfcc", "log_mel"), f"kind must be 'mfcc' or 'log_mel'. Received {self.kind!r}.")
        _require(self.fft_length >= self.window_samples, "fft_length must be at least window_samples.")
        _require(
            0 <= self.low_hz < self.high_hz <= self.sample_rate_hz / 2,
            f"0 <= low_hz < high_hz <= half the sample rate is required. Received {self.low_hz} and {self.high_hz}.",
        )


@dataclass(frozen=True)
class TaskConfig(Config):
    """What is recognised: the classes and how the other clips become classes.

    Attributes:
        protocol: name in `tfkws.data.protocols.PROTOCOLS`.
        words: target words, in label order.
        unknown_percent, silence_percent: size of these classes, as percent of the target clips in a split; None for
            the protocol's own.
        seed: keys the draws of unknown and silence, together with file names.
    """

    protocol: str
    words: tuple[str, ...]
    unknown_percent: float | None = None
    silence_percent: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        _require(len(self.words) > 0, "words must name at least one word.")
        _require(len(set(self.words)) == len(self.words), f"words must differ. Received {', '.join(self.words)}.")
        for name in ("unknown_percent", "silence_percent"):
            value = getattr(self, name)
            _require(value is None or 0 <= value <= 1000, f"{name} must lie in 0..1000. Received {value}.")


@dataclass(frozen=True)
class ModelConfig(Config):
    """A network of the registry: name, and the family's own parameters."""

    name: str
    variant: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AugmentConfig(Config):
    """Waveform augmentation of training clips; `None` in TrainConfig switches it off.

    Attributes:
        shift_ms: largest time shift, either way.
        noise_probability: share of clips that get background noise.
        noise_snr_db: lowest and highest signal-to-noise ratio.
        gain_db: largest gain or attenuation.
        reverb_probability: share of clips convolved with a room response, when there are any.
        time_mask, time_masks, frequency_mask, frequency_masks: SpecAugment, in columns and rows.
    """

    shift_ms: float = 100.0
    noise_probability: float = 0.8
    noise_snr_db: tuple[float, ...] = (5.0, 30.0)
    gain_db: float = 6.0
    reverb_probability: float = 0.0
    time_mask: int = 0
    time_masks: int = 0
    frequency_mask: int = 0
    frequency_masks: int = 0

    def __post_init__(self) -> None:
        for name in ("noise_probability", "reverb_probability"):
            _require(0 <= getattr(self, name) <= 1, f"{name} must lie in 0..1. Received {getattr(self, name)}.")
        _require(len(self.noise_snr_db) == 2, "noise_snr_db must be (lowest, highest).")


@dataclass(frozen=True)
class TrainConfig(Config):
    """How a network is trained once.

    Attributes:
        recipe: name in `tfkws.training.recipes.RECIPES` that the other values came from.
        iterations: optimiser steps; with `epochs` it is one or the other.
        schedule: "constant", "cosine", "step" (times `step_factor` every `step_iterations`) or "plateau".
        validate_every: optimiser steps between validations, where an epoch is longer; None validates once an epoch.
            Each validation is a row of history.csv, and plateaus are counted in them.
    """

    recipe: str = "quick"
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    learning_rate: float = 1e-3
    batch_size: int = 100
    iterations: int | None = 2_000
    epochs: int | None = None
    schedule: Literal["constant", "cosine", "step", "plateau"] = "cosine"
    warmup_iterations: int = 0
    step_iterations: int = 10_000
    step_factor: float = 0.3
    plateau_patience: int = 5
    plateau_factor: float = 0.5
    momentum: float = 0.0
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    mixup_alpha: float = 0.0
    average_decay: float = 0.0
    teacher: str = ""
    distillation_weight: float = 0.0
    distillation_temperature: float = 2.0
    augment: AugmentConfig | None = field(default_factory=AugmentConfig)
    seed: int = 0
    validate_every: int | None = None

    def __post_init__(self) -> None:
        _require((self.iterations is None) != (self.epochs is None), "Give either iterations or epochs, not both.")
        _require((self.iterations or self.epochs or 0) > 0, "iterations or epochs must be at least 1.")
        _require(self.batch_size > 0, f"batch_size must be at least 1. Received {self.batch_size}.")
        _require(self.learning_rate > 0, f"learning_rate must be above 0. Received {self.learning_rate}.")
        every = self.validate_every
        _require(every is None or every > 0, f"validate_every must be at least 1. Received {every}.")

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without `validate_every` where it is not set, so that digests of runs stay."""
        return without_none(super().to_dict(), "validate_every")


@dataclass(frozen=True)
class CompressConfig(Config):
    """What a compressed network came from and what was done to it; the fine-tuning that followed is a `TrainConfig`.

    Attributes:
        method: "quantization-aware", or "pruned".
        source: name of the model folder.
        source_sha256: of the model.keras in it.
        prune_macs: share of the source's multiply-accumulates to remove, 0..1; 0 unless pruned.
        importance: how filters were ranked; empty unless pruned.
    """

    method: Literal["quantization-aware", "pruned"]
    source: str
    source_sha256: str
    prune_macs: float = 0.0
    importance: Literal["", "taylor", "l1", "bn-scale"] = ""

    def __post_init__(self) -> None:
        _require(0 <= self.prune_macs < 1, f"The share of MACs to remove must lie in 0..1. Received {self.prune_macs}.")


@dataclass(frozen=True)
class RunConfig(Config):
    """Everything that determines one trained model: what `config.json` of a model folder holds.

    Attributes:
        compressed: None for a network trained from fresh weights.
    """

    task: TaskConfig
    features: FeatureConfig
    model: ModelConfig
    train: TrainConfig
    labels: tuple[str, ...]
    data_dir: str
    synthetic_speech: bool
    compressed: CompressConfig | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without `compressed` where there is none, so that digests of runs stay."""
        values = super().to_dict() | {"train": self.train.to_dict()}
        return without_none(values, "compressed")


@dataclass(frozen=True)
class SearchConfig(Config):
    """A search as a whole; the defaults are paper B's numbers.

    Attributes:
        space: name of a built-in space, or of the file that it came from.
        stages: candidates of each stage; parameters are frozen between stages.
        iterations: optimiser steps of each candidate.
        fine_tune_iterations: optimiser steps of each member of the front at the end; 0 leaves that out.
        strategy: "ours", "tpe", "nsga2" or "random".
        objectives: the first one is learned by training.
        max_macs, max_params: candidates above are never drawn.
        max_latency_us, max_instructions: the same where they are predicted; where they are measured, a candidate above
            is given up before it is trained.
        predicted: whether latency or instructions come from a fitted model, not from a target.
        max_error: candidates with a larger validation error after `iterations` are of no interest: not on the front.
        freeze_support: share of the front that must agree on a value before it is fixed.
        early_stopping: whether a candidate that can hardly reach the front at its cost is stopped.
        warm_start: whether a candidate begins with the weights of the most similar trained one.
        fine_tune_from: "scratch", or "weights": the searched ones, so that the iterations of both count together.
        lookahead: suggestion n goes by the first n - lookahead results, so up to lookahead + 1 workers change nothing.
    """

    space: str
    stages: tuple[int, ...] = (300, 500)
    iterations: int = 8_000
    fine_tune_iterations: int = 40_000
    strategy: str = "ours"
    objectives: tuple[str, ...] = ("top1_error", "macs")
    max_macs: float | None = None
    max_params: float | None = None
    max_latency_us: float | None = None
    max_instructions: float | None = None
    predicted: bool = False
    max_error: float | None = None
    freeze_support: float = 0.7
    early_stopping: bool = True
    warm_start: bool = False
    fine_tune_from: Literal["scratch", "weights"] = "scratch"
    lookahead: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        _require(len(self.stages) > 0 and min(self.stages) > 0, "stages must name at least one number of candidates.")
        _require(self.iterations > 0, f"iterations must be at least 1. Received {self.iterations}.")
        _require(self.fine_tune_iterations >= 0, "fine_tune_iterations must be at least 0.")
        _require(
            self.fine_tune_from in ("scratch", "weights"),
            f"fine_tune_from must be scratch or weights. Received {self.fine_tune_from!r}.",
        )
        _require(
            self.fine_tune_from == "scratch" or self.fine_tune_steps > 0 or self.fine_tune_iterations == 0,
            f"Fine-tuning from weights needs more than the {self.iterations} iterations of the search, which count.",
        )
        _require(self.lookahead >= 0, f"lookahead must be at least 0. Received {self.lookahead}.")
        _require(
            self.max_error is None or 0 < self.max_error <= 1,
            f"max_error must lie above 0 and be at most 1. Received {self.max_error}.",
        )
        _require(0 < self.freeze_support <= 1, f"freeze_support must lie in 0..1. Received {self.freeze_support}.")

    @property
    def fine_tune_steps(self) -> int:
        """Optimiser steps that fine-tuning itself takes."""
        taken = self.iterations if self.fine_tune_from == "weights" else 0
        return max(self.fine_tune_iterations - taken, 0)

    @property
    def limits(self) -> dict[str, float]:
        """The limits that are set, by the name of the cost they bound."""
        prefix = PREDICTED if self.predicted else ""
        limits = {
            "macs": self.max_macs,
            "param_count": self.max_params,
            f"{prefix}latency_us": self.max_latency_us,
            f"{prefix}instructions": self.max_instructions,
        }
        return {name: limit for name, limit in limits.items() if limit is not None}


@dataclass(frozen=True)
class DetectorConfig(Config):
    """How a stream of answers becomes detections.

    Attributes:
        hop_ms: time between two answers.
        window_ms: answers of this time are averaged.
        threshold: a label is detected when its averaged probability reaches this.
        refractory_ms: after a detection, this long none is reported.
    """

    hop_ms: float = 100.0
    window_ms: float = 300.0
    threshold: float = 0.5
    refractory_ms: float = 1_000.0

    def __post_init__(self) -> None:
        _require(self.hop_ms > 0, f"hop_ms must be above 0. Received {self.hop_ms}.")
        _require(self.window_ms >= self.hop_ms, f"window_ms must be at least hop_ms. Received {self.window_ms}.")
        _require(0 < self.threshold <= 1, f"threshold must lie in 0..1. Received {self.threshold}.")
        _require(self.refractory_ms >= 0, f"refractory_ms must be at least 0. Received {self.refractory_ms}.")
