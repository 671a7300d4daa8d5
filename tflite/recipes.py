"""Conversion recipes: named frozen data, written beside every .tflite file."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from tfkws.config import Config
from tfkws.errors import ConfigError, did_you_mean

PLAIN = "none"  # the recipe that changes nothing
QUANTIZED = "int8"  # the recipe of `--quantize` alone
Rule = Literal["minmax", "percentile", "mse"]


@dataclass(frozen=True)
class ConversionRecipe(Config):
    """How a model is converted.

    Attributes:
        name: of the recipe, in `RECIPES`.
        weights: stored type of the weights.
        activations: type of the values between the operators; "int8" and "int16" also for input and output.
        summary: one line for people.
        ranges: ranges of values from those that calibration saw: minmax (all), percentile (all but the
            outermost) or mse (least squared error; int8's default).
        equalise: equalise the ranges of channels across neighbouring layers first.
        correct_bias: take rounding's mean error in each channel off biases (int8's default).
        keep_float: layers to leave in float32, separated by commas.
    """

    name: str
    weights: Literal["float32", "float16", "int8"]
    activations: Literal["float32", "int8", "int16"]
    summary: str
    ranges: Rule = "minmax"
    equalise: bool = False
    correct_bias: bool = False
    keep_float: tuple[str, ...] = ()

    @property
    def needs_calibration(self) -> bool:
        """Whether ranges of activations have to be measured on clips."""
        return self.activations != "float32"

    @property
    def remedies(self) -> tuple[str, ...]:
        """What distinguishes it from the plain recipe of its name, in words."""
        plain = RECIPES[self.name]
        named = (
            (f"{self.ranges} ranges", self.ranges != plain.ranges),
            (f"{'' if self.equalise else 'un'}equalised channels", self.equalise != plain.equalise),
            (f"{'' if self.correct_bias else 'un'}corrected biases", self.correct_bias != plain.correct_bias),
            (f"{', '.join(self.keep_float)} in float32", bool(self.keep_float)),
        )
        return tuple(name for name, differs in named if differs)

    @property
    def label(self) -> str:
        """Its name with its remedies."""
        return " with ".join((self.name, " and ".join(self.remedies))) if self.remedies else self.name


RECIPES = {
    recipe.name: recipe
    for recipe in (
        ConversionRecipe("none", "float32", "float32", "float32 throughout"),
        ConversionRecipe("float16", "float16", "float32", "weights stored in half precision, computed in float32"),
        ConversionRecipe(
            "dynamic", "int8", "float32", "int8 weights of 1,024 values and more; activations quantised on the fly"
        ),
        ConversionRecipe(
            "int8", "int8", "int8", "int8 throughout, input and output too", ranges="mse", correct_bias=True
        ),
        ConversionRecipe("int16x8", "int8", "int16", "int8 weights, int16 activations, input and output too"),
    )
}


def get_recipe(name: str) -> ConversionRecipe:
    """Look a recipe up.

    Raises:
        ConfigError: there is no recipe of that name.
    """
    if name not in RECIPES:
        known = ", ".join(RECIPES)
        raise ConfigError(f"No conversion recipe is called {name!r}; choose {known}.{did_you_mean(name, RECIPES)}")
    return RECIPES[name]


def with_remedies(name: str, **remedies: Any) -> ConversionRecipe:
    """A recipe by name with other values of `ranges`, `equalise`, `correct_bias` and `keep_float`.

    Raises:
        ConfigError: there is no recipe of that name, no such rule of ranges, or the recipe has no use for
            remedies.
    """
    recipe = get_recipe(name)
    changed = replace(recipe, **remedies)
    if changed != recipe and not recipe.needs_calibration:
        raise ConfigError(
            f"Recipe {name} does not quantise the values between operators, so there is nothing to mend; use --ranges, "
            "--equalise, --correct-bias and --keep-float with --quantize int8 or int16x8."
        )
    return changed
