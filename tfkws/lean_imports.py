"""Keras without what it loads wherever that is installed, and that nothing here asks it for.

It loads scikit-learn for its wrappers, Matplotlib for galleries of pictures, and pandas to slice tables: together three
tenths of the time in which a process starts that trains or converts.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

NOT_NEEDED = ("matplotlib", "pandas", "sklearn")


def install() -> None:
    """Let Keras find these packages missing while it is imported, later in this process.

    Before and after that they are imported as ever. For programs of our own: users of the library may want them.
    """
    if not any(isinstance(each, _Finder) for each in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds nothing by itself; Keras, as the others find it, is loaded without the rest."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname != "keras":
            return None
        others = sys.meta_path[sys.meta_path.index(self) + 1 :]
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next(filter(None, found), None)
        if spec is not None and spec.loader is not None:
            plain = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                with missing(NOT_NEEDED):
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
