"""The border to keras-tuner's descriptions of a problem: its hyperparameters, and its objectives."""

import math
from typing import Any

from tfkws.errors import SearchError
from tfkws.tuner.problem.objectives import Objective
from tfkws.tuner.problem.space import Param, SearchSpace, nearest
from tfkws.tuner.records.trials import Value, Values

CONTINUOUS_STEPS = 33  # choices that a continuous keras-tuner parameter is divided into
MOST_CHOICES = 1_000  # of a keras-tuner parameter; of more, so many are spread evenly


def to_hyperparameters(space: SearchSpace) -> Any:
    """Return `keras_tuner.HyperParameters` with one Choice a parameter."""
    import keras_tuner

    hyperparameters = keras_tuner.HyperParameters()
    for param in space.params:
        hyperparameters.Choice(param.name, _of_one_type(param.choices))
    return hyperparameters


def _of_one_type(choices: tuple[Value, ...]) -> list[Any]:
    """Return choices as keras-tuner takes them: whole numbers among others become floats."""
    return list(choices) if len({type(choice) for choice in choices}) == 1 else [float(choice) for choice in choices]


def from_hyperparameters(hyperparameters: Any, name: str = "keras-tuner") -> SearchSpace:
    """Return the space that `keras_tuner.HyperParameters` span.

    A continuous parameter becomes 33 steps, one of more than 1,000 choices 1,000 of them, both ends included.

    A name that occurs under several conditions gets the choices of all of them.

    Raises:
        SearchError: a parameter is of a kind that keras-tuner 1.4.8 does not have.
    """
    choices: dict[str, tuple[Value, ...]] = {}
    for parameter in hyperparameters.space:
        known = choices.get(parameter.name, ())
        choices[parameter.name] = tuple(dict.fromkeys((*known, *_choices(parameter))))
    return SearchSpace(name, "", tuple(Param(*row) for row in choices.items()))


def active_values(hyperparameters: Any, values: Values) -> dict[str, Value]:
    """Return the values of the parameters of `keras_tuner.HyperParameters` whose conditions hold, in their order.

    A name that occurs under several conditions gets the nearest choice of the one that holds.
    """
    active: dict[str, Value] = {}
    for parameter in hyperparameters.space:
        holds = all(condition.is_active(active) for condition in parameter.conditions)
        if holds and parameter.name in values:
            several = len(hyperparameters._hps[parameter.name]) > 1
            value = values[parameter.name]
            active[parameter.name] = nearest(value, _choices(parameter)) if several else value
    return active


def to_objective(objective: Any) -> Objective:
    """Return an `Objective`, or that of a `keras_tuner.Objective`.

    Raises:
        SearchError: it is neither, or has no direction.
    """
    import keras_tuner

    if isinstance(objective, Objective):
        return objective
    if isinstance(objective, keras_tuner.Objective) and objective.direction in ("min", "max"):
        return Objective(objective.name, objective.direction)
    raise SearchError(
        f"An objective must be a tfkws.tuner.problem.objectives.Objective or a keras_tuner.Objective with a direction. "
        f"Received {objective!r}."
    )


def to_keras_objective(objective: Objective) -> Any:
    """Return the `keras_tuner.Objective` of an objective."""
    import keras_tuner

    return keras_tuner.Objective(objective.name, objective.direction)


def _choices(parameter: Any) -> tuple[Value, ...]:
    kind, config = type(parameter).__name__, parameter.get_config()
    if kind == "Choice":
        return tuple(config["values"])
    if kind == "Boolean":
        return (False, True)
    if kind == "Fixed":
        return (config["value"],)
    if kind in ("Int", "Float"):
        return _numbers(config, whole=kind == "Int")
    raise SearchError(f"{parameter.name} must be a Choice, Int, Float, Boolean or Fixed. Received {kind}.")


def _numbers(config: dict[str, Any], *, whole: bool) -> tuple[Value, ...]:
    low, high, step, sampling = config["min_value"], config["max_value"], config["step"], config["sampling"]
    if sampling == "linear":
        step = step or (1 if whole else None)
        last = CONTINUOUS_STEPS - 1 if step is None else int((high - low) / step + 1e-9)
        numbers = [low + i * (step or (high - low) / last) for i in _spread(last)]
    else:
        last = CONTINUOUS_STEPS - 1 if step is None else int(math.log(high / low, step) + 1e-9)
        ratio = step or (high / low) ** (1 / last)
        numbers = [low * ratio**i for i in _spread(last)]
    if sampling == "reverse_log":
        numbers = [high + low - number for number in reversed(numbers)]
    within = [min(max(number, low), high) for number in numbers]  # rounding goes beyond
    return tuple(dict.fromkeys(round(number) if whole else float(number) for number in within))


def _spread(last: int) -> list[int]:
    """Return 0..last, or 1,000 of these numbers, evenly spread."""
    if last < MOST_CHOICES:
        return list(range(last + 1))
    return [last * i // (MOST_CHOICES - 1) for i in range(MOST_CHOICES)]
