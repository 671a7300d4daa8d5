"""One optimiser step on one network, on any Keras backend."""

from typing import Any

import keras
import numpy as np

from tfkws.config import TrainConfig
from tfkws.errors import UnsupportedLayerError
from tfkws.training.losses import cross_entropy, distillation, mixup, one_hot


class Learner:
    """A network with its optimiser; the loss is taken on the layer named `logits`.

    Args:
        model: network that ends in the layers `logits` and `probabilities`.
        config: the recipe.
        teacher: trained network of the same input and classes, or None.
    """

    def __init__(self, model: Any, config: TrainConfig, teacher: Any | None = None) -> None:
        self.model = model
        self.config = config
        self.optimizer = make_optimizer(config)
        self._logits = _logits_of(model)
        self._teacher = _logits_of(teacher) if teacher is not None else None
        loss = cross_entropy(config.label_smoothing)
        if teacher is not None:
            loss = distillation(config.label_smoothing, config.distillation_weight, config.distillation_temperature)
        self._logits.compile(optimizer=self.optimizer, loss=loss)
        self._variables()  # built now: a step that builds the optimiser itself is traced twice, in twice the time

    def step(self, iteration: int, rate: float, features: np.ndarray, labels: np.ndarray) -> float:
        """Take one step at learning rate `rate`.

        Args:
            iteration: keys the mixup draws, together with the seed.
            features: float32 (b, h, w, c).
            labels: int (b,).

        Returns:
            The mean loss over this batch, before the step. Keras older than 3.15 averages it since
            `start_epoch`.
        """
        self.optimizer.learning_rate = rate
        targets = one_hot(labels, self.model.output_shape[-1])
        if self.config.mixup_alpha > 0:
            rng = np.random.default_rng((self.config.seed, iteration))
            features, targets = mixup(features, targets, self.config.mixup_alpha, rng)
        if self._teacher is not None:
            targets = np.concatenate([targets, np.asarray(self._teacher.predict_on_batch(features))], axis=1)
        return float(self._logits.train_on_batch(features, targets))

    def start_epoch(self) -> None:
        """Begin a new average of the loss, where this Keras keeps one; see `step`."""
        self._logits.reset_metrics()

    def state(self) -> list[np.ndarray]:
        """Return everything that changes while learning.

        These are weights, running statistics, random states and optimiser slots, as arrays of their own
        shapes and dtypes in a fixed order.
        """
        return [np.asarray(variable) for variable in self._variables()]

    def set_state(self, values: list[np.ndarray]) -> None:
        """Restore what `state` returned.

        Raises:
            ValueError: the number of arrays is another one.
        """
        for variable, value in zip(self._variables(), values, strict=True):
            variable.assign(value)

    def averaged_weights(self) -> list[np.ndarray]:
        """Return the weights to judge and keep.

        They are the exponential moving average where the recipe asks for one, else the current ones; the
        network keeps its own. They have the shapes and the order of `model.get_weights()`.
        """
        if self.config.average_decay == 0:
            return self.model.get_weights()
        current = self.model.get_weights()
        self.optimizer.finalize_variable_values(self.model.trainable_variables)
        averaged = self.model.get_weights()
        self.model.set_weights(current)
        return averaged

    def _variables(self) -> list[Any]:
        if not self.optimizer.built:
            self.optimizer.build(self.model.trainable_variables)
        return [*self.model.variables, *self.optimizer.variables]


def make_optimizer(config: TrainConfig) -> Any:
    """Build the Keras optimiser of a recipe.

    Weight decay is decoupled (Loshchilov and Hutter, arXiv:1711.05101), which for plain SGD equals an L2
    penalty.
    """
    shared: dict[str, Any] = {"learning_rate": config.learning_rate}
    if config.weight_decay > 0:
        shared["weight_decay"] = config.weight_decay
    if config.average_decay > 0:
        shared |= {"use_ema": True, "ema_momentum": config.average_decay}
    if config.optimizer == "sgd":
        return keras.optimizers.SGD(momentum=config.momentum, **shared)
    return keras.optimizers.AdamW(**shared) if config.optimizer == "adamw" else keras.optimizers.Adam(**shared)


def _logits_of(model: Any) -> Any:
    """Return the model up to its logits: our networks' layer of that name, or what a last softmax reads.

    Raises:
        UnsupportedLayerError: it ends otherwise.
    """
    if any(layer.name == "logits" for layer in model.layers):
        return keras.Model(model.input, model.get_layer("logits").output)
    last = model.layers[-1]
    if isinstance(getattr(last, "layer", last), keras.layers.Softmax):  # the quantisation-aware twin wraps it
        return keras.Model(model.input, last.input)
    raise UnsupportedLayerError(
        f"{model.name} ends in {last.name} ({type(last).__name__}); to learn from it, or to fine-tune it, its softmax "
        "must be a layer of its own at the end."
    )
