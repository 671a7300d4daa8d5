"""One optimiser step by compiled kernels; the Keras variables of network and optimiser stay what is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tfkws.config import TrainConfig
from tfkws.training.native.compiler import KERNELS, lanes
from tfkws.training.native.kernels import vectors
from tfkws.training.native.loss import loss_and_gradient
from tfkws.training.native.network import Network, read_network
from tfkws.training.native.operations.dropout import Seeds
from tfkws.training.native.operations.together import put_together
from tfkws.training.native.plan import Plan
from tfkws.training.native.team import Call, Program, call, processors, team
from tfkws.training.native.weights import Variables

CLIPS_ANSWERED = 64  # at once: their maps take no more memory than those of a step
ADAM = {"first": 0.9, "second": 0.999, "epsilon": 1e-7}


@dataclass(frozen=True)
class Programs:
    """What runs for one size of batches: to the logits, and from their gradient to the new weights."""

    plan: Plan
    forwards: Program
    backwards: Program


class NativeStep:
    """The steps of one training.

    Args:
        logits: Keras model from the input to the logits, of float32.
        optimizer: Keras' own, built for `logits.trainable_variables`, by `make_optimizer`.
        config: the recipe.

    Raises:
        UnsupportedLayerError: the network has a layer without kernels.
    """

    def __init__(self, logits: Any, optimizer: Any, config: TrainConfig) -> None:
        self._logits, self._optimizer, self._config = logits, optimizer, config
        self._network: Network = read_network(logits)
        self._moments = [Variables(slots) for slots in slots_of(optimizer, config)]
        self._average = Variables(optimizer._model_variables_moving_average) if config.average_decay else None
        self._judged = self._network.weights if self._average is None else self._network.weights.beside(self._average)
        self._numbers = np.zeros(16, np.float32)
        self._team = team(processors())
        self._iterations = 0
        self._rate = config.learning_rate
        self._programs: dict[int, Programs] = {}
        self._answering: tuple[Plan, Program] | None = None
        self._is_current = False

    def take(self, rate: float, features: np.ndarray, targets: np.ndarray, teacher: np.ndarray | None = None) -> float:
        """Take one step, and return the loss before it.

        Args:
            rate: learning rate.
            features: float32 (b, h, w, c).
            targets: float32 (b, n).
            teacher: logits (b, n) to learn from besides.
        """
        if not self._is_current:
            self._fetch()
        programs = self._programs.get(len(features)) or self._prepare(len(features))
        plan, network = programs.plan, self._network
        plan.maps[network.input].values[...] = features.transpose(3, 1, 2, 0)
        for draw in plan.draws:
            draw()
        self._team.run(programs.forwards)
        logits = plan.maps[network.output].values[:, 0, 0, :].T
        loss, gradient = loss_and_gradient(logits, targets, self._config, teacher)
        plan.gradients[network.output].values[:, 0, 0, :] = gradient.T
        self._rate = rate
        self._set_numbers(rate)
        self._team.run(programs.backwards)
        self._iterations += 1
        return loss

    def answer(self, features: np.ndarray) -> np.ndarray:
        """Return the logits of clips by the weights to keep, as the network answers when it is not trained.

        Args:
            features: float32 (n, h, w, c).

        Returns:
            float32 (n, classes).
        """
        if not self._is_current:
            self._fetch()
        plan, program = self._answering or self._prepare_answers()
        maps, found = plan.maps, []
        for first in range(0, len(features), plan.clips):
            chunk = features[first : first + plan.clips]
            maps[self._network.input].values[..., : len(chunk)] = chunk.transpose(3, 1, 2, 0)
            self._team.run(program)
            found.append(maps[self._network.output].values[:, 0, 0, : len(chunk)].T.copy())
        return np.concatenate(found)

    def kept_weights(self, variables: Sequence[Any]) -> list[np.ndarray]:
        """Return copies of the values to keep of the network's variables: averages, where the recipe asks for them."""
        if not self._is_current:
            self._fetch()
        network = self._network
        homes = [(network.weights, self._judged.vector), (network.running, network.running.vector)]
        return [
            home.at(variable, vector)[: int(np.prod(variable.shape))].reshape(variable.shape).copy()
            for variable in variables
            for home, vector in homes
            if home.holds(variable)
        ]

    def hand_back(self) -> None:
        """Give all weights and the optimiser's state to their Keras variables, which may then be read and changed."""
        if self._is_current:
            for variables in self._all():
                variables.hand_back()
            self._optimizer.iterations.assign(self._iterations)
            self._optimizer.learning_rate = self._rate
            self._is_current = False

    def _fetch(self) -> None:
        for variables in self._all():
            variables.fetch()
        self._iterations = int(np.asarray(self._optimizer.iterations))
        self._is_current = True

    def _all(self) -> list[Variables | Seeds]:
        average = [] if self._average is None else [self._average]
        network = self._network
        return [network.weights, network.running, *network.seeds, *self._moments, *average]

    def _prepare(self, clips: int) -> "Programs":
        network = self._network
        plan = Plan(clips, network.weights, network.running)
        put_together(network.operations, network.shapes, network.trainable, plan)
        forwards = Program([*plan.packing(), *plan.forwards])
        backwards = Program([*plan.backwards, self._update(plan)])
        self._programs[clips] = Programs(plan, forwards, backwards)
        return self._programs[clips]

    def _prepare_answers(self) -> tuple[Plan, Program]:
        network = self._network
        plan = Plan(CLIPS_ANSWERED, self._judged, network.running, is_answering=True)
        put_together(network.operations, network.shapes, set(), plan)
        self._answering = plan, Program([*plan.packing(), *plan.forwards])
        return self._answering

    def _update(self, plan: Plan) -> Call:
        averaged = self._average is not None
        method: Literal["adam", "momentum", "sgd"] = "adam"
        if self._config.optimizer == "sgd":
            method = "momentum" if self._config.momentum else "sgd"
        kernel = KERNELS.add(
            f"update_{method}{'_averaged' * averaged}",
            lambda module, name: vectors.update(module, name, lanes(), method, averaged),
        )
        nothing = self._numbers
        moments = [one.vector for one in self._moments] + [nothing] * (2 - len(self._moments))
        average = nothing if self._average is None else self._average.vector
        weights = self._network.weights
        return call(kernel, weights.vector, plan.gradient, *moments, average, self._numbers, weights.count)

    def _set_numbers(self, rate: float) -> None:
        """Fill in what changes from step to step, computed in float32 as Keras does."""
        config, one = self._config, np.float32(1)
        number, rate32 = np.float32(self._iterations + 1), np.float32(rate)
        first, second = np.float32(ADAM["first"]), np.float32(ADAM["second"])
        if config.optimizer != "sgd":
            scaled = rate32 * np.sqrt(one - second**number) / (one - first**number)
        else:
            scaled = rate32
        decay = np.float32(config.weight_decay) * rate32
        keep = np.float32(config.average_decay if self._iterations else 0.0)
        shares = (1 - ADAM["first"], 1 - ADAM["second"])
        self._numbers[:8] = (scaled, decay, *shares, ADAM["epsilon"], keep, one - keep, config.momentum)


def slots_of(optimizer: Any, config: TrainConfig) -> list[list[Any]]:
    """Return the moments that an optimiser keeps of each weight."""
    if config.optimizer == "sgd":
        return [optimizer.momentums] if config.momentum else []
    return [optimizer._momentums, optimizer._velocities]
