"""Sizes and habits of Python files, measured over their syntax trees. Pure: from sources to numbers."""

import ast
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.structure.sources import Sources

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Words of a docstring that say what goes in and out: shape, type of number, unit, range, or error.
TELLING = re.compile(
    r"Raises:|Yields:|\bshapes?\b|\((?:n|k|h|c|runs|speakers|batch|examples)\b[,)]|\b(?:u?int|float)(?:\d+)?\b|\bdtype\b"
    r"|\b(?:milli|micro)?seconds\b|\b[mµun]s\b|\bHz\b|\bdB\b|\bbytes\b|\b(?:Ki|Mi)B\b|\bMACs\b|\bpercent\b|\bpoints\b"
    r"|\d\.\.\d"
)


@dataclass(frozen=True)
class Sizes:
    """Sizes of a set of files; three numbers are median, ninth decile and largest.

    Attributes:
        files, lines: how many.
        file_lines: lines of a file.
        body_lines: lines of a function's body, without its docstring.
        parameters: of a function: ninth decile and largest.
        documented: share 0..1 of public functions and classes with a docstring.
        telling: share 0..1 of those whose docstring names a shape, type of number, unit, range or error.
    """

    files: int
    lines: int
    file_lines: tuple[int, int, int]
    body_lines: tuple[int, int, int]
    parameters: tuple[int, int]
    documented: float
    telling: float


def measure_sizes(sources: Sources) -> Sizes:
    """Measure the sizes of files, functions and docstrings."""
    lengths = [count_lines(text) for text in sources.values()]
    trees = [ast.parse(text) for text in sources.values()]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]
    parameters = [count_parameters(function) for function in functions]
    docstrings = [ast.get_docstring(thing) for tree in trees for thing in public_things(tree)]
    written = [docstring for docstring in docstrings if docstring]
    return Sizes(
        files=len(lengths),
        lines=sum(lengths),
        file_lines=three(lengths),
        body_lines=three([body_lines(function) for function in functions]),
        parameters=three(parameters)[1:],
        documented=len(written) / max(len(docstrings), 1),
        telling=sum(bool(TELLING.search(docstring)) for docstring in written) / max(len(written), 1),
    )


def count_lines(text: str) -> int:
    """Return the number of lines of a file."""
    return len(text.splitlines())


def three(values: Sequence[int]) -> tuple[int, int, int]:
    """Return median, ninth decile and largest; zeros where there are no values.

    >>> three(range(11))
    (5, 9, 10)
    """
    if not values:
        return 0, 0, 0
    ordered = sorted(values)
    return round(statistics.median(ordered)), ordered[round(0.9 * (len(ordered) - 1))], ordered[-1]


def body_lines(function: Function) -> int:
    """Return the lines of a function's body, from its first statement after the docstring to its end."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def count_parameters(function: Function) -> int:
    """Return the number of parameters without self, cls, *args and **kwargs."""
    arguments = function.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def public_things(tree: ast.Module) -> Iterator[Function | ast.ClassDef]:
    """Yield public functions and classes of a module, and public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (one for one in node.body if isinstance(one, FUNCTIONS) and not one.name.startswith("_"))
