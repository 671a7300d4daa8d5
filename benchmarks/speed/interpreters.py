"""Which Python runs a peer: this one, or that of an environment in which its packages are installed."""

import subprocess
import sys
from collections.abc import Mapping, Sequence

LOOK = "import importlib.util, sys; sys.exit(any(importlib.util.find_spec(name) is None for name in sys.argv[1:]))"


def parse_interpreters(texts: Sequence[str]) -> dict[str, str]:
    """Return the interpreter of each package from `package=path` texts.

    Raises:
        SystemExit: a text is of another form.

    Example:
        >>> parse_interpreters(["torch=/opt/torch/bin/python"])
        {'torch': '/opt/torch/bin/python'}
    """
    pairs = [text.partition("=") for text in texts]
    wrong = [text for text, pair in zip(texts, pairs, strict=True) if not (pair[0] and pair[2])]
    if wrong:
        raise SystemExit(f"--python takes PACKAGE=PATH, such as torch=/opt/torch/bin/python. Received {wrong[0]!r}.")
    return {package: path for package, _, path in pairs}


def find_interpreter(packages: Sequence[str], given: Mapping[str, str]) -> str | None:
    """Return the first interpreter that finds the packages: one given for any of them, then this one.

    None where there is none.
    """
    paths = [given[package] for package in packages if package in given] or [sys.executable]
    return next((path for path in paths if has_packages(path, packages)), None)


def has_packages(interpreter: str, packages: Sequence[str]) -> bool:
    """Return whether an interpreter finds the packages; none of them is imported."""
    try:
        return subprocess.run([interpreter, "-c", LOOK, *packages], check=False, capture_output=True).returncode == 0
    except OSError:
        return False
