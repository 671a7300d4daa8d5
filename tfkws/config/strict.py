"""The base of all configurations: every field is held against its annotation, every key against the fields.

The annotations are the whole description: `int`, `float`, `bool`, `str`, `Literal`, `tuple`, `dict` or `Mapping`,
`Any`, another dataclass, unions of these with None, and `Annotated[int, Range(1)]` for bounds. A whole number may stand
for a float and stays one, so that what was written is written again to the letter.
"""

import dataclasses
import itertools
import reprlib
import sys
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Self, TypeVar, Union

from tfkws.errors import ConfigError, did_you_mean

WORDS: dict[Any, str] = {
    int: "be a whole number",
    float: "be a number",
    bool: "be true or false",
    str: "be text",
    types.NoneType: "be None",
}


@dataclass(frozen=True)
class Range:
    """Bounds of a number; an excluded end is not itself allowed. None leaves a side open.

    Attributes:
        low, high: float.
        excluded: "low" or "high"; empty where both ends are allowed.
    """

    low: float | None = None
    high: float | None = None
    excluded: Literal["", "low", "high"] = ""

    def holds(self, value: float) -> bool:
        """Return whether `value` lies within.

        Example:
            >>> Range(0, 1, excluded="low").holds(0), Range(0, 1).holds(1)
            (False, True)
        """
        above = self.low is None or (value > self.low if self.excluded == "low" else value >= self.low)
        return above and (self.high is None or (value < self.high if self.excluded == "high" else value <= self.high))

    def __str__(self) -> str:
        """What a value must do, in words."""
        if self.high is None:
            return f"be above {self.low:g}" if self.excluded == "low" else f"be at least {self.low:g}"
        if self.excluded == "low":
            return f"lie above {self.low:g} and be at most {self.high:g}"
        return f"lie from {self.low:g} to below {self.high:g}" if self.excluded else f"lie in {self.low:g}..{self.high}"


Whole = Annotated[int, Range(0)]
Count = Annotated[int, Range(1)]
Seed = Annotated[int, Range(0, 2**32 - 1)]  # what NumPy, Keras and TensorFlow take alike
NotNegative = Annotated[float, Range(0)]
Positive = Annotated[float, Range(0, excluded="low")]
Share = Annotated[float, Range(0, 1)]
ShareAboveZero = Annotated[float, Range(0, 1, excluded="low")]
ShareBelowOne = Annotated[float, Range(0, 1, excluded="high")]


@dataclass(frozen=True)
class Config:
    """Base of the frozen configurations: checked when made, written as a plain dict, read back strictly."""

    def __post_init__(self) -> None:
        """Check every field by its annotation, then the fields against each other.

        Raises:
            ConfigError: a value is of the wrong type, not one of the choices, or out of range.
        """
        for name, hint in hints_of(type(self)).items():
            check(hint, getattr(self, name), f"{type(self).__name__}.{name}")
        self._check()

    def _check(self) -> None:
        """Refuse values that do not fit each other; each configuration has its own rules."""

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as JSON-ready values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from `to_dict`'s form, or from what JSON makes of it.

        Raises:
            ConfigError: a key is unknown or missing, or a value does not fit.
        """
        return record(cls, values)


R = TypeVar("R")


def record(cls: type[R], values: Any) -> R:
    """Build a frozen dataclass from the form of `dataclasses.asdict`, or from what JSON makes of it.

    For records that are made by the thousand and checked only where they are read; a `Config` checks itself
    always.

    Raises:
        ConfigError: `values` is no mapping, a key is unknown or missing, or a value does not fit its
            annotation.

    Example:
        >>> record(Range, {"low": 1, "hgih": 2})
        Traceback (most recent call last):
        ...
        tfkws.errors.ConfigError: Range has no setting 'hgih'; it has low, high, excluded. Did you mean 'high'?
    """
    require(isinstance(values, Mapping), f"{cls.__name__} must be a set of settings. {_received(values)}")
    hints = hints_of(cls)
    for key in values:
        known = f"{cls.__name__} has no setting {key!r}; it has {', '.join(hints)}."
        require(key in hints, known + did_you_mean(key, hints))
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    missing = [f.name for f in fields if f.name not in values and _has_no_default(f)]
    require(not missing, f"{cls.__name__} lacks {', '.join(missing)}.")
    made = {key: restored(hints[key], value) for key, value in values.items()}
    if not issubclass(cls, Config):
        for key, value in made.items():
            check(hints[key], value, f"{cls.__name__}.{key}")
    return cls(**made)


def hints_of(cls: type) -> dict[str, Any]:
    """Return the annotation of each field of a dataclass, with its bounds."""
    return _hints(cls)


@cache
def _hints(cls: type) -> dict[str, Any]:
    hints = typing.get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def check(hint: Any, value: Any, name: str) -> None:
    """Check `value` by the annotation `hint`.

    Raises:
        ConfigError: it does not fit; the sentence begins with `name`, says what fits, and what was received.
    """
    if wanted := _misfit(hint, value):
        near = did_you_mean(value, typing.get_args(hint)) if typing.get_origin(hint) is Literal else ""
        raise ConfigError(f"{name} must {wanted}. {_received(value)}{near}")


def read(hint: Any, value: Any, name: str) -> Any:
    """Return a JSON value as the type `hint`: lists become tuples, objects become configurations.

    Raises:
        ConfigError: it does not fit.
    """
    made = restored(hint, value)
    check(hint, made, name)
    return made


def restored(hint: Any, value: Any) -> Any:
    """Undo what JSON does to tuples and nested dataclasses; leave what does not fit as it is."""
    for option in _options(hint):
        origin, arguments = typing.get_origin(option), typing.get_args(option)
        if isinstance(option, type) and dataclasses.is_dataclass(option) and isinstance(value, Mapping):
            return option.from_dict(value) if issubclass(option, Config) else record(option, value)
        if origin is tuple and isinstance(value, list | tuple):
            if arguments[-1] is not Ellipsis and len(value) != len(arguments):
                return tuple(value)
            return tuple(restored(each, item) for each, item in _pairs(arguments, value))
        if origin in (dict, Mapping) and isinstance(value, Mapping):
            return {key: restored(arguments[1], item) for key, item in value.items()}
    return value


def require(condition: bool, message: str) -> None:
    """Check a condition on a setting.

    Raises:
        ConfigError: with `message`, where `condition` does not hold.
    """
    if not condition:
        raise ConfigError(message)


def without_none(values: dict[str, Any], *names: str) -> dict[str, Any]:
    """Leave keys of these names out where their value is None."""
    return {key: value for key, value in values.items() if key not in names or value is not None}


def _options(hint: Any) -> tuple[Any, ...]:
    """The members of a union; of anything else itself alone."""
    return typing.get_args(hint) if typing.get_origin(hint) in (Union, types.UnionType) else (hint,)


def _misfit(hint: Any, value: Any) -> str:
    """What a value of this annotation must be, as "be a number"; empty where `value` fits."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return ""
    if origin is Annotated:
        return _misfit(arguments[0], value) or _first(
            str(bounds) for bounds in arguments[1:] if not bounds.holds(value)
        )
    if origin in (Union, types.UnionType):
        misfits = [_misfit(option, value) for option in arguments]
        return ", or ".join(misfits) if all(misfits) else ""
    if origin is Literal:
        fits = any(type(value) is type(choice) and value == choice for choice in arguments)
        return "" if fits else f"be {_listed(arguments)}"
    if origin is tuple:
        return _tuple_misfit(arguments, value)
    if origin in (dict, Mapping):
        return _dict_misfit(arguments, value)
    return "" if _is_a(hint, value) else WORDS.get(hint, f"be a {hint.__name__}")


def _tuple_misfit(arguments: tuple[Any, ...], value: Any) -> str:
    open_ended = arguments[-1] is Ellipsis
    if isinstance(value, tuple) and (open_ended or len(value) == len(arguments)):
        wanted = _first(_misfit(each, item) for each, item in _pairs(arguments, value))
    else:
        wanted = _misfit(arguments[0], object()) or "be anything"
    length = "" if open_ended else f" of {len(arguments)} items"
    return f"be a tuple{length}, each of which must {wanted}" if wanted else ""


def _pairs(arguments: tuple[Any, ...], items: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Each item of a tuple with its annotation, as far as there are both."""
    each = itertools.repeat(arguments[0]) if arguments[-1] is Ellipsis else iter(arguments)
    return zip(each, items, strict=False)


def _dict_misfit(arguments: tuple[Any, ...], value: Any) -> str:
    if not isinstance(value, dict):
        return "be a dict"
    if wanted := _first(_misfit(arguments[0], key) for key in value):
        return f"be a dict, each key of which must {wanted}"
    wanted = _first(_misfit(arguments[1], item) for item in value.values())
    return f"be a dict, each value of which must {wanted}" if wanted else ""


def _first(misfits: Iterable[str]) -> str:
    return next(filter(None, misfits), "")


def _is_a(kind: type, value: Any) -> bool:
    if kind is float:  # a comparison with NaN is false
        limit = sys.float_info.max
        return isinstance(value, int | float) and not isinstance(value, bool) and -limit <= value <= limit
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _has_no_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _listed(choices: tuple[Any, ...]) -> str:
    """The choices as "a, b or c"."""
    words = [str(choice) or "empty" for choice in choices]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _received(value: Any) -> str:
    return f"Received {reprlib.repr(value)}."
