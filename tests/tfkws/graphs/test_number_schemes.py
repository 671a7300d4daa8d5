"""Names of pairs of number types."""

import doctest

import pytest

from tfkws.graphs import number_schemes
from tfkws.graphs.number_schemes import NUMBER_SCHEMES, NumberScheme, arithmetic_of, scheme_name


@pytest.mark.parametrize("scheme", NUMBER_SCHEMES, ids=lambda scheme: scheme.name)
def test_a_row_is_found_by_its_types_and_by_its_name(scheme: NumberScheme) -> None:
    assert scheme_name(scheme.weights, scheme.activations) == scheme.name
    assert arithmetic_of(scheme.name) == scheme.arithmetic


def test_a_pair_without_a_row_has_the_types_as_its_name_and_no_arithmetic() -> None:
    name = scheme_name("int4", "int16")
    assert name == "int4 weights, int16 activations"
    assert arithmetic_of(name) is None


def test_examples_run() -> None:
    assert doctest.testmod(number_schemes) == doctest.TestResults(failed=0, attempted=1)
