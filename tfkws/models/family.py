"""What a family file declares: its paper, its builder and its named variants."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tfkws.errors import ModelError
from tfkws.models.layer_sizes import with_sizes

SIZES = ("widths", "kernels")  # parameters that every family has: see `tfkws.models.layer_sizes`


@dataclass(frozen=True)
class Variant:
    """A registered name and the parameters it stands for.

    Attributes:
        name: what `build_model` takes.
        title: what it is, for people.
        values: keyword arguments of the family's builder.
    """

    name: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """One architecture.

    Attributes:
        name: of the family.
        paper: where it was published.
        builder: `(input_shape, num_classes, **values) -> keras.Model`.
        input_shape, num_classes: for which the published counts hold; `tfkws models list` counts with these.
        variants: the registered names.
    """

    name: str
    paper: str
    builder: Callable[..., Any]
    input_shape: tuple[int, int, int]
    num_classes: int
    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class ModelEntry:
    """A registered name with its family; `variant` holds the name and its parameters."""

    family: Family
    variant: Variant

    @property
    def name(self) -> str:
        """The registered name."""
        return self.variant.name

    def build(self, input_shape: tuple[int, ...], num_classes: int, overrides: Mapping[str, Any]) -> Any:
        """Build the network; see `tfkws.models.build_model`.

        Raises:
            ModelError: shape, class count, or a parameter in `overrides`, is not valid.
            ShapeTooSmallError: the input is too small for a layer.
        """
        _check_shape(input_shape)
        _check_classes(num_classes)
        self._check_parameters(overrides)
        own = {key: value for key, value in overrides.items() if key not in SIZES}
        sizes = {key: value for key, value in overrides.items() if key in SIZES and value}
        try:
            model = self.family.builder(input_shape, num_classes, **{**self.variant.values, **own})
        except ModelError:
            raise
        except (ArithmeticError, KeyError, TypeError, ValueError) as error:  # what Keras and tables say to odd values
            raise ModelError(f"{self.name} cannot be built with {dict(overrides)} ({error}); change them.") from error
        model.name = self.name
        return with_sizes(model, **sizes) if sizes else model

    def _check_parameters(self, overrides: Mapping[str, Any]) -> None:
        known = list(inspect.signature(self.family.builder).parameters)[2:]
        for key in overrides:
            if key not in (*known, *SIZES):
                allowed = ", ".join((*known, *SIZES))
                raise ModelError(f"{self.name} has no parameter {key!r}; the family {self.family.name} has {allowed}.")


def index(families: Iterable[Family]) -> dict[str, ModelEntry]:
    """Map each variant's name to its entry.

    Raises:
        ModelError: two variants have the same name.
    """
    found: dict[str, ModelEntry] = {}
    for family in families:
        for variant in family.variants:
            if variant.name in found:
                other = found[variant.name].family.name
                raise ModelError(f"{variant.name} is registered by both {other} and {family.name}; rename one.")
            found[variant.name] = ModelEntry(family, variant)
    return found


def _check_shape(shape: tuple[int, ...]) -> None:
    if len(shape) != 3 or not all(isinstance(size, int) and size > 0 for size in shape):
        raise ModelError(f"input_shape must be (height, width, channels), all at least 1. Received {shape}.")


def _check_classes(num_classes: int) -> None:
    if not isinstance(num_classes, int) or num_classes < 2:
        raise ModelError(f"num_classes must be an integer of at least 2. Received {num_classes!r}.")
