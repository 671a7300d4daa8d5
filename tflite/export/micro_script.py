"""microWakeWord's front end as one module on NumPy alone, put together from the sources of `tfkws.features.micro`."""

import ast
import re
from pathlib import Path

from tfkws.features.micro import settings

SOURCES = ("tables", "transform", "bands", "noise", "front_end")
_ABOUT = '''"""microWakeWord's front end in whole numbers, bit for bit what devices compute; needs numpy.

Written by tfkws from its own modules: settings, tables, transform, bands, noise, front end.
"""
'''
_LAST = '''
KEPT = {"rows": MicroRows()}  # with the noise of each band


def forget() -> None:
    """Begin with no noise known."""
    KEPT["rows"] = MicroRows()


def rows(frames: np.ndarray) -> np.ndarray:
    """Return float32 (n, 40) of the next frames of samples in -1..1, (n, 480)."""
    return KEPT["rows"](frames)
'''


def micro_front_end() -> bytes:
    """Return the source of the module; the same version of tfkws gives the same bytes."""
    imports: dict[str, None] = {}
    parts = []
    for name in SOURCES:
        text = (Path(settings.__file__).parent / f"{name}.py").read_text(encoding="utf-8")
        parts.append(_without_settings(_body(text, imports)))
    values = [f"{name} = {value!r}" for name, value in vars(settings).items() if name.isupper() and name != "MICRO"]
    whole = ["\n".join([_ABOUT, *sorted(imports), "", *values]), *parts, _LAST.strip("\n")]
    return ("\n\n\n".join(whole) + "\n").encode()


def _body(text: str, imports: dict[str, None]) -> str:
    """Return a module from its first line that is no import on; imports from elsewhere than tfkws are kept apart."""
    nodes = ast.parse(text).body[1:]  # behind the docstring
    said = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in said:
        if not (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tfkws")):
            imports[ast.unparse(node)] = None
    last = said[-1].end_lineno or 0
    return "\n".join(text.splitlines()[last:]).strip("\n")


def _without_settings(text: str) -> str:
    return re.sub(r"\bsettings\.([A-Z_]+)", r"\1", text)
