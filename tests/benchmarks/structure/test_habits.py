"""Habits counted in sources written by hand."""

import ast

import pytest

from benchmarks.structure.habits import circles, folder_arrows, habits, inner_imports, is_typed, packed_assignments

FIRST = '''"""First."""

from tfkws.b.two import second


def first() -> int:
    from tfkws.errors import TfkwsError

    x, y = 1, 2
    (z,) = [3]  # fmt: skip
    return x + y + z
'''
SECOND = '''"""Second."""

from tfkws.a import one


def second() -> None: ...
'''
CODE = {"tfkws/a/one.py": FIRST, "tfkws/b/two.py": SECOND, "tfkws/errors.py": '"""Errors."""\n', "tuner/c.py": ""}
TESTS = {
    "tests/tfkws/a/test_one.py": "def test_x() -> None: ...\n",
    "tests/test_two.py": "def test_y(a): ...\ndef helper(): ...\n",
}


def test_counts_are_those_of_the_sources() -> None:
    found = habits(CODE, TESTS)
    assert found["test functions"] == "2"
    assert found["test functions with all types"] == "50 %"
    assert found["modules with logic"] == "2"
    assert found["of these with a test file of their name"] == "2"
    assert found["of these with a test file at the same path"] == "1"
    assert found["files under 40 lines, `__init__` apart"] == "4"
    assert found["folders with more than 14 modules"] == "none"
    assert found["tuple-packed assignments"] == "1"
    assert found["`fmt: skip`"] == "1"
    assert found["imports of the package inside functions"] == "1"
    assert found["circles between folders"] == "a, b"
    assert found["circles between modules, at import"] == "a.one, b.two"


def test_a_crowded_folder_is_named() -> None:
    code = {f"tuner/m{number}.py": "" for number in range(15)} | {"tuner/__init__.py": ""}
    assert habits(code, {})["folders with more than 14 modules"] == "tuner (15)"
    del code["tuner/m0.py"]
    assert habits(code, {})["folders with more than 14 modules"] == "none"


@pytest.mark.parametrize(
    "arrows, expected",
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, [["a", "b", "c"]]),
        ({"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"c"}}, [["a", "b"], ["c", "d"]]),
    ],
)
def test_circles(arrows: dict[str, set[str]], expected: list[list[str]]) -> None:
    assert circles(arrows) == expected


def test_the_mapped_folders_are_packages_of_tfkws() -> None:
    trees = {
        "tuner/fronts/pareto.py": ast.parse("from tfkws.tflite.runtime.model import open_model"),
        "tflite/runtime/model.py": ast.parse(""),
    }
    assert folder_arrows(trees)["tfkws.tuner.fronts"] == {"tfkws.tflite.runtime"}


def test_small_habits() -> None:
    assert packed_assignments(ast.parse("a, b = 1, 2\nc, d = f()\ne = 1, 2")) == 1
    assert inner_imports(ast.parse("from tfkws.a import b\nif x:\n    from tfkws.a import c")) == 0
    typed, untyped = ast.parse("def f(a: int) -> None: ...\ndef g(a) -> None: ...").body
    assert isinstance(typed, ast.FunctionDef) and is_typed(typed)
    assert isinstance(untyped, ast.FunctionDef) and not is_typed(untyped)
