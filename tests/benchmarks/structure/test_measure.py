"""Sizes of small files written by hand, counted by eye."""

import ast

from benchmarks.structure.measure import body_lines, count_parameters, measure_sizes, public_things, three

TEXT = '''"""A module."""


class Thing:
    """A thing, float32 (n,)."""

    def act(self, first: int, *rest: int, last: int = 0) -> int:
        """Return the sum."""
        total = first + last

        return total + sum(rest)

    def _hidden(self) -> None: ...


def public() -> None:
    pass


class _Private:
    def method(self) -> None: ...
'''


def functions() -> dict[str, ast.FunctionDef]:
    """Return the functions of the text by name."""
    return {node.name: node for node in ast.walk(ast.parse(TEXT)) if isinstance(node, ast.FunctionDef)}


def test_a_body_is_counted_after_its_docstring() -> None:
    found = functions()
    assert {name: body_lines(found[name]) for name in ("act", "public", "_hidden")} == {
        "act": 3,
        "public": 1,
        "_hidden": 1,
    }


def test_parameters_are_counted_without_self_and_stars() -> None:
    assert count_parameters(functions()["act"]) == 2


def test_public_things_are_those_that_others_may_use() -> None:
    assert [thing.name for thing in public_things(ast.parse(TEXT))] == ["Thing", "act", "public"]


def test_sizes_of_one_file() -> None:
    sizes = measure_sizes({"a.py": TEXT})
    assert (sizes.files, sizes.lines, sizes.file_lines) == (1, 21, (21, 21, 21))
    assert sizes.documented == 2 / 3
    assert sizes.telling == 1 / 2  # "float32" in one of two docstrings


def test_no_files_have_no_sizes() -> None:
    assert measure_sizes({}).lines == 0
    assert three([]) == (0, 0, 0)
