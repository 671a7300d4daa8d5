"""The module that is put together: the front end's own answers, from NumPy alone, and no name twice."""

import ast
from collections import Counter
from typing import Any

import numpy as np
from micro_bundles import syllables
from numpy.lib.stride_tricks import sliding_window_view

from tfkws.features.micro.front_end import MicroRows
from tfkws.tflite.export.micro_script import micro_front_end


def made() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "front_end"}
    exec(compile(micro_front_end(), "front_end.py", "exec"), names)  # noqa: S102
    return names


def test_its_rows_are_ours_bit_for_bit_over_calls_and_after_a_beginning() -> None:
    module, ours = made(), MicroRows()
    frames = sliding_window_view(syllables(3.0, 2), 480)[::160]
    parts = np.array_split(frames, 7)
    wanted = [ours(part) for part in parts]
    for _ in range(2):
        module["forget"]()
        for part, want in zip(parts, wanted, strict=True):
            np.testing.assert_array_equal(module["rows"](part.astype(np.float32) / np.float32(32768)), want)


def test_it_imports_numpy_alone_and_names_nothing_twice() -> None:
    tree = ast.parse(micro_front_end())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= {"numpy", "numpy.lib.stride_tricks", "dataclasses", "functools"}
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    stores = [target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
              if isinstance(target, ast.Name)]  # fmt: skip
    assert max(Counter(names + stores).values()) == 1
