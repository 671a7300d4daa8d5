"""Search spaces as data: parameters with their choices, and how a choice becomes a network of the registry."""

import re
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from tfkws.config import TrainConfig
from tfkws.config.strict import Count, Range, check, hints_of, record, require
from tfkws.errors import ConfigError, SearchError, did_you_mean
from tfkws.tuner.records.trials import Value, Values

IN_BRACES = re.compile(r"\{([^{}]*)\}")
TRAINING_PREFIX = "train."  # a parameter `train.learning_rate` sets the recipe, not the network
SET_BY_THE_SEARCH = ("iterations", "epochs", "recipe", "validate_every")  # of a training
MOST_CHOICES = 10_000  # of a parameter in a file
LONGEST_NAME = 200  # of a parameter in a file
LARGEST = 1e15  # number in a file: a float holds its neighbours apart


@dataclass(frozen=True)
class Param:
    """One searched parameter: its name and its choices in order. A parameter with one choice is frozen.

    Raises:
        SearchError: there is no choice, or one twice.

    Example:
        >>> Param("kernel", (1, 3, 5)).frozen
        False
        >>> integer_param("width", 8, 32, 8).choices
        (8, 16, 24, 32)
    """

    name: str
    choices: tuple[Value, ...]

    def __post_init__(self) -> None:
        if not self.choices or len(set(self.choices)) < len(self.choices):
            raise SearchError(f"{self.name} needs at least one choice, each once. Received {list(self.choices)}.")

    @property
    def frozen(self) -> bool:
        """Whether there is nothing to choose."""
        return len(self.choices) == 1


def integer_param(name: str, low: int, high: int, step: int = 1) -> Param:
    """Return a parameter with the integer choices low, low + step, ..., at most high.

    Example:
        >>> integer_param("width", 8, 31, 8).choices
        (8, 16, 24)
    """
    return Param(name, tuple(range(low, high + 1, step)))


@dataclass(frozen=True)
class SearchSpace:
    """The candidates of a search, as data: parameters with choices, and how choices become a network.

    Attributes:
        name: for printing.
        model: name in the model registry.
        params: the parameters.
        variant: arguments for `build_model`; a string "{name}" takes a parameter's value, and in a longer
            string each {name} is replaced by its text. Lists and objects are filled element by element.
        start: values to try first, for example the seed architecture.

    Raises:
        SearchError: names repeat, the variant uses an unknown one, or a starting value is no choice.

    Example:
        >>> params = (integer_param("width", 8, 32, 8), Param("kernel", (3, 5)))
        >>> space = SearchSpace("narrow", "seed_cnn", params, {"convs": "{kernel}x{kernel},{width}"})
        >>> space.size
        8
        >>> space.model_variant({"width": 16, "kernel": 5})
        {'convs': '5x5,16'}
        >>> space.freeze("kernel", 3).size
        4
    """

    name: str
    model: str
    params: tuple[Param, ...]
    variant: Mapping[str, Any] = field(default_factory=dict)
    start: tuple[Values, ...] = ()

    def __post_init__(self) -> None:
        names = self.names
        if len(set(names)) < len(names):
            raise SearchError(f"The parameters of space {self.name} must have different names. Received {names}.")
        for used in _used(self.variant):
            if used not in names:
                raise SearchError(f"The variant of space {self.name} uses {{{used}}}, which is none of {names}.")
        for values in self.start:
            self.indices(values)
        for param in self.params:
            _check_training(param)

    @property
    def names(self) -> list[str]:
        """Names of the parameters, in order."""
        return [param.name for param in self.params]

    @property
    def size(self) -> int:
        """Number of different candidates, an int.

        Example:
            >>> SearchSpace("two", "seed_cnn", (Param("width", (8, 16)),)).size
            2
        """
        size = 1
        for param in self.params:
            size *= len(param.choices)
        return size

    @property
    def free(self) -> list[int]:
        """Positions (int) of the parameters that are not frozen."""
        return [i for i, param in enumerate(self.params) if not param.frozen]

    @property
    def idle(self) -> list[str]:
        """Names of the parameters that set neither the network nor its training."""
        used = _used(self.variant)
        return [name for name in self.names if name not in used and not name.startswith(TRAINING_PREFIX)]

    def indices(self, values: Values) -> list[int]:
        """Return the position of each value among the choices of its parameter.

        Raises:
            SearchError: a parameter is missing or its value is not one of the choices.
        """
        if set(values) != set(self.names):
            raise SearchError(f"Space {self.name} needs values for {self.names}. Received {sorted(values)}.")
        for param in self.params:
            if values[param.name] not in param.choices:
                raise SearchError(f"{param.name} must be one of {list(param.choices)}. Received {values[param.name]}.")
        return [param.choices.index(values[param.name]) for param in self.params]

    def values_at(self, indices: Sequence[int]) -> dict[str, Value]:
        """Return the values at these positions among the choices of the parameters, in order.

        Args:
            indices: int, one a parameter.

        Raises:
            ValueError: there are more or fewer of them than parameters.
            IndexError: a position lies beyond the choices.
        """
        return {param.name: param.choices[int(i)] for param, i in zip(self.params, indices, strict=True)}

    def contains(self, values: Values) -> bool:
        """Return whether each value is among the choices.

        After freezing, earlier candidates may lie outside.
        """
        return set(values) == set(self.names) and all(values[param.name] in param.choices for param in self.params)

    def freeze(self, name: str, value: Value) -> "SearchSpace":
        """Return the space with one parameter fixed. Starting values that it excludes are dropped.

        Raises:
            SearchError: the space that is left is not valid.
        """
        params = tuple(Param(name, (value,)) if param.name == name else param for param in self.params)
        start = tuple(values for values in self.start if values[name] == value)
        return replace(self, params=params, start=start)

    def model_variant(self, values: Values) -> dict[str, Any]:
        """Return the arguments of `build_model` beside name, input shape and classes, JSON-ready."""
        return {key: _fill(template, values) for key, template in self.variant.items()}

    def training_settings(self, values: Values) -> dict[str, Any]:
        """Return the settings of the training recipe, by field name of `TrainConfig`.

        They are the values of the parameters called `train.NAME`.
        """
        cut = len(TRAINING_PREFIX)
        return {name[cut:]: value for name, value in values.items() if name.startswith(TRAINING_PREFIX)}

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "name": self.name,
            "model": self.model,
            "params": [{"name": param.name, "choices": list(param.choices)} for param in self.params],
            "variant": dict(self.variant),
            "start": [dict(values) for values in self.start],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "SearchSpace":
        """Return the space that `to_dict` describes; a parameter may give low, high and step in place of choices.

        Raises:
            SearchError: a key is missing, unknown, or does not fit.
        """
        try:
            rows = values.get("params", [])
            listed = [_listed(row) for row in rows] if isinstance(rows, list | tuple) else rows
            return record(cls, {**values, "params": listed} if "params" in values else values)
        except ConfigError as error:
            raise SearchError(f"This is no search space: {error}") from None


@dataclass(frozen=True)
class ParamRange:
    """A parameter as a file may give it, by its ends.

    Attributes:
        name: of the parameter.
        low, high: first and last choice, of at most 15 digits.
        step: from one choice to the next.
    """

    name: str
    low: Annotated[int, Range(-LARGEST, LARGEST)]
    high: Annotated[int, Range(-LARGEST, LARGEST)]
    step: Count = 1


def _listed(row: Any) -> Any:
    """Return a row with choices, also where it gives low and high."""
    if not isinstance(row, Mapping):
        return row
    require(len(str(row.get("name"))) <= LONGEST_NAME, f"a parameter's name may have {LONGEST_NAME} letters at most.")
    if "choices" in row:
        _check_choices(record(Param, row))
        return row
    ends = record(ParamRange, row)
    count = (ends.high - ends.low) // ends.step + 1
    require(ends.low <= ends.high, f"{ends.name!r} must have low at most high. Received {ends.low} and {ends.high}.")
    _require_few(ends.name, count)
    param = integer_param(ends.name, ends.low, ends.high, ends.step)
    return {"name": param.name, "choices": param.choices}


def _check_choices(param: Param) -> None:
    """Refuse choices that nothing can be learned of together: too many, or texts, truths and numbers mixed."""
    _require_few(param.name, len(param.choices))
    kinds = {"number" if type(choice) in (int, float) else type(choice).__name__ for choice in param.choices}
    require(
        len(kinds) == 1,
        f"The choices of {param.name!r} must be all numbers, all text, or all true and false. Received "
        f"{reprlib.repr(list(param.choices))}.",
    )
    large = [choice for choice in param.choices if kinds == {"number"} and abs(float(choice)) > LARGEST]
    require(not large, f"The choices of {param.name!r} must lie within ±{LARGEST:g}. Received {reprlib.repr(large)}.")


def _require_few(name: str, count: int) -> None:
    require(
        count <= MOST_CHOICES,
        f"{name!r} must have at most {MOST_CHOICES:,} choices; give a larger step. Received {count:,}.",
    )


def _check_training(param: Param) -> None:
    """Check the choices of a parameter `train.NAME` by that field of the training recipe."""
    if not param.name.startswith(TRAINING_PREFIX):
        return
    fields = hints_of(TrainConfig)
    field_name = param.name.removeprefix(TRAINING_PREFIX)
    if field_name not in fields:
        near = did_you_mean(param.name, [f"{TRAINING_PREFIX}{each}" for each in fields])
        raise SearchError(f"A training has no setting {field_name!r}; it has {', '.join(fields)}.{near}")
    if field_name in SET_BY_THE_SEARCH:
        raise SearchError(f"{param.name} is set by the search, so it cannot be searched; leave it out of the space.")
    try:
        for choice in param.choices:
            check(fields[field_name], choice, param.name)
    except ConfigError as error:
        raise SearchError(str(error)) from None


def _used(template: Any) -> list[str]:
    """Return the names in braces, in the order of the template."""
    if isinstance(template, Mapping):
        return [name for item in template.values() for name in _used(item)]
    if isinstance(template, list | tuple):
        return [name for item in template for name in _used(item)]
    return IN_BRACES.findall(template) if isinstance(template, str) else []


def _fill(template: Any, values: Values) -> Any:
    if isinstance(template, Mapping):
        return {key: _fill(item, values) for key, item in template.items()}
    if isinstance(template, list | tuple):
        # Lists, as they read after JSON, or a trial that was stopped would not know its own folder.
        return [_fill(item, values) for item in template]
    if not isinstance(template, str):
        return template
    if whole := IN_BRACES.fullmatch(template):
        return values[whole[1]]
    return IN_BRACES.sub(lambda found: str(values[found[1]]), template)


def nearest(value: Value, choices: tuple[Value, ...]) -> Value:
    """Return `value` if it is a choice, else the nearest number; among texts the first choice."""
    if value in choices:
        return value
    if isinstance(value, str) or any(isinstance(choice, str) for choice in choices):
        return choices[0]
    return min(choices, key=lambda choice: abs(float(choice) - float(value)))
