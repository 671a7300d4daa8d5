"""The operators that a target has: read from a file, held against a converted model."""

from collections import Counter
from pathlib import Path
from textwrap import shorten

from tfkws.errors import ConfigError, ConversionError
from tfkws.graphs.tflite_parser import BUILTIN_OPERATORS
from tfkws.tflite.file.tflite_file import TfliteFile


def read_operator_list(path: Path) -> frozenset[str]:
    """Read allowed operators, one a line, in the schema's names; `#` begins a comment.

    Raises:
        ConfigError: the file cannot be read, a line is not the name of an operator, or there is none.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({error}); give a text file of operators, one a line.") from error
    lines = (line.partition("#")[0].strip().upper() for line in text.splitlines())
    names = frozenset(line for line in lines if line)
    unknown = sorted(names - BUILTIN_OPERATORS)
    if unknown or not names:
        lists = shorten(", ".join(unknown), 200, placeholder="...") or "none"
        raise ConfigError(f"{path} must list operators such as CONV_2D, one a line. It lists {lists}.")
    return names


def foreign_operators(file: TfliteFile, allowed: frozenset[str] | None) -> dict[str, int]:
    """Return the operators of a file that the target lacks, with how often they occur.

    Args:
        allowed: operators that the target has; None for every operator.
    """
    found = Counter(op.opcode for op in file.graph.all_ops) if allowed is not None else {}
    return {name: count for name, count in found.items() if name not in (allowed or ())}


def check_operators(file: TfliteFile, allowed: frozenset[str] | None) -> None:
    """Refuse a file with operators that the target lacks.

    Raises:
        ConversionError: there is one; the message names it and how often it occurs.
    """
    if foreign := foreign_operators(file, allowed):
        listed = ", ".join(f"{name} ({count})" for name, count in foreign.items())
        raise ConversionError(
            f"The converted model needs {listed}, which --allow-ops does not list; nothing was written."
        )
