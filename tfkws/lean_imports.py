"""Keras and TensorFlow imported in half the time: without what is not needed, and without collecting garbage meanwhile.

Keras loads scikit-learn for its wrappers, Matplotlib for galleries of pictures and pandas to slice tables, wherever
they are installed. And half a million objects that stay are gone through again and again in search of garbage.
"""

import gc
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

NOT_NEEDED = {"tensorflow": (), "keras": ("matplotlib", "pandas", "sklearn")}


def install() -> None:
    """Let both be imported so, later in this process; Keras finds what it does not need missing.

    Before and after that it is imported as ever. For programs of our own: users of the library may want it.
    """
    if not any(isinstance(each, _Finder) for each in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds nothing by itself; how the two, as the others find them, are loaded is what it changes."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname not in NOT_NEEDED:
            return None
        others = sys.meta_path[sys.meta_path.index(self) + 1 :]
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next(filter(None, found), None)
        if spec is not None and spec.loader is not None:
            plain = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                with missing(NOT_NEEDED[fullname]), without_collections():
                    plain(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


@contextmanager
def missing(names: Iterable[str]) -> Iterator[None]:
    """Let packages that are not loaded yet look as if they were not installed."""
    modules: dict[str, Any] = sys.modules
    absent = [name for name in names if name not in modules]
    modules.update(dict.fromkeys(absent))  # a None there ends an import of it
    try:
        yield
    finally:
        for name in absent:
            if modules.get(name) is None:
                modules.pop(name, None)


@contextmanager
def without_collections() -> Iterator[None]:
    """Collect no garbage, and leave what is there at the end out of later collections."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()
