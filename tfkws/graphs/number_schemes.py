"""Number types of a .tflite file as a whole: how a pair of weight and activation types is called and computed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NumberScheme:
    """A pair of number types: of the weights, and of the values between operators.

    Attributes:
        weights: stored type of the weights of convolutions and dense layers, such as "int8".
        activations: type of the values between operators, such as "float32".
        name: in results and tables.
        arithmetic: type in which a runtime multiplies; None where its rate is not measured.
    """

    weights: str
    activations: str
    name: str
    arithmetic: str | None


NUMBER_SCHEMES = (
    NumberScheme("float32", "float32", "float32", "float32"),
    NumberScheme("float16", "float32", "float16 weights", "float32"),
    NumberScheme("int8", "float32", "int8 weights, float32 activations", "int8"),
    NumberScheme("int8", "int8", "int8", "int8"),
    NumberScheme("int8", "int16", "int16 activations, int8 weights", None),
)


def scheme_name(weights: str, activations: str) -> str:
    """Return the name of a pair of types, the types themselves where it has none.

    Example:
        >>> scheme_name("float16", "float32"), scheme_name("int4", "int8")
        ('float16 weights', 'int4 weights, int8 activations')
    """
    named = {(scheme.weights, scheme.activations): scheme.name for scheme in NUMBER_SCHEMES}
    return named.get((weights, activations), f"{weights} weights, {activations} activations")


def arithmetic_of(name: str) -> str | None:
    """Return the type in which a runtime multiplies, by a scheme's name.

    Returns:
        A key of `Roofline.peak_macs_per_s`, such as "int8"; None where there is no measured rate.
    """
    return next((scheme.arithmetic for scheme in NUMBER_SCHEMES if scheme.name == name), None)
