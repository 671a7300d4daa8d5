"""Interpreters of peers: what is given, what is found, and what is refused."""

import sys

import pytest

from benchmarks.speed.interpreters import find_interpreter, has_packages, parse_interpreters


def test_interpreters_are_given_by_package() -> None:
    assert parse_interpreters(["torch=/a/python", "jax=/b=c"]) == {"torch": "/a/python", "jax": "/b=c"}


@pytest.mark.parametrize("text", ["torch", "=x", "torch="])
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(SystemExit, match="PACKAGE=PATH"):
        parse_interpreters([text])


def test_a_package_is_found_or_not() -> None:
    assert has_packages(sys.executable, ["json", "numpy"])
    assert not has_packages(sys.executable, ["json", "no_such_package"])
    assert not has_packages("/no/such/python", ["json"])


def test_one_that_is_given_is_the_only_one_tried() -> None:
    assert find_interpreter(["numpy"], {}) == sys.executable
    assert find_interpreter(["numpy"], {"numpy": "/no/such/python"}) is None
    assert find_interpreter(["no_such_package"], {}) is None
