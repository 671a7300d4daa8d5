"""Habits that the project counts: short files, packed assignments, tests by mirror, circles. Pure."""

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from benchmarks.structure.measure import FUNCTIONS, Function, count_lines
from benchmarks.structure.sources import Sources

SHORT = 40  # lines
WIDE = 110  # characters
CROWDED = 14  # modules side by side
MAPPED = {"tuner": "tfkws.tuner", "tflite": "tfkws.tflite"}  # folders at the top to packages


def habits(code: Sources, tests: Sources) -> dict[str, str]:
    """Return every count by what is counted, in the order of the page.

    Args:
        code: of the package, without benchmarks.
        tests: of all.
    """
    trees = {path: ast.parse(text) for path, text in code.items()}
    lines = [line for text in code.values() for line in text.splitlines()]
    ratio = sum(map(count_lines, tests.values())) / max(sum(map(count_lines, code.values())), 1)
    modules = [path for path, tree in trees.items() if has_logic(tree)]
    names = {PurePosixPath(path).name for path in tests}
    named = sum(f"test_{PurePosixPath(path).name}" in names for path in modules)
    mirrored = sum(mirror_of(path) in tests for path in modules)
    functions = list(test_functions(tests))
    return {
        "lines of tests to lines of code": f"{ratio:.2f}",
        "test functions": str(len(functions)),
        "test functions with all types": f"{100 * share(functions, is_typed):.0f} %",
        "modules with logic": str(len(modules)),
        "of these with a test file of their name": str(named),
        "of these with a test file at the same path": str(mirrored),
        "files under 40 lines, `__init__` apart": str(len(short_files(code))),
        "folders with more than 14 modules": ", ".join(crowded_folders(code)) or "none",
        "`>>>` examples that run": str(sum(line.lstrip().startswith(">>> ") for line in lines)),
        "tuple-packed assignments": str(sum(map(packed_assignments, trees.values()))),
        "lines over 110 characters": str(sum(len(line) > WIDE for line in lines)),
        "`fmt: skip`": str(sum("# fmt: skip" in line for line in lines)),
        "own-line comments": str(sum(line.lstrip().startswith("#") for line in lines)),
        "imports of the package inside functions": str(sum(map(inner_imports, trees.values()))),
        "circles between folders": describe_circles(circles(folder_arrows(trees))),
        "circles between modules, at import": describe_circles(circles(module_arrows(trees))),
    }


def share(things: list[Function], holds: Callable[[Function], bool]) -> float:
    """Return the share 0..1 of things for which a condition holds; 0 for none."""
    return sum(map(holds, things)) / max(len(things), 1)


def has_logic(tree: ast.Module) -> bool:
    """Return whether a module defines any function."""
    return any(isinstance(node, FUNCTIONS) for node in ast.walk(tree))


def mirror_of(path: str) -> str:
    """Return where the tests of a module belong.

    >>> mirror_of("tuner/fronts/pareto.py")
    'tests/tuner/fronts/test_pareto.py'
    """
    module = PurePosixPath(path)
    return str("tests" / module.with_name(f"test_{module.name}"))


def test_functions(tests: Sources) -> Iterator[Function]:
    """Yield every test function."""
    for text in tests.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, FUNCTIONS) and node.name.startswith("test_"):
                yield node


def is_typed(function: Function) -> bool:
    """Return whether every parameter and the result have a type."""
    arguments = function.args
    named = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return function.returns is not None and all(a.annotation or a.arg in ("self", "cls") for a in named)


def short_files(code: Sources) -> list[str]:
    """Return the modules under 40 lines, `__init__` and `__main__` apart."""
    return [path for path, text in code.items() if count_lines(text) < SHORT and not path.endswith("__.py")]


def crowded_folders(code: Sources) -> list[str]:
    """Return "FOLDER (NUMBER)" of the folders with more than 14 modules side by side, `__init__` apart."""
    counts = Counter(str(PurePosixPath(path).parent) for path in code if not path.endswith("__.py"))
    return [f"{folder} ({number})" for folder, number in sorted(counts.items()) if number > CROWDED]


def packed_assignments(tree: ast.Module) -> int:
    """Return how often a statement assigns a tuple in the source to several names."""
    return sum(
        isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple) and isinstance(node.targets[0], ast.Tuple)
        for node in ast.walk(tree)
    )


def inner_imports(tree: ast.Module) -> int:
    """Return how many imports of the package stand inside functions."""
    functions = [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]
    return len({node for function in functions for node in imported(function)})


def imported(tree: ast.Module | Function, nested: bool = True) -> Iterator[ast.ImportFrom]:
    """Yield imports from the package; those at the module's level alone where `nested` is false."""
    for node in ast.walk(tree) if nested else tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tfkws":
            yield node


def module_name(path: str) -> str:
    """Return the dotted name of a file.

    >>> module_name("tuner/search.py")
    'tfkws.tuner.search'
    """
    first, *rest = PurePosixPath(path).with_suffix("").parts
    return ".".join([MAPPED.get(first, first), *rest]).removesuffix(".__init__")


Arrows = Mapping[str, set[str]]


def module_arrows(trees: Mapping[str, ast.Module]) -> Arrows:
    """Return which modules each module imports when it is imported."""
    names = {module_name(path): tree for path, tree in trees.items()}
    return {name: set(targets(tree, names, nested=False)) - {name} for name, tree in names.items()}


def targets(tree: ast.Module, names: Iterable[str], nested: bool) -> Iterator[str]:
    """Yield the modules, out of `names`, that a module imports."""
    for node in imported(tree, nested):
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            yield whole if whole in names else str(node.module)


def folder_arrows(trees: Mapping[str, ast.Module]) -> Arrows:
    """Return which folders each folder's modules import, inside functions too; the top of a package is no folder."""
    names = {module_name(path) for path in trees}
    folders = {module_name(path): module_name(str(PurePosixPath(path).parent / "__init__.py")) for path in trees}
    arrows: dict[str, set[str]] = {}
    for path, tree in trees.items():
        folder = folders[module_name(path)]
        found = {folders.get(target, target) for target in targets(tree, names, nested=True)}
        arrows.setdefault(folder, set()).update(found - {folder})
    return {folder: found for folder, found in arrows.items() if folder != "tfkws"}


def circles(arrows: Arrows) -> list[list[str]]:
    """Return the sets of names that reach each other, each sorted."""
    reached = {name: reachable(arrows, name) for name in arrows}
    found = {
        tuple(sorted(other for other in reached[name] if name in reached.get(other, set())))
        for name in arrows
        if name in reached[name]
    }
    return [list(circle) for circle in sorted(found)]


def reachable(arrows: Arrows, start: str) -> set[str]:
    """Return everything that arrows lead to from a name."""
    found: set[str] = set()
    waiting = list(arrows.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += arrows.get(name, ())
    return found


def describe_circles(found: list[list[str]]) -> str:
    """Return circles as text, or "none"."""
    return "; ".join(", ".join(name.removeprefix("tfkws.") for name in circle) for circle in found) or "none"
