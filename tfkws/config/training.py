"""What determines one trained network: its kind, its recipe, its data."""

from dataclasses import dataclass, field
from typing import Any, Literal

from tfkws.config.compression import CompressConfig
from tfkws.config.features import FeatureConfig
from tfkws.config.strict import (
    Config,
    Count,
    NotNegative,
    Positive,
    Seed,
    Share,
    ShareBelowOne,
    Whole,
    require,
    without_none,
)
from tfkws.config.task import TaskConfig, check_labels


@dataclass(frozen=True)
class ModelConfig(Config):
    """A network of the registry.

    Attributes:
        name: name in `tfkws.models.registry`.
        variant: the family's own parameters, JSON-ready.
    """

    name: str
    variant: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AugmentConfig(Config):
    """Waveform augmentation of training clips; `None` in TrainConfig switches it off.

    Times are in ms, ratios and gains in dB, probabilities are 0..1.

    Attributes:
        shift_ms: largest time shift, either way.
        noise_probability: share of clips that get background noise.
        noise_snr_db: lowest and highest signal-to-noise ratio.
        gain_db: largest gain or attenuation.
        reverb_probability: share of clips convolved with a room response, when there are any.
        time_mask, frequency_mask: widest mask of SpecAugment, in columns and in rows.
        time_masks, frequency_masks: how many such masks a map gets.
    """

    shift_ms: NotNegative = 100.0
    noise_probability: Share = 0.8
    noise_snr_db: tuple[float, float] = (5.0, 30.0)
    gain_db: NotNegative = 6.0
    reverb_probability: Share = 0.0
    time_mask: Whole = 0
    time_masks: Whole = 0
    frequency_mask: Whole = 0
    frequency_masks: Whole = 0

    def _check(self) -> None:
        low, high = self.noise_snr_db
        require(low <= high, f"AugmentConfig.noise_snr_db must be (lowest, highest). Received {self.noise_snr_db}.")


@dataclass(frozen=True)
class TrainConfig(Config):
    """How a network is trained once.

    Shares are 0..1. A value out of its range raises ConfigError.

    Attributes:
        recipe: name in `tfkws.training.recipes.RECIPES` that the other values came from.
        optimizer: "adam", "adamw" or "sgd".
        learning_rate: the largest of the run, before `schedule` lowers it.
        batch_size: clips of an optimiser step.
        iterations: optimiser steps; with `epochs` it is one or the other.
        epochs: passes over the training clips.
        schedule: "constant", "cosine", "step" (times `step_factor` every `step_iterations`) or "plateau"
            (times `plateau_factor` after `plateau_patience` validations without gain).
        warmup_iterations: optimiser steps in which the rate rises from near 0.
        step_iterations, step_factor: of the schedule "step".
        plateau_patience, plateau_factor: of the schedule "plateau".
        momentum: of "sgd".
        weight_decay: of "adamw", and of "sgd".
        label_smoothing: share of each target that is spread over all classes.
        mixup_alpha: of the Beta distribution that mixes pairs of clips; 0 mixes none.
        average_decay: of the running average of the weights that is kept in their place; 0 keeps the last
            ones.
        teacher: model folder of a network to learn from besides; empty for none.
        distillation_weight: share of the teacher in the loss.
        distillation_temperature: by which the logits of both are divided.
        augment: what is done to training clips; None for nothing.
        seed: keys weights, order of clips, and augmentation.
        validate_every: optimiser steps between validations, where an epoch is longer; None validates once an
            epoch. Each validation is a row of history.csv, and plateaus are counted in them.

    Example:
        >>> TrainConfig(optimizer="sgd", momentum=0.9, iterations=500).schedule
        'cosine'
        >>> TrainConfig(schedule="linaer")
        Traceback (most recent call last):
        ...
        tfkws.errors.ConfigError: TrainConfig.schedule must be constant, cosine, step or plateau. Received 'linaer'.
    """

    recipe: str = "quick"
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    learning_rate: Positive = 1e-3
    batch_size: Count = 100
    iterations: Count | None = 2_000
    epochs: Count | None = None
    schedule: Literal["constant", "cosine", "step", "plateau"] = "cosine"
    warmup_iterations: Whole = 0
    step_iterations: Count = 10_000
    step_factor: Positive = 0.3
    plateau_patience: Whole = 5
    plateau_factor: Positive = 0.5
    momentum: ShareBelowOne = 0.0
    weight_decay: NotNegative = 0.0
    label_smoothing: ShareBelowOne = 0.0
    mixup_alpha: NotNegative = 0.0
    average_decay: ShareBelowOne = 0.0
    teacher: str = ""
    distillation_weight: Share = 0.0
    distillation_temperature: Positive = 2.0
    augment: AugmentConfig | None = field(default_factory=AugmentConfig)
    seed: Seed = 0
    validate_every: Count | None = None

    def _check(self) -> None:
        one = (self.iterations is None) != (self.epochs is None)
        require(one, "TrainConfig takes either iterations or epochs, not both.")

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without `validate_every` where it is not set, so that digests of runs stay."""
        return without_none(super().to_dict(), "validate_every")


@dataclass(frozen=True)
class RunConfig(Config):
    """Everything that determines one trained model: what `config.json` of a model folder holds.

    Attributes:
        task: what is recognised.
        features: the front end.
        model: the network.
        train: how it is trained.
        labels: names of the classes, in the order of the network's outputs.
        data_dir: folder of the clips.
        synthetic_speech: whether they are synthetic.
        compressed: where the weights to begin with come from; None for fresh ones.
    """

    task: TaskConfig
    features: FeatureConfig
    model: ModelConfig
    train: TrainConfig
    labels: tuple[str, ...]
    data_dir: str
    synthetic_speech: bool
    compressed: CompressConfig | None = None

    def _check(self) -> None:
        check_labels(self.labels)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without `compressed` where there is none, so that digests of runs stay."""
        values = super().to_dict() | {"train": self.train.to_dict()}
        return without_none(values, "compressed")
