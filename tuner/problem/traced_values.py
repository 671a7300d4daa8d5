"""Which values a user's build function reads: what it never reads has no effect, whatever it is.

In `for i in range(hp.Int("layers", 1, 3)): hp.Int(f"units_{i}", ...)`, keras-tuner draws all three units for a network
of one layer too. Only the build function knows that two of them are idle.
"""

from collections.abc import Iterator
from typing import Any

import keras_tuner

from tfkws.tuner.records.trials import Value


class ReadValues(dict[str, Any]):
    """Values that remember which of them were read; going through all of them reads all."""

    def __init__(self, values: dict[str, Value]) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.read.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, which is read by that."""
        self.read.add(name)
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        self.read |= dict.keys(self)
        return super().__iter__()

    def keys(self) -> Any:
        """Return the names, all of which are read by that."""
        self.read |= dict.keys(self)
        return super().keys()

    def items(self) -> Any:
        """Return names and values, all of which are read by that."""
        self.read |= dict.keys(self)
        return super().items()

    def values(self) -> Any:
        """Return the values, all of which are read by that."""
        self.read |= dict.keys(self)
        return super().values()

    @property
    def used(self) -> dict[str, Value]:
        """Those that were read, in their order; all where none was."""
        names = [name for name in dict.keys(self) if name in self.read] or list(dict.keys(self))
        return {name: dict.__getitem__(self, name) for name in names}


class TracedHyperParameters(keras_tuner.HyperParameters):
    """`keras_tuner.HyperParameters` of one trial, which see what a build function asks for.

    Attributes:
        built: whether anything was asked for by `Int`, `Choice` and the like, not only by name.
        moved: parameters that it asked for with another range than the search had, as a script that was changed does;
            their values in this trial are the new defaults where the old ones lie outside.
    """

    def __init__(self, known: Any = None, *, may_move: bool = False) -> None:
        super().__init__()
        self.built = False
        self.moved: list[Any] = []
        self._may_move = may_move
        if known is not None:
            self.merge(known.space)
            self.values = ReadValues(dict(known.values))

    def _retrieve(self, hp: Any) -> Any:
        self.built = True
        for place, known in enumerate(self._space):
            same = known.name == hp.name and known.conditions == hp.conditions
            if self._may_move and same and _range_of(known) != _range_of(hp):
                hp = type(hp).from_config(hp.get_config())  # its conditions are a list that goes on changing
                self._space[place] = hp
                self._hps[hp.name] = [hp if each is known else each for each in self._hps[hp.name]]
                self.moved.append(hp)
                if not _allows(hp, dict.get(self.values, hp.name)):
                    self.values[hp.name] = hp.default
        return super()._retrieve(hp)


def with_moved(hyperparameters: Any, moved: list[Any]) -> Any:
    """Return `keras_tuner.HyperParameters` in which some parameters have another range."""
    new = {(hp.name, repr(hp.conditions)): hp for hp in moved}
    changed = keras_tuner.HyperParameters()
    changed.merge([new.get((hp.name, repr(hp.conditions)), hp) for hp in hyperparameters.space])
    return changed


def _range_of(hp: Any) -> dict[str, Any]:
    config = hp.get_config()
    return {"kind": type(hp).__name__} | {n: v for n, v in config.items() if n not in ("default", "conditions")}


def _allows(hp: Any, value: Any) -> bool:
    if hasattr(hp, "min_value"):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and hp.min_value <= value <= hp.max_value
    return value in hp.values
