"""Keras is imported without what it does not need; afterwards all of that can be imported."""

import gc
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tfkws.lean_imports import NOT_NEEDED, missing, without_collections

CHILD = """
import importlib, sys
from tfkws import lean_imports
lean_imports.install()
lean_imports.install()
import gc, keras
assert gc.isenabled() and gc.get_freeze_count() > 100_000
print(*[name for name in lean_imports.NOT_NEEDED["keras"] if name in sys.modules])
for name in lean_imports.NOT_NEEDED["keras"]:
    importlib.import_module(name)
print(keras.__spec__.name, keras.Sequential.__name__, (importlib.resources.files("keras") / "__init__.py").is_file())
"""


def test_keras_is_imported_alone_and_the_others_when_they_are_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True)
    loaded, keras = done.stdout.splitlines()[-2:]
    assert loaded == "" and keras == "keras Sequential True"


def test_what_is_missing_cannot_be_imported_and_is_there_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "this", raising=False)
    import json

    with missing(["this", "json"]):
        with pytest.raises(ModuleNotFoundError):
            import this  # noqa: F401
        assert sys.modules["json"] is json
    assert "this" not in sys.modules and find_spec("this") is not None


def test_the_commands_import_none_of_them() -> None:
    code = f"import sys, tfkws.cli, keras; print(*[name for name in {NOT_NEEDED['keras']} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("collects", [True, False])
def test_garbage_is_collected_afterwards_where_it_was_before(collects: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        with pytest.raises(KeyError), without_collections():
            assert not gc.isenabled()
            raise KeyError
        assert gc.isenabled() == collects
    finally:
        (gc.enable if was else gc.disable)()
