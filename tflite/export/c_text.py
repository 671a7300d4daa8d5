"""Numbers, arrays and text as C99 source."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

_TYPES = {"int8": "int8_t", "uint8": "uint8_t", "int16": "int16_t", "int32": "int32_t", "float32": "float"}
_WIDTH = 110  # characters of a line of numbers


def c_type(dtype: str) -> str:
    """Return the C type of a number type.

    Example:
        >>> c_type("int8"), c_type("float32")
        ('int8_t', 'float')
    """
    return _TYPES[dtype]


def number(value: float) -> str:
    """Return a float32 that C reads as the same bits.

    Example:
        >>> number(0.1), number(3.0), number(-1e-12)
        ('0.100000001f', '3.0f', '-9.99999996e-13f')
    """
    text = f"{np.float32(value):.9g}"
    return f"{text}f" if set(text) & set(".e") else f"{text}.0f"


def quoted(text: str) -> str:
    r"""Return text as a C string in UTF-8; what is not plain ASCII is written in octal, which ends after three digits.

    Example:
        >>> print(quoted('say "yes"'), quoted("héy"))
        "say \"yes\"" "h\303\251y"
    """
    letters = (_letter(byte) for byte in text.encode())
    return f'"{"".join(letters)}"'


def _letter(byte: int) -> str:
    letter = chr(byte)
    if letter in '"\\?':  # ?: of trigraphs
        return f"\\{letter}"
    return letter if 32 <= byte < 127 else f"\\{byte:03o}"


def defines(values: Mapping[str, Any]) -> str:
    """Return one #define a line; floats are of 32 bits.

    Example:
        >>> print(defines({"KWS_ROWS": 10, "KWS_FLOOR": 0.5}), end="")
        #define KWS_ROWS 10
        #define KWS_FLOOR 0.5f
    """
    lines = (f"#define {name} {number(v) if isinstance(v, float) else v}\n" for name, v in values.items())
    return "".join(lines)


def array(name: str, values: np.ndarray, prefix: str = "") -> str:
    """Return the definition of a constant array, flat, in the order of its memory.

    Args:
        prefix: what stands before it, such as an alignment.
    """
    flat = values.reshape(-1)
    shown = map(number, flat) if flat.dtype.kind == "f" else map(str, flat.tolist())
    return f"{prefix}const {c_type(flat.dtype.name)} {name}[{flat.size}] = {{\n{_wrapped(shown)}}};\n"


def declaration(name: str, values: np.ndarray) -> str:
    """Return the line by which other files know an array."""
    return f"extern const {c_type(values.dtype.name)} {name}[{values.size}];\n"


def _wrapped(items: Iterable[str]) -> str:
    lines: list[str] = []
    line = " "
    for item in items:
        if len(line) + len(item) + 2 > _WIDTH:
            lines.append(line)
            line = " "
        line += f" {item},"
    return "\n".join([*lines, line]) + "\n"
