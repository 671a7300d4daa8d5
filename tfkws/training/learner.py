"""One optimiser step on one network, on any Keras backend."""

import os
from typing import Any

import keras
import numpy as np

from tfkws.config import TrainConfig
from tfkws.errors import CostError, UnsupportedLayerError
from tfkws.training.losses import cross_entropy, distillation, mixup, one_hot
from tfkws.training.model_folder import predict_in_chunks
from tfkws.training.native.loss import log_softmax

KERAS_STEP = "TFKWS_KERAS_STEP"  # set to 1, every step is Keras' own
COMPILED = "compiled"


class Learner:
    """A network with its optimiser; the loss is taken on the layer named `logits`.

    Args:
        model: network that ends in the layers `logits` and `probabilities`.
        config: the recipe.
        teacher: trained network of the same input and classes, or None.

    Attributes:
        step_kind: "compiled", where the network's layers have kernels of our own; else "keras: " and the reason.
    """

    def __init__(self, model: Any, config: TrainConfig, teacher: Any | None = None) -> None:
        self._model = model
        self.config = config
        self.optimizer = make_optimizer(config)
        self._logits = _logits_of(model)
        self._teacher = _logits_of(teacher) if teacher is not None else None
        loss = cross_entropy(config.label_smoothing)
        if teacher is not None:
            loss = distillation(config.label_smoothing, config.distillation_weight, config.distillation_temperature)
        self._logits.compile(optimizer=self.optimizer, loss=loss)
        self._build_optimizer()  # now: a step that builds the optimiser itself is traced twice, in twice the time
        self._native, self.step_kind = self._native_step()

    @property
    def model(self) -> Any:
        """The network, with its weights as they are now; it may be changed until the next step."""
        if self._native is not None:
            self._native.hand_back()
        return self._model

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
        targets = one_hot(labels, self._model.output_shape[-1])
        if self.config.mixup_alpha > 0:
            rng = np.random.default_rng((self.config.seed, iteration))
            features, targets = mixup(features, targets, self.config.mixup_alpha, rng)
        taught = None if self._teacher is None else np.asarray(self._teacher.predict_on_batch(features))
        if self._native is not None:
            return self._native.take(rate, features, targets, taught)
        if taught is not None:
            targets = np.concatenate([targets, taught], axis=1)
        self.optimizer.learning_rate = rate
        return float(self._logits.train_on_batch(features, targets))

    def judged(self, features: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return what the weights to keep answer, and these weights; the network goes on with its own.

        Args:
            features: float32 (n, h, w, c).

        Returns:
            Probabilities float32 (n, classes), and what `averaged_weights` returns.
        """
        if self._native is not None:
            answers = np.exp(log_softmax(self._native.answer(features)))
            return answers, self._native.kept_weights(self._model.weights)
        current, kept = self.model.get_weights(), self.averaged_weights()
        self._model.set_weights(kept)
        answers = predict_in_chunks(self._model, features)
        self._model.set_weights(current)
        return answers, kept

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
        self._build_optimizer()
        return [*self.model.variables, *self.optimizer.variables]

    def _build_optimizer(self) -> None:
        if not self.optimizer.built:
            self.optimizer.build(self._model.trainable_variables)

    def _native_step(self) -> tuple[Any, str]:
        """Return the compiled step of this network, or None, and in words which step is taken."""
        if os.environ.get(KERAS_STEP) == "1":
            return None, f"keras: {KERAS_STEP} is set"
        if any(not name.startswith("cpu") for name in map(str.lower, keras.distribution.list_devices())):
            return None, "keras: on a GPU"
        try:
            from tfkws.training.native.step import NativeStep
        except ImportError:
            return None, "keras: llvmlite is not installed"
        try:
            return NativeStep(self._logits, self.optimizer, self.config), COMPILED
        except (UnsupportedLayerError, CostError) as error:
            return None, f"keras: {error}"


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
