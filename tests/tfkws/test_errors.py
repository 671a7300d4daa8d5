"""The tree of errors is as drawn, and a near name is found."""

import inspect
import re

import pytest

from tfkws import errors
from tfkws.errors import TfkwsError, did_you_mean

CLASSES = {name: each for name, each in vars(errors).items() if inspect.isclass(each) and issubclass(each, TfkwsError)}


def drawn() -> dict[str, tuple[int, str]]:
    """Depth and built-in base of each class in the drawing, in order."""
    rows = re.findall(r"^([│├└─ ]*)(\w+Error)(?: \((\w+)\))?", errors.__doc__ or "", re.MULTILINE)
    return {name: (len(lead) // 4, base) for lead, name, base in rows}


def test_every_error_is_drawn() -> None:
    assert set(drawn()) == set(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_an_error_stands_where_it_is_drawn(name: str) -> None:
    depth, base = drawn()[name]
    assert sum(issubclass(CLASSES[name], each) for each in CLASSES.values()) == depth + 1
    if base:
        assert base in [parent.__name__ for parent in CLASSES[name].__bases__]


def test_a_near_name_is_named() -> None:
    assert did_you_mean("adma", ("adam", "adamw", "sgd")) == " Did you mean 'adam'?"
    assert did_you_mean("bayes", ("adam", "sgd")) == did_you_mean(7, ()) == ""
